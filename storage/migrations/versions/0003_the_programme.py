"""Places with history, entities, campaigns, batches; submissions know their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLAIN = sa.String(600).with_variant(sa.String(600, collation="C"), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_batches_actor_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_batches_project_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["actors.id"], name=op.f("fk_batches_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_project_id"), "batches", ["project_id"])

    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["place_code"], ["places.code"], name=op.f("fk_campaigns_place_code")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_campaigns_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint(
            "project_id", "key", "period_from", name=op.f("uq_campaigns_project_id_key_period_from")
        ),
    )
    op.create_table(
        "entity_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        sa.Column("place_property", sa.String(length=255), nullable=True),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("follows", sa.String(length=100), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_entity_lists_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_lists")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_entity_lists_project_id_name")),
    )
    op.create_table(
        "place_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_place_changes_actor_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["actors.id"], name=op.f("fk_place_changes_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_changes")),
    )
    op.create_table(
        "place_paths",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ancestor", sa.String(length=40), nullable=False),
        sa.Column("descendant", sa.String(length=40), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(length=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["ancestor"], ["places.code"], name=op.f("fk_place_paths_ancestor")),
        sa.ForeignKeyConstraint(["descendant"], ["places.code"], name=op.f("fk_place_paths_descendant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_paths")),
    )
    op.create_index(op.f("ix_place_paths_ancestor_valid_to"), "place_paths", ["ancestor", "valid_to"])
    op.create_index(op.f("ix_place_paths_descendant_ancestor"), "place_paths", ["descendant", "ancestor"])

    op.create_table(
        "place_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("parent_code", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["places.code"], name=op.f("fk_place_spans_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_spans")),
    )
    op.create_index(op.f("ix_place_spans_code"), "place_spans", ["code"])

    op.create_table(
        "place_words",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("word", PLAIN, nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["places.code"], name=op.f("fk_place_words_code")),
        sa.PrimaryKeyConstraint("code", "word", name=op.f("pk_place_words")),
    )
    op.create_index(op.f("ix_place_words_level_word"), "place_words", ["level", "word"])

    op.create_table(
        "batch_items",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_items_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_items")),
    )
    op.create_index(op.f("ix_batch_items_batch_id_noun"), "batch_items", ["batch_id", "noun"])

    op.create_table(
        "campaign_forms",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("xml_form_id", sa.String(length=255), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_forms_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "xml_form_id", name=op.f("pk_campaign_forms")),
    )
    op.create_table(
        "entities",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("computed", sa.JSON(), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=True),
        sa.Column("conflict", sa.String(length=4), nullable=True),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["creator_id"], ["actors.id"], name=op.f("fk_entities_creator_id")),
        sa.ForeignKeyConstraint(["list_id"], ["entity_lists.id"], name=op.f("fk_entities_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entities")),
        sa.UniqueConstraint("list_id", "uuid", name=op.f("uq_entities_list_id_uuid")),
    )
    op.create_index(op.f("ix_entities_list_id_place_code"), "entities", ["list_id", "place_code"])
    op.create_index(op.f("ix_entities_uuid"), "entities", ["uuid"])

    op.create_table(
        "entity_properties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("computed", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["entity_lists.id"], name=op.f("fk_entity_properties_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_properties")),
        sa.UniqueConstraint("list_id", "name", name=op.f("uq_entity_properties_list_id_name")),
    )
    op.create_table(
        "entity_stamps",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("commune_code", sa.String(length=40), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["entity_lists.id"], name=op.f("fk_entity_stamps_list_id")),
        sa.PrimaryKeyConstraint("list_id", "commune_code", name=op.f("pk_entity_stamps")),
    )
    op.create_table(
        "place_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("old_code", sa.String(length=40), nullable=False),
        sa.Column("new_code", sa.String(length=40), nullable=False),
        sa.Column("part", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["place_changes.id"], name=op.f("fk_place_links_change_id")),
        sa.ForeignKeyConstraint(["new_code"], ["places.code"], name=op.f("fk_place_links_new_code")),
        sa.ForeignKeyConstraint(["old_code"], ["places.code"], name=op.f("fk_place_links_old_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_links")),
    )
    op.create_index(op.f("ix_place_links_change_id"), "place_links", ["change_id"])
    op.create_index(op.f("ix_place_links_new_code"), "place_links", ["new_code"])
    op.create_index(op.f("ix_place_links_old_code"), "place_links", ["old_code"])

    op.create_table(
        "entity_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_versions.id"], name=op.f("fk_entity_uses_form_version_id")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["entity_lists.id"], name=op.f("fk_entity_uses_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_uses")),
        sa.UniqueConstraint(
            "form_version_id", "list_id", "path", name=op.f("uq_entity_uses_form_version_id_list_id_path")
        ),
    )
    op.create_index(op.f("ix_entity_uses_list_id"), "entity_uses", ["list_id"])

    op.create_table(
        "sent_back",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_sent_back_actor_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_sent_back_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_back")),
    )
    op.create_index(op.f("ix_sent_back_submission_id"), "sent_back", ["submission_id"])

    op.create_table(
        "entity_held",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("submission_version_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("held_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["entity_lists.id"], name=op.f("fk_entity_held_list_id")),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_entity_held_submission_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_held")),
    )
    op.create_index(op.f("ix_entity_held_held_at"), "entity_held", ["held_at"])
    op.create_index(op.f("ix_entity_held_submission_version_id"), "entity_held", ["submission_version_id"])
    op.create_index(op.f("ix_entity_held_uuid_branch_id"), "entity_held", ["uuid", "branch_id"])

    op.create_table(
        "entity_outcomes",
        sa.Column("submission_version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_entity_outcomes_submission_version_id"),
        ),
        sa.PrimaryKeyConstraint("submission_version_id", name=op.f("pk_entity_outcomes")),
    )
    op.create_index(op.f("ix_entity_outcomes_state"), "entity_outcomes", ["state"])

    locks = op.create_table(
        "entity_locks",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_entity_locks")),
    )
    op.bulk_insert(locks, [{"bucket": number} for number in range(256)])

    op.create_table(
        "entity_versions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("received", sa.JSON(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("trunk_version", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.String(length=36), nullable=True),
        sa.Column("branch_base_version", sa.Integer(), nullable=True),
        sa.Column("conflict", sa.String(length=4), nullable=True),
        sa.Column("conflicting", sa.JSON(), nullable=False),
        sa.Column("submission_version_id", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_entity_versions_batch_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["actors.id"], name=op.f("fk_entity_versions_creator_id")),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name=op.f("fk_entity_versions_entity_id")),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_entity_versions_submission_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_versions")),
        sa.UniqueConstraint("entity_id", "version", name=op.f("uq_entity_versions_entity_id_version")),
    )
    op.create_index(op.f("ix_entity_versions_batch_id"), "entity_versions", ["batch_id"])
    op.create_index(op.f("ix_entity_versions_branch_id"), "entity_versions", ["branch_id"])
    op.create_index(
        op.f("ix_entity_versions_submission_version_id"), "entity_versions", ["submission_version_id"]
    )

    _widen()


def _widen() -> None:
    op.add_column("app_users", sa.Column("place_codes", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("app_users", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column("app_users", sa.Column("organisation", sa.String(length=100), nullable=True))
    op.add_column("app_users", sa.Column("pin_hash", sa.String(length=255), nullable=True))
    op.add_column("app_users", sa.Column("revoked_at", Instant(), nullable=True))
    op.add_column("app_users", sa.Column("revoked_reason", sa.String(length=255), nullable=True))
    op.create_index(op.f("ix_app_users_phone"), "app_users", ["phone"])
    phones = sa.table(
        "app_users", sa.column("actor_id"), sa.column("place_code"), sa.column("place_codes", sa.JSON)
    )
    connection = op.get_bind()
    held = sa.select(phones.c.actor_id, phones.c.place_code).where(phones.c.place_code.is_not(None))
    for actor_id, code in connection.execute(held).all():
        connection.execute(phones.update().where(phones.c.actor_id == actor_id).values(place_codes=[code]))
    op.drop_column("app_users", "place_code")

    op.add_column("places", sa.Column("folded", sa.String(length=255), nullable=False, server_default=""))
    op.add_column("places", sa.Column("sort_key", PLAIN, nullable=False, server_default=""))
    op.add_column("places", sa.Column("uuid", sa.String(length=36), nullable=True))
    op.add_column("places", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("places", sa.Column("valid_to", sa.Date(), nullable=True))
    op.create_index(op.f("ix_places_level_folded"), "places", ["level", "folded"])
    op.create_index("uq_places_uuid", "places", ["uuid"], unique=True)

    op.add_column("submissions", sa.Column("place_sent", sa.String(length=40), nullable=True))
    op.add_column("submissions", sa.Column("place_code", sa.String(length=40), nullable=True))
    op.add_column("submissions", sa.Column("reported_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_submissions_place_code_form_id"), "submissions", ["place_code", "form_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_submissions_place_code_form_id", "submissions")
    for column in ("reported_on", "place_code", "place_sent"):
        op.drop_column("submissions", column)
    op.drop_index("uq_places_uuid", "places")
    op.drop_index("ix_places_level_folded", "places")
    for column in ("valid_to", "valid_from", "uuid", "sort_key", "folded"):
        op.drop_column("places", column)
    op.add_column("app_users", sa.Column("place_code", sa.String(length=40), nullable=True))
    op.drop_index(op.f("ix_app_users_phone"), "app_users")
    for column in ("revoked_reason", "revoked_at", "pin_hash", "organisation", "phone", "place_codes"):
        op.drop_column("app_users", column)
    op.drop_table("entity_versions")
    op.drop_table("entity_locks")
    op.drop_table("entity_outcomes")
    op.drop_table("entity_held")
    op.drop_table("sent_back")
    op.drop_table("entity_uses")
    op.drop_table("place_links")
    op.drop_table("entity_stamps")
    op.drop_table("entity_properties")
    op.drop_table("entities")
    op.drop_table("campaign_forms")
    op.drop_table("batch_items")
    op.drop_table("place_words")
    op.drop_table("place_spans")
    op.drop_table("place_paths")
    op.drop_table("place_changes")
    op.drop_table("entity_lists")
    op.drop_table("campaigns")
    op.drop_table("batches")
