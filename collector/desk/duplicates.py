"""Two records of one thing on the desk: side by side, joined with a reason, taken apart again."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import duplicates as actions
from collector.actions.corrections import Why, reason_of
from collector.actions.duplicates import Joining
from collector.desk.bulk import batch_of
from collector.desk.corrections import corrections, officer, reason_said, reasons
from collector.desk.history import Words
from collector.desk.page import NUMBER, form_of, scoped
from collector.desk.tickets import opened, sealed
from collector.errors import STATUS, say
from forms.corrections.filled import Spot
from forms.problems import Problem
from storage.database import db
from storage.models import Form
from storage.problems import (
    AnswersRefused,
    CorrectionReasonMissing,
    EditSuperseded,
    NoDuplicate,
    RecordEncrypted,
    SubmissionNotFound,
)
from storage.queries import submissions

blueprint = Blueprint("duplicates", __name__)

_TICKET = "join"


@scoped(blueprint, "/surveys/<seg:form_id>/submissions/<seg:instance_id>/join")
def show(project_id: int, form_id: str, instance_id: str) -> ResponseReturnValue:
    """Another record to be chosen; `?with=` its id shows both side by side."""
    form = form_of(project_id, form_id)
    other = request.args.get("with", "").strip()
    return _page(form, instance_id, other)


def _page(form: Form, one: str, other: str, problem: Problem | None = None) -> tuple[str, int]:
    session = db.session()
    record = submissions.get_submission(session, form, one)
    if record.deleted_at is not None:
        raise SubmissionNotFound(instance=one)
    compared = None
    if other:
        try:
            compared = actions.compare(session, corrections(), form, one, other)
        except (NoDuplicate, SubmissionNotFound, RecordEncrypted) as refused:
            problem = problem or refused
    ticket = ""
    if compared is not None:
        bases = (compared.kept.version.instance_id, compared.other.version.instance_id)
        ticket = sealed(_TICKET, form.id, identity().actor_id, one, other, *bases, secrets.token_hex(8))
    page = render_template(
        "join.html",
        form=form,
        record=record,
        version=submissions.current_version_of(session, record.id),
        other=other,
        compared=compared,
        alike=actions.alike(session, record),
        words=Words(compared.kept.logic.schema) if compared is not None else None,
        ticket=ticket,
        reasons=reasons(),
        sentence=say(problem) if problem is not None else "",
    )
    return page, 200 if problem is None else STATUS[type(problem)].status


@scoped(blueprint, "/surveys/<seg:form_id>/join", methods=("POST",))
def join(project_id: int, form_id: str) -> ResponseReturnValue:
    """Join the two records that were looked at; `keep` says which one stays."""
    form = form_of(project_id, form_id)
    said = opened(_TICKET, request.form.get("ticket", ""))
    number, actor, one, other, one_base, other_base, nonce = said
    if (number, actor) != (form.id, identity().actor_id):
        abort(400)
    take = tuple(Spot.read(text) for text in request.form.getlist("take"))
    joining = Joining(one, other, one_base, other_base, take, nonce)
    if request.form.get("keep") == "other":
        joining = Joining(other, one, other_base, one_base, take, nonce)
    try:
        reason = reason_of(request.form.get("reason", ""), request.form.get("words", ""))
        batch = actions.join(db.session(), corrections(), form, joining, Why(officer(), reason))
    except (CorrectionReasonMissing, NoDuplicate, AnswersRefused) as problem:
        return _page(form, one, other, problem)
    except EditSuperseded as problem:
        flash(
            gettext("One of the two was changed since you looked at it, so nothing was done. Look again."),
            "error",
        )
        page, _status = _page(form, one, other)
        return page, STATUS[type(problem)].status
    return redirect(url_for(".done", project_id=project_id, form_id=form_id, number=batch), 303)


@scoped(blueprint, f"/surveys/<seg:form_id>/join/<{NUMBER}:number>")
def done(project_id: int, form_id: str, number: int) -> str:
    """How two records were joined."""
    form = form_of(project_id, form_id)
    batch = batch_of(form, number, (actions.KIND,))
    return render_template(
        "joined.html", form=form, batch=batch, reason=reason_said(batch.summary.get("reason"))
    )


@scoped(blueprint, f"/surveys/<seg:form_id>/join/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, form_id: str, number: int) -> ResponseReturnValue:
    """Take two records apart again."""
    batch_of(form_of(project_id, form_id), number, (actions.KIND,))
    actions.undo(corrections(), project_id, number, officer())
    return redirect(url_for(".done", project_id=project_id, form_id=form_id, number=number), 303)
