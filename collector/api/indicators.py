"""Figures for programs: what is measured, and what it comes to, place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from collector.accounts.guard import identity, looking_into
from collector.actions import cells, measure
from collector.actions.cells import Asked, Table
from collector.actions.measure import Figure, Measured, Point, Row, Wanted
from collector.actions.reading import spoken
from collector.actions.trends import trend
from collector.api.cells import (
    freshness_document,
    line_document,
    plain,
    row_document,
    target_document,
)
from collector.clock import moment
from forms.period_kinds import first_day, last_day
from forms.periods import SPOKEN, Period
from forms.values import iso_instant
from storage.database import db
from storage.problems import PeriodUnknown
from storage.queries import campaigns, projects
from storage.queries.whereabouts import Break

if TYPE_CHECKING:
    # Its parser takes a while to import, and most processes never measure.
    from collector.actions.definitions import Defined

blueprint = Blueprint("api_indicators", __name__, url_prefix="/api")
Document = dict[str, Any]

_LONGEST_NUMBER = 9
"""Digits of a campaign's number."""


@blueprint.get("/indicators")
def listing() -> Response:
    """Every indicator of the surveys this account may see."""
    session = db.session()
    return _answer([
        _definition(one) | {"targets": [target_document(target) for target in cells.targets_of(session, one)]}
        for one in measure.indicators(session, _projects())
    ])


@blueprint.get("/indicators/<seg:code>")
def figures(code: str) -> Response:
    """One indicator from the answers there are now, all together and by place.

    For a year, half, quarter, month or school year the figures that stand worked out answer (`basis` is then
    `cells`), in the units of today, with targets, completeness and who signed; without `level` they are those
    right in the area. Any other period, and one with `on`, is counted from the records (`records`).

    `by=question,…` splits it, `area=<code>` keeps what lies in a place, `level=village|commune|district|
    province` adds places up, `period=2026-H1` keeps what counts for it, `on=YYYY-MM-DD` takes the map of
    that day (of the period's last day unless said), `form=<id>` tells apart what several surveys define.
    """
    defined, wanted = _asked(code)
    with looking_into(defined.project_id):
        wanted = _of_period(defined, wanted)
        asked = _stored(defined, wanted)
        if asked is not None:
            found = _table(cells.table(db.session(), defined, asked, moment()))
        else:
            wanted = replace(wanted, on=wanted.on or (wanted.period.last if wanted.period else None))
            found = {"basis": "records"} | _measured(measure.measure(defined, wanted))
    return _answer(_definition(defined) | _said(wanted) | _period(wanted.period) | found)


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
        said = _definition(defined) | _said(wanted)
        several = [_stored(defined, replace(wanted, period=one)) for one in periods]
        if all(several):
            return _answer(said | _trend(defined, [one for one in several if one is not None]))
        points = measure.series(defined, wanted, periods)
    return _answer(said | {"basis": "records", "points": [_point(one) for one in points]})


def _asked(code: str) -> tuple[Defined, Wanted]:
    said = request.args
    defined = measure.find(db.session(), _projects(), code, form_id=said.get("form") or None)
    wanted = Wanted(
        by=tuple(name for name in said.get("by", "").replace(",", " ").split() if name != "place"),
        area=said.get("area") or None,
        level=said.get("level") or None,
        on=_day(said["on"]) if said.get("on") else None,
    )
    return defined, wanted


def _of_period(defined: Defined, wanted: Wanted) -> Wanted:
    """The question with the period the address names: days, or those of a campaign in its area."""
    text = request.args.get("period", "")
    campaign = text.removeprefix("campaign:")
    if campaign != text:
        number = int(campaign) if campaign.isdecimal() and len(campaign) <= _LONGEST_NUMBER else 0
        found = campaigns.get_campaign(db.session(), defined.project_id, number)
        span = Period(found.period_from, found.period_to)
        return replace(wanted, period=span, area=wanted.area or found.place_code)
    return replace(wanted, period=measure.period_of(text)) if text else wanted


def _stored(defined: Defined, wanted: Wanted) -> Asked | None:
    """The same question to the figures that stand worked out, where they answer it."""
    if wanted.period is None or wanted.on is not None or len(wanted.by) > 1:
        return None
    period = cells.stored_as(wanted.period, defined.indicator.periods)
    if period is None:
        return None
    by = wanted.by[0] if wanted.by else ""
    asked = Asked(defined.project_id, defined.indicator.code, period, wanted.area, wanted.level, by)
    return asked if cells.answers(db.session(), defined, asked, moment()) else None


def _table(found: Table) -> Document:
    return {
        "basis": "cells",
        **freshness_document(found.freshness),
        "total": line_document(found.total),
        "parts": [line_document(one) for one in found.parts],
        "rows": [row_document(one) for one in found.lines],
        "targets": [target_document(one) for one in found.targets],
    }


def _trend(defined: Defined, several: Sequence[Asked]) -> Document:
    """A point for each period with the rows of its table, the steps of the target, and its pace."""
    session, periods = db.session(), [one.period for one in several]
    found = trend(session, defined, moment(), several[0].area, periods)
    tables = {one.period: cells.table(session, defined, one, moment()) for one in several}
    points = []
    for one in found.points:
        days = Period(first_day(one.period), last_day(one.period))
        rows = [row_document(line) for line in tables[one.period].lines]
        expected = {"pace": plain(found.line.at(days.last))}
        told = {"total": line_document(one.line), "rows": rows, "breaks": _breaks(one.breaks)}
        points.append(_period(days) | told | expected)
    return {
        "basis": "cells",
        **freshness_document(found.freshness),
        "points": points,
        "targets": [target_document(one) for one in found.steps],
        "line": [[day.isoformat(), plain(value)] for day, value in found.line.knots],
    }


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
    return _period(point.period) | _measured(point.measured) | {"breaks": _breaks(point.breaks)}


def _breaks(several: Sequence[Break]) -> list[Document]:
    return [{"on": one.on.isoformat(), "kind": one.kind, "legal_basis": one.legal_basis} for one in several]


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
        "factor": plain(one.factor),
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
        "periods": list(one.periods),
        "splits": [
            {"name": split.name, "bands": [list(band) for band in split.bands]} for split in one.disaggregate
        ],
    }


def _spoken(labels: Mapping[str, str]) -> str:
    """A label in the language of `lang=`, Vietnamese unless said."""
    return spoken(labels, (), request.args.get("lang") or "vi")


def _figure(figure: Figure) -> Document:
    return {
        "numerator": plain(figure.numerator),
        "denominator": plain(figure.denominator),
        "value": plain(figure.value),
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
