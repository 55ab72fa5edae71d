"""Forms in a browser: as its engine wants them, drafts on the server, codes of villages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIVING = sa.text("village IS NOT NULL AND token_hash IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.add_column("app_users", sa.Column("short_code", sa.String(length=8), nullable=True))
    op.add_column("app_users", sa.Column("village", sa.String(length=40), nullable=True))
    op.create_index("uq_app_users_short_code", "app_users", ["short_code"], unique=True)
    op.create_index(
        "uq_app_users_project_id_village",
        "app_users",
        ["project_id", "village"],
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )
    op.create_table(
        "web_forms",
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("made_with", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_versions.id"], name=op.f("fk_web_forms_form_version_id")
        ),
        sa.PrimaryKeyConstraint("form_version_id", name=op.f("pk_web_forms")),
    )
    _drafts()
    op.create_table(
        "web_once",
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_web_once_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", "mark", name=op.f("pk_web_once")),
    )


def _drafts() -> None:
    op.create_table(
        "web_drafts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=255), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("xml_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_web_drafts_actor_id")),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_web_drafts_form_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_web_drafts_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_drafts")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_web_drafts_code_hash")),
        sa.UniqueConstraint(
            "actor_id", "project_id", "uuid", name=op.f("uq_web_drafts_actor_id_project_id_uuid")
        ),
    )
    op.create_index(op.f("ix_web_drafts_form_id"), "web_drafts", ["form_id"])
    op.create_index(op.f("ix_web_drafts_expires_at"), "web_drafts", ["expires_at"])
    op.create_table(
        "web_draft_files",
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blobs.sha256"], name=op.f("fk_web_draft_files_blob_sha256")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["web_drafts.id"], name=op.f("fk_web_draft_files_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "name", name=op.f("pk_web_draft_files")),
    )
    op.create_index(op.f("ix_web_draft_files_blob_sha256"), "web_draft_files", ["blob_sha256"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("web_once")
    op.drop_table("web_draft_files")
    op.drop_table("web_drafts")
    op.drop_table("web_forms")
    op.drop_index("uq_app_users_project_id_village", "app_users")
    op.drop_index("uq_app_users_short_code", "app_users")
    op.drop_column("app_users", "village")
    op.drop_column("app_users", "short_code")
