"""Campaigns: the calendar of the plans as rounds with deadlines, and who has reported in each.

A deadline is a day in Viet Nam, by the server's clock: what comes after its last moment is late.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.places import COMMUNE, VILLAGE
from forms.values import HOME
from forms.vietnamese import sort_key
from storage.audits import Actee, note
from storage.models import Campaign, CampaignForm, Place
from storage.problems import CampaignUnusable, PlaceUnknown
from storage.queries import campaigns, lists
from storage.queries.campaigns import UNITS, Unit


class State(Enum):
    """How far a unit is: in time, late, not in and past the deadline, not in while there is time."""

    RECEIVED = "received"
    LATE = "late"
    MISSING = "missing"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Line:
    """A unit with what came from it."""

    unit: Unit
    state: State
    records: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Tally:
    """Some units counted by state."""

    lines: Sequence[Line]

    def of(self, state: State) -> int:
        """How many are in that state."""
        return sum(line.state is state for line in self.lines)

    @property
    def expected(self) -> int:
        """How many there are."""
        return len(self.lines)

    @property
    def arrived(self) -> int:
        """How many have reported, in time or late."""
        return self.of(State.RECEIVED) + self.of(State.LATE)

    @property
    def awaited(self) -> list[Line]:
        """Those that have not reported."""
        return [line for line in self.lines if line.state in {State.MISSING, State.WAITING}]

    @property
    def late(self) -> list[Line]:
        """Those that reported late."""
        return [line for line in self.lines if line.state is State.LATE]

    @property
    def share(self) -> float | None:
        """Which part of them has reported, in per cent; None where nobody is expected."""
        return 100 * self.arrived / self.expected if self.lines else None

    @property
    def last_at(self) -> datetime | None:
        """When the last of it came."""
        return max((line.last_at for line in self.lines if line.last_at), default=None)


@dataclass(frozen=True)
class Board(Tally):
    """One form of a campaign: all its units, and by commune (by code; its name and its units)."""

    asked: CampaignForm
    title: str
    names: Mapping[str, str]

    @cached_property
    def communes(self) -> list[tuple[str, str, Tally]]:
        """Code, name and units of each commune; those that wait for most come first."""
        held: dict[str, list[Line]] = {}
        for line in self.lines:
            held.setdefault(line.unit.commune, []).append(line)
        found = [(code, self.names.get(code, code), Tally(lines)) for code, lines in held.items()]
        return sorted(found, key=lambda one: (-len(one[2].awaited), sort_key(one[1])))


def boards(session: Session, campaign: Campaign, *, now: datetime, area: str = "") -> list[Board]:
    """How a campaign stands, form by form; with `area` only in that place of it."""
    titles = campaigns.form_titles(session, campaign.project_id)
    return [
        _board(session, campaign, (asked, titles.get(asked.xml_form_id, asked.xml_form_id)), now, area)
        for asked in campaigns.forms_of(session, campaign.id)
    ]


def _board(
    session: Session, campaign: Campaign, titled: tuple[CampaignForm, str], now: datetime, area: str
) -> Board:
    asked, title = titled
    arrived = {one.key: one for one in campaigns.arrivals(session, campaign, asked, area=area)}
    end = deadline(campaign)
    lines = []
    for unit in campaigns.expected(session, campaign, asked.unit, area=area):
        came = arrived.get(unit.key)
        if came is None:
            lines.append(Line(unit, State.MISSING if now >= end else State.WAITING))
        else:
            state = State.RECEIVED if came.first_at < end else State.LATE
            lines.append(Line(unit, state, came.records, came.first_at, came.last_at))
    names = lists.place_names(session, {line.unit.commune for line in lines})
    return Board(lines, asked, title, names)


def deadline(campaign: Campaign) -> datetime:
    """The moment from which a record is late: midnight in Viet Nam after the last day and its grace."""
    return datetime.combine(campaign.due_on + timedelta(days=1 + campaign.grace_days), time.min, HOME)


def days_left(campaign: Campaign, now: datetime) -> int:
    """Days until the last day, today 0; negative once it is over."""
    return (campaign.due_on - now.astimezone(HOME).date()).days


@dataclass(frozen=True)
class NewCampaign:
    """A campaign to be made; `forms` are form ids with the unit each is expected from."""

    name: str
    place_code: str
    opens_on: date
    due_on: date
    period_from: date
    period_to: date
    forms: Mapping[str, str]
    key: str = ""
    source: str | None = None
    grace_days: int = 0


def create(session: Session, project_id: int, wanted: NewCampaign, *, now: datetime) -> Campaign:
    """A campaign made by hand or from the calendar. Raises PlaceUnknown, CampaignUnusable."""
    if session.get(Place, wanted.place_code) is None:
        raise PlaceUnknown(code=wanted.place_code)
    _check(wanted)
    made = Campaign(
        project_id=project_id,
        key=wanted.key or f"hand-{now:%Y%m%d%H%M%S%f}",
        name=wanted.name.strip(),
        place_code=wanted.place_code,
        period_from=wanted.period_from,
        period_to=wanted.period_to,
        opens_on=wanted.opens_on,
        due_on=wanted.due_on,
        grace_days=wanted.grace_days,
        source=wanted.source,
        created_at=now,
    )
    session.add(made)
    session.flush()
    for form_id, unit in wanted.forms.items():
        session.add(CampaignForm(campaign_id=made.id, xml_form_id=form_id, unit=unit))
    session.flush()
    return made


def _check(wanted: NewCampaign) -> None:
    if not wanted.name.strip():
        raise CampaignUnusable(field="name")
    if not wanted.forms:
        raise CampaignUnusable(field="forms")
    if wanted.due_on < wanted.opens_on:
        raise CampaignUnusable(field="due_on")
    if wanted.period_to < wanted.period_from:
        raise CampaignUnusable(field="period_to")
    if not set(wanted.forms.values()) <= set(UNITS):
        raise CampaignUnusable(field="unit")
    if not 0 <= wanted.grace_days <= LONGEST_GRACE:
        raise CampaignUnusable(field="grace_days")


LONGEST_GRACE = 60
"""Days after the last one in which what arrives may still be in time."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be changed of a campaign, and why."""

    name: str
    due_on: date
    grace_days: int
    reason: str


