"""The message of a chat that a turn belongs to: one turn of each role for a message."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column and its index."""
    op.add_column("turns", sa.Column("message_id", sa.Text(collation="C"), nullable=True))
    op.create_index(
        "turns_message_idx",
        "turns",
        ["scope_key", "session_id", "message_id", "role"],
        unique=True,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
