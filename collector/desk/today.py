"""What the first page tells: what is to be done, the most urgent first, how far it is, and what is behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import today as actions
from collector.actions.people import State
from collector.actions.today import Calendar, Call, Round
from collector.desk import today_words as words
from collector.desk.page import may, now, seeing, start_of_today, whole_number, written_number
from collector.desk.standpoint import Standpoint, standpoint
from forms.places import COMMUNE, PROVINCE
from forms.values import HOME
from storage.findings import queue
from storage.findings.queue import Asked
from storage.models import Project, Release
from storage.queries import lists, morning, releases
from storage.queries.approvals import CONFIRMED, LOCKED
from storage.queries.morning import Arrived

if TYPE_CHECKING:
    # The parser of definitions takes a while to import, and most processes never need it.
    from collector.desk.figure_rows import Row

SILENT = timedelta(days=3)
"""After how long a phone that was in touch before is called silent."""

REPORTED = timedelta(days=7)
"""For how long after a release for a deadline was issued its reports are called something to do."""

MOST_COUNTED = 999
"""Findings counted: past that, how many there are changes nothing."""

NO_CALENDAR = Calendar((), (), 0, of_units=False)

MOST_BEHIND = 4
MOST_DRAFTS = 3

SIGNED_FROM, SIGNED_UNTIL = 11, 2
"""The figures of a year are signed from its November to the February after it: reports are due in between."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do and the page where it is done. `mark` stands beside it, `tone` is warn, bad or ""."""

    rank: tuple[int, int]
    text: str
    address: str
    mark: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Figures:
    """How the indicators of the reader's place stand: how many stand how, and the worst that are behind."""

    at: Standpoint
    counts: Sequence[tuple[str, int]]
    behind: Sequence[Row]


@dataclass(frozen=True)
class Today:
    """The first page of one project. `shown` is the campaign whose places stand on it, None without one."""

    project: Project
    place: str
    tasks: Sequence[Task]
    calendar: Calendar
    shown: Round | None
    figures: Figures | None
    arrived: Arrived

    @property
    def upcoming(self) -> Round | None:
        """What is due next although nothing has to be done for it today."""
        later = [one for one in self.calendar.running if one.call is Call.LATER and one.awaited]
        return next(iter(sorted(later, key=lambda one: one.left)), next(iter(self.calendar.coming), None))

    @property
    def is_anything_due(self) -> bool:
        """Whether a campaign is near its end or over, and somebody has not reported."""
        return any(one.is_due for one in self.calendar.running)


def today_of(session: Session, project: Project) -> Today:
    """The first page of a project for the reader. Raises CampaignNotFound for one he asks for in vain."""
    figures, at = _figures(session, project.id)
    calendar = calendar_of(session, project.id)
    tasks = [
        *_due(project.id, calendar),
        *_findings(session, project.id),
        *_returned(session, project.id),
        *(_signing(session, project.id, at) if at else ()),
        *_releases(session, project.id),
        *_drafts(session, project.id),
        *_phones(session, project.id),
    ]
    with seeing("form.list", project.id):
        arrived = morning.arrived_since(session, project.id, start_of_today())
    shown = shown_of(session, project.id, calendar)
    place = place_of(session, project.id) or (at.name if at and at.place else "")
    return Today(project, place, sorted(tasks, key=lambda one: one.rank), calendar, shown, figures, arrived)


def calendar_of(session: Session, project_id: int) -> Calendar:
    """The campaigns of a project, as far as the reader may see them."""
    if not may("campaign.read", project_id):
        return NO_CALENDAR
    with seeing("campaign.read", project_id):
        return actions.calendar(session, project_id, now())


def shown_of(session: Session, project_id: int, calendar: Calendar) -> Round | None:
    """The campaign of `?campaign=`, else the most urgent one. Raises CampaignNotFound."""
    number = request.args.get("campaign", type=whole_number)
    if number is None:
        asked = (one for one in calendar.running if one.is_due)
        return next(asked, next((one for one in calendar.running if one.expected), None))
    found = next((one for one in calendar.running if one.campaign.id == number), None)
    if found is None:
        with seeing("campaign.read", project_id):
            found = actions.round_of(session, project_id, number, now())
    return found


