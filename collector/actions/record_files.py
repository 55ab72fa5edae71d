"""A file of a stored record, put there or taken away after the record itself came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from collector.actions.form_files import Kept
from storage import audits
from storage.cells.marks import mark_files
from storage.database import line_of
from storage.models import Form, Submission, SubmissionFile, SubmissionVersion
from storage.problems import AttachmentNotFound, EditSuperseded, SubmissionDeleted
from storage.queries import attachments, intake, submissions


@dataclass(frozen=True, slots=True)
class Slot:
    """A file that a version of a record names, there or not."""

    form: Form
    version: SubmissionVersion
    name: str


def awaits(session: Session, slot: Slot) -> bool:
    """Whether a version names that file and it has not come. Raises AttachmentNotFound."""
    held = submissions.files_of(session, slot.version.id)
    if slot.name not in held:
        raise AttachmentNotFound(name=slot.name)
    return held[slot.name] is None


def put(session: Session, slot: Slot, stored: Kept, *, now: datetime) -> None:
    """Keep a file for the version of a record whose answers count.

    Raises AttachmentNotFound for one it does not name, EditSuperseded where the record was edited since,
    SubmissionDeleted.
    """
    version = slot.version
    known = intake.known_version(line_of(session), slot.form.id, version.instance_id, draft=version.draft)
    if known is None or known.deleted:
        raise SubmissionDeleted(instance=version.instance_id)
    if not known.current:
        # The edit carried over what was there; a file that came for the old version would be lost.
        raise EditSuperseded(instance=version.instance_id)
    attachments.enter_blob(session, stored.sha256, stored.size, stored.md5, now)
    _fill(session, slot, stored.sha256, now)


def clear(session: Session, slot: Slot, *, now: datetime) -> None:
    """Take a file out of a version, which awaits it again. Raises AttachmentNotFound, also if it does so."""
    if awaits(session, slot):
        raise AttachmentNotFound(name=slot.name)
    _fill(session, slot, None, now)


def _fill(session: Session, slot: Slot, sha256: str | None, now: datetime) -> None:
    version = slot.version
    held = session.get(SubmissionFile, (version.id, slot.name))
    if held is None:
        raise AttachmentNotFound(name=slot.name)
    before, held.blob_sha256 = held.blob_sha256, sha256
    session.flush()
    record = session.get_one(Submission, version.submission_id)
    if version.current:
        intake.count_files(line_of(session), record.id, version.id, now)
        session.expire(record)
    if record.draft:
        return
    mark_files(session, slot.form.id)
    details = {
        "instanceId": version.instance_id,
        "submissionDefId": version.id,
        "name": slot.name,
        "oldBlobId": before,
        "newBlobId": sha256,
    }
    what = audits.of_record(session, record)
    audits.note(session, "submission.attachment.update", actee=what, details=details, now=now)
