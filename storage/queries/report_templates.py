"""The files that offices fill with figures: which there are, one put in place of another, one taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import ReportTemplate

DOCUMENT, SHEET = "document", "sheet"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a file stands: of which project, `kind`, what it `serves`, under which name."""

    project_id: int
    kind: str
    serves: str
    name: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored file, who put it there and when."""

    sha256: str
    size: int
    made_by: int | None
    made_at: datetime


def templates(session: Session, project_id: int, serves: str | None = None) -> list[ReportTemplate]:
    """The files of a project, or those that serve one report."""
    query = select(ReportTemplate).where(ReportTemplate.project_id == project_id)
    if serves is not None:
        query = query.where(ReportTemplate.serves == serves)
    return list(
        session.scalars(query.order_by(ReportTemplate.serves, ReportTemplate.name, ReportTemplate.id))
    )


def template(session: Session, project_id: int, number: int) -> ReportTemplate | None:
    """A file by its number; None where the project has none such."""
    found = session.get(ReportTemplate, number)
    return found if found is not None and found.project_id == project_id else None


def in_slot(session: Session, slot: Slot) -> ReportTemplate | None:
    """The file that stands in a slot."""
    query = select(ReportTemplate).where(
        ReportTemplate.project_id == slot.project_id,
        ReportTemplate.kind == slot.kind,
        ReportTemplate.serves == slot.serves,
        ReportTemplate.name == slot.name,
    )
    return session.scalar(query)


def fill(session: Session, slot: Slot, stored: Stored | None) -> ReportTemplate | None:
    """Put a file into a slot in place of what stands there, or empty it with None; returns the file's row."""
    found = in_slot(session, slot)
    if stored is None:
        if found is not None:
            session.delete(found)
            session.flush()
        return None
    if found is None:
        found = ReportTemplate(project_id=slot.project_id, kind=slot.kind, serves=slot.serves, name=slot.name)
        session.add(found)
    found.blob_sha256, found.size = stored.sha256, stored.size
    found.made_by, found.made_at = stored.made_by, stored.made_at
    session.flush()
    return found
