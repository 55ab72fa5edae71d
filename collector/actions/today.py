"""What is due today: campaigns by urgency with how far they are place by place, and what comes next.

A campaign asks for attention from seven days before its last day; again three days and one day before it,
and while it is over for as long as latecomers are still counted for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum

from sqlalchemy.orm import Session

from collector.actions.campaigns import days_left, deadline
from forms.places import COMMUNE, VILLAGE
from forms.values import HOME
from forms.vietnamese import sort_key
from storage.models import Campaign
from storage.queries import campaigns, lists, places, standing
from storage.queries.standing import AWAITED, LATE, RECEIVED, Asked, Stand
from storage.scope import current

FIRST_CALL, SECOND_CALL, LAST_CALL = 7, 3, 1
"""Days before the last day on which those are reminded who have not reported."""

LATECOMERS = 60
"""Days after the last day for which a campaign that was not ended is still asked about."""

A_FORTNIGHT = 14

MOST_ROUNDS = 4
"""Campaigns that are counted: the most urgent ones. The others stand on their own page."""

MOST_COMING = 3


class Call(IntEnum):
    """How urgent a campaign is, the most urgent first."""

    LAST_DAYS = 0
    JUST_OVER = 1
    THIS_WEEK = 2
    OVER = 3
    LATER = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A place, or a unit in it, with how much of what it is to send is there; in numbers of forms' units."""

    code: str
    name: str
    received: int = 0
    late: int = 0
    awaited: int = 0

    @property
    def expected(self) -> int:
        """How many are to report."""
        return self.received + self.late + self.awaited

    @property
    def arrived(self) -> int:
        """How many have, in time or late."""
        return self.received + self.late


@dataclass(frozen=True)
class Round:
    """A campaign with how far it is: `parts` are the communes, of one commune its units, the worst first.

    `left` are the days until its last day, negative once that is over; `over`: what comes now is late.
    """

    campaign: Campaign
    left: int
    over: bool
    parts: Sequence[Part] = field(default=())

    @property
    def call(self) -> Call:
        """How urgent it is."""
        if self.left < 0:
            return Call.JUST_OVER if self.left >= -A_FORTNIGHT else Call.OVER
        if self.left <= SECOND_CALL:
            return Call.LAST_DAYS
        return Call.THIS_WEEK if self.left <= FIRST_CALL else Call.LATER

    @property
    def is_due(self) -> bool:
        """Whether somebody has to be reminded: it is near its end or over, and not everybody has reported."""
        return self.call is not Call.LATER and self.awaited > 0

    @property
    def received(self) -> int:
        """How many have reported in time."""
        return sum(part.received for part in self.parts)

    @property
    def late(self) -> int:
        """How many have reported late."""
        return sum(part.late for part in self.parts)

    @property
    def awaited(self) -> int:
        """How many have not reported."""
        return sum(part.awaited for part in self.parts)

    @property
    def expected(self) -> int:
        """How many are to report."""
        return sum(part.expected for part in self.parts)

    @property
    def arrived(self) -> int:
        """How many have reported, in time or late."""
        return self.received + self.late


@dataclass(frozen=True)
class Calendar:
    """What runs, the most urgent first, and what comes next, the soonest first.

    Of `running` no more than MOST_ROUNDS are there; `more` is how many are not. `of_units`: the parts are
    single villages and the like, because the asker works in one commune.
    """

    running: Sequence[Round]
    coming: Sequence[Round]
    more: int
    of_units: bool


def calendar(session: Session, project_id: int, now: datetime) -> Calendar:
    """The campaigns of a project as the asker sees them from his places."""
    today = now.astimezone(HOME).date()
    several = [
        Round(one, days_left(one, now), now >= deadline(one))
        for one in campaigns.open_since(session, project_id, today - timedelta(days=LATECOMERS))
    ]
    running = sorted((one for one in several if one.campaign.opens_on <= today), key=_urgency)
    coming = sorted((one for one in several if one.campaign.opens_on > today), key=_beginning)
    units = _in_one_commune(session)
    counted = counts(session, running[:MOST_ROUNDS], of_units=units)
    return Calendar(counted, coming[:MOST_COMING], len(running) - len(counted), units)


def round_of(session: Session, project_id: int, number: int, now: datetime) -> Round:
    """One campaign, counted. Raises CampaignNotFound."""
    found = campaigns.get_campaign(session, project_id, number)
    one = Round(found, days_left(found, now), now >= deadline(found))
    return counts(session, [one], of_units=_in_one_commune(session))[0]


def counts(session: Session, several: Sequence[Round], *, of_units: bool) -> list[Round]:
    """The same campaigns with their parts."""
    forms = campaigns.forms_of_several(session, [one.campaign.id for one in several])
    look = standing.by_unit if of_units else standing.by_commune
    found = {
        one.campaign.id: [
            stand
            for asked in forms.get(one.campaign.id, ())
            for stand in look(session, Asked(one.campaign, asked, deadline(one.campaign), one.over))
        ]
        for one in several
    }
    names = lists.place_names(
        session, {stand.key for stands in found.values() for stand in stands if not stand.name}
    )
    return [Round(one.campaign, one.left, one.over, _parts(found[one.campaign.id], names)) for one in several]


def _parts(stands: Iterable[Stand], names: dict[str, str]) -> list[Part]:
    held: dict[str, dict[str, int]] = {}
    called: dict[str, str] = {}
    for one in stands:
        states = held.setdefault(one.key, dict.fromkeys((RECEIVED, LATE, AWAITED), 0))
        states[one.state] += one.number
        called[one.key] = one.name or names.get(one.key, one.key)
    parts = [Part(code, called[code], *states.values()) for code, states in held.items()]
    return sorted(parts, key=lambda one: (-one.awaited, -one.late, sort_key(one.name)))


def _urgency(one: Round) -> tuple[int, int]:
    return one.call, abs(one.left)


def _beginning(one: Round) -> date:
    return one.campaign.opens_on


def _in_one_commune(session: Session) -> bool:
    codes = current().codes
    if codes is None or len(codes) != 1:
        return False
    return places.get_place(session, codes[0]).level in {COMMUNE, VILLAGE}
