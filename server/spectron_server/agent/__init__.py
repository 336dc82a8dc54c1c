"""The server's own agent: a chat model that answers where the application brings none."""
