"""The draft of a form: made, filled with files, published or thrown away."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from collector.actions import drafting
from collector.actions.delivery import Asker
from collector.actions.form_files import fill_slot, keep_bytes, link_slot
from collector.actions.publish import abandon_draft, copy_published, prepare, publish
from collector.clock import moment
from collector.handed import handed_file
from collector.parts import parts
from collector.v1 import documents, incoming, schemas
from collector.v1.forms import attachment_documents, author, extended_form, field_documents, workbook_of
from collector.v1.outgoing import answer, success
from collector.v1.problems import DraftNotReplaceable, ListNotForMedia, NothingToCopy
from storage.database import db, transaction
from storage.entities.following import served_files
from storage.entities.problems import EntityListNotFound
from storage.models import Form, FormVersion
from storage.problems import AttachmentNotFound, RebuildOvertaken
from storage.projection.rebuild import Rebuild
from storage.queries import attachments, forms
from storage.queries.attachments import Slot
from storage.scope import current

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
    return answer(extended_form(form, version, draft=True))


@blueprint.post("/draft")
def replace(project_id: int, form_id: str) -> Response:
    """A draft from an XForm or a workbook; from an empty body a copy of the published version."""
    definition = incoming.definition()
    if definition is None:
        with transaction() as session:
            form = forms.get_form(session, project_id, form_id)
            if form.current_id is None:
                raise NothingToCopy(field="xml")
            copy_published(session, form, author())
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
        version = request.args.get("version") or None
        widened = publish(session, form, author(), version=version, again=False)
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


@blueprint.get("/draft.xlsx", endpoint="workbook_xlsx", defaults={"ending": ".xlsx"})
@blueprint.get("/draft.xls", endpoint="workbook_xls", defaults={"ending": ".xls"})
def workbook(project_id: int, form_id: str, ending: str) -> Response:
    """The workbook of the draft."""
    return workbook_of(*_draft(db.session(), project_id, form_id), ending)


@blueprint.get("/draft/fields")
def fields(project_id: int, form_id: str) -> Response:
    """What the draft asks."""
    _form, version = _draft(db.session(), project_id, form_id)
    return answer(field_documents(version))


@blueprint.get("/draft/attachments")
def listing(project_id: int, form_id: str) -> Response:
    """The files the draft asks for, there or not."""
    _form, version = _draft(db.session(), project_id, form_id)
    return answer(attachment_documents(project_id, version))


@blueprint.get("/draft/attachments/<seg:name>")
def attachment(project_id: int, form_id: str, name: str) -> Response:
    """One file of the draft."""
    _form, version = _draft(db.session(), project_id, form_id)
    return handed_file(Asker(project_id, current().codes or ()), version.id, name)


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
        return _one(session, where, name)


def _one(session: Session, where: tuple[Form, FormVersion], name: str) -> Response:
    made = served_files(session, where[0].project_id)
    return answer(documents.form_attachment(_slot(session, where[1], name), listed=name in made))


@blueprint.patch("/draft/attachments/<seg:name>")
def link(project_id: int, form_id: str, name: str) -> Response:
    """Let the entity list of its name stand in for a file of the draft, or no longer."""
    wanted = incoming.document(schemas.SLOT_PATCH)["dataset"]
    with transaction() as session:
        where = _draft(session, project_id, form_id)
        slot = _slot(session, where[1], name)
        if name not in served_files(session, project_id):
            raise EntityListNotFound(list=name.removesuffix(".csv"))
        if wanted and slot.type != "file":
            raise ListNotForMedia(name=name)
        link_slot(session, where, name, linked=wanted, now=moment())
        return _one(session, where, name)


@blueprint.delete("/draft/attachments/<seg:name>")
def clear(project_id: int, form_id: str, name: str) -> Response:
    """Take a file out of the draft, or the list that stands in for it."""
    with transaction() as session:
        where = _draft(session, project_id, form_id)
        slot = _slot(session, where[1], name)
        if slot.sha256 is None and not (slot.linked and name in served_files(session, project_id)):
            abort(404)
        link_slot(session, where, name, linked=False, now=moment())
    return success()
