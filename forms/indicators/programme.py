"""A workbook's definitions as a whole: decisions, figures, targets and the literacy standard.

The programme's workbook has no sheet `survey`: its figures count what several forms hold, the entity lists
and the places. A survey's workbook may carry the same sheets for its own form.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from forms.expressions.tree import answers
from forms.indicators import faults
from forms.indicators.decisions import Decided, read_decisions
from forms.indicators.definition import Indicator, Rows
from forms.indicators.grounds import Grounds
from forms.indicators.reading import Written, written
from forms.indicators.recognition import Rule
from forms.indicators.recognition_rows import read_recognition
from forms.indicators.target_rows import Known, read_targets
from forms.indicators.targets import Target
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow, require_size

MOST_INDICATORS = 1_000
"""Rows of the sheet `indicators`: every page that shows figures reads them; the plans ask for a hundred."""

MOST_CIRCLES = 50
"""Circles that are told at once."""

_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Definitions:
    """What a workbook defines and what of it is in force."""

    indicators: tuple[Indicator, ...] = ()
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    decided: Decided = field(default_factory=Decided)


@dataclass(frozen=True)
class Around:
    """What is there beside the workbook: places by code (None: not asked), and decisions as taken.

    `elsewhere` are the codes of indicators that other workbooks define, with the form whose each is.
    """

    areas: Container[str] | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def read_definitions(
    sheets: Mapping[str, Sequence[SheetRow]], grounds: Grounds, around: Around | None = None
) -> Definitions:
    """The definitions in the rows of `sheets` (by name, see `forms.workbook.DEFINITIONS`).

    Raises FormRefused with a remark for every fault of every sheet.
    """
    around, remarks = around or Around(), list[Remark]()
    decisions = _kept(lambda: read_decisions(sheets.get("decisions", ())), remarks)
    decided = Decided(decisions or {}, around.chosen, unread=decisions is None)
    rows = sheets.get("indicators", ())
    require_size(len(rows), MOST_INDICATORS, "rows", "indicators")
    codes = [row["code"] for row in rows]
    if grounds.own is None:
        grounds = replace(grounds, figures={*codes, *around.elsewhere, *grounds.figures})
        codes += around.elsewhere
    several = _kept(lambda: written(rows, grounds, decided), remarks) or []
    remarks += [*_taken(rows, around.elsewhere), *_circles(several)]
    known = Known(codes, around.areas)
    targets = _kept(lambda: read_targets(sheets.get("targets", ()), known, decided), remarks)
    rules = _kept(lambda: read_recognition(sheets.get("recognition", ()), codes, decided), remarks)
    if remarks:
        raise FormRefused(remarks)
    indicators = tuple(one.indicator for one in several if decided.holds(one.when))
    return Definitions(indicators, targets or (), rules or (), decided)


def _kept(read: Callable[[], _Read], remarks: list[Remark]) -> _Read | None:
    """What is read; None, and `remarks` grown, where it is refused."""
    try:
        return read()
    except FormRefused as problem:
        remarks += problem.remarks
        return None


def _taken(rows: Sequence[SheetRow], elsewhere: Mapping[str, str]) -> Iterator[Remark]:
    for row in rows:
        form = elsewhere.get(row["code"])
        if form is not None:
            fault = faults.CODE_OF_FORM if form else faults.CODE_OF_PROGRAMME
            yield _at(row, fault, "code", code=row["code"], form=form)


def _circles(several: Sequence[Written]) -> Iterator[Remark]:
    """The rows whose figure is made of itself, however far round."""
    rests_on: dict[str, set[str]] = {}
    for one in several:
        rests_on.setdefault(one.indicator.code, set()).update(_named(one.indicator))
    rests_on = _endless(rests_on)
    told = 0
    for one in several:
        circle = _way(rests_on, one.indicator.code) if one.indicator.code in rests_on else []
        if circle:
            told += 1
            yield _at(one.row, faults.CIRCLE, "numerator", circle=" → ".join(circle))
        if told == MOST_CIRCLES:
            break


def _named(indicator: Indicator) -> Iterator[str]:
    """The figures an indicator is made of."""
    for side in (indicator.numerator, indicator.denominator):
        if side is not None and side.source.rows is Rows.FIGURES:
            yield from (answer.path for answer in answers(side.amount.tree))


def _endless(rests_on: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Only the figures under which there is a circle; most workbooks have none, and they are large."""
    left = {code: below & rests_on.keys() for code, below in rests_on.items()}
    above: dict[str, list[str]] = {}
    for code, below in left.items():
        for one in below:
            above.setdefault(one, []).append(code)
    done = [code for code, below in left.items() if not below]
    for code in done:
        for one in above.get(code, ()):
            left[one].discard(code)
            if not left[one]:
                done.append(one)
    return {code: below for code, below in left.items() if below}


def _way(rests_on: Mapping[str, set[str]], code: str) -> list[str]:
    """The shortest way from a figure back to itself; empty if there is none."""
    reached, came = [code], dict[str, str]()
    for here in reached:
        for below in sorted(rests_on.get(here, ())):
            if below == code:
                way = [code, here]
                while way[-1] != code:
                    way.append(came[way[-1]])
                return way[::-1]
            if below not in came:
                came[below] = here
                reached.append(below)
    return []


def _at(row: SheetRow, remark: Remark, column: str, **details: str) -> Remark:
    return replace(remark, sheet=row.sheet, row=row.row, column=column, details=details)


def order(indicators: Sequence[Indicator]) -> list[Indicator]:
    """The same indicators, each after those it is made of."""
    by_code = {one.code: one for one in indicators}
    placed: dict[str, Indicator] = {}
    # No function that calls itself: figures may be made of each other a thousand deep.
    for first in indicators:
        waiting = [first]
        while waiting:
            one = waiting[-1]
            below = [by_code[code] for code in sorted(set(_named(one))) if code in by_code]
            missing = [each for each in below if each.code not in placed]
            if missing and one.code not in placed:
                waiting += missing[::-1]
            else:
                placed.setdefault(one.code, one)
                waiting.pop()
    return list(placed.values())
