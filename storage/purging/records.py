"""Submissions gone for good.

Of a record nothing stays but its ids and the digests of what was sent: its versions, emptied, lie under one
submission of the form that no list shows, so that intake finds the ids taken without asking once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.audits import Actee, note
from storage.cells.marks import mark_files
from storage.database import Base
from storage.models import (
    Audit,
    Form,
    Purged,
    Submission,
    SubmissionFile,
    SubmissionVersion,
)
from storage.projection.catalogue import answer_tables
from storage.purging.files import Files
from storage.queries.forms import GONE

GRAVES = "~purged"
"""Id of the form, one on a server, that holds what is left; no form can be called so."""
_NOBODY = 0
_T = Base.metadata.tables

_BESIDE = (
    "encrypted_records",
    "record_looks",
    "findings",
    "sent_back",
    "submission_comments",
    "figure_units",
    "record_names",
)
_EMPTIED: dict[str, Any] = {
    "current": False,
    "deprecated_id": None,
    "instance_name": None,
    "xml": None,
    "xml_blob": None,
    "submitter_id": None,
    "device_id": None,
    "user_agent": None,
    "reason": None,
}


def due(session: Session, before: datetime, limit: int) -> Sequence[Submission]:
    """Some records that were deleted before a moment."""
    return session.scalars(
        select(Submission)
        .join(Form, Form.id == Submission.form_id)
        .where(Submission.deleted_at < before, Form.state != GONE, Submission.draft.is_(False))
        .order_by(Submission.form_id, Submission.id)
        .limit(limit)
    ).all()


def deleted_of(session: Session, numbers: Sequence[int]) -> Sequence[Submission]:
    """Those of these records that lie deleted."""
    return session.scalars(
        select(Submission).where(Submission.id.in_(numbers), Submission.deleted_at.is_not(None))
    ).all()


def of_form(session: Session, form_id: int, limit: int) -> Sequence[Submission]:
    """Some records of a form, tried-out ones too."""
    return session.scalars(select(Submission).where(Submission.form_id == form_id).limit(limit)).all()


def purge(session: Session, several: Sequence[Submission], files: Files, *, now: datetime) -> None:
    """Let records go for good, and note each."""
    by_form: dict[int, list[Submission]] = {}
    for one in several:
        by_form.setdefault(one.form_id, []).append(one)
    for form_id, records in by_form.items():
        form = session.get_one(Form, form_id)
        _purge(session, form, records, files, now)
        mark_files(session, form_id)


def _purge(session: Session, form: Form, records: Sequence[Submission], files: Files, now: datetime) -> None:
    numbers = [one.id for one in records]
    versions = session.scalars(
        select(SubmissionVersion.id).where(SubmissionVersion.submission_id.in_(numbers))
    ).all()
    files.of_versions(session, versions)
    for draft in (False, True):
        for answers in answer_tables(session, form.id, draft=draft).values():
            for piece in answers.pieces:
                session.execute(delete(piece).where(piece.c.submission_id.in_(numbers)))
    for table in ("entity_held", "entity_outcomes"):
        session.execute(delete(_T[table]).where(_T[table].c.submission_version_id.in_(versions)))
    for table in _BESIDE:
        session.execute(delete(_T[table]).where(_T[table].c.submission_id.in_(numbers)))
    session.execute(delete(SubmissionFile).where(SubmissionFile.version_id.in_(versions)))
    # It counted nowhere because it repeated one of these, and must not count now that nobody can tell.
    session.execute(
        update(Submission).where(Submission.duplicate_of.in_(numbers)).values(duplicate_of=_NOBODY)
    )
    grave = grave_of(session, form, records[0].form_version_id, now)
    session.execute(
        update(SubmissionVersion)
        .where(SubmissionVersion.id.in_(versions))
        .values(submission_id=grave.id, **_EMPTIED)
    )
    session.execute(
        update(Audit)
        .where(Audit.form_id == form.id, Audit.instance_id.in_([one.instance_id for one in records]))
        .where(Audit.notes.is_not(None))
        .values(notes=None, notes_salt=None)
    )
    for one in records:
        _remember(session, form, one, now)
    session.execute(delete(Submission).where(Submission.id.in_(numbers)))


def _remember(session: Session, form: Form, one: Submission, now: datetime) -> None:
    if not one.draft:
        session.merge(Purged(kind="submission", owner_id=form.id, key=one.instance_id, purged_at=now))
    actee = Actee("form", form.id, form.project_id, form.id, one.instance_id, place_code=one.place_code)
    details = {"submissionId": one.id, "instanceId": one.instance_id}
    note(session, "submission.purge", actee=actee, details=details, notes="", now=now)


def grave_of(session: Session, form: Form, form_version_id: int, now: datetime) -> Submission:
    """The submission under which lies what is left of a form's records."""
    several = session.scalars(select(Form).where(Form.xml_form_id == GRAVES)).all()
    ground = several[0] if several else None
    if ground is None:
        ground = Form(
            project_id=form.project_id, xml_form_id=GRAVES, state=GONE, created_at=now, deleted_at=now
        )
        session.add(ground)
        session.flush()
    mine = (Submission.form_id == ground.id) & (Submission.instance_id == str(form.id))
    found = session.scalars(select(Submission).where(mine)).one_or_none()
    if found is None:
        found = Submission(
            form_id=ground.id,
            draft=False,
            instance_id=str(form.id),
            form_version_id=form_version_id,
            created_at=now,
            deleted_at=now,
        )
        session.add(found)
        session.flush()
    return found


def forget_ids(session: Session, form_id: int) -> None:
    """The ids of a form that goes itself: nobody can send to it any more."""
    mine = (Submission.instance_id == str(form_id)) & Submission.form_id.in_(
        select(Form.id).where(Form.xml_form_id == GRAVES)
    )
    graves = session.scalars(select(Submission.id).where(mine)).all()
    versions, changes = _T["submission_versions"], _T["entity_versions"]
    gone = select(versions.c.id).where(versions.c.submission_id.in_(graves))
    session.execute(
        update(changes).where(changes.c.submission_version_id.in_(gone)).values(submission_version_id=None)
    )
    session.execute(delete(SubmissionVersion).where(SubmissionVersion.submission_id.in_(graves)))
    session.execute(delete(Submission).where(Submission.id.in_(graves)))
