"""Records at the office: taken out of every count and list, and put back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import audits
from storage.cells.marks import mark_records
from storage.entities import outcomes
from storage.models import Form, Submission
from storage.problems import SubmissionNotFound
from storage.queries import submissions


def delete(session: Session, form: Form, instance_id: str, *, now: datetime) -> None:
    """Take a record out; its bytes stay, and phones are told when they send it again.

    Raises SubmissionNotFound, also for one that is out already.
    """
    found = _set_deleted(session, form, instance_id, was=False, deleted_at=now)
    found.updated_at = now
    _note(session, "submission.delete", found, now)


def restore(session: Session, form: Form, instance_id: str, *, now: datetime) -> None:
    """Put a record back that was taken out. Raises SubmissionNotFound, also for one that is not out.

    What it had failed to do to entities is tried again by the worker.
    """
    found = _set_deleted(session, form, instance_id, was=True, deleted_at=None)
    found.updated_at = now
    _note(session, "submission.restore", found, now)
    outcomes.reopen(session, found.id, now)


def _note(session: Session, action: str, record: Submission, now: datetime) -> None:
    details = {"submissionId": record.id, "instanceId": record.instance_id}
    audits.note(session, action, actee=audits.of_record(session, record), details=details, now=now)


def _set_deleted(
    session: Session, form: Form, instance_id: str, *, was: bool, deleted_at: datetime | None
) -> Submission:
    found = submissions.get_submission(session, form, instance_id)
    if (found.deleted_at is not None) is not was:
        raise SubmissionNotFound(instance=instance_id)
    found.deleted_at = deleted_at
    mark_records(session, form.id, [(found.place_code, found.reported_on)])
    return found
