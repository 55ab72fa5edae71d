"""All answers to a form at once: CSV, and the archive with repeats and files."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request, stream_with_context

from collector.actions import export
from collector.actions.export import Export, ExportOptions
from collector.fileresponse import disposition
from collector.parts import parts
from collector.v1.incoming import switched
from collector.v1.problems import FilterUnsupported
from storage.database import db
from storage.queries import forms
from storage.snapshot import snapshot

blueprint = Blueprint(
    "v1_exports",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/forms/<seg:form_id>",
)
_METHODS = ["GET", "POST"]


def _prepared(project_id: int, form_id: str, *, draft: bool) -> Export:
    if "$filter" in request.args:
        # To leave it out silently would hand out more than was asked for.
        raise FilterUnsupported(feature="$filter")
    options = ExportOptions(
        attachments=switched("attachments", default=True),
        split_select_multiples=switched("splitSelectMultiples"),
        group_paths=switched("groupPaths", default=True),
        deleted_fields=switched("deletedFields"),
    )
    # What was read so far would be held as long as the client takes to read the file.
    db.session().rollback()
    with snapshot() as session:
        return export.prepare(session, forms.get_form(session, project_id, form_id), options, draft=draft)


@blueprint.route("/submissions.csv.zip", methods=_METHODS, defaults={"draft": False})
@blueprint.route(
    "/draft/submissions.csv.zip", methods=_METHODS, defaults={"draft": True}, endpoint="draft_archive"
)
def archive(project_id: int, form_id: str, *, draft: bool) -> Response:
    """Root, repeats, media and audit logs in one archive."""
    prepared = _prepared(project_id, form_id, draft=draft)
    pieces = export.archive(prepared, parts().blobs, parts().settings.home)
    return _download(pieces, prepared.name, "application/zip")


@blueprint.route("/submissions.csv", methods=_METHODS, defaults={"draft": False})
@blueprint.route("/draft/submissions.csv", methods=_METHODS, defaults={"draft": True}, endpoint="draft_root")
def root(project_id: int, form_id: str, *, draft: bool) -> Response:
    """The root table alone."""
    prepared = _prepared(project_id, form_id, draft=draft)
    return _download(export.root_csv(prepared), prepared.root_name, "text/csv; charset=utf-8")


def _download(pieces: Iterator[bytes], name: str, content_type: str) -> Response:
    response = Response(stream_with_context(pieces), content_type=content_type)
    response.headers["Content-Disposition"] = disposition(name)
    return response
