"""⑧ What a figure was counted from: the rows of one side of a cell, or those that count for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.cells import Freshness, Line, freshness, home_of, line_of, spot_of, stored_kind
from collector.problems import SideUnknown
from forms.periods import SPOKEN
from storage.cells import behind
from storage.cells.behind import SIDES, Cell, Row
from storage.problems import PeriodUnknown, PlaceUnknown
from storage.queries import lists
from storage.queries.whereabouts import Spot

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never need it.
    from collector.actions.definitions import Defined


@dataclass(frozen=True, slots=True)
class AskedBehind:
    """Which rows: of the cell of a period, place (None: all the asker sees) and split, of one side.

    `after` is `Behind.next` of the page before, "" for the first.
    """

    period: str
    place: str | None = None
    by: str = ""
    side: str = behind.NUMERATOR
    after: str = ""
    limit: int = 100


@dataclass(frozen=True)
class Behind:
    """A page of rows with the cell they are behind; `next` is None on the last one.

    `table`: where they are from, as the sheet of indicators says it. `rests_on`: the indicators it is
    reckoned from, whose own rows are then to be asked for. `names`: what the places of the rows are called.
    """

    place: Spot | None
    line: Line | None
    table: str
    rests_on: tuple[str, ...]
    rows: tuple[Row, ...]
    names: Mapping[str, str]
    next: str | None
    freshness: Freshness


def read_behind(session: Session, defined: Defined, asked: AskedBehind, now: datetime) -> Behind:
    """A page of the rows behind a cell. Raises PeriodUnknown, PlaceUnknown, SideUnknown."""
    from collector.actions.figures import plan_of

    if stored_kind(asked.period) is None:
        raise PeriodUnknown(period=asked.period[:40], known=SPOKEN)
    if asked.side not in SIDES:
        raise SideUnknown(side=asked.side[:40], known=", ".join(SIDES))
    home = home_of(asked.place)
    if home is None:
        raise PlaceUnknown(code="")
    spot, project_id = spot_of(session, home), defined.project_id
    plan, code = plan_of(session, project_id), defined.indicator.code
    cell = Cell(code, asked.period, home, asked.by, asked.side)
    rows = behind.rows(session, plan, cell, after=_at(asked.after), limit=asked.limit)
    source = plan.indicators[code].numerator.source
    return Behind(
        spot,
        line_of(session, project_id, (code, asked.period, home, asked.by)),
        f"{source.name}{source.path}"
        if source.rows == "form"
        else f"{source.rows}/{source.name}".rstrip("/"),
        behind.rests_on(plan.indicators[code]),
        tuple(rows),
        lists.place_names(session, {one.place for one in rows if one.place}),
        ".".join(map(str, rows[-1].at)) if len(rows) == asked.limit else None,
        freshness(session, project_id, now),
    )


def _at(text: str) -> tuple[int, int] | None:
    number, _dot, seq = text.partition(".")
    if not number.isdecimal() or not seq.isdecimal() or len(text) > len("9" * 18 + ".") + 9:
        return None
    return int(number), int(seq)
