"""Figures as they stand worked out, for programs: all of a place, files, and the rows behind one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from flask import Blueprint, Response, request, stream_with_context
from sqlalchemy.orm import Session

from collector.accounts.guard import identity, looking_into
from collector.actions import cells, figure_files, measure
from collector.actions.figure_files import Words
from collector.actions.rows_behind import AskedBehind, Behind, read_behind
from collector.api.cells import freshness_document, line_document, spot_document
from collector.api.first import first_unless_said, routed
from collector.clock import moment
from collector.fileresponse import XLSX, disposition, made_response
from forms.periods import SPOKEN
from storage.cells.behind import MOST
from storage.database import db
from storage.problems import PeriodUnknown
from storage.queries import projects
from storage.queries.cell_rows import Wanted

blueprint = Blueprint("api_figures", __name__, url_prefix="/api")

_CSV = "text/csv; charset=utf-8"
_SDMX = "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"


first_unless_said(blueprint)


@routed(blueprint, "/figures")
def overview(project_id: int) -> Response:
    """Every indicator in one `period=`, of `area=` or of all that the account sees."""
    period = request.args.get("period", "")
    if cells.stored_kind(period) is None:
        raise PeriodUnknown(period=period[:40], known=SPOKEN)
    found = cells.overview(
        _session(project_id), project_id, period, moment(), request.args.get("area") or None
    )
    return _answer({
        "place": spot_document(found.place),
        "period": period,
        **freshness_document(found.freshness),
        "figures": [
            {"code": one.indicator.code, "unit": one.indicator.unit, **line_document(line)}
            for one, line in found.lines
        ],
    })


@routed(blueprint, "/figures.csv")
def table(project_id: int) -> Response:
    """Figures as a long table; `code=`, `area=`, `level=`, `period=`, `by=` narrow it (`all` splits)."""

    def pieces(session: Session, wanted: Wanted) -> Iterator[bytes]:
        return figure_files.csv_file(session, wanted, _words(), for_people=False)

    return _stream(project_id, pieces, "figures.csv", _CSV)


@routed(blueprint, "/figures.sdmx.csv")
def sdmx(project_id: int) -> Response:
    """The same as SDMX-CSV 2.0."""
    return _stream(project_id, figure_files.sdmx_file, "figures.sdmx.csv", _SDMX)


@routed(blueprint, "/figures.xlsx")
def workbook(project_id: int) -> Response:
    """The same as an Excel workbook, with a sheet of notes."""
    session = _session(project_id)
    wanted = figure_files.wanted_of(session, project_id, request.args)
    return made_response(figure_files.excel_file(session, wanted, _words(), moment()), "figures.xlsx", XLSX)


@blueprint.get("/indicators/<seg:code>/records")
def records(code: str) -> Response:
    """The rows behind one figure: of `place=` (the whole country unless said), `period=`, and `by=`.

    `by` is the split as figures name it (`sex=2`, `@border=1`, `!` and a target); `side=` is `numerator`,
    `denominator` or `excluded`. `limit=` as many in one answer, `after=` its `next`.
    """
    session, said = db.session(), request.args
    several = identity().projects("submission.list", (one.id for one in projects.list_projects(session)))
    defined = measure.find(session, several, code, form_id=said.get("form") or None)
    asked = AskedBehind(
        said.get("period", ""),
        said.get("place") or None,
        said.get("by", ""),
        said.get("side") or "numerator",
        said.get("after", ""),
        min(max(said.get("limit", 100, type=int), 1), MOST),
    )
    with looking_into(defined.project_id):
        found = read_behind(session, defined, asked, moment())
    return _answer({
        "code": code,
        "period": asked.period,
        "by": asked.by,
        "side": asked.side,
        **_behind(found),
    })


def _behind(found: Behind) -> dict[str, Any]:
    return {
        "place": spot_document(found.place),
        **freshness_document(found.freshness),
        "figure": line_document(found.line),
        "table": found.table,
        "rests_on": list(found.rests_on),
        "rows": [
            {
                "record": one.record,
                "key": one.key,
                "place": one.place or None,
                "name": found.names.get(one.place),
                "day": one.day.isoformat() if one.day else None,
                "adds": int(one.adds) if one.adds.is_integer() else one.adds,
                "reason": one.reason or None,
            }
            for one in found.rows
        ],
        "next": found.next,
    }


def _session(project_id: int) -> Session:
    session = db.session()
    projects.get_project(session, project_id)
    return session


def _words() -> Words:
    return Words(language=request.args.get("lang") or "vi")


def _stream(
    project_id: int, pieces: Callable[[Session, Wanted], Iterator[bytes]], name: str, content_type: str
) -> Response:
    # What is wrong is told before anything is sent.
    wanted = figure_files.wanted_of(_session(project_id), project_id, request.args)

    def sent() -> Iterator[bytes]:
        yield from pieces(db.session(), wanted)

    response = Response(stream_with_context(sent()), content_type=content_type)
    response.headers["Content-Disposition"] = disposition(name)
    return response


def _answer(document: object) -> Response:
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response
