"""The files of records: read, put where they are awaited, taken away."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import record_files
from collector.actions.form_files import keep_bytes
from collector.actions.record_files import Slot
from collector.actions.sniffing import undisguised
from collector.clock import moment
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.v1 import incoming, schemas
from collector.v1.outgoing import answer, success
from collector.v1.submission_routes import both, form_of, found, found_or_moved, version_found
from storage.cuts import within
from storage.database import db, transaction
from storage.models import Form, Submission, SubmissionVersion
from storage.problems import AttachmentNotFound, NotAllowed, SubmissionNotFound
from storage.queries import records, submissions
from storage.scope import WHOLE

_UPDATE = "submission.update"
_SLOT = "/<seg:instance_id>/attachments/<seg:name>"
_OLD_SLOT = "/<seg:instance_id>/versions/<seg:version_id>/attachments/<seg:name>"


@both("/<seg:instance_id>/attachments")
def attachments(project_id: int, form_id: str, instance_id: str) -> Response:
    """The files a record names, and whether they are here."""
    one = found_or_moved(project_id, form_id, instance_id, "/attachments")
    return _listed(submissions.current_version_of(db.session(), one.id))


def _listed(version: SubmissionVersion) -> Response:
    held = submissions.files_of(db.session(), version.id)
    return answer([
        schemas.SUBMISSION_ATTACHMENT.dump({"name": name, "exists": digest is not None})
        for name, digest in held.items()
    ])


@both(_SLOT)
def attachment(project_id: int, form_id: str, instance_id: str, name: str) -> Response:
    """A file of a record."""
    one = found_or_moved(project_id, form_id, instance_id, f"/attachments/{quote(name, safe='')}")
    return _sent(submissions.current_version_of(db.session(), one.id), name)


def _sent(version: SubmissionVersion, name: str) -> Response:
    digest = submissions.files_of(db.session(), version.id).get(name)
    if digest is None:
        raise AttachmentNotFound(name=name)
    return blob_response(parts().blobs, digest, name)


@both("/<seg:instance_id>/versions/<seg:version_id>/attachments")
def version_attachments(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """The files a version names."""
    return _listed(version_found(project_id, form_id, instance_id, version_id)[1])


@both(_OLD_SLOT)
def version_attachment(
    project_id: int, form_id: str, instance_id: str, version_id: str, name: str
) -> Response:
    """A file of a version."""
    return _sent(version_found(project_id, form_id, instance_id, version_id)[1], name)


@both(_SLOT, methods=("POST",))
def attach(project_id: int, form_id: str, instance_id: str, name: str) -> Response:
    """Put a file where a record awaits it; the body is the file, chunked or not, kept as it is sent.

    Whoever only fills in forms may do so for his own record, while nothing is there and nobody else has
    changed it.
    """
    with within(WHOLE):
        # His own record may lie in no place of his; everybody else's are looked for in his places below.
        session = db.session()
        version_id = _fillable(session, form_of(session, project_id, form_id), instance_id, name).id
        session.rollback()
        sent = undisguised(name, incoming.chunks(incoming.FILE_LIMIT))
        stored = keep_bytes(parts().blobs, sent)
        with transaction() as writing:
            form = form_of(writing, project_id, form_id)
            version = _fillable(writing, form, instance_id, name)
            # The file was sent for what he saw when he began.
            if version.id != version_id:
                raise NotAllowed
            record_files.put(writing, Slot(form, version, name), stored, now=moment())
    return success()


def _fillable(session: Session, form: Form, instance_id: str, name: str) -> SubmissionVersion:
    """The current version of a record, if whoever asks may put that file to it now."""
    one = found(session, form, instance_id)
    version = submissions.current_version_of(session, one.id)
    may_correct, is_own = _may_correct(session, form, one), _is_own(one, version)
    if not may_correct and not is_own:
        # What he may neither see nor has sent is not there for him.
        raise NotAllowed if _may_see(session, form, one) else SubmissionNotFound(instance=instance_id)
    if not record_files.awaits(session, Slot(form, version, name)) and not may_correct:
        raise NotAllowed
    return version


def _is_own(one: Submission, version: SubmissionVersion) -> bool:
    """Whether whoever asks sent the record, and it is still as he sent it."""
    mine = identity().actor_id
    return one.submitter_id == mine == version.submitter_id and version.instance_id == one.instance_id


def _may_correct(session: Session, form: Form, one: Submission) -> bool:
    return _sees(session, form, one, _UPDATE)


def _may_see(session: Session, form: Form, one: Submission) -> bool:
    return _sees(session, form, one, "submission.create", _UPDATE)


def _sees(session: Session, form: Form, one: Submission, *verbs: str) -> bool:
    """Whether a record lies where one of these things may be done."""
    who = identity()
    if not any(who.may(verb, form.project_id, form.xml_form_id) for verb in verbs):
        return False
    with within(who.scope(verbs, form.project_id, form.xml_form_id)):
        return records.is_seen(session, one.id)


@both(_SLOT, methods=("DELETE",))
def clear(project_id: int, form_id: str, instance_id: str, name: str) -> Response:
    """Take a file away; the record awaits it again."""
    with transaction() as session:
        form = form_of(session, project_id, form_id)
        version = submissions.current_version_of(session, found(session, form, instance_id).id)
        record_files.clear(session, Slot(form, version, name), now=moment())
    return success()


@both(_OLD_SLOT, methods=("DELETE",))
def clear_version(project_id: int, form_id: str, instance_id: str, version_id: str, name: str) -> Response:
    """Take a file away from a version."""
    with transaction() as session:
        form = form_of(session, project_id, form_id)
        version = records.version_of(session, found(session, form, instance_id), version_id)
        record_files.clear(session, Slot(form, version, name), now=moment())
    return success()
