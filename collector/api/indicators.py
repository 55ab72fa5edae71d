"""Figures for programs: what is measured, and what it comes to, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from collector.accounts.guard import identity, looking_into
from collector.actions import measure
from collector.actions.measure import Figure, Measured, Point, Row, Wanted
from collector.actions.reading import spoken
from collector.clock import moment
from forms.periods import SPOKEN, Period
from forms.values import iso_instant
from storage.database import db
from storage.problems import PeriodUnknown
from storage.queries import projects

if TYPE_CHECKING:
    # Its parser takes a while to import, and most processes never measure.
    from collector.actions.definitions import Defined

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

    `by=question,…` splits it, `area=<code>` keeps what lies in a place, `level=village|commune|district|
    province` adds places up, `period=2026-H1` keeps what counts for it, `on=YYYY-MM-DD` takes the map of
    that day (of the period's last day unless said), `form=<id>` tells apart what several surveys define.
    """
    defined, wanted = _asked(code)
    with looking_into(defined.project_id):
        found = measure.measure(defined, wanted)
    return _answer(_definition(defined) | _said(wanted) | _period(wanted.period) | _measured(found))


@blueprint.get("/indicators/<seg:code>/series")
def series(code: str) -> Response:
    """One indicator in several periods, `periods=2024,2025,2026`, each on the map of its last day.

    Takes what `figures` takes. A point with `breaks` is of other units than the one before it.
    """
    defined, wanted = _asked(code)
    named = request.args.get("periods", "").replace(",", " ").split()
    if not named or len(named) > measure.MOST_PERIODS:
        raise PeriodUnknown(period=" ".join(named)[:40], known=f"1–{measure.MOST_PERIODS} × {SPOKEN}")
    periods = [measure.period_of(one) for one in named]
    with looking_into(defined.project_id):
        points = measure.series(defined, wanted, periods)
    return _answer(_definition(defined) | _said(wanted) | {"points": [_point(one) for one in points]})


def _asked(code: str) -> tuple[Defined, Wanted]:
    said = request.args
    defined = measure.find(db.session(), _projects(), code, form_id=said.get("form") or None)
    period = measure.period_of(said["period"]) if said.get("period") else None
    wanted = Wanted(
        by=tuple(name for name in said.get("by", "").replace(",", " ").split() if name != "place"),
        area=said.get("area") or None,
        level=said.get("level") or None,
        period=period,
        on=_day(said["on"]) if said.get("on") else period.last if period else None,
    )
    return defined, wanted


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PeriodUnknown(period=text[:40], known="2024-12-31") from error


def _said(wanted: Wanted) -> Document:
    return {
        "as_of": iso_instant(moment()),
        "by": list(wanted.by),
        "area": wanted.area,
        "level": wanted.level,
        "on": wanted.on.isoformat() if wanted.on else None,
    }


def _period(period: Period | None) -> Document:
    return {
        "period": {"first": period.first.isoformat(), "last": period.last.isoformat()} if period else None
    }


def _measured(found: Measured) -> Document:
    return {"total": _figure(found.total), "rows": [_row(one) for one in found.rows]}


def _point(point: Point) -> Document:
    breaks = [
        {"on": one.on.isoformat(), "kind": one.kind, "legal_basis": one.legal_basis} for one in point.breaks
    ]
    return _period(point.period) | _measured(point.measured) | {"breaks": breaks}


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
        "project": defined.project_id,
        "form": defined.form_id or None,
        "version": survey.version if survey else None,
        "table": one.numerator.source.path,
        "ratio": one.is_ratio,
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
