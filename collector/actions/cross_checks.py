"""⑦ The checks K01-K35, and those of Q01-Q32 that look at many records: what forms say of each other.

Each family reads what it compares in a snapshot of its own; the sums are the database's, what is odd is
judged in `forms.checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from forms.checks import (
    centres,
    classes,
    commune_reports,
    fieldwork,
    lateness,
    learning_models,
    rechecks,
    village_counts,
)
from forms.checks.check import ON, Check
from forms.checks.comparing import Line, Paths, Report, Rule, compare
from forms.checks.found import Found
from forms.checks.thresholds import Thresholds
from forms.periods import Period
from storage.checks import classes as class_rows
from storage.checks import lists, reports, sums
from storage.checks.lists import Lists
from storage.checks.reports import Asked
from storage.findings.thresholds import thresholds
from storage.snapshot import snapshot

F01, F02, F03, F04, F05, F06, F07, F09, F10, F11 = (
    fieldwork.FORM,
    village_counts.FORM,
    centres.FORM,
    classes.FORM,
    classes.MONTHS,
    "f06_activity_log",
    learning_models.FORM,
    commune_reports.FORM,
    centres.INSPECTION,
    rechecks.FORM,
)

Reports = dict[tuple[str, int, str], Report]
Parts = Callable[[Mapping[str, float]], Iterator[fieldwork.Part]]


@dataclass(frozen=True)
class Cross:
    """The checks between forms of a project on a day; only those of `codes` are made."""

    project_id: int
    today: date
    codes: Collection[str]

    def found(self) -> Iterator[Found]:
        """Everything they find."""
        for checks, family in _FAMILIES:
            if any(check.code in self.codes for check in checks):
                with snapshot() as session:
                    found = [one for one in family(_Sides(session, self)) if one.check in self.codes]
                yield from found
        if lateness.Q30.code in self.codes:
            yield from lateness.late(lists.first_records(self.project_id, self.today))


class _Sides:
    """What is read once for a family of checks."""

    def __init__(self, session: Session, cross: Cross) -> None:
        self.session, self.today = session, cross.today
        self.project_id = cross.project_id
        self.thresholds: Thresholds = thresholds(session, cross.project_id)
        self._asked: dict[str, Asked | None] = {}

    def asked(self, form: str) -> Asked | None:
        """The tables of a form."""
        if form not in self._asked:
            self._asked[form] = reports.asked(self.session, self.project_id, form)
        return self._asked[form]

    def paths(self, form: str) -> Paths:
        """Its questions by name."""
        known = self.asked(form)
        return known.paths if known else {}

    def rows(self, form: str, questions: Iterable[str]) -> list[Report]:
        """Its records."""
        return reports.reports(self.session, self.asked(form), list(questions))

    def compared(self, rules: Iterable[Rule], lines: Iterable[Line], form: str) -> Iterator[Found]:
        """What does not go together."""
        return compare(rules, lines, self.thresholds.of, self.paths(form))

    def numbers(self, check: Check, form: str) -> Mapping[str, float] | None:
        """The numbers of a check, None where it is off."""
        mine = self.thresholds.of(check.code, form)
        return mine if mine[ON] else None

    @cached_property
    def counts(self) -> village_counts.Counts:
        """The village counts in force."""
        return village_counts.in_force(self.rows(F02, village_counts.QUESTIONS))

    @cached_property
    def profiles(self) -> Reports:
        """The centres' reports in force."""
        return centres.in_force(self.rows(F03, centres.QUESTIONS))

    @cached_property
    def lists(self) -> Lists:
        """What the lists say today."""
        return lists.lists_of(self.session, self.project_id)


def _villages(sides: _Sides) -> Iterator[Found]:
    surveyed = sums.surveyed(sides.session, sides.asked(F01))
    lines = village_counts.lines(sides.counts, surveyed, sides.lists.households)
    yield from sides.compared(village_counts.RULES, lines, F02)


def _communes(sides: _Sides) -> Iterator[Found]:
    told = commune_reports.in_force(sides.rows(F09, commune_reports.QUESTIONS))
    wanted = {(year, period) for _commune, year, period in told}
    wanted |= {(year, "y") for _place, year in sides.counts}
    around = {one: _around_communes(sides, *one) for one in wanted}
    known = commune_reports.Lists(sides.lists.centres, sides.lists.teachers)
    teachers = centres.teachers(sides.profiles)
    lines = commune_reports.lines(told, sides.counts, around, known, teachers)
    yield from sides.compared(commune_reports.RULES, lines, F09)
    yield from sides.compared(commune_reports.MONEY, commune_reports.money(told), F09)
    lines = commune_reports.classes(sides.counts, around)
    yield from sides.compared(commune_reports.CLASSES, lines, F02)


def _around_communes(sides: _Sides, year: int, period: str) -> commune_reports.Around:
    days = commune_reports.span(year, period)
    if days is None:
        return commune_reports.Around()
    session, opened, months = sides.session, sides.asked(F04), sides.asked(F05)
    return commune_reports.Around(
        sums.learners(session, opened, days, of_age=True),
        sums.learners(session, opened, days, of_age=False),
        sums.finished(session, months, days, "1"),
        sums.finished(session, months, days, "2"),
        _groups(sides, days),
        sums.new_at_15(session, sides.asked(F01), year),
    )


def _groups(sides: _Sides, days: Period) -> dict[str, int]:
    """Classes of inter-family groups begun within some days, by commune; 0 where there are only others."""
    found: dict[str, set[str]] = {}
    for one in sides.rows(F04, class_rows.QUESTIONS):
        day = one.date("start_date")
        if one.commune and day is not None and days.first <= day <= days.last:
            mine = found.setdefault(one.commune, set())
            mine.update({one.text(class_rows.CLASS)} if one.text("organiser") == "tlg" else ())
    return {commune: len(several) for commune, several in found.items()}


