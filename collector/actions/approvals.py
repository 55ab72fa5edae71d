"""⑧ Figures signed for: a commune confirms those of a period, the province locks and unlocks them.

What is locked keeps its values, and those of all places in it, whatever comes in; that something has
changed since is noted. The right to confirm and to lock is the route's to ask for; here places are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions.returned import LONGEST_REASON
from forms.period_kinds import KINDS, kind_of, months_of, period_of
from forms.periods import SPOKEN, read_period
from forms.places import COMMUNE
from storage.cells.marks import mark, period_source
from storage.cells.problems import FiguresLocked, FiguresNotLocked, FiguresUnconfirmed
from storage.cuts import within
from storage.models import Approval, Place
from storage.problems import PeriodUnknown, ReasonMissing
from storage.queries import approvals
from storage.queries.approvals import CONFIRMED, LOCKED, OPEN
from storage.queries.places import ancestors, get_place, subtree
from storage.scope import WHOLE

_NAMED = 5
"""Communes named in a refusal."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Which figures, and who signs for them when."""

    project_id: int
    place_code: str
    period: str
    actor_id: int | None
    now: datetime


def confirm(session: Session, signed: Signed) -> Approval:
    """Say that the figures of a place are right. Raises PlaceUnknown, PeriodUnknown, FiguresLocked."""
    place = _checked(session, signed)
    _require_open(session, signed, place)
    return _note(session, signed, CONFIRMED)


def lock(session: Session, signed: Signed, *, even_unconfirmed: bool = False) -> Approval:
    """Keep the figures of a place, and of all in it, as they are.

    Raises PlaceUnknown, PeriodUnknown, FiguresLocked, and FiguresUnconfirmed unless `even_unconfirmed`.
    """
    place = _checked(session, signed)
    _require_open(session, signed, place)
    missing = unconfirmed(session, signed.project_id, place.code, signed.period)
    if missing and not even_unconfirmed:
        names = ", ".join(one.name for one in missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        raise FiguresUnconfirmed(period=signed.period, count=len(missing), names=names)
    return _note(session, signed, LOCKED)


def unlock(session: Session, signed: Signed, reason: str) -> Approval:
    """Let the figures of a place follow the records again, from the next refresh on.

    Raises PlaceUnknown, PeriodUnknown, ReasonMissing, FiguresNotLocked.
    """
    place = _checked(session, signed)
    text = reason.strip()[:LONGEST_REASON]
    if not text:
        raise ReasonMissing
    if (place.code, signed.period) not in approvals.locked(session, signed.project_id, [signed.period]):
        raise FiguresNotLocked(place=place.name, period=signed.period)
    made = _note(session, signed, OPEN, text)
    mark(session, signed.project_id, period_source(signed.period), place.code, None)
    return made


def unconfirmed(session: Session, project_id: int, place_code: str, period: str) -> list[Place]:
    """The communes in a place, or it itself, whose figures nobody has confirmed; by name."""
    done = {
        one.place_code
        for one in approvals.newest(session, project_id, [period])
        if one.state in {CONFIRMED, LOCKED}
    }
    communes = session.scalars(
        select(Place)
        .where(
            Place.level == COMMUNE,
            Place.valid_to.is_(None),
            Place.code.in_(subtree([place_code], predecessors=False)),
        )
        .order_by(Place.sort_key, Place.code)
    )
    return [one for one in communes if one.code not in done]


def held_by(session: Session, project_id: int, place_code: str, period: str) -> Approval | None:
    """The lock that holds the figures of a place: its own, or of a place around it."""
    # A commune learns that the province's lock holds its figures, wherever that lies.
    with within(WHOLE):
        around = {place_code, *(one.code for one in ancestors(session, place_code))}
        several = approvals.newest(session, project_id, [period])
    return next((one for one in several if one.state == LOCKED and one.place_code in around), None)


def _checked(session: Session, signed: Signed) -> Place:
    if not _is_period(signed.period):
        raise PeriodUnknown(period=signed.period[:40], known=SPOKEN)
    return get_place(session, signed.place_code)


def _is_period(text: str, kinds: Collection[str] = KINDS) -> bool:
    if read_period(text) is None:
        return False
    try:
        return period_of(months_of(text)[0], kind_of(text)) == text and kind_of(text) in kinds
    except (KeyError, ValueError):
        return False


def _require_open(session: Session, signed: Signed, place: Place) -> None:
    if held_by(session, signed.project_id, place.code, signed.period) is not None:
        raise FiguresLocked(place=place.name, period=signed.period)


def _note(session: Session, signed: Signed, state: str, reason: str | None = None) -> Approval:
    made = Approval(
        project_id=signed.project_id,
        place_code=signed.place_code,
        period=signed.period,
        state=state,
        reason=reason,
        actor_id=signed.actor_id,
        created_at=signed.now,
    )
    session.add(made)
    session.flush()
    return made
