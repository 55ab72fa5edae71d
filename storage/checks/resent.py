"""Ids that more than one record of a project goes by."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.checks.resent import Sent
from storage.models import Form, Submission, SubmissionVersion
from storage.queries.counting import counting


def sent_twice(session: Session, project_id: int) -> Iterator[Sent]:
    """The versions that share their id with another record of the project."""
    mine = (
        select(SubmissionVersion.instance_id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .where(Form.project_id == project_id, counting())
    )
    twice = mine.group_by(SubmissionVersion.instance_id).having(
        func.count(SubmissionVersion.submission_id.distinct()) > 1
    )
    rows = session.execute(
        select(SubmissionVersion.instance_id, SubmissionVersion.xml_sha256, SubmissionVersion.submission_id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .where(Form.project_id == project_id, counting(), SubmissionVersion.instance_id.in_(twice))
        .order_by(SubmissionVersion.submission_id)
    )
    yield from (Sent(*row) for row in rows)
