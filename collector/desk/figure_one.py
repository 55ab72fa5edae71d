"""One number and everything it rests on: what it says, how it was counted, of what moment, how complete."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from collector.actions.cells import Line, line_of
from collector.actions.definitions import Defined
from collector.actions.reading import spoken
from collector.desk.figure_formula import Side, sides
from collector.desk.figure_rows import status_of
from collector.desk.figure_words import answer_names, questions_in
from collector.desk.page import language
from collector.desk.standpoint import Standpoint
from forms.indicators.definition import Indicator


@dataclass(frozen=True)
class One:
    """A number of a place, period and split (`part`: question and answer in words, "" for all together)."""

    indicator: Indicator
    form_id: str
    label: str
    definition: str
    line: Line | None
    split: str
    part: tuple[str, str]
    status: str
    numerator: Side
    denominator: Side | None


def read_one(session: Session, defined: Defined, at: Standpoint) -> One:
    """The number of a place and period, and of `?split=` of it."""
    one = defined.indicator
    split = request.args.get("split", "")[:200]
    line = line_of(session, defined.project_id, (one.code, at.period, at.area, split))
    above, below = sides(session, defined)
    return One(
        one,
        defined.form_id,
        spoken(one.labels, (), language()) or one.code,
        spoken(one.definitions, (), language()),
        line,
        split,
        _part(session, defined, line),
        status_of(line.cell, line.target) if line else "no_data",
        above,
        below,
    )


def _part(session: Session, defined: Defined, line: Line | None) -> tuple[str, str]:
    for name, answer in line.split.items() if line else ():
        asked = questions_in(session, defined, (name,)).get(name, name)
        return asked, answer_names(session, defined, name).get(answer) or answer or "–"
    return "", ""
