"""The surveys of a project; of each its state, its versions, and the files phones get with it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions.delivery import Asker
from collector.actions.publish import Author, set_state
from collector.desk.form_media import page_of, put_files, sent_files, shown_files, undo_of
from collector.desk.lacks import lacking_of
from collector.desk.page import NUMBER, form_of, may, now, scoped, start_of_today
from collector.desk.uploads import led_on
from collector.fileresponse import blob_response, disposition
from collector.handed import handed_file
from collector.parts import parts
from storage.database import db, transaction
from storage.erasing import keeping
from storage.models import FormVersion
from storage.problems import AttachmentNotFound
from storage.queries import forms, lists, projects
from storage.queries.lists import Tally
from storage.queries.versions import version_lines
from storage.scope import current

blueprint = Blueprint("surveys", __name__)


@scoped(blueprint, "/surveys")
def index(project_id: int) -> str:
    """The surveys of a project, and how they come in."""
    session = db.session()
    surveys = lists.survey_lines(session, project_id)
    every = projects.list_projects(session)
    return render_template(
        "surveys.html",
        project=projects.get_project(session, project_id),
        others=[one for one in every if one.id != project_id and may("form.list", one.id)],
        surveys=surveys,
        tallies=lists.tallies(session, [line.form.id for line in surveys], since=start_of_today()),
    )


@scoped(blueprint, "/surveys/<seg:form_id>")
def show(project_id: int, form_id: str) -> str:
    """Everything about one survey."""
    session = db.session()
    form = form_of(project_id, form_id)
    current = session.get(FormVersion, form.current_id) if form.current_id else None
    draft = session.get(FormVersion, form.draft_id) if form.draft_id else None
    shown = current or draft or abort(404)
    return render_template(
        "survey.html",
        form=form,
        title=shown.name or form.xml_form_id,
        current=current,
        draft=draft,
        tally=lists.tallies(session, [form.id], since=start_of_today()).get(form.id, Tally()),
        deleted=lists.deleted_records(session, form.id),
        versions=version_lines(session, form.id),
        files=shown_files(session, current),
        undo=undo_of(request.args.get("undo", "")),
        phones=len(lists.phones_in_use(session, project_id)),
        lacking=lacking_of(shown.id),
        names_until=keeping.until(session, form.id),
    )


@scoped(blueprint, "/surveys/<seg:form_id>/state", methods=("POST",))
def change_state(project_id: int, form_id: str) -> ResponseReturnValue:
    """Open, closing or closed."""
    with transaction() as session:
        form = form_of(project_id, form_id)
        set_state(session, form, request.form.get("state", ""), author())
    flash(gettext("The state of the survey is changed; phones learn of it when they next look."))
    return redirect(url_for(".show", project_id=project_id, form_id=form_id), 303)


@scoped(blueprint, "/surveys/<seg:form_id>/files", methods=("POST",))
def take_files(project_id: int, form_id: str) -> ResponseReturnValue:
    """Replace files of the version phones have."""
    several = sent_files()
    with transaction() as session:
        form = form_of(project_id, form_id)
        ticket = put_files(session, form, forms.current_version(session, form), several)
    return led_on(page_of(project_id, form_id, draft=False, ticket=ticket))


def author() -> Author:
    """The reader as the author of a change, now."""
    return Author(identity().actor_id, now())


@scoped(blueprint, "/surveys/<seg:form_id>/files/<seg:name>")
def file(project_id: int, form_id: str, name: str) -> Response:
    """A file as phones get it; one of the draft with `?draft=1`."""
    session = db.session()
    form = form_of(project_id, form_id)
    version = (
        forms.draft_version(session, form)
        if "draft" in request.args
        else forms.current_version(session, form)
    )
    for media in forms.media_of(session, version.id):
        if media.name == name:
            return blob_response(parts().blobs, media.sha256, name)
    scope = current()
    if scope.codes == ():
        raise AttachmentNotFound(name=name)
    # What the server makes itself, cut to the reader's places as it would be to a phone's.
    return handed_file(Asker(project_id, scope.codes or ()), version.id, name)


@scoped(blueprint, f"/surveys/<seg:form_id>/versions/<{NUMBER}:number>/xform")
def xform(project_id: int, form_id: str, number: int) -> Response:
    """The form as phones get it."""
    version = _version(project_id, form_id, number)
    response = Response(forms.version_xml(db.session(), version.id), content_type="text/xml; charset=utf-8")
    # Never opened in the browser: an XForm may hold anything its author wrote.
    response.headers["Content-Disposition"] = disposition(f"{form_id}.xml")
    return response


@scoped(blueprint, f"/surveys/<seg:form_id>/versions/<{NUMBER}:number>/workbook")
def workbook(project_id: int, form_id: str, number: int) -> Response:
    """The workbook as its author sent it."""
    version = _version(project_id, form_id, number)
    if version.workbook_sha256 is None:
        raise AttachmentNotFound(name=form_id)
    return blob_response(parts().blobs, version.workbook_sha256, version.workbook_name or form_id)


def _version(project_id: int, form_id: str, number: int) -> FormVersion:
    version = db.session.get(FormVersion, number)
    if version is None or version.form_id != form_of(project_id, form_id).id:
        abort(404)
    return version
