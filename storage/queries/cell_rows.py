"""Figures as they stand worked out, with the places they are of: for tables, files and lines over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from storage.models import IndicatorCell, Place
from storage.portable_texts import Bytewise
from storage.queries.places import subtree
from storage.snapshot import report_snapshot

PAGE = 2_000
"""Cells read at once for a file."""

_CELL: tuple[Any, ...] = (
    IndicatorCell.code,
    IndicatorCell.period,
    IndicatorCell.place_code,
    IndicatorCell.split,
    IndicatorCell.numerator,
    IndicatorCell.denominator,
    IndicatorCell.counted,
    IndicatorCell.value,
    IndicatorCell.expected,
    IndicatorCell.received,
    IndicatorCell.target_key,
    IndicatorCell.target_value,
    IndicatorCell.to_reach,
    IndicatorCell.status,
    IndicatorCell.computed_at,
)
_PLACE: tuple[Any, ...] = (Place.name, Place.level, Place.parent_code)
_KEY = (IndicatorCell.code, IndicatorCell.period, IndicatorCell.place_code, IndicatorCell.split)


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell and its place; without `name`, `level` and `parent_code` it is of the whole country."""

    code: str
    period: str
    place_code: str
    split: str
    numerator: float
    denominator: float | None
    counted: int
    value: float | None
    expected: int | None
    received: int | None
    target_key: str | None
    target_value: float | None
    to_reach: float | None
    status: str | None
    computed_at: datetime
    name: str | None
    level: str | None
    parent_code: str | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from all others of its project."""
        return self.code, self.period, self.place_code, self.split


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cells: everything that is left blank is all.

    `at`: of this very place. `area`: of what lies in it, itself included. `under`: of what lies right in
    it ("": of what stands at the top). `level`: of places of that level, `country` for the whole. `by`:
    names of splits, "" for all together; None is every split there is.
    """

    project_id: int
    codes: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    at: str | None = None
    area: str | None = None
    under: str | None = None
    level: str | None = None
    by: tuple[str, ...] | None = ("",)


def rows(session: Session, wanted: Wanted) -> list[CellRow]:
    """The cells by code, period, place (as Vietnamese names sort) and split."""
    order = (IndicatorCell.code, IndicatorCell.period, func.coalesce(Place.sort_key, ""), *_KEY[2:])
    return [CellRow(*row) for row in session.execute(_query(wanted).order_by(*order))]


def pages(wanted: Wanted) -> Iterator[list[CellRow]]:
    """The cells by code, period, code of the place and split, some at a time, each from its own moment."""
    after: tuple[str, str, str, str] | None = None
    while True:
        query = _query(wanted).order_by(*_KEY).limit(PAGE)
        if after is not None:
            query = query.where(tuple_(*_KEY) > after)
        with report_snapshot() as session:
            found = [CellRow(*row) for row in session.execute(query)]
        if found:
            yield found
        if len(found) < PAGE:
            return
        after = found[-1].key


def in_order(session: Session, wanted: Wanted) -> Iterator[CellRow]:
    """The cells by code, period, code of the place and split, sign by sign, in the snapshot of `session`."""
    query = _query(wanted).order_by(*map(Bytewise, _KEY))
    for row in session.execute(query.execution_options(yield_per=PAGE)):
        yield CellRow(*row)


def count(session: Session, wanted: Wanted) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_query(wanted).subquery())) or 0


def _query(wanted: Wanted) -> Select[Any]:
    query = (
        select(*_CELL, *_PLACE)
        .outerjoin(Place, Place.code == IndicatorCell.place_code)
        .where(IndicatorCell.project_id == wanted.project_id)
    )
    if wanted.codes:
        query = query.where(IndicatorCell.code.in_(sorted(wanted.codes)))
    if wanted.periods:
        query = query.where(IndicatorCell.period.in_(sorted(wanted.periods)))
    return _of_places(_split(query, wanted.by), wanted)


def _of_places(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.at is not None:
        query = query.where(IndicatorCell.place_code == wanted.at)
    if wanted.area:
        query = query.where(IndicatorCell.place_code.in_(subtree([wanted.area], predecessors=False)))
    if wanted.under == "":
        query = query.where(Place.code.is_not(None), Place.parent_code.is_(None))
    elif wanted.under is not None:
        query = query.where(Place.parent_code == wanted.under)
    if wanted.level == "country":
        query = query.where(IndicatorCell.place_code == "")
    elif wanted.level is not None:
        query = query.where(Place.level == wanted.level)
    return query


def _split(query: Select[Any], by: tuple[str, ...] | None) -> Select[Any]:
    if by is None:
        return query
    split = IndicatorCell.split
    # LIKE would not tell capital letters apart on every database.
    meant = (
        split == "" if not name else and_(split != "", func.substr(split, 1, len(name) + 1) == f"{name}=")
        for name in by
    )
    return query.where(or_(*meant))
