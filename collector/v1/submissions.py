"""Records of a form: what is known of them, their XML, their files, their versions."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import wrap_file

from collector.actions import submissions as actions
from collector.clock import moment
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.v1 import documents, incoming, schemas
from collector.v1.outgoing import answer, stream, success
from storage.database import db, transaction
from storage.models import Form, Submission, SubmissionVersion
from storage.problems import AttachmentNotFound, SubmissionNotFound
from storage.queries import forms, records, submissions

blueprint = Blueprint(
    "v1_submissions",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/forms/<seg:form_id>/submissions",
)
_XML = "application/xml; charset=utf-8"


@blueprint.get("")
def listing(project_id: int, form_id: str) -> Response:
    """Every record, newest first; `limit`, `offset`, and `deleted=true` for those taken out."""
    form = forms.get_form(db.session(), project_id, form_id)
    wanted = records.Listing(
        form.id,
        deleted=incoming.switched("deleted"),
        offset=incoming.number("offset") or 0,
        limit=incoming.number("limit"),
    )
    extended = incoming.extended()
    # What the request has read so far would be held as long as the client takes to read the list.
    db.session().rollback()
    pages = (_documents(page, extended=extended) for page in records.pages(wanted))
    return stream(pages)


def _documents(page: records.Page, *, extended: bool) -> Iterable[documents.Document]:
    by = page.actors if extended else None
    return (
        documents.submission(one, current, agent=page.agent(one, current), by=by)
        for one, current in page.rows
    )


@blueprint.get("/keys")
def keys(project_id: int, form_id: str) -> Response:
    """The keys that encrypted records need: there are none here."""
    forms.get_form(db.session(), project_id, form_id)
    return answer([])


@blueprint.get("/<seg:instance_id>")
def single(project_id: int, form_id: str, instance_id: str) -> Response:
    """One record."""
    session = db.session()
    _form, found = _record(project_id, form_id, instance_id)
    page = records.single(session, found, submissions.current_version_of(session, found.id))
    return answer(next(iter(_documents(page, extended=incoming.extended()))))


@blueprint.delete("/<seg:instance_id>")
def delete(project_id: int, form_id: str, instance_id: str) -> Response:
    """Take a record out of every list and count; it can be put back."""
    with transaction() as session:
        actions.delete(session, forms.get_form(session, project_id, form_id), instance_id, now=moment())
    return success()


@blueprint.post("/<seg:instance_id>/restore")
def restore(project_id: int, form_id: str, instance_id: str) -> Response:
    """Put a record back."""
    with transaction() as session:
        actions.restore(session, forms.get_form(session, project_id, form_id), instance_id, now=moment())
    return success()


@blueprint.get("/<seg:instance_id>.xml")
def xml(project_id: int, form_id: str, instance_id: str) -> Response:
    """The XML of a record, byte for byte as its current version came."""
    _form, found = _record(project_id, form_id, instance_id, ".xml")
    return _xml(submissions.current_version_of(db.session(), found.id))


def _xml(version: SubmissionVersion) -> Response:
    stored, blob = submissions.stored_xml(db.session(), version.id)
    if stored is not None:
        return Response(stored, content_type=_XML)
    handle = parts().blobs.open(blob or "")
    return Response(wrap_file(request.environ, handle), content_type=_XML, direct_passthrough=True)


@blueprint.get("/<seg:instance_id>/attachments")
def attachments(project_id: int, form_id: str, instance_id: str) -> Response:
    """The files a record names, and whether they are here."""
    _form, found = _record(project_id, form_id, instance_id, "/attachments")
    return _attachments(submissions.current_version_of(db.session(), found.id))


def _attachments(version: SubmissionVersion) -> Response:
    held = submissions.files_of(db.session(), version.id)
    return answer([
        schemas.SUBMISSION_ATTACHMENT.dump({"name": name, "exists": digest is not None})
        for name, digest in held.items()
    ])


@blueprint.get("/<seg:instance_id>/attachments/<seg:name>")
def attachment(project_id: int, form_id: str, instance_id: str, name: str) -> Response:
    """A file of a record."""
    _form, found = _record(project_id, form_id, instance_id, f"/attachments/{quote(name, safe='')}")
    return _attachment(submissions.current_version_of(db.session(), found.id), name)


def _attachment(version: SubmissionVersion, name: str) -> Response:
    digest = submissions.files_of(db.session(), version.id).get(name)
    if digest is None:
        raise AttachmentNotFound(name=name)
    return blob_response(parts().blobs, digest, name)


@blueprint.get("/<seg:instance_id>/versions")
def versions(project_id: int, form_id: str, instance_id: str) -> Response:
    """Every version of a record, newest first."""
    session = db.session()
    _form, found = _record(project_id, form_id, instance_id, "/versions")
    several = submissions.versions_of(session, found.id)
    names = records.form_versions(session, several)
    return answer([_version_document(found, one, names) for one in several])


def _version_document(found: Submission, one: SubmissionVersion, names: records.Names) -> documents.Document:
    extended = incoming.extended()
    by = records.single(db.session(), found, one).actors if extended else None
    return documents.version(one, names.get(one.form_version_id, ""), by)


@blueprint.get("/<seg:instance_id>/versions/<seg:version_id>")
def version(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """One version of a record."""
    found, one = _version(project_id, form_id, instance_id, version_id)
    return answer(_version_document(found, one, records.form_versions(db.session(), [one])))


def _version(
    project_id: int, form_id: str, instance_id: str, version_id: str
) -> tuple[Submission, SubmissionVersion]:
    _form, found = _record(project_id, form_id, instance_id)
    return found, records.version_of(db.session(), found, version_id)


@blueprint.get("/<seg:instance_id>/versions/<seg:version_id>.xml")
def version_xml(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """The XML of a version, byte for byte as it came."""
    return _xml(_version(project_id, form_id, instance_id, version_id)[1])


@blueprint.get("/<seg:instance_id>/versions/<seg:version_id>/attachments")
def version_attachments(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """The files a version names."""
    return _attachments(_version(project_id, form_id, instance_id, version_id)[1])


@blueprint.get("/<seg:instance_id>/versions/<seg:version_id>/attachments/<seg:name>")
def version_attachment(
    project_id: int, form_id: str, instance_id: str, version_id: str, name: str
) -> Response:
    """A file of a version."""
    return _attachment(_version(project_id, form_id, instance_id, version_id)[1], name)


class _Moved(HTTPException):
    """The id of an older version: its place is under the record."""

    code = 301

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location

    def get_headers(self, *_about: object, **_more: object) -> list[tuple[str, str]]:
        """Where to."""
        return [("Location", self.location)]


def _record(project_id: int, form_id: str, instance_id: str, tail: str = "") -> tuple[Form, Submission]:
    """The live record of that id; the id of one of its versions leads there, `tail` included.

    Raises SubmissionNotFound.
    """
    session = db.session()
    form = forms.get_form(session, project_id, form_id)
    try:
        found = submissions.get_submission(session, form, instance_id)
    except SubmissionNotFound:
        root = records.root_of_version(session, form.id, instance_id)
        if root is None:
            raise
        raise _Moved(_version_address(form, root, instance_id) + tail) from None
    if found.deleted_at is not None:
        raise SubmissionNotFound(instance=instance_id)
    return form, found


def _version_address(form: Form, root: str, instance_id: str) -> str:
    steps = (form.xml_form_id, "submissions", root, "versions", instance_id)
    path = "/".join(quote(step, safe="") for step in steps)
    return f"{request.root_url}v1/projects/{form.project_id}/forms/{path}"
