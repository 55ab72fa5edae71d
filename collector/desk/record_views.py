"""Views of a survey's records that officers keep, and the list as a table for Excel."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, stream_with_context
from flask import url_for as address
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from collector.accounts.guard import identity
from collector.actions import list_table, views
from collector.actions.form_notes import note_form
from collector.actions.listing import Pairs, can_stand
from collector.actions.publish import Author
from collector.desk import record_words
from collector.desk.history import Words
from collector.desk.narrowing import listing_of
from collector.desk.page import NUMBER, form_of, may, now, scoped
from collector.desk.record_list import STATE_WORDS, query_of
from collector.errors import STATUS, say
from collector.fileresponse import disposition
from forms.schema import Node
from storage.database import db, transaction
from storage.list_problems import ViewUnusable
from storage.models import Form, FormVersion, RecordView
from storage.queries import record_views

blueprint = Blueprint("record_views", __name__)

_VIEWS = "/surveys/<seg:form_id>/views"
_ONE = f"{_VIEWS}/<{NUMBER}:number>"


@scoped(blueprint, _VIEWS)
def index(project_id: int, form_id: str) -> str:
    """The views the reader is offered; what the address says can be kept as one more."""
    return _index(form_of(project_id, form_id), _said(form_of(project_id, form_id), request.args))


def _index(form: Form, pairs: Pairs, sentence: str = "") -> str:
    session, actor_id = db.session(), identity().actor_id or 0
    return render_template(
        "record_views.html",
        form=form,
        pairs=pairs,
        query=query_of(pairs),
        views=record_views.offered(session, form.id, actor_id),
        deleted=[
            one for one in record_views.offered(session, form.id, actor_id, deleted=True) if _keeps(form, one)
        ],
        keeps=lambda view: _keeps(form, view),
        shares=may("form.update", form.project_id),
        longest=views.LONGEST_NAME,
        sentence=sentence,
    )


def _said(form: Form, said: MultiDict[str, str]) -> Pairs:
    asked = listing_of(form)
    return (*asked.narrowing(said).pairs, *asked.shown(said).pairs)


def _keeps(form: Form, view: RecordView) -> bool:
    """Whether the reader may change a view: his own, and shared ones whoever looks after the surveys."""
    return view.actor_id == identity().actor_id or (view.shared and may("form.update", form.project_id))


@scoped(blueprint, _VIEWS, methods=("POST",))
def keep(project_id: int, form_id: str) -> ResponseReturnValue:
    """Keep the list as it is narrowed, sorted and shown, under a name."""
    form = form_of(project_id, form_id)
    pairs = _said(form, request.form)
    name = request.form.get("name", "")
    try:
        with transaction() as session:
            views.keep(session, form_of(project_id, form_id), name, query_of(pairs), _author())
    except ViewUnusable as problem:
        return _index(form_of(project_id, form_id), pairs, say(problem)), STATUS[ViewUnusable].status
    flash(gettext("The view is kept. It stands above the list."))
    here = address("desk.records.index", project_id=project_id, form_id=form_id)
    return redirect(f"{here}?{query_of(pairs)}" if pairs else here, 303)


@scoped(blueprint, _ONE, methods=("POST",))
def change(project_id: int, form_id: str, number: int) -> ResponseReturnValue:
    """Rename a view, share it with all of the project, take that back, delete it, or put it back."""
    act = request.form.get("act", "")
    with transaction() as session:
        form = form_of(project_id, form_id)
        view = record_views.get_view(session, form.id, identity().actor_id or 0, number)
        if not _keeps(form, view):
            abort(403)
        try:
            flash(_changed(form, view, act))
        except ViewUnusable as problem:
            flash(say(problem))
    return redirect(address(".index", project_id=project_id, form_id=form_id), 303)


def _changed(form: Form, view: RecordView, act: str) -> str:
    session, author = db.session(), _author()
    if act == "rename":
        views.rename(session, form, view, request.form.get("name", ""), author)
        return str(gettext("The view has its new name."))
    if act == "delete":
        views.delete(session, form, view, author)
        return str(gettext("The view is deleted. It can be put back below."))
    if act == "restore":
        views.restore(session, form, view, author)
        return str(gettext("The view is back."))
    if act == "unshare":
        views.share(session, form, view, None, author)
        return str(gettext("Only whoever made the view is offered it now."))
    if act != "share" or not may("form.update", form.project_id):
        abort(403)
    pairs = _said(form, MultiDict(parse_qsl(view.address)))
    kept = _impersonal(form, pairs)
    views.share(session, form, view, query_of(kept), author)
    if len(kept) == len(pairs):
        return str(gettext("All of the project are offered the view now."))
    return str(
        gettext(
            "All of the project are offered the view now. Words of a search, senders and answers that name "
            "somebody were left out of it."
        )
    )


def _impersonal(form: Form, pairs: Pairs) -> Pairs:
    version = db.session().get(FormVersion, form.current_id) if form.current_id else None
    marks = version.sheets.get("marks", {}) if version is not None else {}
    return listing_of(form).impersonal(pairs, marks)


def _author() -> Author:
    return Author(identity().actor_id, now())


@scoped(blueprint, "/surveys/<seg:form_id>/submissions.csv")
def table(project_id: int, form_id: str) -> Response:
    """The list as it is narrowed, as a table for Excel, with every question of the record itself."""
    with transaction() as session:
        note_form(session, "form.submission.export", form_of(project_id, form_id), _author())
    form = form_of(project_id, form_id)
    asked = listing_of(form)
    chosen = asked.narrowing(request.args).chosen
    nodes = [node for node in asked.schema.questions if can_stand(node)] if asked.schema else []
    nodes = [node for node in nodes if not node.path.startswith("/meta/")]
    body = list_table.table(form, chosen, _columns(form, asked.schema, nodes))
    response = Response(stream_with_context(body), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = disposition(f"{form_id}_{now():%Y-%m-%d}.csv")
    return response


def _columns(form: Form, schema: Any, nodes: list[Node]) -> list_table.Columns:
    own = (
        gettext("Record"),
        gettext("Received"),
        gettext("Sender"),
        gettext("State"),
        gettext("Place"),
        gettext("Commune"),
        gettext("Number of the record"),
    )
    words = Words(schema)
    said = record_words.teller(form, schema, nodes)
    states = {code: word() for code, word in STATE_WORDS.items()}
    return list_table.Columns(
        [*own, *(words.label(node) for node in nodes)],
        nodes,
        said,
        lambda state: states[state or "received"],
    )
