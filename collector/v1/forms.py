"""Forms of a project: what they are, what they ask, which versions they had."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import drafting
from collector.actions.publish import Author, prepare, set_state
from collector.clock import moment
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.v1 import documents, incoming, schemas
from collector.v1.outgoing import answer
from collector.v1.problems import ParametersMissing
from forms.schema import Node
from forms.xform import read_schema
from storage.database import db, transaction
from storage.models import Form, FormVersion
from storage.problems import NotAllowed
from storage.queries import attachments, forms, projects, tallies

blueprint = Blueprint("v1_forms", __name__, url_prefix="/v1/projects/<int(max=2147483647):project_id>")
EMPTY = "___"
"""How an address names the version whose name is empty."""

_NO_NAME = re.compile(r"[^A-Za-z0-9_]")


def author() -> Author:
    """Who asks, now."""
    return Author(identity().actor_id, moment())


@blueprint.get("/forms")
def listing(project_id: int) -> Response:
    """The forms this account may see: those never published, only who may change them."""
    session = db.session()
    projects.get_project(session, project_id)
    found = []
    for form in forms.list_forms(session, project_id):
        version = _any_version(session, form)
        if version is not None and _may_read(form, version):
            found.append((form, version))
    extended = incoming.extended()
    tally = tallies.form_tallies(session, [form for form, _version in found]) if extended else {}
    return answer([documents.form(form, version, tally.get(form.id)) for form, version in found])


def _any_version(session: Session, form: Form) -> FormVersion | None:
    number = form.current_id or form.draft_id
    return session.get(FormVersion, number) if number else None


def _may_read(form: Form, version: FormVersion) -> bool:
    who = identity()
    if version.published_at is None:
        return who.may("form.update", form.project_id)
    return form.state != "closed" or who.may("form.read", form.project_id)


def readable(project_id: int, form_id: str, version: str | None = None) -> tuple[Form, FormVersion]:
    """A form with its published version, else its draft. Raises FormNotFound, NotAllowed."""
    session = db.session()
    form = forms.get_form(session, project_id, form_id)
    if version is None:
        found = _any_version(session, form) or abort(404)
    else:
        found = forms.get_version(session, form, "" if version == EMPTY else version)
    if not _may_read(form, found):
        raise NotAllowed
    return form, found


@blueprint.post("/forms")
def create(project_id: int) -> Response:
    """A new form from an XForm or a workbook: a draft, or published at once with `?publish=true`."""
    definition = incoming.definition()
    if definition is None:
        raise ParametersMissing(expected="xml", got=[])
    prepared = prepare(definition)
    warned = not incoming.switched("ignoreWarnings")
    with transaction() as session:
        form = drafting.create(
            session,
            project_id,
            prepared,
            author(),
            parts().blobs,
            warned=warned,
            live=incoming.switched("publish"),
        )
        form_id = form.xml_form_id
    return _single(project_id, form_id)


@blueprint.get("/forms/<seg:form_id>")
def single(project_id: int, form_id: str) -> Response:
    """One form."""
    return _single(project_id, form_id)


def _single(project_id: int, form_id: str, version: str | None = None) -> Response:
    form, found = readable(project_id, form_id, version)
    tally = tallies.form_tallies(db.session(), [form]) if incoming.extended() else {}
    return answer(documents.form(form, found, tally.get(form.id)))


@blueprint.patch("/forms/<seg:form_id>")
def change(project_id: int, form_id: str) -> Response:
    """Open, close or slowly close a form."""
    said = incoming.document(schemas.FORM_PATCH)
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        if "state" in said:
            set_state(session, form, said["state"], author())
    return _single(project_id, form_id)


@blueprint.get("/forms/<seg:form_id>.xlsx", endpoint="workbook_xlsx")
@blueprint.get("/forms/<seg:form_id>.xls", endpoint="workbook_xls")
def workbook(project_id: int, form_id: str) -> Response:
    """The workbook a form was made from, as its author sent it."""
    form, version = readable(project_id, form_id)
    if version.workbook_sha256 is None or documents.excel_type(version) is None:
        abort(404)
    ending = (version.workbook_name or "").rpartition(".")[2].lower()
    return blob_response(parts().blobs, version.workbook_sha256, f"{form.xml_form_id}.{ending}")


@blueprint.get("/forms/<seg:form_id>/fields")
@blueprint.get("/forms/<seg:form_id>/versions/<seg:version>/fields", endpoint="version_fields")
def fields(project_id: int, form_id: str, version: str | None = None) -> Response:
    """What a version asks, in order; `?odata=true` spells names as OData does."""
    _form, found = readable(project_id, form_id, version)
    return answer(field_documents(found))


def field_documents(version: FormVersion) -> list[documents.Document]:
    """The fields of a version."""
    schema = read_schema(forms.version_xml(db.session(), version.id))
    spell = _odata_path if incoming.switched("odata") else _own_path
    return [documents.field(node, spell(node).rpartition("/")[2], spell(node)) for node in schema.nodes]


def _own_path(node: Node) -> str:
    return node.path


def _odata_path(node: Node) -> str:
    steps = (_NO_NAME.sub("_", step) for step in node.path.split("/")[1:])
    return "".join(f"/{step}" if step[:1].isalpha() or step[:1] == "_" else f"/_{step}" for step in steps)


@blueprint.get("/forms/<seg:form_id>/attachments")
@blueprint.get("/forms/<seg:form_id>/versions/<seg:version>/attachments", endpoint="version_attachments")
def form_attachments(project_id: int, form_id: str, version: str | None = None) -> Response:
    """The files a version asks for, there or not."""
    _form, found = readable(project_id, form_id, version)
    return answer([documents.form_attachment(one) for one in attachments.slots(db.session(), found.id)])


@blueprint.get("/forms/<seg:form_id>/versions")
def versions(project_id: int, form_id: str) -> Response:
    """Every published version, newest first."""
    form, _found = readable(project_id, form_id)
    several = forms.published_versions(db.session(), form.id)
    return answer([documents.form(form, one) for one in reversed(several)])


@blueprint.get("/forms/<seg:form_id>/versions/<seg:version>")
def version(project_id: int, form_id: str, version: str) -> Response:
    """One published version."""
    return _single(project_id, form_id, version)
