"""The records of a survey: a list, and each one as its form reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.http import quote_etag

from collector import finding_words
from collector.accounts.guard import identity
from collector.actions import duplicates, thumbnails
from collector.actions import submissions as stored
from collector.actions.entities import Settling
from collector.actions.looks import note_look
from collector.actions.reading import Kind, answers, kind_of_file, spoken
from collector.actions.records import Asked, Record, Records
from collector.actions.review import set_review_state
from collector.desk import findings, record_list, record_page
from collector.desk.corrections import corrections
from collector.desk.history import history
from collector.desk.page import asked_number, form_of, language, local_target, now, scoped
from collector.desk.returned import letter
from collector.fileresponse import blob_response, disposition
from collector.parts import parts
from forms.receipts import receipt
from storage.database import db, transaction
from storage.findings.messages import messages
from storage.models import Form
from storage.problems import AttachmentNotFound, SubmissionNotFound
from storage.queries import forms, lists, returned, submissions
from storage.queries.comments import comments_of
from storage.queries.looks import looks_at

blueprint = Blueprint("records", __name__)

VIEWED = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
"""What a file opened by itself may do: be laid out by the browser's own viewer, and nothing else."""

_FILE_KINDS = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.FILE})


@scoped(blueprint, "/surveys/<seg:form_id>/submissions")
def index(project_id: int, form_id: str) -> ResponseReturnValue:
    """The list; `?draft=1` shows what was sent to try the draft out (see `collector.desk.record_list`)."""
    return record_list.index(project_id, form_id, _title)


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>")
def show(project_id: int, form_id: str, instance_id: str) -> str:
    """A record; `?all=1` also shows what the form computed, `?version=` an earlier one."""
    form = form_of(project_id, form_id)
    asked = Asked(
        instance_id,
        language(),
        draft=_draft(),
        version=asked_number("version"),
        computed=request.args.get("all") == "1",
    )
    record = _records().read(form, asked)
    page = _shown(project_id, form, record, asked)
    _looked(record.submission.id)
    return page


def _shown(project_id: int, form: Form, record: Record, asked: Asked) -> str:
    session = db.session()
    comments = comments_of(session, record.submission.id)
    events = record_page.events_of(session, record.submission, comments)
    back = returned.of_record(db.session(), project_id, record.submission.id)
    titled = list(record_page.parts_of(record.entries))
    sees_looks = identity().may("audit.read", project_id) and not asked.draft
    return render_template(
        "record.html",
        form=form,
        title=_title(form),
        record=record,
        receipt=receipt(record.submission.id),
        asked=asked,
        people=lists.names_of(session, record_page.people_in(record.versions, comments, events)),
        findings=_findings(record, asked.language),
        other_files=_other_files(record),
        kind_of_file=kind_of_file,
        history=history(form, record, corrections()),
        comments=record_page.loose(events, comments),
        events=events,
        whys=record_page.whys(),
        parts=titled if len(titled) >= record_page.FEWEST_PARTS else [],
        anchor=record_page.anchor,
        beside=record_page.neighbours(session, form, record.submission),
        stays=duplicates.kept_of(session, record.submission),
        joining=duplicates.batch_of(session, record.submission.id)
        if record.submission.duplicate_of
        else None,
        back=back,
        letter=letter([back]) if back else "",
        looks=looks_at(session, record.submission.id) if sees_looks else (),
    )


def _looked(number: int) -> None:
    """Note who reads; what was only tried out is nobody's."""
    if not _draft():
        note_look(number, identity().actor_id, now=now())


def _findings(record: Record, language: str) -> list[dict[str, Any]]:
    schema = record.schema
    own = messages(db.session(), {record.submission.form_id} if record.findings else ())
    return [{"sentence": sentence} for sentence in findings.of_outcome(record.outcome)] + [
        {
            "sentence": finding_words.sentence(found, own),
            "remedy": finding_words.remedy(found),
            "label": findings.label_of(
                schema, found.path, lambda labels: spoken(labels, schema.languages, language)
            ),
            "value": found.value,
            "number": found.id if found.project_id is not None else None,
            "state": found.state,
            "reason": found.reason,
        }
        for found in record.findings
    ]


