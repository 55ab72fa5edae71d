"""What officers keep at their desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("disabled_at", Instant(), nullable=True))
    op.add_column("campaigns", sa.Column("grace_days", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "outline_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.String(length=255), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_outline_files_actor_id")),
        sa.ForeignKeyConstraint(["area"], ["places.code"], name=op.f("fk_outline_files_area")),
        sa.ForeignKeyConstraint(["undone_by"], ["actors.id"], name=op.f("fk_outline_files_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outline_files")),
    )
    op.create_table(
        "place_outlines",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("rings", sa.JSON(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["places.code"], name=op.f("fk_place_outlines_code")),
        sa.ForeignKeyConstraint(["file_id"], ["outline_files.id"], name=op.f("fk_place_outlines_file_id")),
        sa.PrimaryKeyConstraint("file_id", "code", name=op.f("pk_place_outlines")),
    )
    op.create_index("ix_place_outlines_code", "place_outlines", ["code"])
    op.create_table(
        "record_names",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_record_names")),
    )
    op.create_index(
        "ix_record_names_form_id_name_key_submission_id",
        "record_names",
        ["form_id", "name_key", "submission_id"],
    )
    op.create_table(
        "record_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_record_views_actor_id")),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_record_views_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_views")),
    )
    op.create_index(op.f("ix_record_views_form_id"), "record_views", ["form_id"])
    op.drop_index("ix_entities_list_id_place_code", "entities")
    op.create_index("ix_entities_list_id_place_code", "entities", ["list_id", "place_code", "deleted_at"])
    # Whether a village has sent anything in a period, what came today, what is mine: asked every morning.
    op.drop_index("ix_submissions_place_code_form_id", "submissions")
    op.create_index(
        "ix_submissions_place_code_form_id_reported_on",
        "submissions",
        [
            "place_code",
            "form_id",
            "reported_on",
            "created_at",
            "draft",
            "review_state",
            "deleted_at",
            "duplicate_of",
        ],
    )
    op.create_index("ix_submissions_created_at", "submissions", ["created_at"])
    op.create_index(
        "ix_findings_owner_id",
        "findings",
        ["owner_id"],
        sqlite_where=sa.text("owner_id IS NOT NULL"),
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )
    # The next finding that is as grave: whoever mends one after the other asks for it all day.
    op.create_index(
        "ix_findings_project_id_state_severity_id", "findings", ["project_id", "state", "severity", "id"]
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_findings_project_id_state_severity_id", "findings")
    op.drop_index("ix_entities_list_id_place_code", "entities")
    op.create_index("ix_entities_list_id_place_code", "entities", ["list_id", "place_code"])
    op.drop_index("ix_findings_owner_id", "findings")
    op.drop_index("ix_submissions_created_at", "submissions")
    op.drop_index("ix_submissions_place_code_form_id_reported_on", "submissions")
    op.create_index("ix_submissions_place_code_form_id", "submissions", ["place_code", "form_id"])
    op.drop_table("record_views")
    op.drop_table("record_names")
    op.drop_table("place_outlines")
    op.drop_table("outline_files")
    op.drop_column("campaigns", "grace_days")
    op.drop_column("users", "disabled_at")
