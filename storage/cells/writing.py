"""Cells written where they changed, a few thousand at a time, by whoever has the turn.

Why turns: two who work out figures from different moments could write the older ones last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.cells import stamps
from storage.cells.counting import Focus
from storage.cells.working import COLUMNS, CellKey, Row
from storage.database import line_of, transaction
from storage.groups import in_groups
from storage.models import FigureMark, FigureTurn, IndicatorCell
from storage.streams import Stream
from storage.swift import Swift

AT_ONCE = 500
"""Cells written in one transaction: the writer is free again before anybody notices."""

HOLDS = timedelta(minutes=3)
"""How long a turn is held by somebody nothing is heard of."""

_TABLE = IndicatorCell.__table__
_CELLS = _TABLE.c
_KEY = ("code", "period", "place_code", "split")
_SAID = (*COLUMNS, "computed_at")
_NEW = Stream(_TABLE, ("project_id", *_KEY, *_SAID))  # type: ignore[arg-type]
_CHANGED = Swift(
    update(IndicatorCell)
    .where(_CELLS.id == bindparam("number"))
    .values({name: bindparam(f"now_{name}", type_=_CELLS[name].type) for name in _SAID})
)
_GONE = Swift(delete(IndicatorCell).where(_CELLS.id == bindparam("number")))


class TurnLost(Exception):
    """Somebody else works the figures out by now; what was not written stays marked."""


def take_turn(project_id: int, holder: str, now: datetime) -> bool:
    """Whether it is this holder's turn from now on."""
    try:
        with transaction(noticed=False) as session:
            found = session.get(FigureTurn, project_id, with_for_update=True)
            if found is None:
                found = FigureTurn(project_id=project_id)
                session.add(found)
            elif found.holder not in {None, holder} and found.until is not None and found.until > now:
                return False
            found.holder, found.until = holder, now + HOLDS
    except IntegrityError:
        # Another was first to be first.
        return False
    return True


def give_back(project_id: int, holder: str) -> None:
    """Let others have their turn."""
    with transaction(noticed=False) as session:
        session.execute(
            update(FigureTurn)
            .where(FigureTurn.project_id == project_id, FigureTurn.holder == holder)
            .values(holder=None, until=None)
        )


def keep_turn(session: Session, project_id: int, holder: str, now: datetime) -> None:
    """Go on in a transaction that writes. Raises TurnLost."""
    kept = session.execute(
        update(FigureTurn)
        .where(FigureTurn.project_id == project_id, FigureTurn.holder == holder)
        .values(until=now + HOLDS)
    )
    if kept.rowcount != 1:  # type: ignore[attr-defined]
        raise TurnLost


Change = tuple[str, dict[str, Any]]
"""`new`, `changed` or `gone`, and the values."""


def differences(
    session: Session, project_id: int, focus: Focus, cells: Mapping[CellKey, Row]
) -> list[Change]:
    """What has to be written for the stored cells of a focus to be `cells`."""
    rest = dict(cells)
    found: list[Change] = []
    for number, key, row in _stored(session, project_id, focus.places):
        if key[0] not in focus.codes:
            continue
        now = rest.pop(key, None)
        if now is None:
            found.append(("gone", {"number": number}))
        elif now != row:
            said = {f"now_{name}": value for name, value in zip(COLUMNS, now, strict=True)}
            found.append(("changed", {"number": number, **said}))
    for key, now in rest.items():
        named = dict(zip((*_KEY, *COLUMNS), (*key, *now), strict=True))
        found.append(("new", {"project_id": project_id, **named}))
    return found


def _stored(
    session: Session, project_id: int, places: Mapping[str, Collection[str]]
) -> Iterator[tuple[int, CellKey, Row]]:
    columns = (_CELLS.id, *(_CELLS[name] for name in (*_KEY, *COLUMNS)))
    several = {code for some in places.values() for code in some}
    for some in in_groups(sorted(several)):
        rows = session.connection().execute(
            select(*columns).where(
                _CELLS.project_id == project_id,
                _CELLS.place_code.in_(some),
                _CELLS.period.in_(sorted(places)),
            )
        )
        for number, code, period, place, split, *said in rows:
            if place in places[period]:
                yield number, (code, period, place, split), tuple(said)


def write(changes: Sequence[Change], session: Session, now: datetime) -> None:
    """Write some changes, inside a transaction."""
    line = line_of(session)
    gone, changed, new = (
        [values for which, values in changes if which == kind] for kind in ("gone", "changed", "new")
    )
    if gone:
        _GONE.many(line, gone)
    if changed:
        _CHANGED.many(line, [{**values, "now_computed_at": now} for values in changed])
    if new:
        _NEW.add(line, [{**values, "computed_at": now} for values in new])


def remove_marks(session: Session, project_id: int, numbers: Collection[int]) -> None:
    """Remove exactly these marks of a project, and count them as settled."""
    sources: Counter[str] = Counter()
    for some in in_groups(sorted(numbers)):
        gone = delete(FigureMark).where(FigureMark.id.in_(some)).returning(FigureMark.source)
        sources.update(session.scalars(gone))
    stamps.settle(session, project_id, sources)


def note_refreshed(session: Session, project_id: int, moment: datetime) -> None:
    """Say of what moment the figures are."""
    session.execute(update(FigureTurn).where(FigureTurn.project_id == project_id).values(refreshed_at=moment))


def strange(
    session: Session, project_id: int, codes: Collection[str], places: Mapping[str, Collection[str]]
) -> list[Change]:
    """What has to go: cells of no indicator of these, or of none of these periods and places."""
    rows = session.connection().execute(
        select(_CELLS.id, _CELLS.code, _CELLS.period, _CELLS.place_code).where(
            _CELLS.project_id == project_id
        )
    )
    return [
        ("gone", {"number": number})
        for number, code, period, place in rows
        if code not in codes or place not in places.get(period, ())
    ]


def of_periods(session: Session, project_id: int, periods: Collection[str]) -> list[Change]:
    """What has to go for nothing to be left of these periods."""
    rows = session.scalars(
        select(IndicatorCell.id).where(
            IndicatorCell.project_id == project_id, IndicatorCell.period.in_(sorted(periods))
        )
    )
    return [("gone", {"number": number}) for number in rows]
