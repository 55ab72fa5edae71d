"""Who did what, in a chain that shows whether anybody changed it; and what others are told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class Audit(Base):
    """One thing somebody did; the database refuses to change or delete it.

    `actee_kind` and `actee_id` say to what (Central's "actee": form, dataset, project, user, …); the ids
    beside them what it belongs to, none of them a constraint, because an audit outlives what it is about.
    `details` holds ids and choices, never what somebody answered. `notes` are the words of who did it, with
    `notes_digest` over `notes_salt` and them: both are taken away with what the notes were about, and the
    chain still holds. `source` names the stored row this was derived from (`version:17:…`), None where
    it was written with the change itself.
    """

    __tablename__ = "audits"
    __table_args__ = (
        Index("ix_audits_logged_at_id", "logged_at", "id"),
        Index("ix_audits_action_logged_at_id", "action", "logged_at", "id"),
        Index("ix_audits_project_id_logged_at_id", "project_id", "logged_at", "id"),
        Index(
            "ix_audits_instance_id",
            "instance_id",
            sqlite_where=text("instance_id IS NOT NULL"),
            postgresql_where=text("instance_id IS NOT NULL"),
        ),
        Index(
            "ix_audits_entity_uuid",
            "entity_uuid",
            sqlite_where=text("entity_uuid IS NOT NULL"),
            postgresql_where=text("entity_uuid IS NOT NULL"),
        ),
        Index(
            "uq_audits_source",
            "source",
            unique=True,
            sqlite_where=text("source IS NOT NULL"),
            postgresql_where=text("source IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    action: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    actee_kind: Mapped[str | None] = mapped_column(String(20))
    actee_id: Mapped[int | None] = mapped_column(BigInteger)
    project_id: Mapped[int | None]
    form_id: Mapped[int | None]
    instance_id: Mapped[str | None] = mapped_column(String(255))
    entity_uuid: Mapped[str | None] = mapped_column(String(36))
    place_code: Mapped[str | None] = mapped_column(String(40))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    notes: Mapped[str | None] = mapped_column(Text)
    notes_salt: Mapped[str | None] = mapped_column(String(32))
    notes_digest: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(String(80))
    logged_at: Mapped[datetime] = mapped_column(Instant)


class AuditWaiting(Base):
    """An audit that is not sealed yet. The database itself enters it, with the audit."""

    __tablename__ = "audit_waiting"

    audit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditSeal(Base):
    """A link of the chain: `hash` is over the link before it and the audit (`forms.seals`)."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[str] = mapped_column(String(64))


class AuditReading(Base):
    """How far audits were derived from stored rows: of `source` every row up to `through` is in.

    PostgreSQL hands out numbers before it commits what they stand for, so there `seen` is the largest
    number there was when the transactions below `horizon` were all that could still bring a smaller one.
    """

    __tablename__ = "audit_readings"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    through: Mapped[int] = mapped_column(BigInteger, default=0)
    seen: Mapped[int | None] = mapped_column(BigInteger)
    horizon: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


class Heartbeat(Base):
    """When something that runs on its own was last seen at work. `name`: worker."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class Webhook(Base):
    """An address of somebody else's that is told what happens in a project, or with one form of it.

    `events`: new, edited, reviewed, deleted, restored. `secret_sealed` signs what is sent, sealed under the
    server's key. `failing_since`: the first of the attempts that failed without one that went well after.
    """

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    form_id: Mapped[int | None]
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    secret_sealed: Mapped[bytes]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    last_at: Mapped[datetime | None] = mapped_column(Instant)
    last_result: Mapped[str | None] = mapped_column(String(255))


class WebhookDelivery(Base):
    """Something to tell a webhook, until it was told or given up. `state`: waiting, told, given_up.

    `due_at`: when it is tried next; moved ahead while somebody is trying, so that nobody else does.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(
            "ix_webhook_deliveries_due_at",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    audit_id: Mapped[int | None] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Purged(Base):
    """What was deleted for good: its id stays, so that nobody can use it again.

    `kind`: submission, form, entity, dataset. `owner_id` is the form of a submission, the project of a
    form or list, the list of an entity; `key` the id it had there.
    """

    __tablename__ = "purged"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    purged_at: Mapped[datetime] = mapped_column(Instant)
