"""Webhooks of a project: who is told of its records, what came of it last."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import webhooks as actions
from collector.actions.webhooks import NewWebhook
from collector.desk.page import NUMBER, now, scoped
from collector.errors import say
from collector.parts import parts
from forms.problems import Problem
from storage.auditing.outbox import DELETED, EDITED, EVENTS, NEW, RESTORED, REVIEWED
from storage.database import db, transaction
from storage.queries import forms, projects, webhooks

blueprint = Blueprint("webhooks", __name__)

_LAST = 10
NAMES: Mapping[str, Callable[[], str]] = {
    NEW: lambda: gettext("a record came"),
    EDITED: lambda: gettext("a record was corrected"),
    REVIEWED: lambda: gettext("a record was judged"),
    DELETED: lambda: gettext("a record was deleted"),
    RESTORED: lambda: gettext("a record was put back"),
}
STATES: Mapping[str, Callable[[], str]] = {
    webhooks.WAITING: lambda: gettext("waits"),
    webhooks.TOLD: lambda: gettext("taken"),
    webhooks.GIVEN_UP: lambda: gettext("given up"),
}


@scoped(blueprint, "/webhooks")
def index(project_id: int) -> str:
    """Every webhook of a project."""
    return _page(project_id)


def _page(project_id: int, **more: object) -> str:
    session = db.session()
    several = webhooks.of_project(session, project_id)
    return render_template(
        "webhooks.html",
        project=projects.get_project(session, project_id),
        hooks=several,
        waiting=webhooks.waiting(session, [one.id for one in several]),
        last={one.id: webhooks.last(session, one.id, _LAST) for one in several},
        forms=forms.list_forms(session, project_id),
        names={event: name() for event, name in NAMES.items()},
        states={state: name() for state, name in STATES.items()},
        **more,
    )


@scoped(blueprint, "/webhooks", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """A webhook; its secret stands on this page and nowhere else."""
    url, name = request.form.get("url", "").strip(), request.form.get("form", "")
    try:
        with transaction() as session:
            projects.get_project(session, project_id)
            form_id = forms.get_form(session, project_id, name).id if name else None
            wanted = NewWebhook(url, tuple(request.form.getlist("event")) or EVENTS, form_id)
            _made, secret = actions.make(
                session, project_id, wanted, parts().vault, now=now(), by=identity().actor_id
            )
    except Problem as problem:
        return _page(project_id, sentence=say(problem), typed=url), 400
    return _page(project_id, secret=secret, named=url)


@scoped(blueprint, f"/webhooks/<{NUMBER}:number>/pause", methods=("POST",))
def pause(project_id: int, number: int) -> ResponseReturnValue:
    """Pause it, or go on."""
    with transaction() as session:
        hook = webhooks.get(session, project_id, number)
        actions.change(session, hook, now=now(), paused=hook.paused_at is None)
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/webhooks/<{NUMBER}:number>/delete", methods=("POST",))
def remove(project_id: int, number: int) -> ResponseReturnValue:
    """Tell it nothing any more."""
    with transaction() as session:
        actions.remove(session, webhooks.get(session, project_id, number), now=now())
    flash(gettext("It is told nothing any more."))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/webhooks/<{NUMBER}:number>/test", methods=("POST",))
def try_out(project_id: int, number: int) -> ResponseReturnValue:
    """Send it something now."""
    hook = webhooks.get(db.session(), project_id, number)
    db.session.expunge(hook)
    # Nobody's database waits for somebody else's server.
    db.session.rollback()
    told = actions.try_out(hook, parts().vault, now=now(), private=parts().settings.webhook_private)
    if told.taken:
        flash(gettext("It was taken: %(answer)s", answer=told.told))
    else:
        flash(gettext("It was not taken: %(answer)s", answer=told.told))
    return redirect(url_for(".index", project_id=project_id), 303)
