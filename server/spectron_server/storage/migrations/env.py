"""Runs migrations on the connection that `storage.migrate` hands over."""

from alembic import context

from spectron_server.storage.migrate import ours
from spectron_server.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_object=ours,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
