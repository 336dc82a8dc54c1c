"""The tables of contexts, keys, scopes, sessions, turns and beliefs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("context_id", sa.Text(collation="C"), nullable=False, comment="* for all"),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('read', 'write', 'admin')", name="api_keys_role_check"),
        sa.PrimaryKeyConstraint("key_id", name="api_keys_pkey"),
        sa.UniqueConstraint("secret_hash", name="api_keys_secret_hash_key"),
    )
    op.create_table(
        "audit",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("audit_id", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "key_id", sa.Text(collation="C"), nullable=False, comment="Empty: the server's worker."
        ),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("scope_key", "audit_id", name="audit_pkey"),
    )
    op.create_table(
        "contexts",
        sa.Column("context_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("context_id", name="contexts_pkey"),
    )
    op.create_table(
        "requests",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("request_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "fingerprint", sa.LargeBinary(), nullable=False, comment="SHA-256 of method and body"
        ),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope_key", "request_id", name="requests_pkey"),
        comment="The first answers of idempotent requests, kept for a day.",
    )
    op.create_index("requests_created_at_idx", "requests", ["created_at"], unique=False)
    op.create_table(
        "scopes",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("context_id", sa.Text(collation="C"), nullable=False),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False, comment="Grows with every change."),
        sa.Column(
            "belief_revision",
            sa.BigInteger(),
            nullable=False,
            comment="Of the last change of beliefs.",
        ),
        sa.Column("turn_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope_key", name="scopes_pkey"),
    )
    op.create_index(
        "scopes_context_id_scope_key_idx", "scopes", ["context_id", "scope_key"], unique=False
    )
    op.create_table(
        "server_settings",
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="server_settings_pkey"),
        comment="Facts about the data as a whole, such as the embedder's name.",
    )
    op.create_table(
        "embeddings",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "item_id", sa.Text(collation="C"), nullable=False, comment="A turn's or attribute's id."
        ),
        sa.Column(
            "vector", sa.LargeBinary(), nullable=False, comment="float16, little-endian, unit norm"
        ),
        sa.ForeignKeyConstraint(
            ["scope_key"], ["scopes.scope_key"], name="embeddings_scope_key_fkey"
        ),
        sa.PrimaryKeyConstraint("scope_key", "item_id", name="embeddings_pkey"),
    )
    op.create_table(
        "sessions",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turn_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_key"], ["scopes.scope_key"], name="sessions_scope_key_fkey"
        ),
        sa.PrimaryKeyConstraint("scope_key", "session_id", name="sessions_pkey"),
    )
    op.create_table(
        "turns",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("turn_id", sa.Text(collation="C"), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="In the session, from 1."),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="In the scope, from 1."),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False, comment="Out of retrieval by Forget."),
        sa.Column(
            "revision", sa.BigInteger(), nullable=False, comment="The scope's, at the last change."
        ),
        sa.Column("extraction_status", sa.Text(collation="C"), nullable=False),
        sa.Column("extraction_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("extraction_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("extractor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dropped_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("diff", postgresql.JSONB(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["scope_key", "session_id"],
            ["sessions.scope_key", "sessions.session_id"],
            name="turns_scope_key_session_id_fkey",
        ),
        sa.PrimaryKeyConstraint("scope_key", "turn_id", name="turns_pkey"),
        sa.UniqueConstraint("scope_key", "position", name="turns_scope_key_position_key"),
        sa.UniqueConstraint(
            "scope_key", "session_id", "sequence", name="turns_scope_key_session_id_sequence_key"
        ),
    )
    op.create_index(
        "turns_failed_idx",
        "turns",
        ["scope_key", "position"],
        unique=False,
        postgresql_where=sa.text("extraction_status = 'failed'"),
    )
    op.create_index(
        "turns_pending_idx",
        "turns",
        ["scope_key", "position"],
        unique=False,
        postgresql_where=sa.text("extraction_status = 'pending'"),
    )
    op.create_index(
        "turns_scope_key_revision_idx", "turns", ["scope_key", "revision"], unique=False
    )
    op.create_table(
        "attributes",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("attribute_id", sa.Text(collation="C"), nullable=False),
        sa.Column("entity_type", sa.Text(collation="C"), nullable=False),
        sa.Column("entity_name", sa.Text(collation="C"), nullable=False),
        sa.Column("category", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("turn_id", sa.Text(collation="C"), nullable=True),
        sa.Column("evidence_start", sa.Integer(), nullable=True),
        sa.Column("evidence_end", sa.Integer(), nullable=True),
        sa.Column("evidence_quote", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_validated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("supersedes", sa.Text(collation="C"), nullable=True),
        sa.Column("superseded_by", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "revision", sa.BigInteger(), nullable=False, comment="The scope's, at the last change."
        ),
        sa.ForeignKeyConstraint(
            ["scope_key", "superseded_by"],
            ["attributes.scope_key", "attributes.attribute_id"],
            name="attributes_scope_key_superseded_by_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["scope_key", "supersedes"],
            ["attributes.scope_key", "attributes.attribute_id"],
            name="attributes_scope_key_supersedes_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["scope_key", "turn_id"],
            ["turns.scope_key", "turns.turn_id"],
            name="attributes_scope_key_turn_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["scope_key"], ["scopes.scope_key"], name="attributes_scope_key_fkey"
        ),
        sa.PrimaryKeyConstraint("scope_key", "attribute_id", name="attributes_pkey"),
    )
    op.create_index(
        "attributes_scope_key_key_idx", "attributes", ["scope_key", "key"], unique=False
    )
    op.create_index(
        "attributes_scope_key_revision_idx", "attributes", ["scope_key", "revision"], unique=False
    )
    op.create_table(
        "unknowns",
        sa.Column("scope_key", sa.Text(collation="C"), nullable=False),
        sa.Column("unknown_id", sa.Text(collation="C"), nullable=False),
        sa.Column("entity_type", sa.Text(collation="C"), nullable=False),
        sa.Column("entity_name", sa.Text(collation="C"), nullable=False),
        sa.Column("category", sa.Text(collation="C"), nullable=False),
        sa.Column("about", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("turn_id", sa.Text(collation="C"), nullable=True),
        sa.Column("evidence_start", sa.Integer(), nullable=True),
        sa.Column("evidence_end", sa.Integer(), nullable=True),
        sa.Column("evidence_quote", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("conflicts_with", sa.Text(collation="C"), nullable=True),
        sa.Column("resolution", sa.Text(collation="C"), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revision", sa.BigInteger(), nullable=False, comment="The scope's, at the last change."
        ),
        sa.ForeignKeyConstraint(
            ["scope_key", "turn_id"],
            ["turns.scope_key", "turns.turn_id"],
            name="unknowns_scope_key_turn_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["scope_key"], ["scopes.scope_key"], name="unknowns_scope_key_fkey"
        ),
        sa.PrimaryKeyConstraint("scope_key", "unknown_id", name="unknowns_pkey"),
    )
    op.create_index(
        "unknowns_scope_key_about_idx", "unknowns", ["scope_key", "about"], unique=False
    )
    op.create_index(
        "unknowns_scope_key_revision_idx", "unknowns", ["scope_key", "revision"], unique=False
    )
