"""⑦ The checks that look at many records at once: every night, and when somebody asks for them.

One pass over the records of each survey serves all checks that go through them, a village at a time; what
campaigns await, second visits and ids are asked of the database.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from collector.actions.cross_checks import CROSS_CHECKS, Cross
from collector.actions.start import surveys_folder
from forms.checks import back_checks, coverage, resent
from forms.checks.found import Found
from forms.checks.interviews import Block, each_found
from forms.checks.watches import MAKERS, watches
from forms.values import HOME
from storage.checks import arrivals, second_visits
from storage.checks.blocks import Where, blocks, places_of
from storage.checks.resent import sent_twice
from storage.checks.surveys import Checked, Shipped, surveys
from storage.findings.reporting import Reported, report
from storage.queries import projects
from storage.snapshot import snapshot

Progress = Callable[[int, int], None]

_OTHERS = (*resent.CHECKS, *coverage.CHECKS, *back_checks.CHECKS)
_BETWEEN_FORMS = {check.code for check in CROSS_CHECKS}

SET_CHECKS = frozenset(
    check.code for check in (*(one for maker in MAKERS for one in maker.checks), *_OTHERS, *CROSS_CHECKS)
)
"""The codes of all checks that are made here."""


@dataclass
class Outcome:
    """What a run found: how many findings of each check there are now, and what changed."""

    found: Counter[str] = field(default_factory=Counter)
    reported: Reported = field(default_factory=Reported)
    records: int = 0


def roles_file() -> Path:
    """Where the shipped roles of questions stand."""
    return surveys_folder() / "programme" / "roles.csv"


def shipped_roles(path: Path) -> Shipped:
    """The rows of that file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_all(now: datetime) -> int:
    """All set checks of every project; returns how many findings changed."""
    with snapshot() as session:
        numbers = [one.id for one in projects.list_projects(session)]
    return sum(check(number, now).reported.changed for number in numbers)


def check(
    project_id: int,
    now: datetime,
    codes: Collection[str] = (),
    *,
    progress: Progress = lambda _done, _all: None,
) -> Outcome:
    """Make the set checks of these codes (of `SET_CHECKS`; none: all of them) in a project."""
    run = _Run(project_id, now, frozenset(codes) or SET_CHECKS, progress)
    return run.make()


class _Run:
    """One run of some checks over a project."""

    def __init__(self, project_id: int, now: datetime, codes: frozenset[str], progress: Progress) -> None:
        self._project_id = project_id
        self._now = now
        self._today = now.astimezone(HOME).date()
        self._codes = codes
        self._progress = progress
        self._outcome = Outcome()
        with snapshot() as session:
            self._surveys = surveys(session, project_id, shipped_roles(roles_file()), self._today)
            self._places = {one.form: places_of(session, one.reading.form_id) for one in self._surveys}

    def make(self) -> Outcome:
        """Find and report."""
        self._outcome.reported = report(self._project_id, self._codes, self._counted(), self._now)
        return self._outcome

    def _counted(self) -> Iterator[Found]:
        for one in self._found():
            self._outcome.found[one.check] += 1
            yield one

    def _found(self) -> Iterator[Found]:
        for one in self._surveys:
            several = watches(one.survey, self._codes)
            if several:
                yield from self._asked(each_found(several, self._blocks(one)))
        if self._codes & {check.code for check in _OTHERS}:
            yield from self._asked(self._others())
        if self._codes & _BETWEEN_FORMS:
            yield from Cross(self._project_id, self._today, self._codes).found()

    def _asked(self, found: Iterator[Found]) -> Iterator[Found]:
        """What belongs to the checks that are asked for: a watch may make several."""
        return (one for one in found if one.check in self._codes)

    def _blocks(self, one: Checked) -> Iterator[Block]:
        places: Sequence[Where] = self._places[one.form]
        total = sum(where.records for where in places)
        done = 0
        for block in blocks(one.reading, places):
            yield block
            done += len(block.interviews)
            self._progress(done, total)
        self._outcome.records += done

    # What the database is asked -----------------------------------------------------------------

    def _others(self) -> Iterator[Found]:
        with snapshot() as session:
            found = [
                *resent.resent(sent_twice(session, self._project_id)),
                *self._arrivals(session),
                *self._jumps(session),
                *self._second_visits(session),
            ]
        yield from found

    def _arrivals(self, session: Session) -> Iterator[Found]:
        by_form = {one.form: one for one in self._surveys}
        for campaign, asked, of in arrivals.rounds(session, self._project_id, self._today):
            one = by_form.get(of.form)
            if one is None:
                continue
            numbers = {
                check.code: one.survey.numbers(check.code)
                for check in coverage.CHECKS
                if check.code in self._codes and one.survey.on(check.code)
            }
            if any(of.near(self._today, mine["days"]) for mine in numbers.values() if "days" in mine):
                for village in arrivals.arrived(session, campaign, asked, one, self._now):
                    yield from coverage.awaited(village, of, self._today, numbers)

    def _jumps(self, session: Session) -> Iterator[Found]:
        for one in self._surveys:
            if one.survey.roles.path("household") and one.survey.on(coverage.JUMP.code):
                year = arrivals.last_round(session, self._project_id, one.form, self._today)
                for village in arrivals.counted(session, one, year):
                    yield from coverage.jumped(village, one.survey.numbers(coverage.JUMP.code))

    def _second_visits(self, session: Session) -> Iterator[Found]:
        for pairing in second_visits.pairings(self._surveys):
            survey, form = pairing.first.survey, pairing.first.form
            several = list(second_visits.compared(session, pairing))
            if survey.on(back_checks.RATE.code):
                yield from back_checks.to_redo(several, survey.numbers(back_checks.RATE.code), form)
            if survey.on(back_checks.FEW.code):
                checked = Counter(one.sender for one in several)
                numbers = survey.numbers(back_checks.FEW.code)
                yield from back_checks.too_few(
                    second_visits.surveyed(session, pairing.first), checked, numbers, form
                )
