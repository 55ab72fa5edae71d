"""Forms in a browser: as its engine wants them, and what people have begun and not sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class WebForm(Base):
    """A form version as the browser's engine wants it: `body` is JSON, gzipped.

    `made_with` names the code it was made with; with another it is made again.
    """

    __tablename__ = "web_forms"

    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"), primary_key=True)
    made_with: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Instant)


class WebDraft(Base):
    """A form somebody has begun, to be gone on with on another phone.

    Found by its owner and his `uuid`, or by the fingerprint of a code that he wrote down. What he answered
    is sealed; `size` is bytes in all, its files included.
    """

    __tablename__ = "web_drafts"
    __table_args__ = (UniqueConstraint("actor_id", "project_id", "uuid"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    version: Mapped[str] = mapped_column(String(255))
    title_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    xml_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class WebDraftFile(Base):
    """A file of a draft. The blob holds it sealed, so that no two drafts ever share one."""

    __tablename__ = "web_draft_files"

    draft_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("web_drafts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int]
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"), index=True)


class WebOnce(Base):
    """That a browser has filled a link which takes one from each: a digest of what it calls itself."""

    __tablename__ = "web_once"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    instance_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Instant)
