"""A submission, the versions it went through, its files, and what was found odd in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A growing key: SQLite grows only what it calls INTEGER."""


class Submission(Base):
    """One logical record. `instance_id` is the id it first came with; edits do not change it.

    `review_state`: None (received), hasIssues, edited, approved, rejected. `place_sent` is the code the
    answers name, `place_code` the unit of today it resolves to; `reported_on` the day it counts for.
    `duplicate_of` is the record it was confirmed to repeat: it counts nowhere while that is set.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("form_id", "draft", "instance_id"),
        Index("ix_submissions_form_id_draft_id", "form_id", "draft", "id"),
        # All that counting arrivals asks for: the records themselves need not be looked up.
        Index(
            "ix_submissions_place_code_form_id_reported_on",
            "place_code",
            "form_id",
            "reported_on",
            "created_at",
            "draft",
            "review_state",
            "deleted_at",
            "duplicate_of",
        ),
        Index("ix_submissions_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    draft: Mapped[bool]
    instance_id: Mapped[str] = mapped_column(String(255))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    device_id: Mapped[str | None] = mapped_column(String(255))
    review_state: Mapped[str | None] = mapped_column(String(10))
    place_sent: Mapped[str | None] = mapped_column(String(40))
    place_code: Mapped[str | None] = mapped_column(String(40))
    reported_on: Mapped[date | None]
    duplicate_of: Mapped[int | None] = mapped_column(BigInteger)
    edits: Mapped[int] = mapped_column(default=0)
    files_expected: Mapped[int] = mapped_column(default=0)
    files_present: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class SubmissionVersion(Base):
    """The bytes as they came, compressed against their form; never changed afterwards.

    Exactly one version of a submission is `current`: the one whose answers lie in the tables.
    `xml_sha256` is of the bytes as sent; `xml_blob` names the blob when they are large. `reason` says why
    somebody at the office corrected it, `batch_id` with what else.
    """

    __tablename__ = "submission_versions"
    __table_args__ = (
        UniqueConstraint("form_id", "draft", "instance_id"),
        Index(
            "uq_submission_versions_current",
            "submission_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("submissions.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    draft: Mapped[bool]
    instance_id: Mapped[str] = mapped_column(String(255))
    current: Mapped[bool] = mapped_column(default=True)
    deprecated_id: Mapped[str | None] = mapped_column(String(255))
    instance_name: Mapped[str | None] = mapped_column(Text)
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"), index=True)
    xml: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    xml_blob: Mapped[str | None] = mapped_column(String(64))
    xml_sha256: Mapped[str] = mapped_column(String(64))
    xml_size: Mapped[int]
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    device_id: Mapped[str | None] = mapped_column(String(255))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Instant)


class SubmissionFile(Base):
    """A file an answer names. Without a blob it is still awaited."""

    __tablename__ = "submission_files"

    version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("submission_versions.id"), primary_key=True
    )
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"), index=True)


class EncryptedRecord(Base):
    """A record whose current version nobody here can read; `form_file` holds its answers ("": none named).

    `form_version_id` is the version whose key it was encrypted with.
    """

    __tablename__ = "encrypted_records"

    submission_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("submissions.id"), primary_key=True, autoincrement=False
    )
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    form_file: Mapped[str] = mapped_column(Text)


class RecordLook(Base):
    """Somebody opened a record on a day; `first_at` is when he did so first."""

    __tablename__ = "record_looks"

    submission_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("submissions.id"), primary_key=True, autoincrement=False
    )
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    first_at: Mapped[datetime] = mapped_column(Instant)


class SubmissionComment(Base):
    """What somebody noted about a submission, beside its answers."""

    __tablename__ = "submission_comments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("submissions.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
