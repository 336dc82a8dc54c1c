"""The schema's history, applied by Alembic. It goes forward only: a backup is the way back."""
