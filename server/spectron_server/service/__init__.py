"""Use cases: each module one of them. Services own the transactions."""
