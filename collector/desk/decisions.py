"""The programme in force, and what the plans leave open: one page, each choice with its consequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions.programme import Open, decide, in_force
from collector.actions.publish import Author
from collector.actions.reading import spoken
from collector.desk.page import language, now, scoped
from collector.fileresponse import blob_response
from collector.parts import parts
from storage.database import db, transaction
from storage.problems import AttachmentNotFound
from storage.queries import programmes, projects

blueprint = Blueprint("decisions", __name__)


@dataclass(frozen=True)
class Asked:
    """A decision in the reader's language; `options` are code and name."""

    code: str
    label: str
    consequence: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    default: str
    indicators: tuple[str, ...]
    taken: datetime | None


@scoped(blueprint, "/decisions")
def index(project_id: int) -> str:
    """Every decision with its consequence, and the programme it comes from."""
    session = db.session()
    return render_template(
        "decisions.html",
        project=projects.get_project(session, project_id),
        programme=(found := in_force(session, project_id)),
        several=[_asked(one) for one in found.decisions],
        versions=programmes.versions(session, project_id),
    )


@scoped(blueprint, "/decisions", methods=("POST",))
def take(project_id: int) -> ResponseReturnValue:
    """Decide one of them."""
    author = Author(identity().actor_id, now())
    code, option = request.form.get("code", ""), request.form.get("option", "")
    with transaction() as session:
        projects.get_project(session, project_id)
        decide(session, project_id, code, option, author)
    flash(gettext("Decided. The figures that rest on it are being worked out anew."))
    return redirect(url_for(".index", project_id=project_id, _anchor=code), 303)


@scoped(blueprint, "/programme/workbook")
def workbook(project_id: int) -> ResponseReturnValue:
    """The workbook in force, as its author sent it."""
    found = programmes.newest(db.session(), project_id)
    if found is None:
        raise AttachmentNotFound(name="programme.xlsx")
    return blob_response(parts().blobs, found.workbook_sha256, found.workbook_name)


def _asked(one: Open) -> Asked:
    return Asked(
        one.code,
        _said(one.labels) or one.code,
        _said(one.consequences),
        tuple((code, _said(names) or code) for code, names in one.options.items()),
        one.chosen,
        one.default,
        tuple(map(_said, one.indicators)),
        one.taken,
    )


def _said(texts: Mapping[str, str]) -> str:
    return spoken(texts, (), language())