def amend(session: Session, project_id: int, number: int, wanted: Amendment) -> Campaign:
    """Change name, last day and grace of a campaign; noted with the reason and what was there before.

    Raises CampaignNotFound, CampaignUnusable (field: name, due_on, grace_days, reason).
    """
    found = campaigns.get_campaign(session, project_id, number)
    name = " ".join(wanted.name.split())[:255]
    if not name:
        raise CampaignUnusable(field="name")
    if not wanted.reason.strip():
        raise CampaignUnusable(field="reason")
    if wanted.due_on < found.opens_on:
        raise CampaignUnusable(field="due_on")
    if not 0 <= wanted.grace_days <= LONGEST_GRACE:
        raise CampaignUnusable(field="grace_days")
    before = {"due_on": found.due_on.isoformat(), "grace_days": found.grace_days, "name": found.name}
    found.name, found.due_on, found.grace_days = name, wanted.due_on, wanted.grace_days
    # What arrives on the new last day is dated then.
    found.period_to = max(found.period_to, wanted.due_on + timedelta(days=wanted.grace_days))
    session.flush()
    actee = Actee("campaign", found.id, project_id, place_code=found.place_code)
    note(
        session,
        "campaign.update",
        actee=actee,
        details={"key": found.key, "before": before},
        notes=wanted.reason[:2000],
    )
    return found


def close(session: Session, project_id: int, number: int, *, now: datetime) -> None:
    """End a campaign: it is listed among the past ones. Closing it again opens it."""
    found = campaigns.get_campaign(session, project_id, number)
    found.closed_at = None if found.closed_at else now


# The calendar ----------------------------------------------------------------------------------------

_STAND_INS = {"household": VILLAGE, "class": COMMUNE}
"""Units without a list made beforehand: their village or commune is expected to send at least one."""

_LATECOMERS = timedelta(days=60)
"""How long after a deadline records are still counted for it, as late ones."""

Day: TypeAlias = tuple[int | None, int, int]
"""Year (None: every year), month, day."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the programme's calendar that asks for forms by a day.

    An opening after the deadline lies in the year before. `whole_year`: any record of the calendar year
    counts, not only one of the weeks before the deadline.
    """

    key: str
    name: str
    province: str
    opens: Day
    due: Day
    whole_year: bool
    forms: Mapping[str, str]
    source: str


def read_calendar(path: Path) -> list[Entry]:
    """The entries of a calendar file (columns: xlsforms/programme/README.md) that ask for forms by a day.

    Raises CampaignUnusable with the `id` of a row that cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [_entry(row) for row in csv.DictReader(handle) if row.get("forms") and row.get("due")]


def _entry(row: Mapping[str, str]) -> Entry:
    try:
        units = (_STAND_INS.get(unit, unit) for unit in row["units"].split())
        return Entry(
            key=row["id"],
            name=row["title_vi"],
            province=row["province"],
            opens=_day(row["opens"] or row["due"]),
            due=_day(row["due"]),
            whole_year=row["kind"] == "deadline" and row["recurrence"] == "yearly",
            forms=dict(zip(row["forms"].split(), units, strict=True)),
            source=row["source"],
        )
    except (KeyError, ValueError) as error:
        raise CampaignUnusable(field=row.get("id") or str(error)) from error


def _day(text: str) -> Day:
    *year, month, day = map(int, text.split("-"))
    return (year[0] if year else None), month, day


def load_calendar(
    session: Session, project_id: int, entries: Sequence[Entry], *, year: int, province: str, now: datetime
) -> list[Campaign]:
    """The campaigns of a year in a province; those that are there already stay as they are."""
    query = select(Campaign.key, Campaign.period_from).where(Campaign.project_id == project_id)
    there = {(key, start) for key, start in session.execute(query)}
    return [
        create(session, project_id, wanted, now=now)
        for wanted in _of_year(entries, year, province)
        if (wanted.key, wanted.period_from) not in there
    ]


def _of_year(entries: Sequence[Entry], year: int, province: str) -> Iterator[NewCampaign]:
    for one in entries:
        if one.province not in {"*", province} or one.due[0] not in {None, year}:
            continue
        due = date(year, *one.due[1:])
        opens = date(one.opens[0] or year, *one.opens[1:])
        if opens > due:
            opens = opens.replace(year=year - 1)
        yield NewCampaign(
            name=f"{one.name} ({year})",
            place_code=province,
            opens_on=opens,
            due_on=due,
            period_from=date(year, 1, 1) if one.whole_year else opens,
            period_to=date(year, 12, 31) if one.whole_year else due + _LATECOMERS,
            forms=one.forms,
            key=one.key,
            source=one.source or None,
        )
