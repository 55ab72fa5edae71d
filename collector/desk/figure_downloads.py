"""Figures to take away, as people read them: words instead of codes, and a CSV that Excel opens by itself."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request, stream_with_context

from collector.actions import figure_files
from collector.desk.page import language, now, scoped
from collector.figure_heads import words_for_people
from collector.fileresponse import XLSX, disposition, made_response
from storage.database import db
from storage.queries import projects

blueprint = Blueprint("figure_downloads", __name__)


@scoped(blueprint, "/figures.csv")
def table(project_id: int) -> Response:
    """Figures as a long table; `?code=`, `?area=`, `?level=`, `?period=`, `?by=` narrow it."""
    session = db.session()
    projects.get_project(session, project_id)
    # What is wrong is told before anything is sent.
    wanted = figure_files.wanted_of(session, project_id, request.args)
    words = words_for_people(language())

    def sent() -> Iterator[bytes]:
        yield from figure_files.csv_file(db.session(), wanted, words, for_people=True)

    response = Response(stream_with_context(sent()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = disposition(_name(project_id, "csv"))
    return response


@scoped(blueprint, "/figures.xlsx")
def workbook(project_id: int) -> Response:
    """The same as an Excel workbook, with a sheet of notes."""
    session = db.session()
    projects.get_project(session, project_id)
    wanted = figure_files.wanted_of(session, project_id, request.args)
    handle = figure_files.excel_file(session, wanted, words_for_people(language()), now())
    return made_response(handle, _name(project_id, "xlsx"), XLSX)


def _name(project_id: int, ending: str) -> str:
    """A name in ASCII that sorts by day."""
    asked = "_".join(request.args[one] for one in ("code", "area", "period") if request.args.get(one))
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_-") else "-" for sign in asked)
    return f"figures-{project_id}_{safe[:60]}_{now():%Y-%m-%d}.{ending}"
