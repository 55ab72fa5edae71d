"""What the page of one indicator shows: the figure, its targets, the places below, the years, the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import format_decimal
from sqlalchemy.orm import Session

from collector.actions import cells
from collector.actions.cells import Asked, Line
from collector.actions.definitions import Defined, definitions_of
from collector.actions.maps import map_of
from collector.actions.reading import spoken
from collector.desk.figure_bars import Bars, bars_of
from collector.desk.figure_formula import Side, sides
from collector.desk.figure_rows import Row, around, attributes_of, held_of, status_of
from collector.desk.figure_trend import Drawn, drawn
from collector.desk.figure_words import answer_names, questions_in
from collector.desk.page import language, now
from collector.desk.standpoint import Standpoint
from forms.indicators.standing import Scale, standing
from forms.indicators.targets import Target, applying
from forms.maps import Map, Mark
from forms.periods import Period
from forms.places import COMMUNE, PROVINCE, VILLAGE
from forms.values import HOME
from storage.cells.tree import COUNTRY
from storage.queries.cell_rows import CellRow

A_PAGE = 200
"""Places in a table."""

BELOW: Mapping[str, tuple[str, ...]] = {
    COUNTRY: (PROVINCE,),
    PROVINCE: (COMMUNE, VILLAGE),
    COMMUNE: (VILLAGE,),
}
"""The levels a place's figures may be taken apart by, the first unless another is asked for."""

SORTS = ("name", "value", "gap", "status")
_WORST_FIRST = ("behind", "on_way", "no_data", "duty", "met", "")


@dataclass(frozen=True)
class Held:
    """A target with the figure it is about and how that stands to it; `to_reach` None = unknown."""

    target: Target
    cell: CellRow | None
    status: str
    to_reach: float | None
    of_part: bool


@dataclass(frozen=True)
class Below:
    """A place below with its figure; `splits` are the figures by answer, in the order of the columns.

    `state`: who signed for it, as a `cells.Line` has it.
    """

    code: str
    name: str
    cell: CellRow
    target: Target | None
    status: str
    splits: tuple[CellRow | None, ...]
    state: str = ""


@dataclass(frozen=True)
class Page:
    """All of it.

    `columns` are the answers of the split in words, `numbers` the pages of the table, `absent` code and
    name of the places right below without a figure.
    """

    defined: Defined
    row: Row
    definition: str
    targets: tuple[Held, ...]
    below: tuple[Below, ...]
    total: int
    level: str
    levels: tuple[str, ...]
    by: str
    splits: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    sort: str
    number: int
    numbers: int
    drawn: Drawn
    map: Map | None
    absent: tuple[tuple[str, str], ...]
    formulas: tuple[str, ...]
    questions: Mapping[str, str]
    sides: tuple[Side, Side | None]
    bars: Bars


