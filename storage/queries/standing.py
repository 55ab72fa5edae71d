"""How far a campaign is: its units counted by commune, or one by one, as received, late or awaited.

The same states as `campaigns.expected` and `campaigns.arrivals` give together, but counted where the
records lie: each place is asked for its first record by an index, so that a morning's look at a province
reads some thousand entries of it and none of its records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Exists, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from forms.places import VILLAGE
from storage.cuts import visible
from storage.models import Campaign, CampaignForm, Form, Place, PlacePath, Submission
from storage.queries.campaigns import CENTRE, arrivals, expected, places_asked
from storage.queries.counting import counting
from storage.scope import current

RECEIVED, LATE, AWAITED = "received", "late", "awaited"


@dataclass(frozen=True, slots=True)
class Stand:
    """How many units of a commune are in one state; or, of one unit, that it is (`number` 1).

    `key` is the code of the commune or of the unit, `name` the unit's own, "" for a commune.
    """

    key: str
    state: str
    number: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A form of a campaign, the moment from which its records are late, and whether that is over."""

    campaign: Campaign
    form: CampaignForm
    end: datetime
    over: bool


def by_commune(session: Session, asked: Asked) -> list[Stand]:
    """The units of each commune the asker sees, by state."""
    if asked.form.unit == CENTRE:
        found = Counter(_centres(session, asked))
        return [Stand(commune, state, number) for (commune, state), number in sorted(found.items())]
    _code, _name, commune, _sort_key, state = _each(session, asked).order_by(None).subquery().c
    rows = session.execute(select(commune, state, func.count()).group_by(commune, state))
    return [Stand(*row) for row in rows]


def by_unit(session: Session, asked: Asked) -> list[Stand]:
    """Each place the asker sees that is to report, by name; centres together, under CENTRE.

    For one who sees few.
    """
    if asked.form.unit == CENTRE:
        found = Counter(state for _commune, state in _centres(session, asked))
        return [Stand(CENTRE, state, number) for state, number in sorted(found.items())]
    rows = session.execute(_each(session, asked))
    return [Stand(code, state, 1, name) for code, name, _commune, _sort_key, state in rows]


def _centres(session: Session, asked: Asked) -> Iterator[tuple[str, str]]:
    """Commune and state of each: centres are few and no place, their records name them in an answer."""
    first = {one.key: one.first_at for one in arrivals(session, asked.campaign, asked.form)}
    for unit in expected(session, asked.campaign, CENTRE):
        came = first.get(unit.key)
        state = AWAITED if came is None else RECEIVED if came < asked.end else LATE
        yield unit.commune, state


def _each(session: Session, asked: Asked) -> Select[*tuple[Any, ...]]:
    form = (
        select(Form.id)
        .where(
            Form.project_id == asked.campaign.project_id,
            Form.xml_form_id == asked.form.xml_form_id,
            Form.deleted_at.is_(None),
        )
        .limit(1)
    )
    form_id = session.scalar(form) or 0
    came = (
        Submission.form_id == form_id,
        counting(),
        Submission.reported_on.between(asked.campaign.period_from, asked.campaign.period_to),
    )
    there = _from_there(asked.form.unit, came)
    in_time = _from_there(asked.form.unit, (*came, Submission.created_at < asked.end))
    # What most places are is asked first; before the end nothing can be late.
    state = case((~there, AWAITED), (in_time, RECEIVED), else_=LATE)
    if not asked.over:
        state = case((there, RECEIVED), else_=AWAITED)
    codes = current().codes
    # The narrower of the two is where the database begins to read.
    top = codes[0] if codes is not None and len(codes) == 1 else asked.campaign.place_code
    return (
        places_asked(asked.campaign, asked.form.unit)
        .join(PlacePath, PlacePath.descendant == Place.code)
        .where(
            PlacePath.ancestor == top,
            PlacePath.via == "tree",
            PlacePath.valid_to.is_(None),
            # The province around a commune is seen by it, but not its own to report for.
            visible(Place.code, current()),
        )
        .add_columns(state.label("state"))
    )


def _from_there(level: str, conditions: Sequence[ColumnElement[bool]]) -> Exists:
    if level == VILLAGE:
        records = select(Submission.id).where(Submission.place_code == Place.code, *conditions)
        return records.correlate(Place).exists()
    inside = aliased(PlacePath)
    # One in the other, not joined: joined they are read from the side of the records.
    records = select(Submission.id).where(Submission.place_code == inside.descendant, *conditions)
    return (
        select(inside.id)
        .where(
            inside.ancestor == Place.code,
            inside.via == "tree",
            inside.valid_to.is_(None),
            records.correlate(inside).exists(),
        )
        .correlate(Place)
        .exists()
    )
