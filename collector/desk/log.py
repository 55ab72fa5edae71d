"""The log of a project: what was done, by whom, to what; and the same as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import auditing
from collector.desk.page import now, scoped
from collector.log_words import NOUNS, named
from forms.exports.harmless import harmless
from forms.values import HOME, iso_instant
from storage.auditing.actions import CATEGORIES
from storage.database import db
from storage.models import Actor, Audit, Form
from storage.queries import audits, lists, projects
from storage.queries.actors import Person
from storage.queries.audits import Named, Wanted
from storage.queries.people import people_named

blueprint = Blueprint("log", __name__)

_READ = "audit.read"
_ON_A_PAGE = 50
_MOST_NAMES = 8
_LONGEST_NAME = 100
_NOBODY = 0
_YEARS = range(2, 9999)
"""Years in which midnight here, and the day after, are moments everywhere."""
_COLUMNS = ("time", "who", "action", "form", "record", "entity", "place", "notes")


@scoped(blueprint, "/log")
def index(project_id: int) -> str:
    """What was done, newest first, some on a page."""
    auditing.derive(now())
    project = projects.get_project(db.session(), project_id)
    page = request.args.get("page", 1, type=int)
    at = min(max(page, 1), 10_000)
    people = _meant(project_id)
    wanted = _wanted(project_id, people, limit=_ON_A_PAGE + 1, offset=(at - 1) * _ON_A_PAGE)
    found = [(one, part.named) for part in audits.pages(wanted, naming=True) for one in part.rows]
    lines = [_line(one, known) for one, known in found[:_ON_A_PAGE]]
    places = lists.place_names(db.session(), {line.place for line in lines if line.place})
    return render_template(
        "log.html",
        project=project,
        days=[(day, list(several)) for day, several in groupby(lines, key=lambda line: line.day)],
        places=places,
        more=len(found) > _ON_A_PAGE,
        page=at,
        people=people,
        nouns={name: NOUNS[name]() for name in CATEGORIES},
        asked={name: request.args.get(name, "") for name in ("who", "action", "from", "to")},
    )


@dataclass(frozen=True, slots=True)
class LogLine:
    """An audit as the page tells it: `whom` it was done to, `form` the id of the form a record belongs to."""

    at: datetime
    who: str
    said: str
    whom: str
    form: str
    record: str
    entity: str
    place: str
    notes: str

    @property
    def day(self) -> date:
        """The day here."""
        return self.at.astimezone(HOME).date()

    @property
    def hour(self) -> str:
        """The time here."""
        return self.at.astimezone(HOME).strftime("%H:%M")


def _line(one: Audit, known: Named | None) -> LogLine:
    form = known.forms.get(one.form_id or 0) if known and one.form_id else None
    return LogLine(
        one.logged_at,
        _who(one, known),
        named(one.action),
        _whom(one, known),
        form.xml_form_id if form is not None and form.deleted_at is None else "",
        one.instance_id or "",
        one.entity_uuid or "",
        one.place_code or "",
        one.notes or "",
    )


def _whom(one: Audit, known: Named | None) -> str:
    """What an account, a phone or a survey is called that something was done to."""
    acted_on = known.actee(one) if known is not None else None
    if isinstance(acted_on, Actor):
        return acted_on.display_name
    return acted_on.xml_form_id if isinstance(acted_on, Form) else ""


def _meant(project_id: int) -> list[Person]:
    """Who is meant by the name that was typed; nobody where none was."""
    words = request.args.get("who", "").strip()[:_LONGEST_NAME]
    return people_named(db.session(), project_id, words, _MOST_NAMES) if words else []


@scoped(blueprint, "/log.csv")
def table(project_id: int) -> Response:
    """The same, all of it, for a spreadsheet program."""
    auditing.derive(now())
    projects.get_project(db.session(), project_id)
    wanted = _wanted(project_id, _meant(project_id))
    db.session.rollback()
    response = Response(stream_with_context(_csv(wanted)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=log.csv"
    return response


def _wanted(
    project_id: int, people: Sequence[Person], *, limit: int | None = None, offset: int = 0
) -> Wanted:
    action = request.args.get("action", "")
    # A name that nobody has means nobody, not everybody.
    nobody = _NOBODY if request.args.get("who", "").strip() else None
    last = _day("to")
    return Wanted(
        projects={project_id: identity().scope((_READ,), project_id)},
        action=action if action in CATEGORIES else None,
        actor_id=people[0].actor_id if people else nobody,
        start=_day("from"),
        end=last + timedelta(days=1) if last else None,
        limit=limit,
        offset=offset,
    )


def _day(name: str) -> datetime | None:
    """The midnight a day that was typed begins with; None for what is no day."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
        return datetime.combine(day, time(), HOME) if day.year in _YEARS else None
    except ValueError:
        return None


def _who(one: Audit, known: Named | None) -> str:
    actor = known.actors.get(one.actor_id or 0) if known else None
    return actor.display_name if actor else gettext("the server")


def _csv(wanted: Wanted) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _written([_COLUMNS])
    for part in audits.pages(wanted, naming=True):
        yield _written([_cells(one, part.named) for one in part.rows])


def _cells(one: Audit, known: Named | None) -> tuple[str, ...]:
    form = known.forms.get(one.form_id or 0) if known else None
    return (
        iso_instant(one.logged_at),
        _who(one, known),
        one.action,
        form.xml_form_id if form else "",
        one.instance_id or "",
        one.entity_uuid or "",
        one.place_code or "",
        one.notes or "",
    )


def _written(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode(errors="replace")
