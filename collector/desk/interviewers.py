"""The sheet of an interviewer: what he sent and what was found in it, for himself and his supervisors.

Never a ranking: people stand by name, and nothing sorts them by what they did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext

from collector import finding_words
from collector.desk.page import NUMBER, asked_number, scoped
from forms.values import HOME
from forms.vietnamese import folded, person_key
from storage.database import db
from storage.findings.messages import messages
from storage.queries import interviewers, lists, projects, volunteers
from storage.queries.interviewers import Sender, Span, Work

blueprint = Blueprint("interviewers", __name__)

A_PAGE = 50
_RECORDS, _FINDINGS = 30, 30
_YEARS = range(2, 9999)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form of the page asks for, as it was typed."""

    words: str
    form: str
    place: str
    start: str
    end: str

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any((self.words, self.form, self.place, self.start, self.end))

    def query(self) -> dict[str, str | None]:
        """The same for an address."""
        return {
            "q": self.words or None,
            "form": self.form or None,
            "place": self.place or None,
            "from": self.start or None,
            "to": self.end or None,
        }


def _asked() -> Asked:
    words, form, place, start, end = (
        request.args.get(name, "").strip()[:100] for name in ("q", "form", "place", "from", "to")
    )
    return Asked(words, form, place, start, end)


def midnight(text: str) -> datetime | None:
    """The midnight here that a day that was typed begins with; None for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), HOME) if day.year in _YEARS else None


def _span(project_id: int, asked: Asked) -> Span:
    surveys = lists.survey_lines(db.session(), project_id)
    wanted = {
        line.form.id: line.title for line in surveys if not asked.form or line.form.xml_form_id == asked.form
    }
    last = midnight(asked.end)
    end = last + timedelta(days=1) if last else None
    return Span(wanted, asked.place, midnight(asked.start), end)


@scoped(blueprint, "/interviewers")
def index(project_id: int) -> str:
    """Everybody who sends, by name, with what he sent."""
    session, asked = db.session(), _asked()
    span = _span(project_id, asked)
    words = folded(asked.words).split()
    several = [
        one
        for one in interviewers.senders(session, project_id, span)
        if all(word in folded(f"{one.name} {one.organisation}") for word in words)
    ]
    several.sort(key=lambda one: (person_key(one.name), one.actor_id))
    page = asked_number("page") or 1
    lines = several[(page - 1) * A_PAGE : page * A_PAGE]
    work = interviewers.work_of(session, span, [one.actor_id for one in lines])
    names = _places(work.values())
    return render_template(
        "interviewers.html",
        project=projects.get_project(session, project_id),
        lines=[
            (one, mine, [names.get(code, code) for code in sorted(mine.places) if code])
            for one in lines
            for mine in [work.get(one.actor_id, Work())]
        ],
        number=len(several),
        page=page,
        pages=max(1, -(-len(several) // A_PAGE)),
        asked=asked,
        surveys=lists.survey_lines(session, project_id),
    )


@scoped(blueprint, f"/interviewers/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """One of them: survey by survey, his villages, what waits to be mended, what he sent last."""
    session, asked = db.session(), _asked()
    span = _span(project_id, asked)
    found = _known(project_id, number, Span(span.forms))
    work = interviewers.work_of(session, span, [number]).get(number, Work())
    by_survey = [
        (
            title,
            interviewers.work_of(session, Span({form: title}, span.place, span.start, span.end), [number]),
        )
        for form, title in span.forms.items()
    ]
    several = interviewers.findings_of(session, span, number, _FINDINGS)
    own = messages(session, {one.form_id for one, _name in several if one.form_id is not None})
    return render_template(
        "interviewer.html",
        project=projects.get_project(session, project_id),
        person=found,
        work=work,
        surveys=[(title, each[number]) for title, each in by_survey if number in each],
        names=_places([work]),
        findings=[(one, name, finding_words.sentence(one, own)) for one, name in several],
        records=interviewers.sent_of(session, span, number, _RECORDS),
        asked=asked,
        unplaced=gettext("without a place"),
    )


def _known(project_id: int, number: int, span: Span) -> Sender:
    """Whoever is seen as a sender of the project; status 404 for everybody else."""
    several = interviewers.senders(db.session(), project_id, span)
    return next((one for one in several if one.actor_id == number), None) or abort(404)


def _places(several: Iterable[Work]) -> dict[str, str]:
    codes = {code for work in several for code in work.places if code}
    return {code: place.name for code, place in volunteers.place_lines(db.session(), codes).items()}