def read_page(session: Session, defined: Defined, at: Standpoint) -> Page:
    """Everything about an indicator in a place and period, as the address asks for it."""
    indicator, levels = defined.indicator, BELOW.get(at.level, ())
    level = _among(request.args.get("level"), levels)
    by = _among(request.args.get("by"), ["", *(one.name for one in indicator.disaggregate)])
    sort = _among(request.args.get("sort"), SORTS)
    asked = Asked(defined.project_id, indicator.code, at.period, at.area, level or at.level)
    found = cells.table(session, defined, asked, now())
    row = _row(defined, found.total, found.parts)
    names = answer_names(session, defined, by)
    below, columns = _below(session, defined, asked, by, found.lines) if level else ([], [])
    columns = _in_order(columns, names)
    placed = [_placed(one, columns, splits) for one, splits in below]
    bars = bars_of(row, [one.cell for one in placed])
    several = _sorted(placed, sort, bars)
    number = _number(len(several))
    absent = _absent(at, level, several)
    picture = _map(session, defined, at, several, absent) if level else None
    return Page(
        defined,
        row,
        spoken(indicator.definitions, (), language()),
        tuple(_targets(session, defined, at, (found.total, *found.parts))),
        tuple(several[number * A_PAGE : (number + 1) * A_PAGE]),
        len(several),
        level,
        levels,
        by,
        tuple((one.name, _split_name(session, defined, one.name)) for one in indicator.disaggregate),
        tuple(names.get(answer) or answer or "–" for answer in columns),
        sort,
        number,
        max(1, -(-len(several) // A_PAGE)),
        drawn(session, defined, at, row, definitions_of(session, defined.project_id)),
        picture,
        absent,
        _formulas(defined),
        questions_in(session, defined),
        sides(session, defined),
        bars,
    )


def _in_order(answers: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Answers in the order of the form, those it does not know behind."""
    order = {code: place for place, code in enumerate(names)}
    return sorted(answers, key=lambda answer: (order.get(answer, len(order)), answer))


def _absent(at: Standpoint, level: str, several: Sequence[Below]) -> tuple[tuple[str, str], ...]:
    if level != BELOW.get(at.level, ("",))[0]:
        return ()
    there = {one.code for one in several}
    return tuple(one for one in at.below if one[0] not in there)


def _among(asked: str | None, known: Sequence[str]) -> str:
    return asked if asked is not None and asked in known else next(iter(known), "")


def _number(total: int) -> int:
    asked = request.args.get("page", type=int) or 0
    return min(max(0, asked), max(0, (total - 1) // A_PAGE))


def _row(defined: Defined, total: Line | None, parts: Sequence[Line]) -> Row:
    one = defined.indicator
    held, target = held_of(total, [(part.cell, part.target) for part in parts if part.target])
    label = spoken(one.labels, (), language()) or one.code
    cell = total.cell if total else None
    return Row(one.code, label, one, defined.form_id, cell, held, target, total.state if total else "")


_Splits = dict[str, CellRow]


def _below(
    session: Session, defined: Defined, asked: Asked, by: str, lines: Sequence[Line]
) -> tuple[list[tuple[Line, _Splits]], list[str]]:
    """The places with their figures by answer, and the answers that occur."""
    answers: dict[str, None] = {}
    found: dict[str, _Splits] = {}
    if by:
        for one in cells.table(session, defined, replace(asked, by=by), now()).lines:
            answer = one.split.get(by, "")
            answers[answer] = None
            found.setdefault(one.cell.place_code, {})[answer] = one.cell
    return [(one, found.get(one.cell.place_code, {})) for one in lines], list(answers)


def _placed(line: Line, columns: Sequence[str], splits: _Splits) -> Below:
    cell = line.cell
    status = status_of(cell, line.target)
    name = line.place.name if line.place else cell.place_code
    parts = tuple(splits.get(one) for one in columns)
    return Below(cell.place_code, name, cell, line.target, status, parts, line.state)


def _sorted(several: list[Below], sort: str, bars: Bars) -> list[Below]:
    if sort == "gap":
        gaps = {one.code: bars.gap(one.cell) for one in several}
        return sorted(several, key=lambda one: (gaps[one.code] is None, -(gaps[one.code] or 0)))
    if sort == "value":
        return sorted(several, key=lambda one: (one.cell.value is None, -(one.cell.value or 0)))
    if sort == "status":
        return sorted(several, key=lambda one: (_WORST_FIRST.index(one.status), -(one.cell.to_reach or 0)))
    return several


LOOKS: Mapping[str, str] = {"met": "good", "on_way": "fair", "behind": "bad", "no_data": "none"}
"""Statuses to the looks of a map; what has no target is plain."""


def _map(
    session: Session,
    defined: Defined,
    at: Standpoint,
    several: Sequence[Below],
    absent: Sequence[tuple[str, str]],
) -> Map | None:
    """The places as a map, those without a figure too, each leading to its own page of the figure."""
    unit = " %" if defined.indicator.unit == "%" else f" {defined.indicator.unit}".rstrip()
    asked: dict[str, Any] = {"project_id": defined.project_id, "code": defined.indicator.code}
    asked |= {"form": defined.form_id or None, "period": at.period}
    marks = {
        code: Mark("none", name, "–", url_for("desk.indicators.show", area=code, **asked))
        for code, name in absent
    }
    for one in several:
        value = one.cell.value
        told = "–" if value is None else f"{format_decimal(round(value, 1))}{unit}"
        href = url_for("desk.indicators.show", area=one.code, **asked)
        marks[one.code] = Mark(LOOKS.get(one.status, "plain"), one.name, told, href)
    return map_of(session, defined.project_id, marks)


def _targets(session: Session, defined: Defined, at: Standpoint, lines: Sequence[Line | None]) -> list[Held]:
    """Every target that speaks of the place and period, with the figure it is about."""
    one = defined.indicator
    period = at.days
    whole = next((line.cell for line in lines if line and not line.cell.split), None)
    parts = {line.cell.split: line.cell for line in lines if line and line.part}
    targets = definitions_of(session, defined.project_id).targets
    several = [target for target in targets if target.indicator == one.code]
    found = applying(
        several,
        place=at.area,
        level=at.level,
        above=around(session, at),
        period=period,
        ratio=one.is_ratio,
        attributes=attributes_of(session, at),
    )
    narrow = {PROVINCE, COUNTRY}
    held = []
    for target in found:
        of_part = target.where is not None and at.level in narrow
        cell = parts.get(f"!{target.key}"[:200]) if of_part else whole
        held.append(_held(defined, target, cell, period, of_part=of_part))
    return held


def _held(defined: Defined, target: Target, cell: CellRow | None, period: Period, *, of_part: bool) -> Held:
    if cell is not None and cell.target_key == target.key[:120]:
        return Held(target, cell, status_of(cell, target), cell.to_reach, of_part)
    one = defined.indicator
    today: date = now().astimezone(HOME).date()
    said = standing(
        cell.value if cell else None,
        cell.numerator if cell else None,
        cell.denominator if cell else None,
        target,
        min(period.last, today),
        due=target.due(period),
        scale=Scale(one.factor, growth=one.base_years > 0),
    )
    return Held(target, cell, "duty" if said.duty else said.status, said.to_reach, of_part)


def _split_name(session: Session, defined: Defined, name: str) -> str:
    return questions_in(session, defined, (name,)).get(name, name)


def _formulas(defined: Defined) -> tuple[str, ...]:
    """Which rows, the numerator, the denominator; "" where there is none."""
    above, below = defined.indicator.numerator, defined.indicator.denominator
    return (
        above.where.text if above.where else "",
        above.amount.text,
        below.amount.text if below else "",
        below.where.text if below and below.where and below.where != above.where else "",
    )
