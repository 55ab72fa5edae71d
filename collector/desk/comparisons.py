"""Figures compared on the desk, on screen and as a file: places side by side, a period beside others."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.actions.cells import freshness
from collector.desk.page import now, scoped
from collector.desk.standpoint import Standpoint, standpoint
from collector.fileresponse import XLSX, disposition, made_response
from forms.exports.figures import Book, Value, csv_pieces, write_workbook
from forms.values import HOME
from storage.database import db

if TYPE_CHECKING:
    from collector.desk.figure_compare import Compared

blueprint = Blueprint("comparisons", __name__)


@scoped(blueprint, "/indicators/compare/places")
def places(project_id: int) -> ResponseReturnValue:
    """The places of `?place=`, up to five, side by side in `?period=` over the group `?group=`.

    `?area=` is whose places may be chosen; `?file=` csv or xlsx takes the table away.
    """
    from collector.desk.figure_compare import FEWEST, MOST, places_beside, to_choose

    session = db.session()
    at = standpoint(session, project_id)
    codes = [code[:40] for code in dict.fromkeys(request.args.getlist("place")) if code]
    found = places_beside(session, project_id, at, codes, _group()) if len(codes) >= FEWEST else None
    if found and request.args.get("file"):
        return _file(found, at, [one.at.name for one in found.columns], f"places_{at.period}")
    return render_template(
        "compare_places.html",
        at=at,
        found=found,
        chosen=codes,
        choices=to_choose(session, at),
        fewest=FEWEST,
        most=MOST,
        fresh=freshness(session, project_id, now()),
    )


@scoped(blueprint, "/indicators/compare/periods")
def periods(project_id: int) -> ResponseReturnValue:
    """`?period=` of `?area=` beside the period before and that of the year before, over `?group=`."""
    from collector.desk.figure_compare import periods_beside

    session = db.session()
    at = standpoint(session, project_id)
    found = periods_beside(session, project_id, at, _group())
    if request.args.get("file"):
        return _file(found, at, [one.at.period for one in found.columns], f"periods_{at.area or 'all'}")
    return render_template(
        "compare_periods.html", at=at, found=found, fresh=freshness(session, project_id, now())
    )


def _group() -> int | None:
    number = request.args.get("group", type=int)
    return number if number is not None and 0 <= number < 1000 else None  # noqa: PLR2004 - no programme has more


def _file(found: Compared, at: Standpoint, titles: Sequence[str], name: str) -> Response:
    """The table of the screen: an indicator a line, of each column its figure and what that rests on."""
    header = [gettext("Code of the indicator"), gettext("Indicator"), gettext("Unit")]
    for title in titles:
        parts = (gettext("Numerator"), gettext("Denominator"), gettext("Reported, percent"))
        header += [title, *(f"{title}: {part}" for part in parts)]
    lines = [_line(found, number) for number in range(len(found.lines))]
    called = f"figures-compared_{name}_{now().astimezone(HOME):%Y-%m-%d}"
    if request.args["file"] != "xlsx":
        body = b"".join(csv_pieces(header, [lines], for_people=True))
        response = Response(body, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = disposition(f"{called}.csv")
        return response
    notes: list[Sequence[Value]] = [
        (gettext("Place"), at.name),
        (gettext("Period"), at.period),
        (gettext("Group"), found.titles[found.number] if found.titles else ""),
        (gettext("State"), gettext("figures locked") if found.locked else gettext("provisional figures")),
    ]
    names = ["indicator", "label", "unit", *("figure" for _ in header[3:])]
    handle = TemporaryFile()  # noqa: SIM115 - who gets it closes it
    write_workbook(handle, Book((gettext("Comparison"), gettext("Notes")), header, names, notes), [lines])
    return made_response(handle, f"{called}.xlsx", XLSX)


def _line(found: Compared, number: int) -> list[Value]:
    one = found.lines[number]
    line: list[Value] = [one.code, one.label, one.indicator.unit]
    for entry in one.entries:
        cell = entry.row.whole
        share = 100 * (cell.received or 0) / cell.expected if cell and cell.expected else None
        line += [cell.value, cell.numerator, cell.denominator, share] if cell else [None] * 4
    return line