def _centres(sides: _Sides) -> Iterator[Found]:
    told = sides.profiles
    around = {
        (year, period): _around_centres(sides, year, period)
        for year, period in {(year, period) for _centre, year, period in told}
    }
    people = centres.trained(sides.lists.people)
    lines = centres.lines(told, around, people, sides.lists.predecessors)
    yield from sides.compared(centres.RULES, lines, F03)
    visits = sides.rows(F10, centres.INSPECTION_QUESTIONS)
    yield from sides.compared(centres.INSPECTED, centres.inspected(told, visits), F03)


def _around_centres(sides: _Sides, year: int, period: str) -> centres.Around:
    days = commune_reports.span(year, period)
    if days is None:
        return centres.Around()
    opened: dict[tuple[str, str], set[str]] = {}
    for one in sides.rows(F04, class_rows.QUESTIONS):
        day = one.date("start_date")
        if day is not None and days.first <= day <= days.last:
            opened.setdefault((one.text("centre"), one.text("phase")), set()).add(one.text(class_rows.CLASS))
    twelve = Period(_year_before(days.last), days.last)
    return centres.Around(
        sums.turns(sides.session, sides.asked(F06), days),
        {key: len(several) for key, several in opened.items()},
        sums.households(sides.session, sides.asked(F01), twelve),
    )


def _year_before(last: date) -> date:
    """The first day of the twelve months that end with the last day of a month."""
    following = last + timedelta(days=1)
    return following.replace(year=following.year - 1)


def _models(sides: _Sides) -> Iterator[Found]:
    told = sides.rows(F07, learning_models.QUESTIONS)
    yield from sides.compared(learning_models.RULES, learning_models.lines(told, sides.counts), F07)


def _classes(sides: _Sides) -> Iterator[Found]:
    session, opened = sides.session, sides.asked(F04)
    known = class_rows.classes(session, sides.rows(F04, class_rows.QUESTIONS), sides.asked(F05))
    for one in known.values():
        for check, look in ((classes.K29, classes.silent), (classes.K30, classes.held)):
            numbers = sides.numbers(check, F04)
            yield from look(one, sides.today, numbers) if numbers else ()
        numbers = sides.numbers(classes.Q28, F05)
        yield from classes.always_there(one, numbers) if numbers else ()
    if sides.numbers(classes.K31, F04):
        learners = class_rows.beginners(session, sides.project_id, opened, sides.asked(F01), known)
        yield from classes.without_basis(learners, sides.paths(F04))
    if sides.numbers(classes.K32, F04):
        yield from classes.doubled(class_rows.listed(session, opened, known), sides.paths(F04))


def _rechecks(sides: _Sides) -> Iterator[Found]:
    pairs = lists.rechecked(sides.session, sides.asked(F11), sides.asked(F01))
    if sides.numbers(rechecks.K34, F11):
        yield from rechecks.apart(pairs, sides.paths(F11))
    if sides.numbers(rechecks.Q27, F11):
        yield from rechecks.own(pairs)
    numbers = sides.numbers(rechecks.Q29, F11)
    yield from rechecks.villages(pairs, numbers) if numbers else ()


def _fieldwork(sides: _Sides) -> Iterator[Found]:
    session, homes, paths = sides.session, sides.asked(F01), sides.paths(F01)
    several: tuple[tuple[Check, str, Parts], ...] = (
        (fieldwork.Q09, "t_present", lambda _numbers: sums.absent(session, homes)),
        (fieldwork.Q12, "gps", lambda _numbers: sums.without_position(session, homes)),
        (
            fieldwork.Q18,
            "n_topics",
            lambda mine: sums.same_wishes(session, homes, max(mine["share"] * mine["least"], 1)),
        ),
    )
    for check, question, parts in several:
        numbers = sides.numbers(check, F01)
        if numbers:
            yield from fieldwork.often(check, parts(numbers), numbers, paths.get(question, ""))
    numbers = sides.numbers(fieldwork.Q14, F01)
    if numbers:
        yield from fieldwork.crowded_days(sums.a_day(session, homes, numbers["most"]), numbers)
    numbers = sides.numbers(fieldwork.Q17, F01)
    if numbers:
        yield from fieldwork.nobody(_worked(sides), numbers)


def _worked(sides: _Sides) -> Iterator[fieldwork.Worked]:
    """What enumerators found, and what the count of the village says of this year, else of the last."""
    for sender, year, place, number, people in sums.illiterate(sides.session, sides.asked(F01)):
        count = sides.counts.get((place, year)) or sides.counts.get((place, year - 1))
        counted = count.number("il1_t") if count else None
        of = count.number("p1560_t") if count else None
        yield fieldwork.Worked(sender, str(year), number, people, counted or 0.0, of or 0.0)


_FAMILIES: tuple[tuple[tuple[Check, ...], Callable[[_Sides], Iterator[Found]]], ...] = (
    (village_counts.CHECKS, _villages),
    (commune_reports.CHECKS, _communes),
    (centres.CHECKS, _centres),
    (learning_models.CHECKS, _models),
    (classes.CHECKS, _classes),
    (rechecks.CHECKS, _rechecks),
    (fieldwork.CHECKS, _fieldwork),
)
"""The checks that read the same sides, and what makes them."""

CROSS_CHECKS = (*(check for checks, _family in _FAMILIES for check in checks), *lateness.CHECKS)
"""All checks that are made here."""
