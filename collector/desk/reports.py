"""Reports on the desk: which are due, one on screen with every figure a link, taken away as Word or PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from collector.actions import report_templates, reports
from collector.actions.reports import Asked, Due, Made, Source
from collector.desk.page import asked_number, language, now, phone_address, scoped
from collector.desk.standpoint import Standpoint, standpoint
from collector.fileresponse import XLSX, made_response
from collector.parts import parts
from forms.period_kinds import last_day
from forms.places import COMMUNE, DISTRICT, PROVINCE
from forms.reports.described import Description
from forms.values import HOME
from storage.database import db
from storage.models import ReportTemplate
from storage.queries import projects
from storage.queries.report_templates import DOCUMENT, templates

if TYPE_CHECKING:
    from forms.reports.document import Drawing

blueprint = Blueprint("reports", __name__)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


@dataclass(frozen=True)
class Choice:
    """What a page of one report may choose: period and release beside the place."""

    periods: Sequence[str]
    period: str
    sources: Sequence[Source]
    release: int | None


@scoped(blueprint, "/reports")
def index(project_id: int) -> str:
    """The reports of the place in `?area=`, by the day they are due; those of its communes below.

    With `?release=` they are made of that one, where it covers the place.
    """
    session = db.session()
    at = standpoint(session, project_id)
    today = now().astimezone(HOME).date()
    province = reports.province_code(session, at.area) if at.area else ""
    level = at.level if at.level in {PROVINCE, COMMUNE} else ""
    return render_template(
        "reports.html",
        project=projects.get_project(session, project_id),
        at=at,
        today=today,
        mine=reports.due_reports(province, level, today) if level else (),
        below=_below(province, level, today),
        own=templates(session, project_id),
        asked=asked_number("release"),
        source=_source(session, project_id, at),
    )


def _source(session: Session, project_id: int, at: Standpoint) -> Source | None:
    """The release asked for; None for none, and where it does not cover the place."""
    asked = asked_number("release")
    if asked is None or not at.area:
        return None
    return next((one for one in reports.sources(session, project_id, at.area) if one.number == asked), None)


def _below(province: str, level: str, today: date) -> list[Due]:
    """The reports of the offices in a province: its communes, and the districts there were."""
    if level != PROVINCE:
        return []
    return [one for below in (COMMUNE, DISTRICT) for one in reports.due_reports(province, below, today)]


@scoped(blueprint, "/reports/<seg:report>")
def show(project_id: int, report: str) -> str:
    """One report of `?area=` in `?period=`, of the figures of today or of `?release=`."""
    session = db.session()
    description = reports.description_of(report)
    at = standpoint(session, project_id, (description.kind,))
    made = choice = None
    if at.level == description.level:
        choice = _choice(session, project_id, description, at)
        asked = Asked(report, at.area, choice.period, choice.release)
        made = reports.make(session, parts().blobs, project_id, asked, now())
    return render_template(
        "report.html",
        description=description,
        at=at,
        made=made,
        choice=choice,
        release=asked_number("release"),
        paper=made.report if made else None,
        kind_of=lambda block: type(block).__name__,
        own=templates(session, project_id, description.id),
        svg=_svg,
    )


def _svg(drawing: Drawing) -> Markup:
    """A drawing of ours, whose texts are escaped as it is made."""
    return Markup(drawing.svg)  # noqa: S704


def _choice(session: Session, project_id: int, description: Description, at: Standpoint) -> Choice:
    today = now().astimezone(HOME).date()
    asked = request.args.get("period", "").strip()
    period = reports.require_period(description, asked or reports.due_of(description, today).period, today)
    periods = sorted({*at.periods, period}, key=lambda one: -last_day(one).toordinal())
    return Choice(periods, period, reports.sources(session, project_id, at.area), asked_number("release"))


def _asked(session: Session, project_id: int, report: str, address: str) -> tuple[Description, Made]:
    """The report that the address asks for."""
    description = reports.description_of(report)
    asked = Asked(
        report,
        request.args.get("area", ""),
        request.args.get("period", "").strip(),
        asked_number("release"),
        address,
    )
    return description, reports.make(session, parts().blobs, project_id, asked, now())


@scoped(blueprint, "/reports/<seg:report>/word")
def word(project_id: int, report: str) -> Response:
    """The report as a Word file."""
    from forms.reports.docx import docx

    description, made = _asked(db.session(), project_id, report, phone_address())
    return _sent(docx(made.report), reports.file_name(description, made, "docx"), WORD)


@scoped(blueprint, "/reports/<seg:report>/pdf")
def pdf(project_id: int, report: str) -> Response:
    """The report as PDF."""
    from forms.reports.pdf import pdf as written

    description, made = _asked(db.session(), project_id, report, phone_address())
    return _sent(written(made.report), reports.file_name(description, made, "pdf"), PDF)


@scoped(blueprint, "/reports/<seg:report>/own")
def own(project_id: int, report: str) -> ResponseReturnValue:
    """The office's own file in `?file=`, filled with the figures of the report."""
    session = db.session()
    description, made = _asked(session, project_id, report, phone_address())
    found = report_templates.require(session, project_id, asked_number("file") or 0)
    data = report_templates.bytes_of(parts().blobs, found.blob_sha256)
    values = report_templates.values_in(made)
    written = report_templates.filled(found.kind, data, values)
    return _sent(written, _own_name(description, made, found), WORD if found.kind == DOCUMENT else XLSX)


def _own_name(description: Description, made: Made, found: ReportTemplate) -> str:
    return reports.file_name(description, made, report_templates.ENDINGS[found.kind].removeprefix("."))


@scoped(blueprint, "/reports/<seg:report>/placeholders")
def placeholders(project_id: int, report: str) -> str:
    """Everything a file of the office may name, with its present value."""
    from forms.reports.placeholders import FIELDS, listed

    description, made = _asked(db.session(), project_id, report, "")
    values = report_templates.values_in(made)
    return render_template(
        "report_placeholders.html",
        description=description,
        setting=made.setting,
        lines=list(listed(values)),
        fields=FIELDS,
        places=len(values.places),
        language=language(),
    )


def _sent(data: bytes, name: str, content_type: str) -> Response:
    handle = io.BytesIO(data)
    handle.seek(0, io.SEEK_END)
    return made_response(handle, name, content_type)
