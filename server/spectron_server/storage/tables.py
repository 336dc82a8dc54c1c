"""The tables, one place for each.

The scope's key comes first in the primary key, in every unique constraint and in every foreign
key of each table that holds records of scopes, so that the schema can be distributed by it.
`contexts`, `api_keys` and `server_settings` are small and global: reference tables there.

Text that is compared or sorted by the server is collated "C": by bytes, the same everywhere.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


# -- Global tables ---------------------------------------------------------------------------

SERVER_SETTINGS: Final = Table(
    "server_settings",
    METADATA,
    _text("name"),
    _text("value"),
    PrimaryKeyConstraint("name"),
    comment="Facts about the data as a whole, such as the embedder's name.",
)

CONTEXTS: Final = Table(
    "contexts",
    METADATA,
    _text("context_id"),
    _moment("created_at"),
    PrimaryKeyConstraint("context_id"),
)

API_KEYS: Final = Table(
    "api_keys",
    METADATA,
    _text("key_id"),
    Column("secret_hash", LargeBinary, nullable=False, comment="SHA-256 of the secret"),
    Column("context_id", Text(collation="C"), nullable=False, comment="* for all"),
    _text("role"),
    _text("label"),
    _moment("created_at"),
    _moment("expires_at", nullable=True),
    _moment("revoked_at", nullable=True),
    PrimaryKeyConstraint("key_id"),
    UniqueConstraint("secret_hash"),
    CheckConstraint("role IN ('read', 'write', 'admin')", name="role"),
)

# -- Tables by scope -------------------------------------------------------------------------

SCOPES: Final = Table(
    "scopes",
    METADATA,
    _text("scope_key"),
    _text("context_id"),
    Column("dimensions", JSONB, nullable=False),
    Column("revision", BigInteger, nullable=False, comment="Grows with every change."),
    Column("belief_revision", BigInteger, nullable=False, comment="Of the last change of beliefs."),
    Column("turn_count", BigInteger, nullable=False),
    _moment("created_at"),
    PrimaryKeyConstraint("scope_key"),
)
Index("scopes_context_id_scope_key_idx", SCOPES.c.context_id, SCOPES.c.scope_key)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    _text("scope_key"),
    _text("session_id"),
    Column("metadata", JSONB, nullable=False),
    _moment("created_at"),
    _moment("closed_at", nullable=True),
    Column("turn_count", BigInteger, nullable=False),
    PrimaryKeyConstraint("scope_key", "session_id"),
    ForeignKeyConstraint(["scope_key"], ["scopes.scope_key"]),
)

TURNS: Final = Table(
    "turns",
    METADATA,
    _text("scope_key"),
    _text("turn_id"),
    _text("session_id"),
    Column("sequence", BigInteger, nullable=False, comment="In the session, from 1."),
    Column("position", BigInteger, nullable=False, comment="In the scope, from 1."),
    _text("role"),
    Column("content", Text, nullable=False),
    _moment("observed_at"),
    _moment("recorded_at"),
    Column("hidden", Boolean, nullable=False, comment="Out of retrieval by Forget."),
    Column("revision", BigInteger, nullable=False, comment="The scope's, at the last change."),
    _text("extraction_status"),
    Column("extraction_attempts", Integer, nullable=False, server_default=text("0")),
    Column("extraction_error", Text, nullable=False, server_default=text("''")),
    Column("extractor", Text, nullable=False, server_default=text("''")),
    Column("dropped_count", Integer, nullable=False, server_default=text("0")),
    Column("diff", JSONB, nullable=True),
    _moment("finished_at", nullable=True),
    _text("message_id", nullable=True),
    PrimaryKeyConstraint("scope_key", "turn_id"),
    UniqueConstraint("scope_key", "position"),
    UniqueConstraint("scope_key", "session_id", "sequence"),
    ForeignKeyConstraint(
        ["scope_key", "session_id"], ["sessions.scope_key", "sessions.session_id"]
    ),
)
Index(
    "turns_message_idx",
    TURNS.c.scope_key,
    TURNS.c.session_id,
    TURNS.c.message_id,
    TURNS.c.role,
    unique=True,
    postgresql_where=text("message_id IS NOT NULL"),
)
Index("turns_scope_key_revision_idx", TURNS.c.scope_key, TURNS.c.revision)
Index(
    "turns_pending_idx",
    TURNS.c.scope_key,
    TURNS.c.position,
    postgresql_where=text("extraction_status = 'pending'"),
)
Index(
    "turns_failed_idx",
    TURNS.c.scope_key,
    TURNS.c.position,
    postgresql_where=text("extraction_status = 'failed'"),
)

ATTRIBUTES: Final = Table(
    "attributes",
    METADATA,
    _text("scope_key"),
    _text("attribute_id"),
    _text("entity_type"),
    _text("entity_name"),
    _text("category"),
    _text("key"),
    Column("value", Text, nullable=False),
    Column("confidence", Double, nullable=False),
    _text("turn_id", nullable=True),
    Column("evidence_start", Integer, nullable=True),
    Column("evidence_end", Integer, nullable=True),
    Column("evidence_quote", Text, nullable=True),
    _moment("valid_from"),
    _moment("valid_until", nullable=True),
    _moment("recorded_at"),
    _moment("last_validated_at"),
    _text("status"),
    _text("supersedes", nullable=True),
    _text("superseded_by", nullable=True),
    Column("revision", BigInteger, nullable=False, comment="The scope's, at the last change."),
    PrimaryKeyConstraint("scope_key", "attribute_id"),
    ForeignKeyConstraint(["scope_key"], ["scopes.scope_key"]),
    ForeignKeyConstraint(["scope_key", "turn_id"], ["turns.scope_key", "turns.turn_id"]),
    # Both ends of a link are written in one transaction, in no certain order.
    ForeignKeyConstraint(
        ["scope_key", "supersedes"],
        ["attributes.scope_key", "attributes.attribute_id"],
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["scope_key", "superseded_by"],
        ["attributes.scope_key", "attributes.attribute_id"],
        deferrable=True,
        initially="DEFERRED",
    ),
)
Index("attributes_scope_key_revision_idx", ATTRIBUTES.c.scope_key, ATTRIBUTES.c.revision)
Index("attributes_scope_key_key_idx", ATTRIBUTES.c.scope_key, ATTRIBUTES.c.key)

UNKNOWNS: Final = Table(
    "unknowns",
    METADATA,
    _text("scope_key"),
    _text("unknown_id"),
    _text("entity_type"),
    _text("entity_name"),
    _text("category"),
    _text("about"),
    Column("value", Text, nullable=False),
    _text("reason"),
    _text("turn_id", nullable=True),
    Column("evidence_start", Integer, nullable=True),
    Column("evidence_end", Integer, nullable=True),
    Column("evidence_quote", Text, nullable=True),
    _moment("raised_at"),
    _moment("recorded_at"),
    _text("conflicts_with", nullable=True),
    _text("resolution", nullable=True),
    _moment("resolved_at", nullable=True),
    Column("revision", BigInteger, nullable=False, comment="The scope's, at the last change."),
    PrimaryKeyConstraint("scope_key", "unknown_id"),
    ForeignKeyConstraint(["scope_key"], ["scopes.scope_key"]),
    ForeignKeyConstraint(["scope_key", "turn_id"], ["turns.scope_key", "turns.turn_id"]),
)
Index("unknowns_scope_key_revision_idx", UNKNOWNS.c.scope_key, UNKNOWNS.c.revision)
Index("unknowns_scope_key_about_idx", UNKNOWNS.c.scope_key, UNKNOWNS.c.about)

EMBEDDINGS: Final = Table(
    "embeddings",
    METADATA,
    _text("scope_key"),
    Column("item_id", Text(collation="C"), nullable=False, comment="A turn's or attribute's id."),
    Column("vector", LargeBinary, nullable=False, comment="float16, little-endian, unit norm"),
    PrimaryKeyConstraint("scope_key", "item_id"),
    ForeignKeyConstraint(["scope_key"], ["scopes.scope_key"]),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    _text("scope_key"),
    _text("audit_id"),
    _moment("at"),
    _text("action"),
    Column("key_id", Text(collation="C"), nullable=False, comment="Empty: the server's worker."),
    Column("details", JSONB, nullable=False),
    PrimaryKeyConstraint("scope_key", "audit_id"),
)

REQUESTS: Final = Table(
    "requests",
    METADATA,
    _text("scope_key"),
    _text("request_id"),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256 of method and body"),
    Column("answer", JSONB, nullable=False),
    _moment("created_at"),
    PrimaryKeyConstraint("scope_key", "request_id"),
    comment="The first answers of idempotent requests, kept for a day.",
)
Index("requests_created_at_idx", REQUESTS.c.created_at)

REFERENCE_TABLES: Final = (SERVER_SETTINGS, CONTEXTS, API_KEYS)
SCOPED_TABLES: Final = (
    SCOPES,
    SESSIONS,
    TURNS,
    ATTRIBUTES,
    UNKNOWNS,
    EMBEDDINGS,
    AUDIT,
    REQUESTS,
)
