"""A form, its versions and files, and the catalogue of the tables its answers lie in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant


class Form(Base):
    """What a project asks under one form id. `state`: open, closing, closed.

    `current_id` and `draft_id` point at versions; they carry no constraint because the two tables
    would each need the other first. `generation` grows whenever the tables of the form change, so
    that a process knows its cached layout is old. `checked` tells which row checks every record has passed
    (`storage.findings.examining.digest`), None where there are none or a record is still to pass them.
    """

    __tablename__ = "forms"
    __table_args__ = (
        Index(
            "uq_forms_project_id_xml_form_id",
            "project_id",
            "xml_form_id",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    xml_form_id: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(10), default="open")
    current_id: Mapped[int | None]
    draft_id: Mapped[int | None]
    generation: Mapped[int] = mapped_column(default=1)
    checked: Mapped[str | None] = mapped_column(String(64))
    webforms_enabled: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class FormVersion(Base):
    """One definition of a form, byte for byte as phones get it; a draft until `published_at`.

    `publish_notes` is what its publisher noted, `remarks` what the converter said, `sheets` our own columns
    and sheets of its workbook.
    """

    __tablename__ = "form_versions"
    __table_args__ = (
        Index(
            "uq_form_versions_form_id_version",
            "form_id",
            "version",
            unique=True,
            sqlite_where=text("published_at IS NOT NULL"),
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    version: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(Text)
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    md5: Mapped[str] = mapped_column(String(32))
    sha1: Mapped[str | None] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    workbook_sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"))
    workbook_name: Mapped[str | None] = mapped_column(String(255))
    draft_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    sheets: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by: Mapped[int | None]
    publish_notes: Mapped[str | None] = mapped_column(Text)


class FormAttachment(Base):
    """A file the form asks for beside it; without a blob it is declared and still missing.

    `linked`: while it has no blob, the entity list of its name may stand in.
    """

    __tablename__ = "form_attachments"

    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(10))
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"))
    linked: Mapped[bool] = mapped_column(default=True, server_default=true())
    updated_at: Mapped[datetime | None] = mapped_column(Instant)


class FormTable(Base):
    """A table of answers: the root of a form ("") or one of its repeats. Drafts have their own."""

    __tablename__ = "form_tables"
    __table_args__ = (UniqueConstraint("form_id", "draft", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    draft: Mapped[bool]
    path: Mapped[str] = mapped_column(Text)
    parent_path: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class FormColumn(Base):
    """A question's column in a table of answers. `piece` counts the 1:1 parts of a very wide table."""

    __tablename__ = "form_columns"
    __table_args__ = (UniqueConstraint("table_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("form_tables.id"))
    path: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(40))
    cell: Mapped[str] = mapped_column(String(10))
    type: Mapped[str] = mapped_column(String(40))
    control: Mapped[str] = mapped_column(String(20))
    piece: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(BigInteger)
