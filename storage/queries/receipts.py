"""The record a receipt names."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Form, Submission


@dataclass(frozen=True, slots=True)
class Receipted:
    """A record by its survey, as phones call it, and its instance id."""

    form_id: str
    instance_id: str


def record_of(session: Session, project_id: int, number: int) -> Receipted | None:
    """The live record of that number in a project, where the asker sees it."""
    row = session.execute(
        select(Form.xml_form_id, Submission.instance_id)
        .join(Form, Form.id == Submission.form_id)
        .where(Submission.id == number, Submission.draft.is_(False), Form.project_id == project_id)
        .where(Form.deleted_at.is_(None))
    ).one_or_none()
    return None if row is None else Receipted(row[0], row[1])
