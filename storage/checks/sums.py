"""Sums over household forms, classes, logs by village, commune, centre, enumerator: one question each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Integer, Select, and_, cast, extract, func, select
from sqlalchemy.orm import Session

from forms.checks.fieldwork import Part
from forms.checks.village_counts import Surveyed
from forms.periods import Period
from storage.checks.reports import COMMUNE_OF, Asked, sender_of
from storage.models import Submission
from storage.portable import counted

HOUSEHOLD = ("hh_id", "consent", "n_illit1", "n_15_60", "n_relapse")
MEMBER = "member"

_YEAR = cast(extract("year", Submission.reported_on), Integer())


def surveyed(session: Session, known: Asked | None) -> dict[tuple[str, int], Surveyed]:
    """What the household forms of each village and year add up to, a household with its last visit."""
    if known is None or not known.has(HOUSEHOLD):
        return {}
    latest = func.row_number().over(
        partition_by=(known.column("hh_id"), _YEAR),
        order_by=(Submission.reported_on.desc(), Submission.id.desc()),
    )
    visits = (
        select(
            Submission.place_code,
            _YEAR.label("year"),
            known.number("n_illit1").label("illit1"),
            known.number("n_15_60").label("p1560"),
            known.number("n_relapse").label("relapse"),
            latest.label("latest"),
        )
        .select_from(known.source())
        .where(*known.counts, known.column("consent") == "1", Submission.reported_on.is_not(None))
        .subquery("visits")
    )
    sums: Select[Any] = (
        select(
            visits.c.place_code,
            visits.c.year,
            func.count(),
            *(func.sum(visits.c[name]) for name in ("illit1", "p1560", "relapse")),
        )
        .where(visits.c.latest == 1, visits.c.place_code.is_not(None))
        .group_by(visits.c.place_code, visits.c.year)
    )
    return {
        (place, year): Surveyed(number, *(float(one or 0) for one in sums))
        for place, year, number, *sums in session.execute(sums)
    }


def new_at_15(session: Session, known: Asked | None, year: int) -> dict[str, float]:
    """People of 15 below level 1 whom the household forms of a year found, by commune."""
    questions = ("m_age", "is_below1", "learner_id")
    if known is None or not known.has(questions, MEMBER):
        return {}
    query = (
        select(COMMUNE_OF, func.count(known.column("learner_id", MEMBER).distinct()))
        .select_from(known.source(MEMBER))
        .where(
            *known.counts,
            Submission.reported_on.between(date(year, 1, 1), date(year, 12, 31)),
            known.number("m_age", MEMBER) == 15,  # noqa: PLR2004 - the age at which one begins to count
            known.number("is_below1", MEMBER) == 1,
        )
        .group_by(COMMUNE_OF)
    )
    return {commune: float(number) for commune, number in session.execute(query) if commune}


def households(session: Session, known: Asked | None, days: Period) -> dict[str, int]:
    """Households that answered within some days, each once, by commune."""
    if known is None or not known.has(HOUSEHOLD):
        return {}
    query = (
        select(COMMUNE_OF, func.count(known.column("hh_id").distinct()))
        .select_from(known.source())
        .where(
            *known.counts,
            known.column("consent") == "1",
            Submission.reported_on.between(days.first, days.last),
        )
        .group_by(COMMUNE_OF)
    )
    return {commune: number for commune, number in session.execute(query) if commune}


# Classes and logs --------------------------------------------------------------------------------


def learners(session: Session, known: Asked | None, days: Period, *, of_age: bool) -> dict[str, int]:
    """Learners of classes of phase 1 that began within some days, each once, by commune."""
    flag = "l_1560" if of_age else "l_in"
    if known is None or not (known.has(("phase", "start_date")) and known.has(("l_id", flag), "learner")):
        return {}
    query = (
        select(COMMUNE_OF, func.count(known.column("l_id", "learner").distinct()))
        .select_from(known.source("learner"))
        .where(
            *known.counts,
            known.column("phase") == "1",
            known.number(flag, "learner") == 1,
            known.column("start_date").between(days.first, days.last),
        )
        .group_by(COMMUNE_OF)
    )
    return {commune: number for commune, number in session.execute(query) if commune}


def finished(session: Session, known: Asked | None, days: Period, phase: str) -> dict[str, int]:
    """People who finished a phase within some days, each once, by commune; 0 where reports name nobody."""
    if known is None or not (known.has(["rep_month"]) and known.has(("l_id", f"l_p{phase}"), "att")):
        return {}
    done = known.number(f"l_p{phase}", "att") == 1
    person = known.column("l_id", "att")
    query = (
        select(COMMUNE_OF, func.count(person.distinct()).filter(done))
        .select_from(known.source("att"))
        .where(*known.counts, known.column("rep_month").between(days.first, days.last))
        .group_by(COMMUNE_OF)
    )
    return {commune: number for commune, number in session.execute(query) if commune}


def turns(session: Session, known: Asked | None, days: Period) -> dict[str, float]:
    """Attendances of the activity log within some days, by centre."""
    if known is None or not known.has(("centre", "turn_t", "start_date")):
        return {}
    centre = known.column("centre")
    query = (
        select(centre, func.sum(known.number("turn_t")))
        .select_from(known.source())
        .where(*known.counts, known.column("start_date").between(days.first, days.last))
        .group_by(centre)
    )
    return {str(one): float(number) for one, number in session.execute(query) if one}


def attended(session: Session, known: Asked | None) -> dict[int, tuple[int, int]]:
    """Of each class report how many learners were marked, and how many missed a day."""
    if known is None or not (known.has(["held"]) and known.has(["days"], "att")):
        return {}
    days = known.column("days", "att")
    query = (
        select(
            Submission.id,
            func.count(days),
            func.sum(counted(and_(days.is_not(None), known.number("days", "att") < known.number("held")))),
        )
        .select_from(known.source("att"))
        .where(*known.counts)
        .group_by(Submission.id)
    )
    return {number: (marked, int(missing or 0)) for number, marked, missing in session.execute(query)}


# Enumerators -------------------------------------------------------------------------------------


def absent(session: Session, known: Asked | None) -> Iterator[Part]:
    """Of each enumerator and year the people due for the reading test, and those who were absent."""
    if known is None or not known.has(("test_due", "t_present"), MEMBER):
        return
    away = counted(known.column("t_present", MEMBER) == "0")
    query = (
        select(Submission.submitter_id, _YEAR, func.sum(away), func.count())
        .select_from(known.source(MEMBER))
        .where(*known.counts, known.number("test_due", MEMBER) == 1, Submission.submitter_id.is_not(None))
        .group_by(Submission.submitter_id, _YEAR)
    )
    for sender, year, part, number in session.execute(query):
        yield Part(sender_of(sender, None), str(year), float(part or 0), number)


def without_position(session: Session, known: Asked | None) -> Iterator[Part]:
    """Of each enumerator and year the households that answered, and those without a position."""
    if known is None or not known.has(("gps", "consent")):
        return
    blank = counted(known.column("gps").is_(None))
    query = (
        select(Submission.submitter_id, _YEAR, func.sum(blank), func.count())
        .select_from(known.source())
        .where(*known.counts, known.column("consent") == "1", Submission.submitter_id.is_not(None))
        .group_by(Submission.submitter_id, _YEAR)
    )
    for sender, year, part, number in session.execute(query):
        yield Part(sender_of(sender, None), str(year), float(part or 0), number)


def a_day(session: Session, known: Asked | None, least: float) -> Iterator[Part]:
    """Phones and days with more than so many household forms; the day stands for the year."""
    if known is None:
        return
    number = func.count()
    query = (
        select(Submission.device_id, Submission.reported_on, number)
        .where(*known.counts, Submission.device_id.is_not(None), Submission.reported_on.is_not(None))
        .group_by(Submission.device_id, Submission.reported_on)
        .having(number > least)
    )
    for device, day, count in session.execute(query):
        yield Part(sender_of(None, device), f"{day:%d/%m/%Y}", count, count)


def same_wishes(session: Session, known: Asked | None, least: float) -> Iterator[Part]:
    """Of each enumerator and year the people who told wishes, and how many the same, so many at least."""
    if known is None or not known.has(["n_topics"], MEMBER):
        return
    topics = known.column("n_topics", MEMBER)
    source, told = (
        known.source(MEMBER),
        (*known.counts, topics.is_not(None), Submission.submitter_id.is_not(None)),
    )
    who = (Submission.submitter_id, _YEAR)
    totals = select(*who, func.count()).select_from(source).where(*told).group_by(*who)
    all_of = {(sender, year): number for sender, year, number in session.execute(totals)}
    groups = (
        select(*who, func.count())
        .select_from(source)
        .where(*told)
        .group_by(*who, topics)
        .having(func.count() >= least)
    )
    best: dict[tuple[int | None, int], int] = {}
    for sender, year, number in session.execute(groups):
        best[sender, year] = max(number, best.get((sender, year), 0))
    for (sender, year), number in best.items():
        yield Part(sender_of(sender, None), str(year), number, all_of[sender, year])


def illiterate(session: Session, known: Asked | None) -> list[tuple[str, int, str, float, float]]:
    """Enumerator, year, village, households that answered, illiterate people in them."""
    if known is None or not known.has(HOUSEHOLD):
        return []
    query = (
        select(
            Submission.submitter_id,
            _YEAR,
            Submission.place_code,
            func.count(known.column("hh_id").distinct()),
            func.sum(known.number("n_illit1")),
        )
        .select_from(known.source())
        .where(
            *known.counts,
            known.column("consent") == "1",
            Submission.submitter_id.is_not(None),
            Submission.place_code.is_not(None),
            Submission.reported_on.is_not(None),
        )
        .group_by(Submission.submitter_id, _YEAR, Submission.place_code)
    )
    return [
        (sender_of(sender, None), year, place, float(number), float(people or 0))
        for sender, year, place, number, people in session.execute(query)
    ]
