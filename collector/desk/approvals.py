"""Figures signed for on the desk: a commune confirms its own, the province locks and unlocks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import approvals as actions
from collector.actions.approvals import Signed
from collector.desk.page import may, now, scoped
from collector.desk.standpoint import Standpoint
from collector.errors import say
from forms.places import COMMUNE, PROVINCE
from storage.cells.problems import FiguresLocked, FiguresNotLocked, FiguresUnconfirmed
from storage.cuts import can_see, within
from storage.database import db, transaction
from storage.models import Approval, Place
from storage.problems import PeriodUnknown, PlaceUnknown
from storage.queries import approvals
from storage.queries.lists import names_of
from storage.queries.places import get_place
from storage.scope import WHOLE

blueprint = Blueprint("approvals", __name__)

MOST_NAMED = 12
"""Communes named that have not confirmed yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done for the figures, by whom, when and why."""

    state: str
    who: str
    on: datetime
    reason: str


@dataclass(frozen=True)
class Signing:
    """Who has signed for the figures of a place and period, and what the reader may do about it.

    `state` is confirmed, locked or "". `held` is the lock in force and `holder` the name of its place.
    `waiting` are the communes that have not confirmed, `waiting_count` how many there are.
    """

    state: str
    held: Approval | None
    holder: str
    steps: Sequence[Step]
    waiting: Sequence[Place]
    waiting_count: int
    may_confirm: bool
    may_lock: bool
    may_unlock: bool

    @property
    def changed(self) -> datetime | None:
        """When what locked figures rest on changed first, None while it has not."""
        return self.held.changed_at if self.held else None

    @property
    def provisional(self) -> bool:
        """Whether the figures still follow the records."""
        return self.held is None


def signing(session: Session, project_id: int, at: Standpoint) -> Signing | None:
    """How it stands with the figures there; None for what nobody signs for: a village, the whole country."""
    if at.level not in {COMMUNE, PROVINCE}:
        return None
    held = actions.held_by(session, project_id, at.area, at.period)
    several = approvals.history(session, project_id, at.area, at.period)
    state = approvals.LOCKED if held else several[0].state if several else ""
    waiting = actions.unconfirmed(session, project_id, at.area, at.period) if at.level == PROVINCE else []
    here, free = held is not None and held.place_code == at.area, held is None
    lock = _may_here(session, "figure.lock", project_id, at.area)
    return Signing(
        "" if state == approvals.OPEN else state,
        held,
        _name(session, held, at),
        _steps(session, several),
        waiting[:MOST_NAMED],
        len(waiting),
        free and at.level == COMMUNE and _may_here(session, "figure.confirm", project_id, at.area),
        free and lock,
        here and lock,
    )


def _may_here(session: Session, verb: str, project_id: int, code: str) -> bool:
    if not may(verb, project_id):
        return False
    with within(identity().scope((verb,), project_id)):
        return can_see(session, [code])


def _name(session: Session, held: Approval | None, at: Standpoint) -> str:
    if held is None or held.place_code == at.area:
        return at.name
    # Whoever is held by a lock is told whose it is, wherever that lies.
    with within(WHOLE):
        return get_place(session, held.place_code).name


def _steps(session: Session, several: Sequence[Approval]) -> list[Step]:
    names = names_of(session, {one.actor_id for one in several if one.actor_id is not None})
    return [
        Step(one.state, names.get(one.actor_id or 0, ""), one.created_at, one.reason or "") for one in several
    ]


@scoped(blueprint, "/figures/confirm", methods=("POST",))
def confirm(project_id: int) -> ResponseReturnValue:
    """A commune says that its figures are right."""
    return _sign(project_id, "confirm")


@scoped(blueprint, "/figures/lock", methods=("POST",))
def lock(project_id: int) -> ResponseReturnValue:
    """Figures are kept as they are; with `even` although communes have not confirmed theirs."""
    return _sign(project_id, "lock")


@scoped(blueprint, "/figures/unlock", methods=("POST",))
def unlock(project_id: int) -> ResponseReturnValue:
    """Figures follow the records again, for a reason."""
    return _sign(project_id, "unlock")


def _sign(project_id: int, what: str) -> ResponseReturnValue:
    code, period = request.form.get("area", "")[:40], request.form.get("period", "")[:20]
    signed = Signed(project_id, code, period, identity().actor_id, now())
    if not can_see(db.session(), [code]):
        raise PlaceUnknown(code=code)
    db.session().rollback()
    if what == "unlock" and not request.form.get("reason", "").strip():
        flash(gettext("Say why the figures are unlocked: the province answers for it."), "error")
        return _back(project_id, code, period)
    try:
        with transaction() as session:
            said = _done(session, what, signed)
    except (PeriodUnknown, FiguresLocked, FiguresNotLocked, FiguresUnconfirmed) as problem:
        flash(say(problem), "error")
    else:
        flash(said)
    return _back(project_id, code, period)


def _back(project_id: int, code: str, period: str) -> ResponseReturnValue:
    there = url_for("desk.indicators.index", project_id=project_id, area=code, period=period)
    return redirect(f"{there}#signed", 303)


def _done(session: Session, what: str, signed: Signed) -> str:
    if what == "confirm":
        actions.confirm(session, signed)
        return str(gettext("Confirmed. The province sees it, and may lock the figures."))
    if what == "lock":
        actions.lock(session, signed, even_unconfirmed=request.form.get("even") == "1")
        return str(gettext("Locked. The figures stay as they are, whatever comes in."))
    actions.unlock(session, signed, request.form.get("reason", ""))
    return str(gettext("Unlocked. The figures follow the records again within moments."))
