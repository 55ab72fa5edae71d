"""What programs on Central's wire change."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "settled_marks",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_settled_marks_project_id")),
        sa.PrimaryKeyConstraint("project_id", "source", name=op.f("pk_settled_marks")),
    )
    _forms()
    _entities()


def _entities() -> None:
    op.add_column(
        "entity_lists", sa.Column("owner_only", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("entity_lists", sa.Column("deleted_name", sa.String(length=100), nullable=True))
    op.add_column("entity_lists", sa.Column("deleted_at", Instant(), nullable=True))
    op.create_index("ix_entities_list_id_id", "entities", ["list_id", "id"])
    op.add_column("entities", sa.Column("resolved_version", sa.Integer(), nullable=True))
    op.add_column("entity_versions", sa.Column("user_agent", sa.String(length=255), nullable=True))


def _forms() -> None:
    op.add_column(
        "forms", sa.Column("webforms_enabled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("form_versions", sa.Column("sha1", sa.String(length=40), nullable=True))
    op.add_column("form_versions", sa.Column("published_by", sa.Integer(), nullable=True))
    op.add_column("form_versions", sa.Column("publish_notes", sa.Text(), nullable=True))
    op.add_column(
        "form_attachments", sa.Column("linked", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    versions = sa.table("form_versions", sa.column("id"), sa.column("xml", sa.LargeBinary), sa.column("sha1"))
    found = op.get_bind()
    for number in found.scalars(sa.select(versions.c.id)).all():
        xml = found.scalar(sa.select(versions.c.xml).where(versions.c.id == number))
        if xml:
            digest = hashlib.sha1(xml, usedforsecurity=False).hexdigest()
            found.execute(versions.update().where(versions.c.id == number).values(sha1=digest))


def downgrade() -> None:
    """Take back."""
    op.drop_column("entity_versions", "user_agent")
    op.drop_column("entities", "resolved_version")
    op.drop_index("ix_entities_list_id_id", "entities")
    for name in ("deleted_at", "deleted_name", "owner_only"):
        op.drop_column("entity_lists", name)
    op.drop_table("settled_marks")
    op.drop_column("form_attachments", "linked")
    for name in ("publish_notes", "published_by", "sha1"):
        op.drop_column("form_versions", name)
    op.drop_column("forms", "webforms_enabled")
