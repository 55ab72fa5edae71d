"""Entity lists: the villages, centres, households and classes that forms carry from one to the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class EntityList(Base):
    """A list of a project ("dataset" on Central's wire). `stamp` grows with its properties.

    `place_property` is the property that names an entity's place; None: the usual names are tried in turn.
    `follows` is set on a list that follows the places (`storage.entities.following`): their state when it
    was last brought in step, "" before. `owner_only`: a phone sees only what it made itself.

    A list that was deleted is called `~<id>`, which no list can be, and was called `deleted_name`: so
    nobody finds it by its name, which is free again.
    """

    __tablename__ = "entity_lists"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(100))
    approval_required: Mapped[bool] = mapped_column(default=False)
    place_property: Mapped[str | None] = mapped_column(String(255))
    stamp: Mapped[int] = mapped_column(default=1)
    follows: Mapped[str | None] = mapped_column(String(100))
    owner_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    deleted_name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class EntityProperty(Base):
    """A property of a list. `computed`: written by the server in its nightly batch, never by a form."""

    __tablename__ = "entity_properties"
    __table_args__ = (UniqueConstraint("list_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("entity_lists.id"))
    name: Mapped[str] = mapped_column(String(255))
    computed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)


class EntityUse(Base):
    """A form version that writes a list: which properties, by the path of the question."""

    __tablename__ = "entity_uses"
    __table_args__ = (UniqueConstraint("form_version_id", "list_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    list_id: Mapped[int] = mapped_column(ForeignKey("entity_lists.id"), index=True)
    path: Mapped[str] = mapped_column(Text)
    properties: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class Entity(Base):
    """A member of a list as it is now. `conflict`: None, soft, hard. `data`: property to text.

    `computed` holds what the server worked out, outside conflicts: `version` grows with it, so that phones
    notice, and no `EntityVersion` has that number. `place_code` cuts the list to a person's places.
    `resolved_version`: somebody has looked at the conflicts up to that one.
    """

    __tablename__ = "entities"
    __table_args__ = (
        UniqueConstraint("list_id", "uuid"),
        # With what is deleted, so that counting members by place need not look them up.
        Index("ix_entities_list_id_place_code", "list_id", "place_code", "deleted_at"),
        # A page of a long list is read without looking at the rest of it.
        Index("ix_entities_list_id_id", "list_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("entity_lists.id"))
    uuid: Mapped[str] = mapped_column(String(36), index=True)
    version: Mapped[int] = mapped_column(default=1)
    label: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    computed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    place_code: Mapped[str | None] = mapped_column(String(40))
    conflict: Mapped[str | None] = mapped_column(String(4))
    resolved_version: Mapped[int | None]
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class EntityVersion(Base):
    """One version of an entity, never changed. `received` is what this change brought; `data` the whole.

    `user_agent` is the program it was written with over the wire; a submission's is that of its own version.
    """

    __tablename__ = "entity_versions"
    __table_args__ = (
        UniqueConstraint("entity_id", "version"),
        Index("ix_entity_versions_branch_id", "branch_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("entities.id"))
    version: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    received: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    base_version: Mapped[int | None]
    trunk_version: Mapped[int | None]
    branch_id: Mapped[str | None] = mapped_column(String(36))
    branch_base_version: Mapped[int | None]
    conflict: Mapped[str | None] = mapped_column(String(4))
    conflicting: Mapped[list[str]] = mapped_column(JSON, default=list)
    submission_version_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("submission_versions.id"), index=True
    )
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"), index=True)
    user_agent: Mapped[str | None] = mapped_column(String(255))
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class EntityOutcome(Base):
    """What became of the entities a submission brought; there is one for a submission, whatever its edits.

    `state`: waiting (to be applied), held (for an earlier change), pending (for approval), done, failed.
    """

    __tablename__ = "entity_outcomes"

    submission_version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("submission_versions.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(10), index=True)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)


class EntityHeld(Base):
    """An update that came before the one it rests on; applied in turn, or by force after some days."""

    __tablename__ = "entity_held"
    __table_args__ = (Index("ix_entity_held_uuid_branch_id", "uuid", "branch_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("submission_versions.id"), index=True
    )
    list_id: Mapped[int] = mapped_column(ForeignKey("entity_lists.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    branch_id: Mapped[str | None] = mapped_column(String(36))
    base_version: Mapped[int]
    held_at: Mapped[datetime] = mapped_column(Instant, index=True)


class EntityLock(Base):
    """What a transaction holds while it changes an entity, which may not exist yet. Never written."""

    __tablename__ = "entity_locks"

    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class EntityStamp(Base):
    """How often a list changed within a commune: what its hash is made of.

    `commune_code` is the code of a district or province for an entity of no commune, "" without a place.
    """

    __tablename__ = "entity_stamps"

    list_id: Mapped[int] = mapped_column(ForeignKey("entity_lists.id"), primary_key=True)
    commune_code: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    stamp: Mapped[int] = mapped_column(default=0)
