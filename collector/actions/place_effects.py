"""What an operation on the map moves along: records, members, accounts, phones, campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from forms.place_changes import Plan
from forms.place_tree import Span
from storage.places.holders import Holder, holders_of
from storage.places.operations import became_of
from storage.queries.place_counts import locked_periods, moved_counts

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never need it.
    from forms.indicators.targets import Target


@dataclass(frozen=True)
class Effects:
    """What moves with the units of an operation.

    `records` and `members` lie in what ends or comes to lie elsewhere. `following` are tied to a unit that
    ends and can follow it; `stranded` to one that ends without a successor. `targets` name a unit that
    ends: only their author can move them. `signed` are the periods whose figures were signed there.
    """

    records: int
    members: int
    following: tuple[Holder, ...]
    stranded: tuple[Holder, ...]
    targets: tuple[Target, ...]
    signed: tuple[str, ...]

    def count(self, kind: str) -> int:
        """How many of a kind follow."""
        return len({one.id for one in self.following if one.kind == kind})


def effects_of(
    session: Session, plan: Plan, known: Mapping[str, Sequence[Span]], project_id: int | None
) -> Effects:
    """What a plan would move along; targets are those of the project, none without one."""
    ended = {code for code in plan.units if plan.now(code).valid_to is not None}
    elsewhere = {
        code
        for code in plan.units.keys() & known.keys()
        if known[code] and plan.now(code).parent != known[code][-1].parent
    }
    records, members = moved_counts(session, ended | elsewhere)
    became = became_of(plan)
    tied = holders_of(session, ended)
    return Effects(
        records,
        members,
        tuple(one for one in tied if one.code in became),
        tuple(one for one in tied if one.code not in became),
        tuple(_targets(session, project_id, ended)) if project_id else (),
        tuple(locked_periods(session, ended)) if ended else (),
    )


def _targets(session: Session, project_id: int, ended: set[str]) -> list[Target]:
    from collector.actions.definitions import definitions_of

    return [one for one in definitions_of(session, project_id).targets if one.area in ended]
