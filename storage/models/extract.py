"""Files made of a survey's tables or of the programme's figures, and the releases that freeze them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant


class Extract(Base):
    """Files somebody asked for, made by the worker in one look at the tables.

    `kind`: records (of `form_id`), figures (of the project). `spec` is what was asked, JSON: filters,
    formats, protection, language; `places` are the codes of whoever asked ([""] = the whole tree). `state`:
    waiting, making, made, failed; `done` of `total` tell how far it is, `problem` why it failed. `manifest`
    says what is in it: rows, filters, hashes of each file's contents; `digest` is its SHA-256, which no
    database and no machine changes. One of a release has no `expires_at`. `purpose` is what for somebody
    takes away personal data.
    """

    __tablename__ = "extracts"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"), index=True)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    purpose: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    problem: Mapped[str | None] = mapped_column(Text)
    beat_at: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    digest: Mapped[str | None] = mapped_column(String(64))


class ExtractFile(Base):
    """A file of an extract: `format` is that of forms.datasets, `name` what it is called when saved."""

    __tablename__ = "extract_files"
    __table_args__ = (UniqueConstraint("extract_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    extract_id: Mapped[int] = mapped_column(ForeignKey("extracts.id"), index=True)
    format: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"), index=True)


class Release(Base):
    """A frozen, numbered, named state of a project's data: extracts that never change again.

    `state`: making, waiting (for somebody's approval), issued, declined, withdrawn, failed. `replaces_id`
    is the release it was made anew from. `due_id` and `due_on` name the deadline of the calendar it was
    made for, if one. `digest` is the SHA-256 over the digests of its extracts. `places` are the codes of the
    places it is of ([""] = the whole tree); `changes` says what is different from the one before.
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        UniqueConstraint("project_id", "due_id", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    note: Mapped[str | None] = mapped_column(Text)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), index=True)
    problem: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[str | None] = mapped_column(String(64))
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    due_id: Mapped[str | None] = mapped_column(String(80))
    due_on: Mapped[str | None] = mapped_column(String(10))


class ReleasePlan(Base):
    """A release that the worker makes at each deadline of a line of the calendar, for somebody to approve.

    `key` is the line's, as campaigns carry it; `days` after the deadline's last moment (negative: before) it
    is made, with the `spec` and `places` of a release, on behalf of `made_by`.
    """

    __tablename__ = "release_plans"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    key: Mapped[str] = mapped_column(String(60))
    days: Mapped[int] = mapped_column(default=0)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)


class ReportTemplate(Base):
    """An office's own file with placeholders (.docx, .xlsx), or a map of columns, for reports and uploads.

    `kind`: document, sheet, columns. `serves` names the report or the system it is for.
    """

    __tablename__ = "report_templates"
    __table_args__ = (UniqueConstraint("project_id", "kind", "serves", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    serves: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(255))
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)


class Erasure(Base):
    """What a person had erased: no name, no answer, only that it was done, to what and on which ground.

    `digest` is the SHA-256 of the bytes that were destroyed, with a salt that was thrown away: it tells one
    erasure from another and nothing else. `kind`: submission (the record `instance_id` of form `form_id`),
    row (a row of it, `row_key`), entity (`entity_uuid`), identifiers (the answers that name somebody, in
    what form `form_id` received before a day). `details` say what a restored backup needs to do it again:
    ids of versions, keys of rows, a moment; a rebuild finds it done.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"), index=True)
    instance_id: Mapped[str | None] = mapped_column(String(255), index=True)
    row_key: Mapped[str | None] = mapped_column(String(255))
    entity_uuid: Mapped[str | None] = mapped_column(String(36), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    ground: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    erased_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    erased_at: Mapped[datetime] = mapped_column(Instant)


class Retention(Base):
    """How long a survey keeps what names somebody: `months` after a record came, then `act` is due.

    `act`: identifiers (the answers that name somebody go) or records (whole records go). It was done for
    all that came before `done_until`; nothing goes without somebody's order. While it is `ordered_at` the
    worker does it for what came before `before`, and has done `done` of `total` records.
    """

    __tablename__ = "retentions"

    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), primary_key=True, autoincrement=False)
    months: Mapped[int]
    act: Mapped[str] = mapped_column(String(12))
    ground: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    set_at: Mapped[datetime] = mapped_column(Instant)
    done_until: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    ordered_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    ordered_at: Mapped[datetime | None] = mapped_column(Instant)
    before: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
