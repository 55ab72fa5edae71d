"""What there is to mend: a list with its filters, one finding after the other, one answer for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wsgi import wrap_file

from collector import finding_table, finding_words
from collector.accounts.guard import identity
from collector.actions import findings as actions
from collector.actions.delivery import spooled
from collector.actions.findings import SAID, Before, Verdict
from collector.actions.volunteers import whereabouts
from collector.desk import deciding
from collector.desk.beside import Beside
from collector.desk.deciding import asked_for, query_of
from collector.desk.page import NUMBER, now, scoped, start_of_today
from collector.errors import say
from collector.fileresponse import disposition
from collector.wording import fill
from forms.checks.check import SEVERITIES
from forms.remarks import Remark
from storage.database import db, transaction
from storage.findings import queue
from storage.findings.messages import Messages, messages
from storage.findings.problems import FindingReasonMissing
from storage.findings.queue import A_PAGE, Line
from storage.findings.reporting import OPEN, STATES
from storage.models import Batch
from storage.queries import batches, lists, projects, volunteers

blueprint = Blueprint("findings", __name__)

_SHOWN_AT_ONCE = 20
MOST_BATCHES = 5
MOST_PLACES = 30
"""Communes a page counts findings of."""


def _undoable(session: Session, project_id: int) -> list[Batch]:
    """The last answers given to many at once that can be taken back."""
    several = batches.batches_of(session, project_id, actions.KIND)
    return [one for one in several if not one.undone_at][:MOST_BATCHES]


@scoped(blueprint, "/findings")
def index(project_id: int) -> str:
    """The first to mend first; `?after=` the number of a finding goes on."""
    session = db.session()
    asked, query = asked_for(project_id), query_of()
    remarks: Sequence[Remark] = ()
    typed = request.args.get("where", "").strip()[:100]
    if typed:
        found, remarks = whereabouts(session, [typed])
        asked = replace(asked, place=next(iter(found), asked.place))
        query["place"] = asked.place
    begin = replace(asked, after=request.args.get("after", type=int), limit=A_PAGE + 1)
    lines = queue.listing(session, begin)
    tally = queue.tally(session, asked)
    counts, places = tally.kinds, tally.places if not asked.place else []
    own = messages(session, {one.form or 0 for one in counts} | {line.finding.form_id or 0 for line in lines})
    place = volunteers.place_lines(session, {asked.place}).get(asked.place) if asked.place else None
    return render_template(
        "findings.html",
        project=projects.get_project(session, project_id),
        asked=asked,
        query={name: text for name, text in query.items() if text},
        place=place,
        typed=typed,
        sentence=" ".join(fill(text, one.details) for one in remarks for text in (one.cause, one.remedy)),
        lines=lines[:A_PAGE],
        more=lines[A_PAGE - 1].finding.id if len(lines) > A_PAGE else None,
        counts=counts,
        places=places[:MOST_PLACES],
        more_places=max(0, len(places) - MOST_PLACES),
        last=deciding.last(project_id),
        total=sum(one.number for one in counts if asked.check in {"", one.check}),
        words=Words(own),
        surveys=lists.survey_lines(session, project_id),
        people=actions.people(session, project_id),
        batches=_undoable(session, project_id),
        severities=SEVERITIES,
        states=STATES,
        waiting=deciding.WAITING,
        of_state=query_of().get("state", OPEN),
    )


class Words:
    """What findings say, for templates."""

    def __init__(self, own: Messages) -> None:
        self._own = own

    def title(self, check: str, form: int | None) -> str:
        """What a check is called in a survey."""
        return finding_words.title(check, form, self._own)

    def sentence(self, line: Line) -> str:
        """What was found."""
        return finding_words.sentence(line.finding, self._own)

    def remedy(self, line: Line) -> str:
        """What to do about it."""
        return finding_words.remedy(line.finding)


@scoped(blueprint, f"/findings/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """A finding with its records, and what can be said to it."""
    session = db.session()
    line = queue.one(session, project_id, number)
    before, following = queue.beside(session, asked_for(project_id), line.finding)
    found = line.finding
    sides = Beside(session, found)
    return render_template(
        "finding.html",
        line=line,
        query=query_of(),
        before=before,
        following=following,
        words=Words(messages(session, {found.form_id or 0})),
        beside=sides,
        twice=deciding.joining_ticket(project_id, found, sides) if found.check in deciding.SAME else "",
        same=found.check in deciding.SAME,
        whys=deciding.whys(found.check),
        last=deciding.last(project_id),
        people=actions.people(session, project_id),
        names=lists.names_of(session, [found.changed_by] if found.changed_by else []),
        sentence="",
    )


@scoped(blueprint, f"/findings/<{NUMBER}:number>/judge", methods=("POST",))
def judge(project_id: int, number: int) -> ResponseReturnValue:
    """Accept a finding with a reason, reject it, or open it again; then on to the next."""
    said = request.form.get("verdict", "")
    found = queue.one(db.session(), project_id, number).finding
    target = deciding.onward(asked_for(project_id), found, query_of())
    here = redirect(url_for(".show", project_id=project_id, number=number, **query_of()), 303)
    verdict = Verdict(said, deciding.reason_said(found.check), identity().actor_id, now())
    before = Before.of(found, verdict.now)
    try:
        with transaction(noticed=False) as writing:
            actions.judge(writing, project_id, number, verdict)
    except FindingReasonMissing as problem:
        flash(say(problem), "error")
        return here
    deciding.keep(deciding.JUDGED, (project_id, number), before, _JUDGED[said]())
    return here if said == OPEN else target


_JUDGED: dict[str, Any] = {
    "accepted": lambda: gettext("Kept as right; it will not be asked again."),
    "rejected": lambda: gettext("Put aside as no fault; it will not be asked again."),
    "open": lambda: gettext("It is open again."),
}


@scoped(blueprint, f"/findings/<{NUMBER}:number>/assign", methods=("POST",))
def assign(project_id: int, number: int) -> ResponseReturnValue:
    """Give a finding to somebody, or to nobody; then on to the next."""
    found = queue.one(db.session(), project_id, number).finding
    target, before = deciding.onward(asked_for(project_id), found, query_of()), Before.of(found, now())
    with transaction(noticed=False) as session:
        actions.assign(session, project_id, number, request.form.get("to", type=int))
    deciding.keep(deciding.ASSIGNED, (project_id, number), before, gettext("It is noted who looks after it."))
    return target


@scoped(blueprint, "/findings/many")
def look(project_id: int) -> str:
    """What one answer for all findings of a list would touch."""
    return _look(project_id)


def _look(project_id: int, sentence: str = "") -> str:
    session = db.session()
    asked = asked_for(project_id)
    counts = queue.counts(session, asked)
    lines = queue.listing(session, replace(asked, limit=_SHOWN_AT_ONCE))
    return render_template(
        "findings_many.html",
        asked=asked,
        query=query_of(),
        lines=lines,
        total=sum(one.number for one in counts if asked.check in {"", one.check}),
        most=actions.MOST_AT_ONCE,
        words=Words(messages(session, {line.finding.form_id or 0 for line in lines})),
        sentence=sentence,
        said=SAID,
        reason=request.form.get("reason", ""),
    )


@scoped(blueprint, "/findings/many", methods=("POST",))
def judge_many(project_id: int) -> ResponseReturnValue:
    """Say the same to all findings of a list."""
    verdict = Verdict(
        request.form.get("verdict", ""), request.form.get("reason", ""), identity().actor_id, now()
    )
    try:
        batch = actions.judge_many(asked_for(project_id), verdict)
    except FindingReasonMissing as problem:
        return _look(project_id, say(problem)), 400
    if batch is not None:
        number = batch.summary["number"]
        flash(ngettext("%(num)s finding is answered.", "%(num)s findings are answered.", number))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/findings/many/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take one answer for many back."""
    done = actions.undo(project_id, number, by=identity().actor_id, now=now())
    flash(ngettext("%(num)s finding is as before.", "%(num)s findings are as before.", done))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, "/findings.csv")
def table(project_id: int) -> Response:
    """The findings of a list as a table for spreadsheets."""
    # Written out whole: what belongs to the reader is known only while the request lasts.
    handle = spooled(finding_table.table(db.session(), asked_for(project_id), for_people=True), packed=False)
    response = Response(wrap_file(request.environ, handle), content_type="text/csv; charset=utf-8")
    name = f"quality-{start_of_today():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = disposition(name)
    return response
