"""From a workbook to the phones: upload, what the check says, a try on a phone, publishing."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.actions.form_files import fill_draft
from collector.actions.programme import publish_programme, read_programme
from collector.actions.publish import (
    Definition,
    Prepared,
    abandon_draft,
    prepare,
    publish,
    recalled,
    save_draft,
)
from collector.actions.qr import collect_settings, svg_code
from collector.desk.changes import compare_versions
from collector.desk.form_media import Shown, page_of, put_files, sent_files, shown_files, undo_of
from collector.desk.lacks import lacking_of
from collector.desk.page import form_of, is_out_of_reach, phone_address, scoped
from collector.desk.surveys import author
from collector.desk.uploads import led_on, uploaded
from collector.errors import STATUS, say
from collector.parts import parts
from forms.problems import FormRefused, Problem
from forms.workbook import Extras
from storage.database import db, transaction
from storage.models import Form, FormVersion
from storage.problems import VersionExists
from storage.projection.rebuild import Rebuild
from storage.queries import forms, lists, projects
from storage.queries.versions import records_by_version

blueprint = Blueprint("drafts", __name__)


@scoped(blueprint, "/upload")
def upload(project_id: int) -> str:
    """Ask for a workbook or an XForm; `?form=` says which survey is to get a new version."""
    projects.get_project(db.session(), project_id)
    return render_template("upload.html", expected=request.args.get("form", ""))


@scoped(blueprint, "/upload", methods=("POST",))
def take(project_id: int) -> ResponseReturnValue:
    """Convert and check what was sent; make it the draft, or say row by row what is wrong."""
    expected = request.form.get("form", "")
    several = uploaded("workbook")
    if not several:
        sentence = gettext("Choose a file first: the Excel workbook of the form, or an XForm.")
        return render_template("upload.html", expected=expected, sentence=sentence), 400
    file = several[0]
    definition = Definition(file.read(), file.filename or "")
    try:
        extras = None if expected else read_programme(definition)
        if extras is not None:
            return _programme(project_id, definition, extras)
        prepared = prepare(definition)
        if expected and prepared.schema.form_id != expected:
            return _other_form(expected, prepared.schema.form_id)
        with transaction() as session:
            form = save_draft(session, project_id, prepared, author(), parts().blobs)
            _fill(session, form, prepared)
            form_id = form.xml_form_id
    except FormRefused as refused:
        return _refused(refused, expected, file.filename or ""), STATUS[FormRefused].status
    except Problem as problem:
        page = render_template("upload.html", expected=expected, sentence=say(problem))
        return page, STATUS[type(problem)].status
    return led_on(url_for(".show", project_id=project_id, form_id=form_id))


def _programme(project_id: int, definition: Definition, extras: Extras) -> ResponseReturnValue:
    """Put a programme's workbook in force: nothing of it goes to phones, so there is no draft."""
    with transaction() as session:
        publish_programme(session, project_id, definition, extras, author=author(), blobs=parts().blobs)
    flash(gettext("The programme is in force. Its figures are being worked out."))
    return led_on(url_for("desk.decisions.index", project_id=project_id))


def _fill(session: Session, form: Form, prepared: Prepared) -> None:
    """Fill the draft's files with those sent along."""
    media = {file.filename or "": file.read() for file in uploaded("media")}
    fill_draft(session, form, prepared, media, author=author(), blobs=parts().blobs)


def _other_form(expected: str, found: str) -> ResponseReturnValue:
    sentence = gettext(
        "This file is the form “%(found)s”, not “%(expected)s”. Choose the right file, or correct form_id "
        "on its settings sheet.",
        found=found,
        expected=expected,
    )
    return render_template("upload.html", expected=expected, sentence=sentence), 400


def _refused(refused: FormRefused, expected: str, filename: str) -> str:
    remarks = (*refused.remarks, *refused.warnings)
    return render_template("upload.html", expected=expected, remarks=remarks, filename=filename)


@scoped(blueprint, "/surveys/<seg:form_id>/draft")
def show(project_id: int, form_id: str) -> str:
    """The draft: what the check said, its files, its test code, and the button that publishes it."""
    return _page(project_id, form_id)


