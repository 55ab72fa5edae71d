"""What a server that is left running remembers besides: records nobody here can read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _signing_in()
    _encrypted_records()
    _record_looks()
    _backup_runs()


def _backup_runs() -> None:
    op.create_table(
        "backup_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("beat_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("new_size", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["actors.id"], name=op.f("fk_backup_runs_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_runs")),
    )
    op.create_index(op.f("ix_backup_runs_state"), "backup_runs", ["state"], unique=False)


def _encrypted_records() -> None:
    op.create_table(
        "encrypted_records",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("form_file", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_encrypted_records_form_id")),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_versions.id"], name=op.f("fk_encrypted_records_form_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_encrypted_records_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_encrypted_records")),
    )
    op.create_index(op.f("ix_encrypted_records_form_id"), "encrypted_records", ["form_id"], unique=False)


def _record_looks() -> None:
    op.create_table(
        "record_looks",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_record_looks_actor_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_record_looks_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", "actor_id", "day", name=op.f("pk_record_looks")),
    )


def _signing_in() -> None:
    op.add_column("login_sessions", sa.Column("last_used_at", Instant(), nullable=True))
    op.add_column("login_sessions", sa.Column("device", sa.String(length=100), nullable=True))
    op.create_table(
        "second_steps",
        sa.Column("actor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_second_steps_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_second_steps")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_recovery_codes_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("actor_id", "digest", name=op.f("uq_recovery_codes_actor_id_digest")),
    )
    op.create_table(
        "outside_identities",
        sa.Column("actor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("claim", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("tied_by", sa.Integer(), nullable=True),
        sa.Column("tied_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_outside_identities_actor_id")),
        sa.ForeignKeyConstraint(["tied_by"], ["actors.id"], name=op.f("fk_outside_identities_tied_by")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_outside_identities")),
        sa.UniqueConstraint(
            "issuer", "claim", "value", name=op.f("uq_outside_identities_issuer_claim_value")
        ),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("record_looks")
    op.drop_table("backup_runs")
    op.drop_table("outside_identities")
    op.drop_table("recovery_codes")
    op.drop_table("second_steps")
    op.drop_column("login_sessions", "device")
    op.drop_column("login_sessions", "last_used_at")
    op.drop_table("encrypted_records")
