"""Keys of programs, under the reader's own account: made, shown once, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import keys as actions
from collector.actions.keys import NewKey
from collector.actions.roles import NAMES
from collector.desk.account import ROLE_NAMES
from collector.desk.page import NUMBER, now, phone_address, whole_number
from collector.errors import say
from forms.problems import Problem
from storage.database import db, transaction
from storage.queries import access
from storage.queries.projects import list_projects

blueprint = Blueprint("keys", __name__)

_LONGEST_NAME = 255
_DAYS = (30, 90, 365)
"""How long a key made on the page may hold; for good where none is chosen."""


def _page(*, typed: Mapping[str, str] | None = None, **more: object) -> str:
    who, session = identity(), db.session()
    projects = {one.id: one.name for one in list_projects(session)}
    held = {grant.role for grant in who.grants}
    return render_template(
        "keys.html",
        keys=access.keys_of(session, who.actor_id or 0),
        projects={number: name for number, name in projects.items() if who.may("project.read", number)},
        roles={number: ROLE_NAMES[name]() for name, number in NAMES.items() if number in held},
        role_names={number: ROLE_NAMES[name]() for name, number in NAMES.items()},
        days=_DAYS,
        now=now(),
        address=phone_address(),
        typed=typed or {},
        **more,
    )


@blueprint.get("/account/keys")
def index() -> str:
    """The reader's keys."""
    return _page()


@blueprint.post("/account/keys")
def make() -> ResponseReturnValue:
    """A key, shown on this page and never again."""
    name = " ".join(request.form.get("name", "").split())[:_LONGEST_NAME]
    if not name:
        return _page(sentence=gettext("Give the key a name, so that you know later what it was for.")), 400
    try:
        with transaction() as session:
            _key, token = actions.make(session, identity(), _wanted(name), now=now())
    except Problem as problem:
        return _page(sentence=say(problem), typed=request.form), 400
    return _page(token=token, named=name)


def _wanted(name: str) -> NewKey:
    role = request.form.get("role", type=whole_number)
    project = request.form.get("project", type=whole_number)
    # What cannot be read must not make a key that opens more than was asked for.
    asked = (("role", role), ("project", project))
    if any(request.form.get(field) and number is None for field, number in asked):
        abort(400)
    days = request.form.get("days", type=int)
    codes = request.form.get("places", "").replace(",", " ").replace(";", " ").split()
    return NewKey(
        name,
        roles=None if role is None else (role,),
        project_id=project,
        place_codes=tuple(dict.fromkeys(codes)),
        read_only=request.form.get("changes") != "1",
        expires_at=now() + timedelta(days=days) if days in _DAYS else None,
    )


@blueprint.post(f"/account/keys/<{NUMBER}:number>/revoke")
def revoke(number: int) -> ResponseReturnValue:
    """Take a key back."""
    with transaction() as session:
        if not actions.revoke(session, identity(), number, now=now()):
            abort(404)
    flash(gettext("The key is taken back. Whatever used it is refused from now on."))
    return redirect("/account/keys", 303)
