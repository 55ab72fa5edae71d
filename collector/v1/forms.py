"""Forms of a project: what they are, what they ask, which versions they had."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import drafting, form_trash
from collector.actions.publish import Author, prepare, set_state, set_webforms
from collector.clock import moment
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.v1 import documents, incoming, schemas
from collector.v1.outgoing import answer, success
from collector.v1.problems import NumberExpected, ParametersMissing
from forms.schema import Node
from forms.vietnamese import sort_key
from forms.xform import read_schema
from storage.database import db, transaction
from storage.entities.following import served_files
from storage.models import Form, FormVersion
from storage.problems import NotAllowed
from storage.queries import attachments, forms, projects, tallies

blueprint = Blueprint("v1_forms", __name__, url_prefix="/v1/projects/<int(max=2147483647):project_id>")
EMPTY = "___"
"""How an address names the version whose name is empty."""

_DIGITS = 9
_NO_NAME = re.compile(r"[^A-Za-z0-9_]")


def author() -> Author:
    """Who asks, now."""
    return Author(identity().actor_id, moment(), incoming.notes())


@blueprint.get("/forms")
def listing(project_id: int) -> Response:
    """The forms this account may see: those never published, only who may change them.

    `?deleted=true` lists those in the trash instead.
    """
    projects.get_project(db.session(), project_id)
    deleted = incoming.switched("deleted")
    return answer(seen(project_id, extended=incoming.extended(), deleted=deleted))


def seen(project_id: int, *, extended: bool, deleted: bool = False) -> list[documents.Document]:
    """The forms of a project that this account may see, by name."""
    session = db.session()
    found = []
    for form in forms.list_forms(session, project_id, deleted=deleted):
        version = _any_version(session, form)
        if version is not None and _may_read(form, version):
            found.append((form, version))
    found.sort(key=lambda pair: sort_key(pair[1].name or pair[0].xml_form_id))
    tally = tallies.form_tallies(session, found) if extended else {}
    return [documents.form(form, version, tally.get(form.id)) for form, version in found]


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
    return answer(extended_form(form, found))


def extended_form(form: Form, version: FormVersion, *, draft: bool = False) -> documents.Document:
    """A form in the shape the client asks for; who may change it reads what its publisher noted."""
    if not incoming.extended():
        return documents.form(form, version)
    tally = tallies.form_tallies(db.session(), [(form, version)], draft=draft)[form.id]
    said = documents.form(form, version, tally)
    if identity().may("form.update", form.project_id):
        said["publishNotes"] = version.publish_notes
    return said


@blueprint.patch("/forms/<seg:form_id>")
def change(project_id: int, form_id: str) -> Response:
    """Open, close or slowly close a form, or say by which pages it is filled in a browser."""
    said = incoming.document(schemas.FORM_PATCH)
    with transaction() as session:
        form = forms.get_form(session, project_id, form_id)
        if "state" in said:
            set_state(session, form, said["state"], author())
        if "webformsEnabled" in said:
            set_webforms(session, form, author(), enabled=said["webformsEnabled"])
    return _single(project_id, form_id)


@blueprint.delete("/forms/<seg:form_id>")
def delete(project_id: int, form_id: str) -> Response:
    """Put a form into the trash, with its records."""
    with transaction() as session:
        form_trash.delete_form(session, forms.get_form(session, project_id, form_id), author())
    return success()


@blueprint.post("/forms/<seg:form_id>/restore")
def restore(project_id: int, form_id: str) -> Response:
    """Take a form out of the trash; here it is known by its number, as several may have had its id."""
    if not form_id.isascii() or not form_id.isdigit() or len(form_id) > _DIGITS:
        raise NumberExpected(value=form_id[:40])
    with transaction() as session:
        form_trash.restore_form(session, project_id, int(form_id), author())
    return success()


_AT = "/forms/<seg:form_id>"


@blueprint.get(f"{_AT}.xlsx", endpoint="workbook_xlsx", defaults={"ending": ".xlsx"})
@blueprint.get(f"{_AT}.xls", endpoint="workbook_xls", defaults={"ending": ".xls"})
@blueprint.get(
    f"{_AT}/versions/<seg:version>.xlsx", endpoint="version_workbook_xlsx", defaults={"ending": ".xlsx"}
)
@blueprint.get(
    f"{_AT}/versions/<seg:version>.xls", endpoint="version_workbook_xls", defaults={"ending": ".xls"}
)
def workbook(project_id: int, form_id: str, ending: str, version: str | None = None) -> Response:
    """The workbook a form was made from, as its author sent it."""
    form, found = readable(project_id, form_id, version)
    return workbook_of(form, found, ending)


def workbook_of(form: Form, version: FormVersion, ending: str) -> Response:
    """The workbook of a version; 404 where it was made from something else."""
    if version.workbook_sha256 is None or not (version.workbook_name or "").lower().endswith(ending):
        abort(404)
    return blob_response(parts().blobs, version.workbook_sha256, f"{form.xml_form_id}{ending}")


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
    return answer(attachment_documents(project_id, found))


def attachment_documents(project_id: int, version: FormVersion) -> list[documents.Document]:
    """The files of a version; one that is missing may be an entity list or a list of places."""
    made = served_files(db.session(), project_id)
    slots = attachments.slots(db.session(), version.id)
    return [documents.form_attachment(one, listed=one.name in made) for one in slots]


@blueprint.get("/forms/<seg:form_id>/versions")
def versions(project_id: int, form_id: str) -> Response:
    """Every published version, newest first."""
    form, _found = readable(project_id, form_id)
    several = forms.published_versions(db.session(), form.id)
    if not incoming.extended():
        return answer([documents.form(form, one) for one in reversed(several)])
    people = tallies.actors_by_id(db.session(), (one.published_by for one in several))
    noted = identity().may("form.update", project_id)
    return answer([documents.published(form, one, people, noted=noted) for one in reversed(several)])


@blueprint.get("/forms/<seg:form_id>/versions/<seg:version>")
def version(project_id: int, form_id: str, version: str) -> Response:
    """One published version."""
    return _single(project_id, form_id, version)
