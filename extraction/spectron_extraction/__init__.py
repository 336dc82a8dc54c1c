"""Finding in turns of conversation what they say about the user."""
