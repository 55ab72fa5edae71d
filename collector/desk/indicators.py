"""The figures the surveys define: what they come to as of now, village by village."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from collector.actions import measure
from collector.actions.asking import read_asking
from collector.actions.measure import Figure, Measured, Row, Wanted
from collector.actions.reading import spoken
from collector.desk.page import language, now, scoped
from collector.parts import parts
from collector.problems import IndicatorNotMeasured
from forms.schema import Schema
from storage.database import db
from storage.models import Form
from storage.queries import forms, lists, projects

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never measure.
    from collector.actions.definitions import Defined
    from forms.expressions.checking import Formula

blueprint = Blueprint("indicators", __name__)

_NAME = re.compile(r"\$\{\s*([^}\s]+)\s*\}")

MOST_MEASURED = 12
"""Indicators whose totals a list shows; of more, each is measured on its own page only."""


@dataclass(frozen=True)
class Told:
    """An indicator in the reader's language; `total` is None where it was not measured."""

    code: str
    form_id: str
    label: str
    unit: str
    definition: str
    source: str
    ratio: bool
    total: Figure | None = None


@dataclass(frozen=True)
class Line:
    """A place with its figure, and the figures of each split in the order of the columns."""

    name: str
    within: str
    figure: Figure
    splits: tuple[Figure | None, ...]


@scoped(blueprint, "/indicators")
def index(project_id: int) -> str:
    """Every figure the published surveys define, with what it comes to."""
    session = db.session()
    several = measure.indicators(session, [project_id])
    few = len(several) <= MOST_MEASURED
    return render_template(
        "indicators.html",
        project=projects.get_project(session, project_id),
        several=[
            _told(one, measure.measure(one, Wanted()).total if few and measure.measurable(one) else None)
            for one in several
        ],
        now=now(),
    )


@scoped(blueprint, "/indicators/<seg:code>")
def show(project_id: int, code: str) -> str:
    """One figure: all together, by place, and by its first question to split by; `?level=`, `?form=`."""
    session = db.session()
    defined = measure.find(session, [project_id], code, form_id=request.args.get("form") or None)
    level = request.args.get("level") or measure.LEVELS[0]
    split = next((one.name for one in measure.splittable(defined.indicator)), "")
    found = measure.measure(defined, Wanted((split,) if split else (), level=level))
    schema, names = _words(session, defined, split)
    answers = _answers(found, split, names)
    indicator = defined.indicator
    above, below = indicator.numerator, indicator.denominator
    formulas = (above.where, above.amount, below.amount if below else None)
    return render_template(
        "indicator.html",
        told=_told(defined, found.total),
        lines=_lines(session, defined, found, answers),
        columns=[names.get(answer or "") or answer or "–" for answer in answers],
        totals=[_added(defined, _split(found.rows, answer)) for answer in answers],
        level=level,
        levels=measure.LEVELS,
        rows_of=_label(schema, indicator.numerator.source.path),
        formulas=formulas,
        questions=_questions(schema, formulas),
        now=now(),
    )


def _told(defined: Defined, total: Figure | None) -> Told:
    one, reader = defined.indicator, language()
    return Told(
        one.code,
        defined.form_id,
        spoken(one.labels, (), reader) or one.code,
        one.unit,
        spoken(one.definitions, (), reader),
        one.source,
        one.is_ratio,
        total,
    )


def _words(session: Session, defined: Defined, split: str) -> tuple[Schema, dict[str, str]]:
    """The form, and what it calls the answers to the question the figure is split by."""
    survey = defined.counted
    if survey is None:
        raise IndicatorNotMeasured(code=defined.indicator.code)
    generation = session.get_one(Form, survey.form_id).generation
    shelved = parts().shelf.get(survey.version_id, draft=False, generation=generation)
    schema = shelved.writer.schema
    splits = defined.indicator.disaggregate
    path = next((one.answer.path for one in splits if one.answer and one.name == split), "")
    node = schema.by_path.get(path)
    if node is None:
        return schema, {}
    asking = read_asking(forms.version_xml(session, survey.version_id), schema)
    choices = schema.choices.get(node.choices or asking.borrowed.get(path, ""), ())
    return schema, {one.name: spoken(one.labels, schema.languages, language()) for one in choices}


def _questions(schema: Schema, formulas: Sequence[Formula | None]) -> dict[str, str]:
    """What the form asks behind each name in the formulas, where it asks something."""
    names = [name for formula in formulas if formula for name in _NAME.findall(formula.text)]
    asked = {node.name: spoken(node.labels, schema.languages, language()) for node in schema.questions}
    return {name: asked[name] for name in names if asked.get(name)}


def _answers(found: Measured, split: str, names: Mapping[str, str]) -> list[str | None]:
    """The answers that occur, in the order of their list; a column each."""
    if not split:
        return []
    order = {code: place for place, code in enumerate(names)}
    occurring = {row.split[split] for row in found.rows}
    return sorted(occurring, key=lambda code: (order.get(code or "", len(order)), code or "~"))


def _added(defined: Defined, rows: Sequence[Row]) -> Figure | None:
    """The rows in one; None where there is none."""
    if not rows:
        return None
    indicator = defined.indicator
    numerator = sum(row.figure.numerator for row in rows)
    denominator = sum(row.figure.denominator or 0 for row in rows) if indicator.denominator else None
    counted = sum(row.figure.counted for row in rows)
    return Figure(numerator, denominator, indicator.value(numerator, denominator), counted)


def _split(rows: Sequence[Row], answer: str | None) -> list[Row]:
    return [row for row in rows if answer in row.split.values()]


def _lines(session: Session, defined: Defined, found: Measured, answers: Sequence[str | None]) -> list[Line]:
    """A line for each place, by the place around it and its name; records without a place come last."""
    by_code: dict[str, list[Row]] = {}
    for row in found.rows:
        by_code.setdefault(row.code, []).append(row)
    parents = {row.place.parent_code for row in found.rows if row.place and row.place.parent_code}
    above = lists.place_names(session, parents)
    lines = []
    for code, rows in by_code.items():
        place, figure = rows[0].place, _added(defined, rows)
        if figure is not None:
            splits = tuple(_added(defined, _split(rows, answer)) for answer in answers)
            within = above.get(place.parent_code or "", "") if place else ""
            lines.append(Line(place.name if place else code, within, figure, splits))
    return sorted(lines, key=lambda line: (not line.name, line.within, line.name))


def _label(schema: Schema, table: str) -> str:
    node = schema.by_path.get(table)
    return (spoken(node.labels, schema.languages, language()) or node.name) if node else ""
