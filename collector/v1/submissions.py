"""Records of a form as they are listed and read: what is known of them, and their XML."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request
from werkzeug.wsgi import wrap_file

from collector.accounts.guard import identity
from collector.actions.encryption import keys_of
from collector.actions.looks import note_look
from collector.clock import moment
from collector.parts import parts
from collector.v1 import documents, etag, incoming, submission_documents
from collector.v1.outgoing import answer, stream
from collector.v1.submission_routes import both, form_of, found_or_moved, of_draft
from storage.database import db
from storage.models import SubmissionVersion
from storage.queries import records, submissions
from storage.queries.odata_filter import submissions_filter

_XML = "application/xml; charset=utf-8"


@both("")
def listing(project_id: int, form_id: str) -> Response:
    """Every record, newest first; `limit`, `offset`, `$filter`, and `deleted=true` for those taken out."""
    session = db.session()
    form = form_of(session, project_id, form_id)
    tag = etag.records_tag(session, form)
    chosen = submissions_filter(
        session, form, request.args.get("$filter", ""), now=moment(), draft=of_draft()
    )
    wanted = records.Listing(
        form.id,
        deleted=None if chosen.asks_deleted else incoming.switched("deleted"),
        offset=incoming.number("offset") or 0,
        limit=incoming.number("limit"),
        draft=of_draft(),
        chosen=chosen.condition,
    )
    extended = incoming.extended()

    def sent() -> Response:
        # What the request has read so far would be held as long as the client takes to read the list.
        session.rollback()
        return stream(_documents(page, extended=extended) for page in records.pages(wanted))

    # No number counts the records of a draft.
    return sent() if of_draft() else etag.weak(tag, sent)


def _documents(page: records.Page, *, extended: bool) -> Iterable[documents.Document]:
    by = page.actors if extended else None
    return (
        documents.submission(one, current, agent=page.agent(one, current), by=by)
        for one, current in page.rows
    )


@both("/keys")
def keys(project_id: int, form_id: str) -> Response:
    """The public keys that records of the form were encrypted with, newest first."""
    session = db.session()
    form = form_of(session, project_id, form_id)
    return answer([documents.key(*one) for one in keys_of(session, form, draft=of_draft())])


@both("/submitters")
def submitters(project_id: int, form_id: str) -> Response:
    """Who sent the records of a form, each once, by name."""
    session = db.session()
    form = form_of(session, project_id, form_id)
    return answer([documents.actor(one) for one in records.submitters(session, form.id, draft=of_draft())])


@both("/<seg:instance_id>")
def single(project_id: int, form_id: str, instance_id: str) -> Response:
    """One record."""
    return answer(submission_documents.record(found_or_moved(project_id, form_id, instance_id)))


@both("/<seg:instance_id>.xml")
def xml(project_id: int, form_id: str, instance_id: str) -> Response:
    """The XML of a record, byte for byte as its current version came."""
    one = found_or_moved(project_id, form_id, instance_id, ".xml")
    if not of_draft():
        note_look(one.id, identity().actor_id, now=moment())
    return xml_of(submissions.current_version_of(db.session(), one.id))


def xml_of(version: SubmissionVersion) -> Response:
    """The bytes of a version as they came."""
    return etag.strong(version.xml_sha256, lambda: _xml(version))


def _xml(version: SubmissionVersion) -> Response:
    stored, blob = submissions.stored_xml(db.session(), version.id)
    if stored is not None:
        return Response(stored, content_type=_XML)
    handle = parts().blobs.open(blob or "")
    return Response(wrap_file(request.environ, handle), content_type=_XML, direct_passthrough=True)
