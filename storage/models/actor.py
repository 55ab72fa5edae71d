"""Whoever acts on the server: people with a password, phones with a token, later links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.database import Base, Instant


class Actor(Base):
    """One who may be named as the author of something. `type`: user, field_key, public_link."""

    __tablename__ = "actors"

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    display_name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class User(Base):
    """A person who signs in. `username` is kept folded to lower case; passwords only as argon2id.

    `disabled_at`: since when neither password, key nor link lets him in; what he did and may do stays.
    """

    __tablename__ = "users"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    # HA1 of the separate, generated Collect password, sealed under the server's key: Digest needs it.
    collect_ha1: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_login_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)

    actor: Mapped[Actor] = relationship(lazy="joined", innerjoin=True)


class AppUser(Base):
    """A phone of one project: its token is found by hash and shown again from its sealed copy.

    `place_codes` are the places it works in; none means the whole tree. One with a `village` is no phone of
    somebody's: whoever answers for that place fills by it, in the browser, by `short_code` and PIN.
    """

    __tablename__ = "app_users"
    __table_args__ = (
        Index("uq_app_users_short_code", "short_code", unique=True),
        Index(
            "uq_app_users_project_id_village",
            "project_id",
            "village",
            unique=True,
            sqlite_where=text("village IS NOT NULL AND token_hash IS NOT NULL"),
            postgresql_where=text("village IS NOT NULL AND token_hash IS NOT NULL"),
        ),
    )

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    all_forms: Mapped[bool] = mapped_column(default=True)
    place_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    organisation: Mapped[str | None] = mapped_column(String(100))
    pin_hash: Mapped[str | None] = mapped_column(String(255))
    short_code: Mapped[str | None] = mapped_column(String(8))
    village: Mapped[str | None] = mapped_column(String(40))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_reason: Mapped[str | None] = mapped_column(String(255))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)

    actor: Mapped[Actor] = relationship(lazy="joined", innerjoin=True, foreign_keys=[actor_id])


class LoginSession(Base):
    """A signed-in person or program. Only the hash of the token is kept.

    `device` says in words where it was opened; `last_used_at` is noted every few minutes.
    """

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    csrf: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    device: Mapped[str | None] = mapped_column(String(100))


class FailedSignIn(Base):
    """A wrong password, remembered for a while; `attempt` is a digest of name and network address."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (Index("ix_failed_sign_ins_attempt_created_at", "attempt", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Assignment(Base):
    """A role held by an actor: on the server, in a project, or on one form; cut to a place if given."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("actor_id", "role", "project_id", "form_id", "place_code"),
        Index("ix_assignments_form_id", "form_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    role: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"))
    place_code: Mapped[str | None] = mapped_column(String(40))
