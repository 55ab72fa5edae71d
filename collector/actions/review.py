"""The office's judgement of a record, and what waits for it: entities of lists that want approval."""

from __future__ import annotations

from datetime import datetime

from collector.actions.comments import LONGEST
from collector.actions.entities import Settling
from storage import audits
from storage.cells.marks import mark_records
from storage.database import transaction
from storage.models import Submission, SubmissionComment
from storage.problems import ReviewStateUnknown

STATES = ("hasIssues", "edited", "approved", "rejected")
"""What a record may be besides received (None)."""


def set_review_state(
    settling: Settling, submission_id: int, state: str | None, *, now: datetime, reason: str = ""
) -> None:
    """Judge a record; of an approved one the entities are made that waited for it.

    A reason is kept as a comment of the same moment: an audit holds no words about people.

    In transactions of its own. Raises ReviewStateUnknown.
    """
    if state is not None and state not in STATES:
        raise ReviewStateUnknown(value=state)
    with transaction() as session:
        found = session.get_one(Submission, submission_id)
        found.review_state, found.updated_at = state, now
        if not found.draft:
            mark_records(session, found.form_id, [(found.place_code, found.reported_on)])
            details = {"submissionId": found.id, "instanceId": found.instance_id, "reviewState": state}
            what = audits.of_record(session, found)
            audits.note(session, "submission.update", actee=what, details=details, now=now)
        said, who = reason.strip()[:LONGEST], audits.who_acts()
        if said:
            by = who.actor_id if who is not None else None
            session.add(SubmissionComment(submission_id=found.id, body=said, actor_id=by, created_at=now))
    if state == "approved":
        settling.settle_approved(submission_id, now)
