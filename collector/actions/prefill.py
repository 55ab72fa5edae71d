"""⑧ The figures a commune's report starts from: worked out at night, kept as an entity list phones read.

Why: a report is confirmed, not typed. Only what changed is written, a little at a time, so that phones
whose communes stayed the same download nothing and those that send do not wait.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.commune_figures import AS_OF, FIGURES, READS, due_periods, work_out
from forms.values import HOME
from storage.database import db, transaction
from storage.entities import by_hand
from storage.entities.computing import changed, write
from storage.entities.figures import figure_lists, member_id, members
from storage.entities.writing import Source
from storage.groups import in_groups
from storage.models import EntityList, Place
from storage.queries.reported import provinces_in_force, sources_of
from storage.snapshot import snapshot

log = logging.getLogger(__name__)

_AT_ONCE = 200
Figures: TypeAlias = dict[str, dict[str, str]]
"""Commune to its figures, by column."""


def prefill(*, now: datetime) -> int:
    """Work out the figures of the periods that are reported on about now; returns how many reports changed.

    Does nothing in months without a report, and where no form reads the list.
    """
    today = now.astimezone(HOME).date()
    session = db.session()
    periods = due_periods(today)
    lists = figure_lists(session) if periods else []
    session.rollback()
    return sum(_prefill(one, project, periods, now) for one, project in lists)


def prefill_year(year: int, period: str, *, now: datetime) -> int:
    """The same for one year and period, in every project whose forms read the list."""
    session = db.session()
    lists = figure_lists(session)
    session.rollback()
    return sum(_prefill(one, project, [(year, period)], now) for one, project in lists)


def _prefill(list_id: int, project_id: int, periods: Sequence[tuple[int, str]], now: datetime) -> int:
    changes = 0
    for (year, period), figures in _worked_out(project_id, periods).items():
        with snapshot() as session:
            known = members(session, list_id, year, period)
            labels = _labels(session, figures.keys() - known.keys(), year)
        fresh = [
            by_hand.Written(
                member_id(project_id, commune, year, period),
                label,
                {"commune_code": commune, "report_year": str(year), "period": period},
            )
            for commune, label in sorted(labels.items())
        ]
        _enter(list_id, fresh, Source(None, now))
        ids = known | {one.data["commune_code"]: one.uuid for one in fresh}
        values = {number: figures.get(commune, {}) for commune, number in ids.items()}
        changes += _write(list_id, values, now.astimezone(HOME).date())
    if changes:
        log.info("worked out %d reports of project %d", changes, project_id)
    return changes


def _worked_out(project_id: int, periods: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Figures]:
    """The figures of every commune, one province after the other: a country's rows are too many at once."""
    with snapshot() as session:
        provinces = provinces_in_force(session)
    found: dict[tuple[int, str], Figures] = {one: {} for one in periods}
    for province in provinces:
        with snapshot() as session:
            sources = sources_of(session, project_id, READS, province)
        for (year, period), figures in found.items():
            figures.update(work_out(year, period, sources))
    return found


def _labels(session: Session, communes: set[str], year: int) -> dict[str, str]:
    rows = session.execute(select(Place.code, Place.name).where(Place.code.in_(sorted(communes))))
    return {code: f"{name} – {year}" for code, name in rows}


def _enter(list_id: int, fresh: Sequence[by_hand.Written], source: Source) -> None:
    for some in in_groups(fresh, _AT_ONCE):
        with transaction() as session:
            by_hand.create(session, session.get_one(EntityList, list_id), some, source)


def _write(list_id: int, values: Mapping[str, Mapping[str, str]], today: date) -> int:
    # A figure that went blank is blanked too; without that, the old one would stay.
    whole = {number: {name: figures.get(name, "") for name in FIGURES} for number, figures in values.items()}
    with snapshot() as session:
        due = changed(session, session.get_one(EntityList, list_id), whole)
    for some in in_groups(due, _AT_ONCE):
        dated = [replace(one, computed={**one.computed, AS_OF: today.isoformat()}) for one in some]
        with transaction() as session:
            write(session, session.get_one(EntityList, list_id), dated)
    return len(due)
