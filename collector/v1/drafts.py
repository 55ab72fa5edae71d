"""The draft of a form: made, filled with files, published or thrown away."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from collector.actions import drafting
from collector.actions.publish import abandon_draft, copy_published, fill_slot, keep_bytes, prepare, publish
from collector.clock import moment
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.v1 import documents, incoming
from collector.v1.forms import author, field_documents
from collector.v1.outgoing import answer, success
from collector.v1.problems import DraftNotReplaceable
from storage.database import db, transaction
from storage.models import Form, FormVersion
from storage.problems import AttachmentNotFound, RebuildOvertaken
from storage.projection.rebuild import Rebuild
from storage.queries import attachments, forms, tallies
from storage.queries.attachments import Slot

log = logging.getLogger(__name__)
blueprint = Blueprint(
    "v1_drafts",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/forms/<seg:form_id>",
)


def _draft(session: Session, project_id: int, form_id: str) -> tuple[Form, FormVersion]:
    form = forms.get_form(session, project_id, form_id)
    return form, forms.draft_version(session, form)


@blueprint.get("/draft")
def single(project_id: int, form_id: str) -> Response:
    """The draft, with the token of its testing address."""
    form, version = _draft(db.session(), project_id, form_id)
    tally = tallies.form_tallies(db.session(), [form]) if incoming.extended() else {}
    return answer(documents.form(form, version, tally.get(form.id)))


@blueprint.post("/draft")
def replace(project_id: int, form_id: str) -> Response:
    """A draft from an XForm or a workbook; from an empty body a copy of the published version."""
    definition = incoming.definition()
    if definition is None:
        with transaction() as session:
            copy_published(session, forms.get_form(session, project_id, form_id), author())
        return success()
    prepared = prepare(definition)
    warned = not incoming.switched("ignoreWarnings")
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        drafting.replace(session, form, prepared, author(), parts().blobs, warned=warned)
    return success()


@blueprint.delete("/draft")
def abandon(project_id: int, form_id: str) -> Response:
    """Throw the draft away; what is published stays."""
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        if form.current_id is None:
            raise DraftNotReplaceable(form=form_id)
        abandon_draft(session, form, author())
    return success()


@blueprint.post("/draft/publish")
def go_live(project_id: int, form_id: str) -> Response:
    """Give the draft to the phones, under `?version=` if one is named."""
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        widened = publish(session, form, author(), version=request.args.get("version") or None)
        number = form.id
    if widened:
        _rebuild(number)
    return success()


def _rebuild(number: int) -> None:
    try:
        Rebuild(number, parts().blobs).run()
    except RebuildOvertaken:
        # The form is out all the same, and its answers can be read; only their exact spelling waits.
        log.exception("form %s was not rebuilt", number)


@blueprint.get("/draft.xml")
def xml(project_id: int, form_id: str) -> Response:
    """The XForm of the draft."""
    _form, version = _draft(db.session(), project_id, form_id)
    return Response(
        forms.version_xml(db.session(), version.id), content_type="application/xml; charset=utf-8"
    )


@blueprint.get("/draft/fields")
def fields(project_id: int, form_id: str) -> Response:
    """What the draft asks."""
    _form, version = _draft(db.session(), project_id, form_id)
    return answer(field_documents(version))


@blueprint.get("/draft/attachments")
def listing(project_id: int, form_id: str) -> Response:
    """The files the draft asks for, there or not."""
    _form, version = _draft(db.session(), project_id, form_id)
    return answer([documents.form_attachment(one) for one in attachments.slots(db.session(), version.id)])


@blueprint.get("/draft/attachments/<seg:name>")
def attachment(project_id: int, form_id: str, name: str) -> Response:
    """One file of the draft."""
    slot = _slot(db.session(), _draft(db.session(), project_id, form_id)[1], name)
    if slot.sha256 is None:
        raise AttachmentNotFound(name=name)
    return blob_response(parts().blobs, slot.sha256, name)


def _slot(session: Session, version: FormVersion, name: str) -> Slot:
    for slot in attachments.slots(session, version.id):
        if slot.name == name:
            return slot
    raise AttachmentNotFound(name=name)


@blueprint.post("/draft/attachments/<seg:name>")
def upload(project_id: int, form_id: str, name: str) -> Response:
    """Fill or replace a file of the draft; the body is the file, chunked or not."""
    _slot(db.session(), _draft(db.session(), project_id, form_id)[1], name)
    stored = keep_bytes(parts().blobs, incoming.chunks(incoming.FILE_LIMIT))
    with transaction() as session:
        where = _draft(session, project_id, form_id)
        fill_slot(session, where, name, stored, now=moment())
        return answer(documents.form_attachment(_slot(session, where[1], name)))


@blueprint.delete("/draft/attachments/<seg:name>")
def clear(project_id: int, form_id: str, name: str) -> Response:
    """Take a file out of the draft."""
    with transaction() as session:
        where = _draft(session, project_id, form_id)
        if _slot(session, where[1], name).sha256 is None:
            abort(404)
        fill_slot(session, where, name, None, now=moment())
    return success()
