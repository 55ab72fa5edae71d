"""⑧ The figures worked out ahead: kept up to date beside the web processes, or made again on demand."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from collector.actions.campaigns import read_calendar
from collector.actions.definitions import definitions_of
from collector.actions.start import surveys_folder
from collector.clock import moment
from forms.indicators.targets import Target
from forms.values import HOME
from storage.cells.plan import FormGround, Plan
from storage.cells.refresh import Refresh, waits
from storage.cells.tree import CENTRE, RANKS
from storage.cells.writing import TurnLost
from storage.entities.lists import lists_of
from storage.projection.catalogue import answer_tables
from storage.queries import forms, indicators, programmes, projects
from storage.queries.indicators import Survey
from storage.snapshot import snapshot

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _State:
    """What a plan rests on; two equal ones make the same."""

    programme: programmes.State
    tables: tuple[tuple[int, int], ...]


class Figures:
    """Keeps the figures of all projects up to date; remembers what their definitions ask for."""

    def __init__(self, clock: Clock = moment) -> None:
        self._clock = clock
        self._kept: dict[int, tuple[_State, Refresh]] = {}
        self._looked: dict[int, date] = {}

    def look(self, _now: datetime) -> int:
        """Work out what is marked; returns how many cells were written."""
        with snapshot() as session:
            waiting = waits(session)
            numbers = [one.id for one in projects.list_projects(session)]
        found = 0
        for number in numbers:
            if number in waiting or self._is_new_day(number):
                try:
                    found += self._look(number)
                except Exception:
                    # What stops the figures of one project must not stop those of the others.
                    log.exception("the figures of project %d were not worked out", number)
        return found

    def everything(self, progress: Progress = lambda _done, _all: None) -> int:
        """Work everything out again; returns how many cells were written. Raises TurnLost."""
        with snapshot() as session:
            numbers = [one.id for one in projects.list_projects(session)]
        return sum(self._of(number).run(everything=True, progress=progress) or 0 for number in numbers)

    def _is_new_day(self, project_id: int) -> bool:
        """Whether another period may have begun since the last look."""
        today = self._clock().astimezone(HOME).date()
        return self._looked.get(project_id) != today

    def _look(self, project_id: int) -> int:
        try:
            written = self._of(project_id).run()
        except TurnLost:
            return 0
        if written is not None:
            self._looked[project_id] = self._clock().astimezone(HOME).date()
        return written or 0

    def _of(self, project_id: int) -> Refresh:
        with snapshot() as session:
            tables = tuple((one.id, one.generation) for one in forms.list_forms(session, project_id))
            state = _State(programmes.state(session, project_id), tables)
            known = self._kept.get(project_id)
            if known is None or known[0] != state:
                known = state, Refresh(plan_of(session, project_id), self._clock)
                self._kept[project_id] = known
        return known[1]


def plan_of(session: Session, project_id: int) -> Plan:
    """What the definitions in force ask for, and where it lies."""
    settled = definitions_of(session, project_id)
    units = reporting_units(surveys_folder() / "programme" / "calendar.csv")
    targets: dict[str, list[Target]] = {}
    for one in settled.targets:
        targets.setdefault(one.indicator, []).append(one)
    grounds = [_ground(session, one, units) for one in indicators.surveys(session, [project_id])]
    return Plan(
        project_id,
        {one.indicator.code: one.indicator for one in settled.indicators},
        {one.xml_form_id: one for one in grounds},
        {one.name: one.id for one in lists_of(session, project_id)},
        targets,
    )


def _ground(session: Session, survey: Survey, units: Mapping[str, str]) -> FormGround:
    asked = survey.sheets.get("marks", {})
    tables = answer_tables(session, survey.form_id, draft=False)
    centres = [path for path, mark in asked.items() if mark.get("unit") == CENTRE]
    there = [path for path in centres if path in tables[""].questions]
    unit = units.get(survey.xml_form_id)
    return FormGround(
        survey.form_id,
        survey.xml_form_id,
        tables,
        approved=survey.sheets.get("counts") == "approved",
        unit=None if unit == CENTRE and not there else unit,
        centre=there[-1] if there else None,
    )


@cache
def reporting_units(calendar: Path) -> Mapping[str, str]:
    """By form id: the unit that is expected to send it, as most lines of the calendar have it.

    Where as many name another, the smaller unit.
    """
    named: dict[str, Counter[str]] = {}
    for entry in read_calendar(calendar) if calendar.exists() else ():
        for form_id, unit in entry.forms.items():
            named.setdefault(form_id, Counter())[unit] += 1
    return {
        form_id: max(several, key=lambda unit: (several[unit], -RANKS.get(unit, 0)))
        for form_id, several in named.items()
    }
