"""Which records go into a dataset, in the order of their keys, and how many are left out for which reason."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session

from storage.cuts import visible
from storage.models import Submission
from storage.portable_texts import Bytewise
from storage.queries.choosing import RECEIVED
from storage.queries.places import subtree
from storage.scope import Scope

DELETED, DUPLICATE, STATE, DAY, PLACE = "deleted", "duplicate", "state", "day", "place"
"""Why a record is not in it, each counted once, in this order."""

REJECTED: Final = "rejected"

WHY: Final = (DELETED, DUPLICATE, STATE, DAY, PLACE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a form: those its asker's `scope` sees, never deleted ones, duplicates or drafts.

    `places` narrows them to these and what lies in them (none: all), `since` and `until` to the moment they
    were received, the end left out, `states` to review states as filters call them (none: all but rejected).
    """

    form_id: int
    scope: Scope
    places: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    states: tuple[str, ...] = ()

    def kept(self) -> dict[str, ColumnElement[bool]]:
        """What must hold of a record, by the reason it is left out for otherwise."""
        state = func.coalesce(Submission.review_state, RECEIVED)
        days: list[ColumnElement[bool]] = [true()]
        if self.since is not None:
            days.append(Submission.created_at >= self.since)
        if self.until is not None:
            days.append(Submission.created_at < self.until)
        return {
            DELETED: Submission.deleted_at.is_(None),
            DUPLICATE: Submission.duplicate_of.is_(None),
            STATE: state.in_(self.states) if self.states else state != REJECTED,
            DAY: and_(*days),
            PLACE: and_(Submission.place_code.is_not(None), Submission.place_code.in_(subtree(self.places)))
            if self.places
            else true(),
        }

    @property
    def seen(self) -> ColumnElement[bool]:
        """All records of the form that its asker sees, whatever is left out."""
        return and_(
            Submission.form_id == self.form_id,
            Submission.draft.is_(False),
            visible(Submission.place_code, self.scope),
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The numbers of the records in the order of their keys (code points); `received` with those left out."""

    wanted: Wanted
    numbers: array[int]
    received: int
    excluded: Mapping[str, int]


def choose(session: Session, wanted: Wanted) -> Chosen:
    """Choose the records; nothing of them but their numbers is held."""
    kept = wanted.kept()
    query = (
        select(Submission.id)
        .where(wanted.seen, *kept.values())
        .order_by(Bytewise(Submission.instance_id), Submission.id)
        .execution_options(yield_per=10_000)
    )
    numbers = array("q", session.execute(query).scalars())
    received, excluded = _left_out(session, wanted)
    return Chosen(wanted, numbers, received, excluded)


def _left_out(session: Session, wanted: Wanted) -> tuple[int, dict[str, int]]:
    kept = wanted.kept()
    lost = case(*((~condition, why) for why, condition in kept.items()), else_="").label("why")
    rows = select(lost).where(wanted.seen).subquery()
    counted = session.execute(select(rows.c.why, func.count()).group_by(rows.c.why))
    found = {row[0]: row[1] for row in counted}
    return sum(found.values()), {why: found[why] for why in WHY if found.get(why)}


def count(session: Session, wanted: Wanted) -> int:
    """How many records there are."""
    query = select(func.count()).select_from(Submission).where(wanted.seen, *wanted.kept().values())
    return session.execute(query).scalar_one()
