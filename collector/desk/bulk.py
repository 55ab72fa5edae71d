"""Many records changed at once on the desk: chosen, looked at, done with a reason, taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from collector.accounts.guard import identity
from collector.actions import bulk as actions
from collector.actions.bulk import ANSWER, Act, Work
from collector.actions.corrections import reason_of
from collector.actions.listing import Narrowing
from collector.desk.corrections import corrections, officer, reason_said, reasons
from collector.desk.history import Words
from collector.desk.narrowing import narrowed
from collector.desk.page import NUMBER, form_of, language, may, now, scoped, seeing
from collector.desk.tickets import opened, sealed
from collector.errors import STATUS, say
from collector.parts import parts
from collector.wording import fill
from forms.corrections.checking import editable
from forms.corrections.logic import Logic, read_logic
from forms.problems import Problem
from forms.schema import Node
from storage.database import db
from storage.models import Batch, Form
from storage.problems import BatchNotFound, CorrectionReasonMissing
from storage.queries import forms
from storage.queries.batches import get_batch

blueprint = Blueprint("bulk", __name__)

_TICKET = "bulk"
PLACE = "place"

ACT_WORDS: Mapping[str, Callable[[], str]] = {
    "approved": lambda: gettext("Approve"),
    "hasIssues": lambda: gettext("Mark as having issues"),
    "rejected": lambda: gettext("Reject"),
    "": lambda: gettext("Take the judgement back"),
    "delete": lambda: gettext("Delete"),
    "restore": lambda: gettext("Put back"),
    "answer": lambda: gettext("Give one question the same answer"),
}

LEFT_WORDS: Mapping[str, Callable[[], str]] = {
    "changed_since": lambda: gettext("changed by somebody since, so left alone"),
    "same": lambda: gettext("so already"),
    "refused": lambda: gettext("the form does not allow it there"),
    "gone": lambda: gettext("not there any more, or encrypted"),
}


def _verb(act: str) -> str:
    return {"delete": "submission.delete", "restore": "submission.restore"}.get(act, "submission.update")


@scoped(blueprint, "/surveys/<seg:form_id>/many", methods=("POST",))
def look(project_id: int, form_id: str) -> ResponseReturnValue:
    """What would be done to the ticked records, or to all that match; nothing is done."""
    form = form_of(project_id, form_id)
    ids = request.form.getlist("record") if request.form.get("scope", "ticked") == "ticked" else []
    here = url_for("desk.records.index", project_id=project_id, form_id=form_id)
    if not ids and request.form.get("scope", "ticked") == "ticked":
        return render_template("error.html", status=400, sentence=gettext("Tick at least one record.")), 400
    name = request.form.get("act", "")
    if not may(_verb(name), project_id):
        abort(403)
    said = _placeless(request.form) if name == PLACE else request.form
    act = Act(ANSWER if name == PLACE else name, request.form.get("path", ""), request.form.get("text", ""))
    # Who reviews a province and deletes in one commune deletes in that commune.
    with seeing(_verb(name), project_id):
        return _page(form, narrowed(form, said, ids), act, here)


def _placeless(said: MultiDict[str, str]) -> MultiDict[str, str]:
    """The same narrowing, to records without a place."""
    kept = [(key, value) for key, value in said.items(multi=True) if key not in {"place", "deleted"}]
    return MultiDict([*kept, ("placeless", "1")])


def _page(
    form: Form, narrowing: Narrowing, act: Act, here: str, problem: Problem | None = None
) -> ResponseReturnValue:
    session = db.session()
    chosen = narrowing.chosen
    work = Work(chosen, act, officer())
    ticket = sealed(_TICKET, *_said(form, narrowing, act))
    logic = logic_of(form)
    asks = act.answers and not act.path
    try:
        preview = None if asks else actions.look(session, corrections(), form, work)
    except Problem as refused:
        return render_template(
            "error.html", status=STATUS[type(refused)].status, sentence=say(refused)
        ), STATUS[type(refused)].status
    page = render_template(
        "many.html",
        form=form,
        chosen=chosen,
        narrowing=narrowing,
        act=act,
        act_words=ACT_WORDS[act.name](),
        preview=preview,
        questions=[(node.path, Words(logic.schema).label(node)) for node in _questions(logic)],
        words=Words(logic.schema),
        ticket=ticket,
        back=here,
        reasons=reasons(),
        told=fill,
        language=language(),
        sentence=say(problem) if problem is not None else "",
    )
    return page, 200 if problem is None else STATUS[type(problem)].status


def _said(form: Form, narrowing: Narrowing, act: Act) -> tuple[str | int | None, ...]:
    ids = "\n".join(narrowing.chosen.ids)
    which = (urlencode(narrowing.pairs), ids)
    moment = now().isoformat()
    return (form.id, identity().actor_id, *which, act.name, act.path, act.text, moment, secrets.token_hex(8))


def logic_of(form: Form) -> Logic:
    """What the form says of its answers now."""
    version_id = form.current_id or form.draft_id or 0
    shelved = parts().shelf.get(version_id, draft=False, generation=form.generation)
    return read_logic(forms.version_xml(db.session(), version_id), shelved.writer.schema)


def _questions(logic: Logic) -> list[Node]:
    return [node for node in logic.schema.questions if not node.table and editable(node, logic)]


@scoped(blueprint, "/surveys/<seg:form_id>/many/do", methods=("POST",))
def run(project_id: int, form_id: str) -> ResponseReturnValue:
    """Do what was looked at."""
    form = form_of(project_id, form_id)
    said = opened(_TICKET, request.form.get("ticket", ""))
    number, actor, which, ids, name, path, text, moment, nonce = said
    if (number, actor) != (form.id, identity().actor_id):
        abort(400)
    if not may(_verb(name), project_id):
        abort(403)
    act = Act(name, path, text)
    with seeing(_verb(name), project_id):
        return _run(form, act, (which, ids, moment, nonce))


def _run(form: Form, act: Act, said: tuple[str, str, str, str]) -> ResponseReturnValue:
    which, ids, moment, nonce = said
    narrowing = narrowed(form, MultiDict(parse_qsl(which)), ids.split("\n") if ids else ())
    project_id, form_id = form.project_id, form.xml_form_id
    try:
        reason = reason_of(request.form.get("reason", ""), request.form.get("words", ""))
    except CorrectionReasonMissing as problem:
        here = url_for("desk.records.index", project_id=project_id, form_id=form_id)
        return _page(form, narrowing, act, here, problem)
    work = Work(narrowing.chosen, act, officer(), datetime.fromisoformat(moment), reason, nonce)
    number = actions.run(corrections(), form, work)
    return redirect(url_for(".show", project_id=project_id, form_id=form_id, number=number), 303)


@scoped(blueprint, f"/surveys/<seg:form_id>/many/<{NUMBER}:number>")
def show(project_id: int, form_id: str, number: int) -> str:
    """What became of a batch of changes."""
    form = form_of(project_id, form_id)
    batch = batch_of(form, number, (actions.KIND,))
    return render_template(
        "many_done.html",
        form=form,
        batch=batch,
        title=ACT_WORDS[batch.summary["act"]](),
        reason=reason_said(batch.summary.get("reason")),
        left=[(LEFT_WORDS[why](), count) for why, count in batch.summary.get("left", {}).items()],
        undo=url_for(".undo", project_id=project_id, form_id=form_id, number=number),
    )


def batch_of(form: Form, number: int, kinds: tuple[str, ...]) -> Batch:
    """A batch of changes to records of a form. Raises BatchNotFound."""
    batch = get_batch(db.session(), form.project_id, kinds, number)
    if batch.summary.get("form_id") != form.id:
        raise BatchNotFound(number=number)
    return batch


@scoped(blueprint, f"/surveys/<seg:form_id>/many/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, form_id: str, number: int) -> ResponseReturnValue:
    """Take a batch of changes back."""
    batch_of(form_of(project_id, form_id), number, (actions.KIND,))
    actions.undo(corrections(), project_id, number, officer())
    return redirect(url_for(".show", project_id=project_id, form_id=form_id, number=number), 303)
