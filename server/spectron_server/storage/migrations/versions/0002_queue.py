"""The queue's own tables, which procrastinate declares, and an index on the lock of jobs."""

from alembic import op

from spectron_server.storage.queue import schema_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the queue."""
    cursor = op.get_bind().connection.cursor()
    # Without parameters, psycopg leaves the percent signs of the script alone.
    cursor.execute(schema_sql())
    # Whether a scope has a job waiting is asked for each turn, and by procrastinate for each job.
    op.execute(
        "CREATE INDEX procrastinate_jobs_lock_spectron_idx ON procrastinate_jobs (lock)"
        " WHERE status IN ('todo', 'doing')"
    )
