"""Brings a database to this server's schema, and spreads it over a Citus cluster if asked to.

One server migrates at a time: the others wait for an advisory lock.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

import psycopg
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from spectron_server.domain.errors import DatabaseUnavailableError
from spectron_server.storage.database import watchful
from spectron_server.storage.tables import METADATA, REFERENCE_TABLES, SCOPED_TABLES

# Any number that other programs on the database do not use: the ASCII codes of "spectron".
_LOCK: Final = 0x7370656374726F6E
# Tables of the queue, which procrastinate declares.
_QUEUE_PREFIX: Final = "procrastinate_"


class SchemaTooNewError(Exception):
    """The data were written by a newer server."""


class SchemaOutdatedError(Exception):
    """The database has an older schema, or none, and may not be migrated without being asked."""


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001
    """Tells Alembic which tables and indexes are declared by us."""
    return not (kind in {"table", "index"} and (name or "").startswith(_QUEUE_PREFIX))


def upgrade(url: str) -> list[str]:
    """Applies the migrations that are missing; returns their names, oldest first.

    Raises:
        SchemaTooNewError: The database was migrated by a newer server. Nothing was changed.
        DatabaseUnavailableError: It cannot be reached.
    """
    with _connected(url) as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.commit()
        config = _config(connection)
        missing = _missing(connection, config)
        if missing:
            command.upgrade(config, "head")
        connection.commit()
        connection.execute(sqlalchemy.text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()
        return missing


def check(url: str) -> None:
    """Checks that a database has this server's schema.

    Raises:
        SchemaTooNewError: The database was migrated by a newer server.
        SchemaOutdatedError: Migrations are missing.
        DatabaseUnavailableError: It cannot be reached.
    """
    with _connected(url) as connection:
        missing = _missing(connection, _config(connection))
    if missing:
        raise SchemaOutdatedError(
            f"The database lacks {len(missing)} migration(s). Run `spectron migrate` first."
        )


def differences(url: str) -> list[Any]:
    """Returns how a database differs from the declared tables, as Alembic tells it."""
    with _connected(url) as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_server_default": True}
        )
        return list(compare_metadata(context, METADATA))


def distribution_statements() -> list[str]:
    """Returns the statements that spread the tables over a Citus cluster."""
    statements = [f"SELECT create_reference_table('{table.name}')" for table in REFERENCE_TABLES]
    first, *others = (table.name for table in SCOPED_TABLES)
    statements.append(f"SELECT create_distributed_table('{first}', 'scope_key')")
    statements += [
        f"SELECT create_distributed_table('{name}', 'scope_key', colocate_with => '{first}')"
        for name in others
    ]
    return statements


def distribute(url: str) -> None:
    """Spreads the tables over the nodes of a Citus cluster."""
    with _connected(url) as connection:
        for statement in distribution_statements():
            connection.execute(sqlalchemy.text(statement))
        connection.commit()


def reason(error: BaseException | None) -> str:
    """Returns why no connection could be made; it may hold the address, but never the password."""
    told = str(error).strip().splitlines()
    return told[0].rstrip(".") if told else type(error).__name__


class _connected:  # noqa: N801 - it reads as a statement
    """A synchronous connection for migrations."""

    def __init__(self, url: str) -> None:
        # The address is read by libpq alone, as it is for all other connections.
        self._engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(watchful(url)),
            poolclass=sqlalchemy.NullPool,
        )

    def __enter__(self) -> sqlalchemy.Connection:
        try:
            self._connection = self._engine.connect()
        except OperationalError as error:
            raise DatabaseUnavailableError(
                f"The database cannot be reached: {reason(error.orig)}. Check "
                "SPECTRON_DATABASE_URL, and that PostgreSQL runs and lets this machine in."
            ) from error
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.dispose()


def _config(connection: sqlalchemy.Connection) -> Config:
    config = Config()
    config.set_main_option(
        "script_location", str(files("spectron_server.storage").joinpath("migrations"))
    )
    config.attributes["connection"] = connection
    return config


def _missing(connection: sqlalchemy.Connection, config: Config) -> list[str]:
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise SchemaTooNewError(
            f"The data have schema {current}, which this server does not know: a newer server "
            "wrote them. Start that version, or restore a backup made before the upgrade."
        )
    return list(_after(script, current))


def _after(script: ScriptDirectory, current: str | None) -> Iterator[str]:
    for revision in reversed(list(script.iterate_revisions("head", current or "base"))):
        yield revision.revision
