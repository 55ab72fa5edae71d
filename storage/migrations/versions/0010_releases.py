"""Files made of the tables, the releases that freeze them, an office's templates, and what was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _release_plans()
    _releases()
    _report_templates()
    _erasures()
    _extracts()
    _retentions()
    _extract_files()


def _release_plans() -> None:
    op.create_table(
        "release_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["actors.id"], name=op.f("fk_release_plans_made_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_release_plans_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_plans")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_release_plans_project_id_key")),
    )
    op.create_index(op.f("ix_release_plans_project_id"), "release_plans", ["project_id"], unique=False)


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("issued_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("due_id", sa.String(length=80), nullable=True),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["actors.id"], name=op.f("fk_releases_issued_by")),
        sa.ForeignKeyConstraint(["made_by"], ["actors.id"], name=op.f("fk_releases_made_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_releases_project_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["releases.id"], name=op.f("fk_releases_replaces_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["actors.id"], name=op.f("fk_releases_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint(
            "project_id", "due_id", "due_on", name=op.f("uq_releases_project_id_due_id_due_on")
        ),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_releases_project_id_number")),
    )
    op.create_index(op.f("ix_releases_project_id"), "releases", ["project_id"], unique=False)
    op.create_index(op.f("ix_releases_state"), "releases", ["state"], unique=False)


def _report_templates() -> None:
    op.create_table(
        "report_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("serves", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blobs.sha256"], name=op.f("fk_report_templates_blob_sha256")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["actors.id"], name=op.f("fk_report_templates_made_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_report_templates_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_templates")),
        sa.UniqueConstraint(
            "project_id",
            "kind",
            "serves",
            "name",
            name=op.f("uq_report_templates_project_id_kind_serves_name"),
        ),
    )
    op.create_index(
        op.f("ix_report_templates_blob_sha256"), "report_templates", ["blob_sha256"], unique=False
    )
    op.create_index(op.f("ix_report_templates_project_id"), "report_templates", ["project_id"], unique=False)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("instance_id", sa.String(length=255), nullable=True),
        sa.Column("row_key", sa.String(length=255), nullable=True),
        sa.Column("entity_uuid", sa.String(length=36), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("erased_by", sa.Integer(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["erased_by"], ["actors.id"], name=op.f("fk_erasures_erased_by")),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_erasures_form_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_erasures_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_entity_uuid"), "erasures", ["entity_uuid"], unique=False)
    op.create_index(op.f("ix_erasures_form_id"), "erasures", ["form_id"], unique=False)
    op.create_index(op.f("ix_erasures_instance_id"), "erasures", ["instance_id"], unique=False)
    op.create_index(op.f("ix_erasures_project_id"), "erasures", ["project_id"], unique=False)


def _extracts() -> None:
    op.create_table(
        "extracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("beat_at", Instant(), nullable=True),
        sa.Column("made_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["actors.id"], name=op.f("fk_extracts_asked_by")),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_extracts_form_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_extracts_project_id")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_extracts_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extracts")),
    )
    op.create_index(op.f("ix_extracts_asked_by"), "extracts", ["asked_by"], unique=False)
    op.create_index(op.f("ix_extracts_expires_at"), "extracts", ["expires_at"], unique=False)
    op.create_index(op.f("ix_extracts_form_id"), "extracts", ["form_id"], unique=False)
    op.create_index(op.f("ix_extracts_project_id"), "extracts", ["project_id"], unique=False)
    op.create_index(op.f("ix_extracts_release_id"), "extracts", ["release_id"], unique=False)
    op.create_index(op.f("ix_extracts_state"), "extracts", ["state"], unique=False)


def _retentions() -> None:
    op.create_table(
        "retentions",
        sa.Column("form_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("done_until", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("ordered_by", sa.Integer(), nullable=True),
        sa.Column("ordered_at", Instant(), nullable=True),
        sa.Column("before", Instant(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_retentions_form_id")),
        sa.ForeignKeyConstraint(["ordered_by"], ["actors.id"], name=op.f("fk_retentions_ordered_by")),
        sa.ForeignKeyConstraint(["set_by"], ["actors.id"], name=op.f("fk_retentions_set_by")),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_retentions")),
    )


def _extract_files() -> None:
    op.create_table(
        "extract_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("extract_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["blob_sha256"], ["blobs.sha256"], name=op.f("fk_extract_files_blob_sha256")),
        sa.ForeignKeyConstraint(["extract_id"], ["extracts.id"], name=op.f("fk_extract_files_extract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extract_files")),
        sa.UniqueConstraint("extract_id", "name", name=op.f("uq_extract_files_extract_id_name")),
    )
    op.create_index(op.f("ix_extract_files_blob_sha256"), "extract_files", ["blob_sha256"], unique=False)
    op.create_index(op.f("ix_extract_files_extract_id"), "extract_files", ["extract_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("extract_files")
    op.drop_table("retentions")
    op.drop_table("extracts")
    op.drop_table("erasures")
    op.drop_table("report_templates")
    op.drop_table("releases")
    op.drop_table("release_plans")
