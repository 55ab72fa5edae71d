"""The figures of a place and period against the targets of the plans: all in a list, and each on its page."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from collector.actions import measure
from collector.actions.cells import freshness
from collector.actions.reading import spoken
from collector.desk.approvals import signing
from collector.desk.page import language, now, scoped
from collector.desk.standpoint import standpoint
from storage.database import db
from storage.queries import projects

blueprint = Blueprint("indicators", __name__)


@scoped(blueprint, "/indicators")
def index(project_id: int) -> ResponseReturnValue:
    """Every indicator in `?area=` and `?period=`; `?status=` and `?q=` narrow the list."""
    # The parser of definitions takes a while to import, and most processes never need it.
    from collector.desk.figure_rows import STATUSES, blocks, counts, rows_at

    session = db.session()
    at = standpoint(session, project_id)
    asked = request.args.get("status", "")
    status = asked if asked in STATUSES else ""
    words = request.args.get("q", "").strip()[:100]
    rows = rows_at(session, project_id, at)
    return render_template(
        "indicators.html",
        project=projects.get_project(session, project_id),
        at=at,
        rows=rows,
        blocks=blocks(rows, status=status, words=words),
        counts=counts(rows),
        status=status,
        words=words,
        fresh=freshness(session, project_id, now()),
        signing=signing(session, project_id, at),
    )


@scoped(blueprint, "/indicators/<seg:code>")
def show(project_id: int, code: str) -> ResponseReturnValue:
    """One indicator in `?area=` and `?period=`: by the places below at `?level=`, by the answers to `?by=`.

    `?sort=` is `name`, `value`, `gap` (from the target) or `status`, `?page=` the part of a long table,
    `?form=` whose indicator.
    """
    from collector.desk.figure_page import read_page

    session = db.session()
    defined = measure.find(session, [project_id], code, form_id=request.args.get("form") or None)
    at = standpoint(session, project_id, defined.indicator.periods)
    return render_template(
        "indicator.html",
        page=read_page(session, defined, at),
        at=at,
        fresh=freshness(session, project_id, now()),
        signing=signing(session, project_id, at),
    )


@scoped(blueprint, "/indicators/<seg:code>/figure")
def figure(project_id: int, code: str) -> ResponseReturnValue:
    """One number and what it rests on: `?split=` as its cell has it, else all together."""
    from collector.desk.figure_one import read_one

    session = db.session()
    defined = measure.find(session, [project_id], code, form_id=request.args.get("form") or None)
    at = standpoint(session, project_id, defined.indicator.periods)
    return render_template(
        "figure.html",
        page=read_one(session, defined, at),
        at=at,
        fresh=freshness(session, project_id, now()),
        signing=signing(session, project_id, at),
    )


@scoped(blueprint, "/indicators/<seg:code>/records")
def records(project_id: int, code: str) -> ResponseReturnValue:
    """The rows behind a figure: `?side=` numerator, denominator or excluded, `?split=` as its cell has it."""
    from collector.desk.figure_behind import read_rows

    session = db.session()
    defined = measure.find(session, [project_id], code, form_id=request.args.get("form") or None)
    at = standpoint(session, project_id, defined.indicator.periods)
    return render_template(
        "figure_rows.html",
        page=read_rows(session, defined, at),
        code=code,
        form=defined.form_id,
        label=spoken(defined.indicator.labels, (), language()) or code,
        at=at,
        fresh=freshness(session, project_id, now()),
        signing=signing(session, project_id, at),
    )