def _other_files(record: Record) -> list[str]:
    """The files no answer on the page shows: the log of the filling, or what was computed."""
    shown = {answer.value for answer in answers(record.entries) if answer.kind in _FILE_KINDS}
    return [name for name in record.files if name not in shown]


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/files/<seg:name>")
def file(project_id: int, form_id: str, instance_id: str, name: str) -> Response:
    """A photo, a recording, a signature of the record; `?small=1` draws a photo small, anew."""
    session = db.session()
    form = form_of(project_id, form_id)
    found = submissions.get_submission(session, form, instance_id, draft=_draft())
    wanted = asked_number("version")
    for version in submissions.versions_of(session, found.id):
        if version.current if wanted is None else version.id == wanted:
            sha256 = submissions.files_of(session, version.id).get(name)
            if sha256:
                _looked(found.id)
                small = request.args.get("small") == "1"
                drawn = _small(sha256, name) if small else None
                response = drawn or blob_response(parts().blobs, sha256, name)
                # The bytes of a file may be replaced by a later delivery; its ETag tells.
                response.headers["Cache-Control"] = "private, no-cache"
                response.headers["Content-Security-Policy"] = VIEWED
                return response
    raise AttachmentNotFound(name=name)


def _small(sha256: str, name: str) -> Response | None:
    """Its small picture; None of a picture that only a browser may be able to show.

    Raises AttachmentNotFound where it is not called one.
    """
    tag = f"{sha256}-{thumbnails.SIDE}"
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers={"ETag": quote_etag(tag)})
    made = thumbnails.THUMBNAILS.get(parts().blobs, sha256, name)
    if made is None and not thumbnails.is_called_picture(name):
        raise AttachmentNotFound(name=name)
    if made is None:
        return None
    response = Response(made, content_type=thumbnails.KIND)
    response.set_etag(tag)
    response.headers["Content-Disposition"] = disposition(f"{name}.jpg", inline=True)
    return response


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/xml")
def xml(project_id: int, form_id: str, instance_id: str) -> Response:
    """The bytes as they came, for managers."""
    session = db.session()
    found = submissions.get_submission(session, form_of(project_id, form_id), instance_id, draft=_draft())
    data = _records().xml(submissions.current_version_of(session, found.id))
    _looked(found.id)
    response = Response(data, content_type="text/xml; charset=utf-8")
    # Never opened in the browser: it holds whatever a phone, or somebody else, has sent.
    response.headers["Content-Disposition"] = disposition(f"{instance_id.rpartition(':')[2]}.xml")
    return response


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/delete", methods=("POST",))
def delete(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Take a record out of every list and figure; it can be put back."""
    with transaction() as session:
        stored.delete(session, form_of(project_id, form_id), instance_id, now=now())
    # Back to the record itself, which now offers to put it back.
    here = url_for(".show", project_id=project_id, form_id=form_id, instance_id=instance_id)
    return redirect(here, 303)


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/restore", methods=("POST",))
def restore(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Put a deleted record back."""
    with transaction() as session:
        stored.restore(session, form_of(project_id, form_id), instance_id, now=now())
    flash(gettext("The record is back."))
    here = url_for(".show", project_id=project_id, form_id=form_id, instance_id=instance_id)
    return redirect(here, 303)


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/judge", methods=("POST",))
def judge(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Approve a record, mark or reject it with a reason, or take that back; `next` is a page of its own.

    What waited for approval goes into its lists.
    """
    found = submissions.get_submission(db.session(), form_of(project_id, form_id), instance_id)
    if found.deleted_at is not None:
        raise SubmissionNotFound(instance=instance_id)
    state, reason = request.form.get("state") or None, request.form.get("reason", "").strip()
    here = local_target(request.form.get("next") or request.path.removesuffix("/judge"))
    if state in {"rejected", "hasIssues"} and not reason:
        flash(gettext("Say why: whoever looks at the record later reads it. Nothing was changed."), "error")
        return redirect(f"{here}#judge", 303)
    set_review_state(Settling(parts().blobs, parts().shelf), found.id, state, now=now(), reason=reason)
    flash(_JUDGED[state]() if state in _JUDGED else gettext("The judgement is taken back."))
    return redirect(here, 303)


_JUDGED: Mapping[str | None, Callable[[], str]] = {
    "approved": lambda: gettext("The record is approved."),
    "rejected": lambda: gettext("The record is rejected."),
    "hasIssues": lambda: gettext("The record is marked: it has issues."),
}


def _records() -> Records:
    return Records(db.session(), parts().blobs, parts().shelf)


def _draft() -> bool:
    return request.args.get("draft") == "1"


def _title(form: Form) -> str:
    if form.current_id and not _draft():
        name: str | None = parts().shelf.get(form.current_id, draft=False, generation=form.generation).name
    else:
        name = forms.version_name(db.session(), form.draft_id) if form.draft_id else None
    if name is None:
        abort(404)
    return name or form.xml_form_id or gettext("Survey")