def place_of(session: Session, project_id: int) -> str:
    """What the reader's own places are called, "" where he sees the whole map."""
    codes = identity().scope(("campaign.read",), project_id).codes
    if not codes:
        return ""
    with seeing("campaign.read", project_id):
        return ", ".join(sorted(lists.place_names(session, codes).values()))


def area_of(session: Session, project_id: int, shown: Round) -> str:
    """What the places are called a campaign is told about: the reader's own, else the campaign's."""
    code = shown.campaign.place_code
    return place_of(session, project_id) or lists.place_names(session, [code]).get(code, "")


# What is to be done ---------------------------------------------------------------------------------


def _due(project_id: int, calendar: Calendar) -> Iterator[Task]:
    for number, one in enumerate(calendar.running):
        if one.is_due:
            text = gettext(
                "%(campaign)s: %(awaited)s of %(expected)s have not sent",
                campaign=one.campaign.name,
                awaited=written_number(one.awaited),
                expected=written_number(one.expected),
            )
            address = url_for("desk.campaigns.show", project_id=project_id, number=one.campaign.id)
            tone = "bad" if one.left < 0 else "warn"
            yield Task((_RANK[one.call], number), text, address, words.days(one.left), tone)


_RANK = {Call.LAST_DAYS: 0, Call.JUST_OVER: 1, Call.THIS_WEEK: 3, Call.OVER: 8}


def _findings(session: Session, project_id: int) -> Iterator[Task]:
    if not may("submission.list", project_id):
        return
    with seeing("submission.list", project_id):
        me = str(identity().actor_id)
        mine = len(queue.numbers(session, Asked(project_id, owner=me, limit=MOST_COUNTED + 1)))
        every = queue.open_findings(session, project_id, most=MOST_COUNTED + 1)
    if mine:
        text = ngettext(
            "%(count)s thing to mend is yours",
            "%(count)s things to mend are yours",
            mine,
            count=_capped(mine),
        )
        yield Task((4, 0), text, url_for("desk.findings.index", project_id=project_id, owner="me"))
    if every > mine:
        text = ngettext("%(count)s thing to mend", "%(count)s things to mend", every, count=_capped(every))
        yield Task((7, 0), text, url_for("desk.findings.index", project_id=project_id))


def _capped(number: int) -> str:
    return f"{written_number(MOST_COUNTED)}+" if number > MOST_COUNTED else written_number(number)


def _returned(session: Session, project_id: int) -> Iterator[Task]:
    if not may("submission.list", project_id):
        return
    with seeing("submission.list", project_id):
        found = morning.sent_back(session, project_id)
    if found.corrected:
        text = ngettext(
            "%(count)s record sent back was corrected: look again",
            "%(count)s records sent back were corrected: look again",
            found.corrected,
            count=written_number(found.corrected),
        )
        yield Task((5, 0), text, url_for("desk.returned.index", project_id=project_id, answered="1"))
    if found.waiting:
        text = ngettext(
            "%(count)s record sent back waits for its author",
            "%(count)s records sent back wait for their authors",
            found.waiting,
            count=written_number(found.waiting),
        )
        yield Task((11, 0), text, url_for("desk.returned.index", project_id=project_id))


def signed_now(today: date) -> str | None:
    """The year whose figures are signed on that day, None in the months in which none is."""
    if today.month >= SIGNED_FROM:
        return str(today.year)
    return str(today.year - 1) if today.month <= SIGNED_UNTIL else None


def _signing(session: Session, project_id: int, at: Standpoint) -> Iterator[Task]:
    period = signed_now(now().astimezone(HOME).date())
    verb = {COMMUNE: "figure.confirm", PROVINCE: "figure.lock"}.get(at.level, "")
    if period is None or not verb or not may(verb, project_id):
        return
    with seeing(verb, project_id):
        if not morning.has_figures(session, project_id, at.area, period):
            return
        found = morning.signatures(session, project_id, at.area, period)
    there = url_for("desk.indicators.index", project_id=project_id, area=at.area, period=period)
    address = f"{there}#signed"
    if found.state == LOCKED:
        if found.changed_at:
            text = gettext("Records behind the locked figures of %(year)s have changed", year=period)
            yield Task((2, 0), text, address, tone="warn")
    elif verb == "figure.confirm":
        if found.state != CONFIRMED:
            yield Task((6, 0), gettext("Confirm the figures of %(year)s", year=period), address)
    elif found.confirmed == found.communes:
        yield Task(
            (6, 0), gettext("All communes have confirmed: lock the figures of %(year)s", year=period), address
        )
    else:
        text = gettext("Figures of %(year)s: communes that have confirmed", year=period)
        mark = f"{written_number(found.confirmed)}/{written_number(found.communes)}"
        yield Task((9, 0), text, address, mark)


