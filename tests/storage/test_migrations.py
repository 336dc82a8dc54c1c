"""The migrations give exactly the declared tables, on any PostgreSQL from 15."""

import psycopg
import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from spectron_server.storage import migrate
from spectron_server.storage.tables import METADATA, REFERENCE_TABLES, SCOPED_TABLES
from tests.conftest import sibling

# What `spectron migrate --distributed` runs. Whoever changes it changes how data are spread over
# a cluster, and must mean to.
DISTRIBUTION = [
    "SELECT create_reference_table('server_settings')",
    "SELECT create_reference_table('contexts')",
    "SELECT create_reference_table('api_keys')",
    "SELECT create_distributed_table('scopes', 'scope_key')",
    "SELECT create_distributed_table('sessions', 'scope_key', colocate_with => 'scopes')",
    "SELECT create_distributed_table('turns', 'scope_key', colocate_with => 'scopes')",
    "SELECT create_distributed_table('attributes', 'scope_key', colocate_with => 'scopes')",
    "SELECT create_distributed_table('unknowns', 'scope_key', colocate_with => 'scopes')",
    "SELECT create_distributed_table('embeddings', 'scope_key', colocate_with => 'scopes')",
    "SELECT create_distributed_table('audit', 'scope_key', colocate_with => 'scopes')",
    "SELECT create_distributed_table('requests', 'scope_key', colocate_with => 'scopes')",
]


def test_migrations_give_the_declared_tables(database_url: str) -> None:
    assert migrate.differences(database_url) == []


def test_a_difference_would_be_seen(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE turns ADD COLUMN surprise text")
        connection.execute("DROP INDEX turns_pending_idx")
    assert len(migrate.differences(database_url)) == 2


def test_migrating_again_changes_nothing(database_url: str) -> None:
    assert migrate.upgrade(database_url) == []
    migrate.check(database_url)


def test_data_of_a_newer_server_are_left_alone(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(migrate.SchemaTooNewError, match="newer server"):
        migrate.upgrade(database_url)
    with pytest.raises(migrate.SchemaTooNewError, match="newer server"):
        migrate.check(database_url)


def test_an_empty_database_is_not_migrated_without_being_asked(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS unmigrated")
        connection.execute("CREATE DATABASE unmigrated TEMPLATE template0")
    with pytest.raises(migrate.SchemaOutdatedError, match="spectron migrate"):
        migrate.check(sibling(postgres_url, "unmigrated"))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE unmigrated")


def test_every_constraint_of_a_scoped_table_starts_with_the_scope_key() -> None:
    assert set(SCOPED_TABLES) | set(REFERENCE_TABLES) == set(METADATA.tables.values())
    for table in SCOPED_TABLES:
        for constraint in table.constraints:
            if isinstance(
                constraint, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint
            ):
                assert next(iter(constraint.columns)).name == "scope_key", constraint.name
        for foreign in table.foreign_key_constraints:
            referred = [element.column.name for element in foreign.elements]
            assert referred[0] == "scope_key", foreign.name


def test_the_distribution_is_as_recorded() -> None:
    assert migrate.distribution_statements() == DISTRIBUTION
