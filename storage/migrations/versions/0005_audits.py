"""Who did what, sealed; events waiting to be told to others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = (
    "heartbeats",
    "purged",
    "webhook_deliveries",
    "webhooks",
    "audit_readings",
    "audit_seals",
    "audit_waiting",
    "audits",
)

# The words of who did it may be taken away, nothing else, and never others put in their place.
_KEPT = (
    "id",
    "action",
    "actor_id",
    "actee_kind",
    "actee_id",
    "project_id",
    "form_id",
    "instance_id",
    "entity_uuid",
    "place_code",
    "details",
    "notes_digest",
    "source",
    "logged_at",
)

_SQLITE = (
    (
        "CREATE TRIGGER audits_wait AFTER INSERT ON audits BEGIN"
        " INSERT INTO audit_waiting (audit_id) VALUES (NEW.id); END"
    ),
    (
        "CREATE TRIGGER audits_stay BEFORE DELETE ON audits BEGIN"
        " SELECT RAISE(ABORT, 'audits are never deleted'); END"
    ),
    (
        "CREATE TRIGGER audits_last BEFORE UPDATE ON audits"
        " WHEN NOT (NEW.notes IS NULL AND NEW.notes_salt IS NULL"
        f" AND {' AND '.join(f'NEW.{name} IS OLD.{name}' for name in _KEPT)})"
        " BEGIN SELECT RAISE(ABORT, 'audits are never changed'); END"
    ),
    (
        "CREATE TRIGGER audit_seals_stay BEFORE DELETE ON audit_seals BEGIN"
        " SELECT RAISE(ABORT, 'seals are never deleted'); END"
    ),
    (
        "CREATE TRIGGER audit_seals_last BEFORE UPDATE ON audit_seals BEGIN"
        " SELECT RAISE(ABORT, 'seals are never changed'); END"
    ),
)


def _compared(name: str) -> str:
    # The type json of PostgreSQL cannot be compared, its text can.
    return f"NEW.{name}::text" if name == "details" else f"NEW.{name}"


_SAME = " AND ".join(
    f"{_compared(name)} IS NOT DISTINCT FROM {_compared(name).replace('NEW', 'OLD')}" for name in _KEPT
)

_POSTGRESQL = (
    (
        "CREATE FUNCTION collector_audits_wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO audit_waiting (audit_id) VALUES (NEW.id); RETURN NEW; END $$"
    ),
    (
        "CREATE FUNCTION collector_audits_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'audits and seals are never changed or deleted'; END $$"
    ),
    (
        "CREATE FUNCTION collector_audits_last() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.notes IS NULL AND NEW.notes_salt IS NULL AND {_SAME} THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'audits are never changed'; END $$"
    ),
    "CREATE TRIGGER audits_wait AFTER INSERT ON audits FOR EACH ROW EXECUTE FUNCTION collector_audits_wait()",
    (
        "CREATE TRIGGER audits_stay BEFORE DELETE ON audits"
        " FOR EACH ROW EXECUTE FUNCTION collector_audits_stay()"
    ),
    (
        "CREATE TRIGGER audits_whole BEFORE TRUNCATE ON audits"
        " FOR EACH STATEMENT EXECUTE FUNCTION collector_audits_stay()"
    ),
    (
        "CREATE TRIGGER audits_last BEFORE UPDATE ON audits"
        " FOR EACH ROW EXECUTE FUNCTION collector_audits_last()"
    ),
    (
        "CREATE TRIGGER audit_seals_stay BEFORE DELETE OR UPDATE ON audit_seals"
        " FOR EACH ROW EXECUTE FUNCTION collector_audits_stay()"
    ),
    (
        "CREATE TRIGGER audit_seals_whole BEFORE TRUNCATE ON audit_seals"
        " FOR EACH STATEMENT EXECUTE FUNCTION collector_audits_stay()"
    ),
)


def upgrade() -> None:
    """Apply."""
    _audits()
    _webhooks()
    op.create_table(
        "purged",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("purged_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "owner_id", "key", name=op.f("pk_purged")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if sqlite else _POSTGRESQL:
        op.execute(statement)


def _audits() -> None:
    op.create_table(
        "audits",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actee_kind", sa.String(length=20), nullable=True),
        sa.Column("actee_id", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("instance_id", sa.String(length=255), nullable=True),
        sa.Column("entity_uuid", sa.String(length=36), nullable=True),
        sa.Column("place_code", sa.String(length=40), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("notes_salt", sa.String(length=32), nullable=True),
        sa.Column("notes_digest", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("logged_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_audits_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audits")),
    )
    op.create_index("ix_audits_logged_at_id", "audits", ["logged_at", "id"])
    op.create_index("ix_audits_action_logged_at_id", "audits", ["action", "logged_at", "id"])
    op.create_index("ix_audits_project_id_logged_at_id", "audits", ["project_id", "logged_at", "id"])
    for name, column, unique in (
        ("ix_audits_instance_id", "instance_id", False),
        ("ix_audits_entity_uuid", "entity_uuid", False),
        ("uq_audits_source", "source", True),
    ):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "audits", [column], unique=unique, sqlite_where=there, postgresql_where=there)
    op.create_table(
        "audit_waiting",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_waiting")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_seals_audit_id")),
    )
    op.create_table(
        "audit_readings",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.Column("horizon", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_audit_readings")),
    )

    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("last_at", Instant(), nullable=True),
        sa.Column("last_result", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["actors.id"], name=op.f("fk_webhooks_created_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_webhooks_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_project_id"), "webhooks", ["project_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=255), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_webhook_deliveries_due_at",
        "webhook_deliveries",
        ["due_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_webhook_deliveries_webhook_id_id", "webhook_deliveries", ["webhook_id", "id"])


def downgrade() -> None:
    """Take back."""
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in ("wait", "stay", "last"):
            op.execute(f"DROP FUNCTION collector_audits_{name}()")
