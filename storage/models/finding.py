"""What was found odd in records, and what people said to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class Finding(Base):
    """Something odd that a check found in a record, or in several together.

    `submission_id` is the record to look into, None where it is about nobody's record but a `subject`
    (`village:<code>`, `sender:<id>`); `others` are the records beside it. `path` and `key` name question
    and row, `value` what is there, `expected` what should be. `severity`: error, warning, info. `state`:
    open, fixed, accepted (with `reason`: it never comes back), rejected. `fingerprint` is the same whenever
    the same check finds the same thing; `details` are the words of its sentence.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index("ix_findings_project_id_state_place_code", "project_id", "state", "place_code"),
        Index("ix_findings_project_id_state_severity_id", "project_id", "state", "severity", "id"),
        Index("ix_findings_check_fingerprint", "check", "fingerprint"),
        Index(
            "ix_findings_owner_id",
            "owner_id",
            sqlite_where=text("owner_id IS NOT NULL"),
            postgresql_where=text("owner_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"), index=True)
    submission_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("submissions.id"), index=True)
    check: Mapped[str] = mapped_column(String(60))
    severity: Mapped[str] = mapped_column(String(10), server_default="warning")
    path: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text, server_default="")
    subject: Mapped[str | None] = mapped_column(String(255))
    others: Mapped[list[int]] = mapped_column(JSON, server_default="[]")
    place_code: Mapped[str | None] = mapped_column(String(40))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    state: Mapped[str] = mapped_column(String(10), server_default="open")
    reason: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
