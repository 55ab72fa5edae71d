"""Figures worked out ahead and signed for; findings with a life of their own; records cleaned."""

from __future__ import annotations

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_approvals_actor_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_approvals_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(
        "ix_approvals_project_id_place_code_period", "approvals", ["project_id", "place_code", "period"]
    )

    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("chosen", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_decisions_actor_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_decisions_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("project_id", "code", name=op.f("uq_decisions_project_id_code")),
    )
    op.create_table(
        "figure_marks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_figure_marks_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_marks")),
    )
    op.create_table(
        "figure_turns",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("refreshed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_figure_turns_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_figure_turns")),
    )
    op.create_table(
        "figure_units",
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("by", "unit", "submission_id", name=op.f("pk_figure_units")),
    )
    op.create_index("ix_figure_units_by_place_code", "figure_units", ["by", "place_code"])

    op.create_table(
        "indicator_cells",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("split", sa.String(length=200), nullable=False),
        sa.Column("numerator", sa.Double(), nullable=False),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("target_key", sa.String(length=120), nullable=True),
        sa.Column("target_value", sa.Double(), nullable=True),
        sa.Column("to_reach", sa.Double(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=True),
        sa.Column("computed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_indicator_cells_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_cells")),
        sa.UniqueConstraint(
            "project_id",
            "code",
            "period",
            "place_code",
            "split",
            name=op.f("uq_indicator_cells_project_id_code_period_place_code_split"),
        ),
    )
    op.create_index(
        "ix_indicator_cells_project_id_place_code_period",
        "indicator_cells",
        ["project_id", "place_code", "period"],
    )

    op.create_table(
        "programmes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("workbook_sha256", sa.String(length=64), nullable=False),
        sa.Column("workbook_name", sa.String(length=255), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_programmes_actor_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_programmes_project_id")),
        sa.ForeignKeyConstraint(
            ["workbook_sha256"], ["blobs.sha256"], name=op.f("fk_programmes_workbook_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
    )
    op.create_index("ix_programmes_project_id", "programmes", ["project_id"])

    op.create_table(
        "submission_comments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_submission_comments_actor_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_comments_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_comments")),
    )
    op.create_index("ix_submission_comments_submission_id", "submission_comments", ["submission_id"])

    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("project_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("form_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("severity", sa.String(length=10), nullable=False, server_default="warning")
        )
        batch_op.add_column(sa.Column("expected", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("subject", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("others", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("place_code", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="open"))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("changed_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("changed_by", sa.Integer(), nullable=True))
        batch_op.alter_column("submission_id", existing_type=sa.BIGINT(), nullable=True)
        batch_op.create_index("ix_findings_check_fingerprint", ["check", "fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_findings_form_id"), ["form_id"], unique=False)
        batch_op.create_index(
            "ix_findings_project_id_state_place_code", ["project_id", "state", "place_code"], unique=False
        )
        batch_op.create_foreign_key(batch_op.f("fk_findings_changed_by"), "actors", ["changed_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_findings_form_id"), "forms", ["form_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_findings_owner_id"), "actors", ["owner_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_findings_project_id"), "projects", ["project_id"], ["id"])

    _settle_findings()
    op.add_column("forms", sa.Column("checked", sa.String(length=64), nullable=True))
    op.add_column("submission_versions", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("submission_versions", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.add_column("submissions", sa.Column("duplicate_of", sa.BigInteger(), nullable=True))


def _settle_findings() -> None:
    """What was found before there was more to know of a finding: where it is, and how it is known again."""
    findings = sa.table(
        "findings",
        sa.column("id", sa.BigInteger()),
        sa.column("submission_id", sa.BigInteger()),
        sa.column("check", sa.Text()),
        sa.column("path", sa.Text()),
        sa.column("key", sa.Text()),
        sa.column("value", sa.Text()),
        sa.column("fingerprint", sa.Text()),
    )
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE findings SET form_id = (SELECT s.form_id FROM submissions s WHERE s.id = submission_id),"
            " place_code = (SELECT s.place_code FROM submissions s WHERE s.id = submission_id),"
            " project_id = (SELECT f.project_id FROM submissions s JOIN forms f ON f.id = s.form_id"
            " WHERE s.id = submission_id AND NOT s.draft)"
        )
    )
    known = sa.select(findings).where(findings.c.fingerprint.is_(None)).order_by(findings.c.id).limit(1000)
    while rows := connection.execute(known).all():
        for row in rows:
            parts = (row.check, str(row.submission_id), "", "", row.path, row.key, row.value)
            told = sha256("\x1f".join(parts).encode()).hexdigest()[:32]
            connection.execute(sa.update(findings).where(findings.c.id == row.id).values(fingerprint=told))


def downgrade() -> None:
    """Undo."""
    op.drop_column("forms", "checked")
    op.drop_column("submissions", "duplicate_of")
    op.drop_column("submission_versions", "batch_id")
    op.drop_column("submission_versions", "reason")

    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_findings_project_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_findings_owner_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_findings_form_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_findings_changed_by"), type_="foreignkey")
        batch_op.drop_index("ix_findings_project_id_state_place_code")
        batch_op.drop_index(batch_op.f("ix_findings_form_id"))
        batch_op.drop_index("ix_findings_check_fingerprint")
        batch_op.alter_column("submission_id", existing_type=sa.BIGINT(), nullable=False)
        batch_op.drop_column("changed_by")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("details")
        batch_op.drop_column("fingerprint")
        batch_op.drop_column("reason")
        batch_op.drop_column("state")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("place_code")
        batch_op.drop_column("others")
        batch_op.drop_column("subject")
        batch_op.drop_column("expected")
        batch_op.drop_column("severity")
        batch_op.drop_column("form_id")
        batch_op.drop_column("project_id")

    op.drop_index("ix_submission_comments_submission_id", "submission_comments")

    op.drop_table("submission_comments")
    op.drop_index("ix_programmes_project_id", "programmes")

    op.drop_table("programmes")
    op.drop_index("ix_indicator_cells_project_id_place_code_period", "indicator_cells")

    op.drop_table("indicator_cells")
    op.drop_index("ix_figure_units_by_place_code", "figure_units")

    op.drop_table("figure_units")
    op.drop_table("figure_turns")
    op.drop_table("figure_marks")
    op.drop_table("decisions")
    op.drop_index("ix_approvals_project_id_place_code_period", "approvals")

    op.drop_table("approvals")
