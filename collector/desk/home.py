"""The first page: the surveys, how they come in, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from collector.accounts.guard import identity, looking_into
from collector.desk.page import start_of_today
from collector.desk.standpoint import Standpoint, standpoint
from storage.database import db
from storage.findings import queue
from storage.models import AppUser, Project
from storage.queries import lists, projects
from storage.queries.figure_places import has_late
from storage.queries.lists import SurveyLine, Tally

if TYPE_CHECKING:
    # The parser of definitions takes a while to import, and most processes never need it.
    from collector.desk.figure_rows import Row

blueprint = Blueprint("home", __name__)

MOST_BEHIND = 5
"""Indicators behind their pace that the first page names."""

MOST_COUNTED = 999
"""Findings counted on the first page: past that, how many there are changes nothing."""


@dataclass(frozen=True)
class Board:
    """A project as the first page shows it."""

    project: Project
    surveys: Sequence[SurveyLine]
    tallies: Mapping[int, Tally]
    phones: Sequence[AppUser]
    findings: int = 0
    behind: Sequence[Row] = ()
    stand: Standpoint | None = None

    @property
    def records(self) -> int:
        """Everything received."""
        return sum(tally.records for tally in self.tallies.values())

    @property
    def recent(self) -> int:
        """Received today."""
        return sum(tally.recent for tally in self.tallies.values())

    @property
    def steps(self) -> Mapping[str, bool]:
        """What a new project takes, and whether it is done."""
        return {
            "survey": any(line.form.current_id for line in self.surveys),
            "phone": any(phone.last_used_at for phone in self.phones),
            "record": self.records > 0,
        }


@blueprint.get("/")
def index() -> str:
    """Every project the reader may look into."""
    session = db.session()
    me = identity()
    boards = []
    for project in projects.list_projects(session):
        if me.may("form.list", project.id):
            with looking_into(project.id):
                boards.append(_board(session, project))
    return render_template("home.html", boards=boards, most=MOST_COUNTED)


@blueprint.get("/favicon.ico")
def icon() -> Response:
    """Where browsers look for a picture beside what is no page, such as a photo."""
    return redirect(url_for("static", filename="mark.svg"), 301)


def _board(session: Session, project: Project) -> Board:
    surveys = lists.survey_lines(session, project.id)
    numbers = [line.form.id for line in surveys]
    behind, stand = _behind(session, project.id)
    return Board(
        project,
        surveys,
        lists.tallies(session, numbers, since=start_of_today()),
        lists.phones_in_use(session, project.id),
        queue.open_findings(session, project.id, most=MOST_COUNTED + 1)
        if identity().may("submission.list", project.id)
        else 0,
        behind,
        stand,
    )


def _behind(session: Session, project_id: int) -> tuple[Sequence[Row], Standpoint | None]:
    """What is behind its pace where the reader is at home, and where that is; nothing without figures."""
    if not identity().may("indicator.read", project_id):
        return (), None
    stand = standpoint(session, project_id, at_home=True)
    if not has_late(session, project_id, stand.area, stand.period):
        return (), None
    from collector.desk.figure_rows import behind, rows_at

    return behind(rows_at(session, project_id, stand), MOST_BEHIND), stand
