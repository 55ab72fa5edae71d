"""The published versions of a form, as a page lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Actor, FormVersion, Submission


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A published version: who gave it out, and how many live records came with it.

    `before` is the number of the version published before it, None for the first. `workbook` says whether
    the author sent a workbook, not an XForm.
    """

    id: int
    version: str
    name: str
    published_at: datetime
    publisher: str
    records: int
    workbook: bool
    before: int | None


def version_lines(session: Session, form_id: int) -> list[VersionLine]:
    """The published versions, newest first, with those records the reader may see."""
    rows = session.execute(
        select(
            FormVersion.id,
            FormVersion.version,
            FormVersion.name,
            FormVersion.published_at,
            Actor.display_name,
            FormVersion.workbook_sha256,
            FormVersion.workbook_name,
        )
        .outerjoin(Actor, Actor.id == FormVersion.published_by)
        .where(FormVersion.form_id == form_id, FormVersion.published_at.is_not(None))
        .order_by(FormVersion.published_at, FormVersion.id)
    ).all()
    counted = records_by_version(session, form_id)
    lines: list[VersionLine] = []
    for number, version, name, published_at, publisher, sha256, workbook in rows:
        assert published_at is not None  # noqa: S101 - asked for above
        is_workbook = sha256 is not None and not (workbook or "").endswith(".xml")
        before = lines[-1].id if lines else None
        line = VersionLine(
            number,
            version,
            name,
            published_at,
            publisher or "",
            counted.get(number, 0),
            is_workbook,
            before,
        )
        lines.append(line)
    return lines[::-1]


def records_by_version(session: Session, form_id: int) -> dict[int, int]:
    """How many live records came with each version."""
    rows = session.execute(
        select(Submission.form_version_id, func.count())
        .where(Submission.form_id == form_id, Submission.draft.is_(False), Submission.deleted_at.is_(None))
        .group_by(Submission.form_version_id)
    )
    return {row[0]: row[1] for row in rows}