def _page(project_id: int, form_id: str, **more: object) -> str:
    session = db.session()
    form = form_of(project_id, form_id)
    draft = forms.draft_version(session, form)
    current = session.get(FormVersion, form.current_id) if form.current_id else None
    files = shown_files(session, draft)
    return render_template(
        "draft.html",
        form=form,
        draft=draft,
        current=current,
        compared=compare_versions(current, draft) if current else None,
        remarks=[recalled(plain) for plain in draft.remarks],
        files=files,
        **_missing(files),
        undo=undo_of(request.args.get("undo", "")),
        tested=lists.draft_records(session, form.id),
        url=_test_address(project_id, form_id, draft),
        trying=f"/w/l/{draft.draft_token}",
        lacking=lacking_of(draft.id),
        out_of_reach=is_out_of_reach(phone_address()),
        **more,
    )


def _missing(files: Sequence[Shown]) -> dict[str, list[str]]:
    """A list that is absent closes the form; a picture or recording stays blank or silent."""
    absent = [one.file for one in files if one.missing]
    return {
        "missing": [file.name for file in absent if file.type == "file"],
        "silent": [file.name for file in absent if file.type != "file"],
    }


def _test_address(project_id: int, form_id: str, draft: FormVersion) -> str:
    return phone_address() + url_for(
        "test.form_list", token=draft.draft_token, project_id=project_id, draft_form_id=form_id
    ).removesuffix("/formList")


@scoped(blueprint, "/surveys/<seg:form_id>/draft/qr.svg")
def qr_svg(project_id: int, form_id: str) -> Response:
    """The code that sets a phone up to test this draft, and nothing else."""
    session = db.session()
    draft = forms.draft_version(session, form_of(project_id, form_id))
    name = gettext("Test: %(title)s", title=draft.name or form_id)
    code = collect_settings(_test_address(project_id, form_id, draft), name)
    return Response(svg_code(code), content_type="image/svg+xml")


@scoped(blueprint, "/surveys/<seg:form_id>/draft/files", methods=("POST",))
def take_files(project_id: int, form_id: str) -> ResponseReturnValue:
    """Fill the files the draft asks for."""
    several = sent_files()
    with transaction() as session:
        form = form_of(project_id, form_id)
        ticket = put_files(session, form, forms.draft_version(session, form), several)
    return led_on(page_of(project_id, form_id, draft=True, ticket=ticket))


@scoped(blueprint, "/surveys/<seg:form_id>/draft/publish")
def ask(project_id: int, form_id: str) -> str:
    """What publishing the draft changes, and what phones will do, before it is done."""
    return _publishing(project_id, form_id)


def _publishing(project_id: int, form_id: str, **more: object) -> str:
    session = db.session()
    form = form_of(project_id, form_id)
    draft = forms.draft_version(session, form)
    current = session.get(FormVersion, form.current_id) if form.current_id else None
    return render_template(
        "publish.html",
        form=form,
        draft=draft,
        current=current,
        compared=compare_versions(current, draft) if current else None,
        **_missing(shown_files(session, draft)),
        tested=lists.draft_records(session, form.id),
        records=sum(records_by_version(session, form.id).values()),
        phones=len(lists.phones_in_use(session, project_id)),
        lacking=lacking_of(draft.id),
        **more,
    )


@scoped(blueprint, "/surveys/<seg:form_id>/draft/publish", methods=("POST",))
def give_out(project_id: int, form_id: str) -> ResponseReturnValue:
    """Give the draft to the phones."""
    version = request.form.get("version", "").strip()
    try:
        with transaction() as session:
            number, widened = _publish(session, project_id, form_id, version)
    except (VersionExists, FormRefused) as problem:
        return _publishing(project_id, form_id, sentence=say(problem)), STATUS[type(problem)].status
    if widened:
        Rebuild(number, parts().blobs).run()
    flash(gettext("Published. Phones get the new version when they next look for forms."))
    return redirect(url_for("desk.surveys.show", project_id=project_id, form_id=form_id), 303)


def _publish(session: Session, project_id: int, form_id: str, version: str) -> tuple[int, bool]:
    form = form_of(project_id, form_id)
    return form.id, publish(session, form, author(), version=version or None)


@scoped(blueprint, "/surveys/<seg:form_id>/draft/abandon", methods=("POST",))
def abandon(project_id: int, form_id: str) -> ResponseReturnValue:
    """Remove the draft; a survey that was never published goes with it."""
    with transaction() as session:
        form = form_of(project_id, form_id)
        abandon_draft(session, form, author())
        gone = form.deleted_at is not None
    flash(gettext("The draft is removed."))
    if gone:
        return redirect(url_for("desk.surveys.index", project_id=project_id), 303)
    return redirect(url_for("desk.surveys.show", project_id=project_id, form_id=form_id), 303)
