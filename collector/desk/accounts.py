"""Accounts: found, opened with a role and place, changed, closed; and a new password without the old one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.accounts.secrets import new_password
from collector.actions import account_keeping as keeping
from collector.actions import accounts as actions
from collector.actions import outside_identities, second_step, users
from collector.actions.account_keeping import Keeper, NewAccount, Right, Search, State
from collector.actions.outside_identities import Known
from collector.actions.roles import NAMES
from collector.desk.account import ROLE_NAMES
from collector.desk.page import NUMBER, asked_number, is_out_of_reach, now, phone_address, scoped
from collector.desk.phones import places_typed
from collector.errors import STATUS, say
from collector.parts import parts
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotAllowed
from storage.queries import access, sign_ins

blueprint = Blueprint("accounts", __name__)

A_PAGE = 50
_LONGEST = 100

ROLE_HINTS: Mapping[int, Callable[[], str]] = {
    NAMES["administrator"]: lambda: gettext("Everything, also accounts and settings of the server."),
    NAMES["manager"]: lambda: gettext("Surveys, people, places, records: the department's officer."),
    NAMES["reviewer"]: lambda: gettext("Sees, reviews and corrects the records of his places: the commune."),
    NAMES["viewer"]: lambda: gettext("Reads figures and progress, changes nothing: a leader, an inspector."),
    NAMES["collector"]: lambda: gettext("Fills open forms in a browser for his places: the village head."),
}
"""What each role is for, in a line."""


def _spoken() -> dict[int, str]:
    return {number: ROLE_NAMES[name]() for name, number in NAMES.items()}


def _search() -> Search:
    state = request.args.get("state", "")
    return Search(
        request.args.get("q", "").strip()[:_LONGEST],
        asked_number("role"),
        request.args.get("place", "").strip()[:40],
        State(state) if state in set(State) else State.ANY,
    )


@scoped(blueprint, "/accounts")
def index(project_id: int) -> str:  # noqa: ARG001 - the guard asks what the reader may in it
    """The accounts the reader keeps, by name, a page at a time."""
    search = _search()
    found = keeping.find(db.session(), identity(), search)
    page = asked_number("page") or 1
    return render_template(
        "accounts.html",
        lines=found[(page - 1) * A_PAGE : page * A_PAGE],
        number=len(found),
        page=page,
        pages=max(1, -(-len(found) // A_PAGE)),
        search=search,
        states=State,
        role_names=_spoken(),
        role=search.role,
    )


@scoped(blueprint, "/accounts/new")
def ask(project_id: int) -> str:
    """Who is to get an account, and what for."""
    return _ask(project_id)


def _ask(project_id: int, **more: object) -> str:
    return render_template(
        "account_new.html",
        roles=Keeper(db.session(), identity()).roles(project_id),
        role_names=_spoken(),
        role_hints={number: hint() for number, hint in ROLE_HINTS.items()},
        chosen=request.form.get("role", type=int),
        typed=request.form,
        **more,
    )


@scoped(blueprint, "/accounts", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """An account; its first password, or the link to set one, stands on the page that answers, once."""
    _require_person()
    places, doubt = places_typed(request.form.get("places", ""))
    new = NewAccount(
        request.form.get("username", "").strip()[:_LONGEST],
        " ".join(request.form.get("name", "").split())[:_LONGEST],
        request.form.get("role", 0, type=int),
        places,
    )
    if doubt or not new.display_name:
        return _ask(project_id, sentence=doubt or gettext("Write the name of the person.")), 400
    try:
        with transaction() as session:
            user, password = keeping.open_account(session, identity(), new, project_id, now=now())
            number = user.actor_id
            token = _token(user) if request.form.get("first") == "link" else ""
    except Problem as problem:
        return _ask(project_id, sentence=say(problem)), STATUS[type(problem)].status
    return _told(project_id, number, password="" if token else password, token=token, fresh=True)


def _token(user: User) -> str:
    return users.allow_reset(db.session(), user, by=identity().actor_id, now=now())


def _told(project_id: int, number: int, *, password: str = "", token: str = "", fresh: bool = False) -> str:
    """The page of an account with what is shown only once."""
    address = phone_address()
    return _show(
        project_id,
        number,
        password=password,
        link=f"{address}/reset/{token}" if token else "",
        signin=f"{address}/signin",
        out_of_reach=is_out_of_reach(address),
        fresh=fresh,
    )


@scoped(blueprint, f"/accounts/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """One account: what it may, when it was last used, and what can be done with it."""
    return _show(project_id, number)


def _show(project_id: int, number: int, **more: object) -> str:
    session = db.session()
    user = _kept(number)
    keeper = Keeper(session, identity())
    return render_template(
        "account_kept.html",
        line=keeping.line_of(session, user),
        user=user,
        own=number == identity().actor_id,
        roles=keeper.roles(project_id),
        role_names=_spoken(),
        role_hints={one: hint() for one, hint in ROLE_HINTS.items()},
        sessions=access.sessions_of(session, number, now()),
        stepped=sign_ins.second_step(session, number) is not None,
        provider=parts().provider,
        outside=sign_ins.identity_outside(session, number),
        keys=[key for key in access.keys_of(session, number) if key.revoked_at is None],
        chosen=request.form.get("role", type=int),
        typed=request.form,
        **more,
    )


def _kept(number: int) -> User:
    return keeping.kept(db.session(), identity(), number) or abort(404)


def _require_person() -> None:
    # With a password of its own a key could become somebody.
    if not identity().is_person:
        raise NotAllowed


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/role", methods=("POST",))
def change_role(project_id: int, number: int) -> ResponseReturnValue:
    """Another role or other places, from now on; what was held before goes."""
    places, doubt = places_typed(request.form.get("places", ""))
    _kept(number)
    if doubt:
        return _show(project_id, number, sentence=doubt), 400
    new = Right(request.form.get("role", 0, type=int), project_id, tuple((code, "") for code in places))
    try:
        with transaction() as session:
            keeping.change_role(session, identity(), _kept(number), new, now=now())
    except Problem as problem:
        return _show(project_id, number, sentence=say(problem)), STATUS[type(problem)].status
    flash(gettext("The role is changed. It holds from the next page on."))
    return _back(project_id, number)


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/disable", methods=("POST",))
def disable(project_id: int, number: int) -> ResponseReturnValue:
    """Let nobody in by it any more; it can be enabled again."""
    _require_another(number)
    try:
        with transaction() as session:
            users.disable(session, _kept(number), now=now())
    except Problem as problem:
        return _show(project_id, number, sentence=say(problem)), STATUS[type(problem)].status
    flash(gettext("The account is disabled. What it did stays; you can enable it again at any time."))
    return _back(project_id, number)


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/enable", methods=("POST",))
def enable(project_id: int, number: int) -> ResponseReturnValue:
    """Let its owner in again."""
    with transaction() as session:
        users.enable(session, _kept(number), now=now())
    flash(gettext("The account is enabled. The password it had works again."))
    return _back(project_id, number)


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/signout", methods=("POST",))
def sign_out(project_id: int, number: int) -> ResponseReturnValue:
    """End all of its sessions, on every machine."""
    with transaction() as session:
        ended = users.sign_out_everywhere(session, _kept(number), now=now())
    flash(ngettext("%(num)s session was ended.", "%(num)s sessions were ended.", ended))
    return _back(project_id, number)


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/reset", methods=("POST",))
def reset(project_id: int, number: int) -> ResponseReturnValue:
    """A link to set a new password, or with `kind=password` the password itself: on this page, once."""
    _require_person()
    if _kept(number).disabled_at is not None:
        sentence = gettext("The account is disabled: enable it first, then give a new password.")
        return _show(project_id, number, sentence=sentence), 400
    password = new_password() if request.form.get("kind") == "password" else ""
    with transaction() as session:
        user = _kept(number)
        token = "" if password else _token(user)
        if password:
            actions.set_password(session, user.username, password, now=now())
    return _told(project_id, number, password=password, token=token)


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/second", methods=("POST",))
def take_step_away(project_id: int, number: int) -> ResponseReturnValue:
    """Ask for no code any more, as for a lost phone: by whoever may give a new password too."""
    _require_person()
    _require_another(number)
    with transaction() as session:
        second_step.take_away(session, _kept(number), now=now())
    flash(
        gettext(
            "The second step is taken away: the password alone lets its owner in, until it is set up again."
        )
    )
    return _back(project_id, number)


def _require_another(number: int) -> None:
    _kept(number)
    if number == identity().actor_id:
        raise NotAllowed


@scoped(blueprint, f"/accounts/<{NUMBER}:number>/outside", methods=("POST",))
def tie(project_id: int, number: int) -> ResponseReturnValue:
    """Link the account with what the provider says of its owner; nothing typed takes the link away."""
    _require_person()
    _require_another(number)
    provider, value = parts().provider or abort(404), request.form.get("value", "").strip()
    known = Known(provider.client.issuer, provider.client.claim, value)
    try:
        with transaction() as session:
            user, by = _kept(number), identity().actor_id
            if value:
                outside_identities.tie(session, user, known, provider=provider.name, by=by, now=now())
            else:
                outside_identities.untie(session, user, now=now())
    except Problem as problem:
        return _show(project_id, number, sentence=say(problem)), STATUS[type(problem)].status
    flash(gettext("The link is saved.") if value else gettext("The link is taken away."))
    return _back(project_id, number)


def _back(project_id: int, number: int) -> ResponseReturnValue:
    return redirect(url_for(".show", project_id=project_id, number=number), 303)
