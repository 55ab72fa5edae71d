"""Records chosen to be looked through or changed together: those ticked, or all that match a filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from storage.models import Submission
from storage.queries.places import subtree

RECEIVED = "received"
"""What a record without a review state is called in a filter."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which live records of a form: by review state, place, and whether they lie deleted.

    `place` is a code, its subtree counts; `placeless`: those without one. `ids` are instance ids, none:
    all that match.
    """

    form_id: int
    deleted: bool = False
    state: str = ""
    place: str = ""
    placeless: bool = False
    ids: tuple[str, ...] = ()

    def condition(self) -> ColumnElement[bool]:
        """The condition on `Submission`."""
        parts = [Submission.form_id == self.form_id, Submission.draft.is_(False)]
        parts.append(Submission.deleted_at.is_not(None) if self.deleted else Submission.deleted_at.is_(None))
        if self.state == RECEIVED:
            parts.append(Submission.review_state.is_(None))
        elif self.state:
            parts.append(Submission.review_state == self.state)
        if self.placeless:
            parts.append(Submission.place_code.is_(None))
        elif self.place:
            parts.append(Submission.place_code.in_(subtree([self.place])))
        if self.ids:
            parts.append(Submission.instance_id.in_(self.ids))
        return and_(*parts)


def count(session: Session, chosen: Filter) -> dict[str, int]:
    """How many records there are, by review state."""
    rows = session.execute(
        select(Submission.review_state, func.count())
        .where(chosen.condition())
        .group_by(Submission.review_state)
    )
    return {state or RECEIVED: number for state, number in rows}


def numbers(session: Session, chosen: Filter) -> Sequence[int]:
    """The numbers of the records, oldest first."""
    return session.scalars(select(Submission.id).where(chosen.condition()).order_by(Submission.id)).all()


def held(session: Session, several: Sequence[int]) -> Iterator[Submission]:
    """Some hundred records by number, kept from others until the transaction ends."""
    yield from session.scalars(
        select(Submission).where(Submission.id.in_(several)).order_by(Submission.id).with_for_update()
    )
