"""All answers to a form at once: CSV, and the archive with repeats and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flask import Blueprint, Response, request, stream_with_context

from collector.actions import export
from collector.actions.export import Export, ExportOptions
from collector.actions.form_notes import note_form
from collector.clock import moment
from collector.fileresponse import disposition
from collector.parts import parts
from collector.v1.etag import records_tag, weak
from collector.v1.forms import author
from collector.v1.incoming import switched
from collector.v1.problems import ValueUnexpected
from collector.zones import zone_named
from storage.database import db, transaction
from storage.queries import forms
from storage.snapshot import report_snapshot

blueprint = Blueprint(
    "v1_exports",
    __name__,
    url_prefix="/v1/projects/<int(max=2147483647):project_id>/forms/<seg:form_id>",
)
_METHODS = ["GET", "POST"]


def _prepared(project_id: int, form_id: str, *, draft: bool) -> Export:
    options = ExportOptions(
        attachments=switched("attachments", default=True),
        split_select_multiples=switched("splitSelectMultiples"),
        group_paths=switched("groupPaths", default=True),
        deleted_fields=switched("deletedFields"),
        only=request.args.get("$filter", ""),
        labels=_one_of("labels", ("true", "both")),
        language=request.args.get("lang", ""),
        wide=_one_of("layout", ("wide",)) == "wide",
        bom=switched("bom"),
        zone=zone_named(request.args.get("tz", "")),
    )
    # What was read so far would be held as long as the client takes to read the file.
    db.session().rollback()
    with report_snapshot() as session:
        form = forms.get_form(session, project_id, form_id)
        return export.prepare(session, form, options, now=moment(), draft=draft)


def _one_of(name: str, known: Sequence[str]) -> str:
    """What a switch of ours says, in lower case; "" and false are not said. Raises ValueUnexpected."""
    said = request.args.get(name, "").lower()
    if said in {"", "false", *known}:
        return "" if said == "false" else said
    raise ValueUnexpected(field=name, value=said[:40], reason=f"use {' or '.join(known)}")


def _sent(
    project_id: int,
    form_id: str,
    pieces: Callable[[Export], tuple[Iterator[bytes], str, str]],
    *,
    draft: bool,
) -> Response:
    """An export with its ETag, noted with the audits; of a draft neither."""

    def make() -> Response:
        prepared = _prepared(project_id, form_id, draft=draft)
        if not draft:
            with transaction() as session:
                form = forms.get_form(session, project_id, form_id)
                note_form(session, "form.submission.export", form, author())
        body, name, content_type = pieces(prepared)
        response = Response(stream_with_context(body), content_type=content_type)
        response.headers["Content-Disposition"] = disposition(name)
        return response

    if draft:
        return make()
    session = db.session()
    return weak(records_tag(session, forms.get_form(session, project_id, form_id)), make)


@blueprint.route("/submissions.csv.zip", methods=_METHODS, defaults={"draft": False})
@blueprint.route(
    "/draft/submissions.csv.zip", methods=_METHODS, defaults={"draft": True}, endpoint="draft_archive"
)
def archive(project_id: int, form_id: str, *, draft: bool) -> Response:
    """Root, repeats, media and audit logs in one archive."""

    def pieces(prepared: Export) -> tuple[Iterator[bytes], str, str]:
        made = export.archive(prepared, parts().blobs, parts().settings.home)
        return made, prepared.name, "application/zip"

    return _sent(project_id, form_id, pieces, draft=draft)


@blueprint.route("/submissions.csv", methods=_METHODS, defaults={"draft": False})
@blueprint.route("/draft/submissions.csv", methods=_METHODS, defaults={"draft": True}, endpoint="draft_root")
def root(project_id: int, form_id: str, *, draft: bool) -> Response:
    """The root table alone."""

    def pieces(prepared: Export) -> tuple[Iterator[bytes], str, str]:
        return export.root_csv(prepared), prepared.root_name, "text/csv; charset=utf-8"

    return _sent(project_id, form_id, pieces, draft=draft)