def _releases(session: Session, project_id: int) -> Iterator[Task]:
    if not may("release.create", project_id):
        return
    with seeing("release.create", project_id):
        several = [_brief(one) for one in releases.waiting(session, project_id)]
        failed = [_brief(one) for one in releases.failed_of_deadlines(session, project_id)]
        fresh = [_brief(one) for one in releases.of_deadlines(session, project_id, now() - REPORTED)]
    for one in failed:
        text = gettext("The release of a deadline could not be made: %(name)s", name=one.name)
        yield Task((3, one.number), text, _address(project_id, one), tone="bad")
    for one in several:
        if one.reports:
            text = gettext("A release and its reports wait for your approval: %(name)s", name=one.name)
        else:
            text = gettext("A release waits for your approval: %(name)s", name=one.name)
        yield Task((3, one.number), text, _address(project_id, one), tone="warn")
    for one in fresh:
        if one.reports:
            text = gettext("The reports of a deadline are ready to be signed: %(name)s", name=one.name)
            yield Task((4, one.number), text, _address(project_id, one))
            continue
        text = gettext("Make the reports from the release of the deadline: %(name)s", name=one.name)
        area = one.codes[0] if len(one.codes) == 1 else None
        address = url_for("desk.reports.index", project_id=project_id, release=one.number, area=area)
        yield Task((4, one.number), text, address)


@dataclass(frozen=True, slots=True)
class _Brief:
    """A release as a task tells it; `reports`: whether those of its deadline come with it."""

    number: int
    name: str
    codes: Sequence[str]
    reports: bool


def _brief(one: Release) -> _Brief:
    return _Brief(one.number, one.name, [code for code in one.places if code], bool(one.spec.get("due")))


def _address(project_id: int, one: _Brief) -> str:
    return url_for("desk.releases.show", project_id=project_id, number=one.number)


def _drafts(session: Session, project_id: int) -> Iterator[Task]:
    if not may("form.update", project_id):
        return
    with seeing("form.update", project_id):
        several = morning.drafts(session, project_id)
    for number, (form_id, title) in enumerate(several[:MOST_DRAFTS]):
        text = gettext("Draft waiting to be published: %(title)s", title=title)
        yield Task((9, number + 1), text, url_for("desk.drafts.show", project_id=project_id, form_id=form_id))
    if len(several) > MOST_DRAFTS:
        count = len(several) - MOST_DRAFTS
        text = ngettext("%(num)s more draft", "%(num)s more drafts", count)
        yield Task((9, MOST_DRAFTS + 1), text, url_for("desk.surveys.index", project_id=project_id))


def _phones(session: Session, project_id: int) -> Iterator[Task]:
    if not may("field_key.list", project_id):
        return
    with seeing("field_key.list", project_id):
        silent = morning.silent_phones(session, project_id, now() - SILENT)
    if silent.lately:
        text = ngettext(
            "%(count)s phone has sent nothing for %(days)s days",
            "%(count)s phones have sent nothing for %(days)s days",
            silent.lately,
            count=written_number(silent.lately),
            days=SILENT.days,
        )
        address = url_for("desk.phones.index", project_id=project_id, state=State.SEEN.value)
        yield Task((10, 0), text, address)
    if silent.ever:
        text = ngettext(
            "%(count)s phone was never in touch",
            "%(count)s phones were never in touch",
            silent.ever,
            count=written_number(silent.ever),
        )
        address = url_for("desk.phones.index", project_id=project_id, state=State.NEVER.value)
        yield Task((10, 1), text, address)


def _figures(session: Session, project_id: int) -> tuple[Figures | None, Standpoint | None]:
    """How figures stand where the reader is at home, and where that is; nothing without figures."""
    if not may("indicator.read", project_id):
        return None, None
    with seeing("indicator.read", project_id):
        at = standpoint(session, project_id, at_home=True)
        if not morning.has_figures(session, project_id, at.area, at.period):
            return None, at
        from collector.desk.figure_rows import behind, counts, rows_at

        rows = rows_at(session, project_id, at)
        return Figures(at, counts(rows), behind(rows, MOST_BEHIND)), at
