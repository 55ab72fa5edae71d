"""Records that programs send, correct, judge, take out and put back."""

from __future__ import annotations

from flask import Response, redirect, request, url_for

from collector.accounts.guard import identity
from collector.accounts.identity import LINK, USER
from collector.actions import submissions as actions
from collector.actions.entities import Settling
from collector.actions.incoming import XML_LIMIT, Address, Delivery, Received, Sender
from collector.actions.review import set_review_state
from collector.clock import moment
from collector.parts import parts
from collector.v1 import incoming, submission_documents
from collector.v1.outgoing import answer, success
from collector.v1.submission_problems import (
    DeprecatedIdMissing,
    OtherFormAddressed,
    RecordExists,
    VersionIdTaken,
)
from collector.v1.submission_routes import both, form_of, found, live, of_draft
from forms.submission import Envelope, read
from storage.cuts import within
from storage.database import db, transaction
from storage.problems import EditSuperseded, InstanceConflict, SubmissionNotFound
from storage.queries import forms, records, submissions
from storage.scope import WHOLE

_CREATE = "submission.create"
_LONGEST = 255


@both("", methods=("POST",))
def create(project_id: int, form_id: str) -> Response:
    """A record from its XML as the body; its files follow one by one."""
    xml, envelope = _sent(form_id)
    try:
        received = _deliver(project_id, form_id, xml)
    except InstanceConflict as error:
        raise _exists(envelope) from error
    if not received.new:
        raise _exists(envelope)
    return _answered(project_id, form_id, received.instance_id)


def _exists(envelope: Envelope) -> RecordExists:
    instance_id = envelope.instance_id or ""
    return RecordExists(
        instance=instance_id, table="submissions", fields=["instanceId"], values=[instance_id]
    )


@both("/<seg:instance_id>", methods=("PUT",))
def replace(project_id: int, form_id: str, instance_id: str) -> Response:
    """A new version of a record; its XML names the current one as `deprecatedID`."""
    xml, envelope = _sent(form_id)
    if envelope.deprecated_id is None:
        raise DeprecatedIdMissing
    _require_current(project_id, form_id, instance_id, envelope.deprecated_id)
    try:
        received = _deliver(project_id, form_id, xml)
    except InstanceConflict as error:
        raise VersionIdTaken(instance=envelope.instance_id or "") from error
    if not received.new:
        raise VersionIdTaken(instance=envelope.instance_id or "")
    return _answered(project_id, form_id, instance_id)


def _sent(form_id: str) -> tuple[bytes, Envelope]:
    xml = incoming.body(XML_LIMIT)
    envelope = read(xml).envelope
    if envelope.form_id != form_id:
        raise OtherFormAddressed(
            form=form_id,
            field="form id",
            value=envelope.form_id,
            reason="did not match the form ID in the URL",
        )
    return xml, envelope


def _require_current(project_id: int, form_id: str, instance_id: str, deprecated_id: str) -> None:
    with within(WHOLE):
        # One's own record may lie in no place of one's own; others' are looked for where one works.
        session = db.session()
        one = found(session, form_of(session, project_id, form_id), instance_id)
        current = submissions.current_version_of(session, one.id)
    if one.submitter_id != identity().actor_id and not records.is_seen(session, one.id):
        raise SubmissionNotFound(instance=instance_id)
    if current.instance_id != deprecated_id:
        raise EditSuperseded(instance=deprecated_id)


def _deliver(project_id: int, form_id: str, xml: bytes) -> Received:
    """Hand a record to the intake, as whatever a phone sends."""
    session = db.session()
    form = form_of(session, project_id, form_id)
    token = forms.draft_version(session, form).draft_token if of_draft() else None
    address = Address((project_id,), frozenset({form.id}), token)
    who = identity()
    sender = Sender(
        who.actor_id,
        _short(request.args.get("deviceID")),
        _short(
            " ".join(filter(None, (request.headers.get("ODK-Client"), request.headers.get("User-Agent"))))
        ),
        who.scope((_CREATE,), project_id, form_id).codes or (),
        person=who.kind == USER,
        shared=who.kind == LINK,
    )
    session.rollback()
    # Intake has to find every record and form, as it does behind the phones' door.
    with within(WHOLE):
        return parts().intake.receive(Delivery(xml, {}, sender, moment()), address)


def _short(text: str | None) -> str | None:
    return text.replace("\0", "")[:_LONGEST] if text else None


def _answered(project_id: int, form_id: str, instance_id: str) -> Response:
    # Whoever sent it is told of it, wherever it lies.
    with within(WHOLE):
        session = db.session()
        form = form_of(session, project_id, form_id)
        return answer(submission_documents.record(found(session, form, instance_id)))


@live.patch("/<seg:instance_id>")
def judge(project_id: int, form_id: str, instance_id: str) -> Response:
    """Give a record its review state, or take it back with null."""
    said = incoming.document(submission_documents.REVIEW)
    session = db.session()
    number = found(session, form_of(session, project_id, form_id), instance_id).id
    session.rollback()
    settling = Settling(parts().blobs, parts().shelf)
    set_review_state(settling, number, said["reviewState"], now=moment())
    session = db.session()
    return answer(
        submission_documents.record(found(session, form_of(session, project_id, form_id), instance_id))
    )


@live.delete("/<seg:instance_id>")
def delete(project_id: int, form_id: str, instance_id: str) -> Response:
    """Take a record out of every list and count; it can be put back."""
    with transaction() as session:
        actions.delete(session, forms.get_form(session, project_id, form_id), instance_id, now=moment())
    return success()


@live.post("/<seg:instance_id>/restore")
def restore(project_id: int, form_id: str, instance_id: str) -> Response:
    """Put a record back."""
    with transaction() as session:
        actions.restore(session, forms.get_form(session, project_id, form_id), instance_id, now=moment())
    return success()


@live.get("/<seg:instance_id>/edit")
def edit(project_id: int, form_id: str, instance_id: str) -> Response:
    """302 to the page on which people correct the record."""
    session = db.session()
    found(session, form_of(session, project_id, form_id), instance_id)
    page = url_for(
        "desk.corrections.ask",
        project_id=project_id,
        form_id=form_id,
        instance_id=instance_id,
        _external=True,
    )
    return redirect(page, 302)  # type: ignore[return-value]
