"""PostgreSQL keeps no samples of what users say: its statistics would outlive an erasure.

ANALYZE copies frequent and evenly spaced values of every column into `pg_statistic`, where they
stay after their rows are deleted. No statement looks for rows by these columns, so that nothing is
lost for planning.
"""

import contextlib

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import NotSupportedError

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = {
    "scopes": {"dimensions": "jsonb"},
    "sessions": {"metadata": "jsonb"},
    "turns": {"content": "text", "diff": "jsonb", "extraction_error": "text"},
    "attributes": {
        "entity_name": 'text COLLATE "C"',
        "value": "text",
        "evidence_quote": "text",
    },
    "unknowns": {
        "entity_name": 'text COLLATE "C"',
        "value": "text",
        "evidence_quote": "text",
    },
    "embeddings": {"vector": "bytea"},
    "audit": {"details": "jsonb"},
    "requests": {"answer": "jsonb"},
}


def upgrade() -> None:
    """Takes no more samples, and drops those there are."""
    for table, columns in _COLUMNS.items():
        # To set a column's type, be it the same, drops its statistics and rewrites no row.
        drop = ", ".join(f"ALTER COLUMN {name} TYPE {kind}" for name, kind in columns.items())
        stop = ", ".join(f"ALTER COLUMN {name} SET STATISTICS 0" for name in columns)
        # Citus may refuse this for tables that it has distributed already.
        with contextlib.suppress(NotSupportedError), op.get_bind().begin_nested():
            op.execute(sa.text(f"ALTER TABLE {table} {drop}"))
            op.execute(sa.text(f"ALTER TABLE {table} {stop}"))
