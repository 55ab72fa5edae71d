"""Figures for programs: what is measured, and what it comes to, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, request

from collector.accounts.guard import identity, looking_into
from collector.actions import measure
from collector.actions.measure import Defined, Figure, Row, Wanted
from collector.actions.reading import spoken
from collector.clock import moment
from forms.values import iso_instant
from storage.database import db
from storage.queries import projects

blueprint = Blueprint("api_indicators", __name__, url_prefix="/api")
Document = dict[str, Any]


@blueprint.get("/indicators")
def listing() -> Response:
    """Every indicator of the surveys this account may see."""
    several = measure.indicators(db.session(), _projects())
    return _answer([_definition(one) for one in several])


@blueprint.get("/indicators/<seg:code>")
def figures(code: str) -> Response:
    """One indicator from the answers there are now, all together and by place.

    `by=question,…` splits it, `area=<code>` keeps what lies in a place, `level=village|commune|province`
    adds places up, `form=<id>` tells apart what several surveys define.
    """
    defined = measure.find(db.session(), _projects(), code, form_id=request.args.get("form") or None)
    wanted = Wanted(
        by=tuple(name for name in request.args.get("by", "").replace(",", " ").split() if name != "place"),
        area=request.args.get("area") or None,
        level=request.args.get("level") or None,
    )
    with looking_into(defined.survey.project_id):
        found = measure.measure(defined, wanted)
    return _answer(
        _definition(defined)
        | {
            "as_of": iso_instant(moment()),
            "by": list(wanted.by),
            "area": wanted.area,
            "level": wanted.level,
            "total": _figure(found.total),
            "rows": [_row(one) for one in found.rows],
        }
    )


def _projects() -> list[int]:
    every = (one.id for one in projects.list_projects(db.session()))
    return identity().projects("indicator.read", every)


def _answer(document: object) -> Response:
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _definition(defined: Defined) -> Document:
    one, survey = defined.indicator, defined.survey
    return {
        "code": one.code,
        "label": _spoken(one.labels),
        "labels": dict(one.labels),
        "unit": one.unit,
        "factor": _plain(one.factor),
        "direction": one.direction,
        "project": survey.project_id,
        "form": survey.xml_form_id,
        "version": survey.version,
        "table": one.table,
        "ratio": one.denominator is not None,
        "disaggregate": [answer.name for answer in one.disaggregate],
        "definition": _spoken(one.definitions),
        "definitions": dict(one.definitions),
        "source": one.source,
    }


def _spoken(labels: Mapping[str, str]) -> str:
    """A label in the language of `lang=`, Vietnamese unless said."""
    return spoken(labels, (), request.args.get("lang") or "vi")


def _figure(figure: Figure) -> Document:
    return {
        "numerator": _plain(figure.numerator),
        "denominator": _plain(figure.denominator),
        "value": _plain(figure.value),
        "counted": figure.counted,
    }


def _row(row: Row) -> Document:
    place = row.place
    return {
        "place": row.code or None,
        "name": place.name if place else None,
        "level": place.level if place else None,
        "parent": place.parent_code if place else None,
        "split": dict(row.split),
        **_figure(row.figure),
    }


def _plain(number: float | None) -> float | int | None:
    """Counts without `.0`."""
    return int(number) if number is not None and number.is_integer() else number
