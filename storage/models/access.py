"""Ways in beside a password: keys of programs, links to fill a form, a link to set a new password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.database import Base, Instant
from storage.models.actor import Actor


class ApiKey(Base):
    """A program's key: its owner's rights, narrowed. Only the hash is kept.

    `roles` (numbers) and `verbs` None are all its owner has; `project_id` None every project; `place_codes`
    empty all his places; `expires_at` None never.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    roles: Mapped[list[int] | None] = mapped_column(JSON)
    verbs: Mapped[list[str] | None] = mapped_column(JSON)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    place_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    read_only: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class PublicLink(Base):
    """A link by which anybody fills one form. `place_codes` as those of an app user; `once` is for browsers.

    Without a token it is revoked.
    """

    __tablename__ = "public_links"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    once: Mapped[bool] = mapped_column(default=False)
    place_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    actor: Mapped[Actor] = relationship(lazy="joined", innerjoin=True, foreign_keys=[actor_id])


class PasswordReset(Base):
    """Leave to set a new password once, without knowing the old one. Only the hash of the token is kept."""

    __tablename__ = "password_resets"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
