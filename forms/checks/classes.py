"""K29-K32, Q28 · Literacy classes: months without a report, lessons held and planned, learners.

A class is told by its last form F04; its term runs from `start_date` to `end_date`. A month is due `days`
days after its end.
Silent when: the class has no dates; only one month in a row is missing; what was held is just the share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from forms.checks.check import ERROR, INFO, WARNING, Check, Threshold
from forms.checks.comparing import Paths, written
from forms.checks.found import Found

FORM, MONTHS = "f04_class_open", "f05_class_report"

Numbers = Mapping[str, float]

K29 = Check(
    "K29",
    INFO,
    "K29 Class without attendance reports",
    "The class {x} has sent no attendance since {m}.",
    "Remind the teacher, then the commune.",
    {"months": Threshold(2, 1, 24), "days": Threshold(4, 0, 60)},
)
K30 = Check(
    "K30",
    WARNING,
    "K30 Lessons held and lessons planned",
    "Of {plan} sessions or lessons planned for the term {held} were held.",
    "Ask the teacher.",
    {"most": Threshold(1.2, 1, 10), "least": Threshold(0.7, 0, 1)},
)
K31 = Check(
    "K31",
    ERROR,
    "K31 Learner of phase 2 without phase 1",
    "Nothing shows yet that the learner {x} may learn in phase 2.",
    "The commune confirms phase 1 or grade 3, or the learner goes to phase 1.",
)
K32 = Check(
    "K32",
    ERROR,
    "K32 Learner in two classes",
    "The learner {x} is on the lists of two classes: {list}.",
    "Keep the later class, and take the learner off the list of the other.",
)
Q28 = Check(
    "Q28",
    WARNING,
    "Q28 Everybody present every day",
    "In {months} months running nobody of the class {x} missed a day.",
    "Visit the class.",
    {"months": Threshold(3, 1, 24), "learners": Threshold(1, 1, 1_000)},
)
CHECKS = (K29, K30, K31, K32, Q28)


@dataclass(frozen=True, slots=True)
class Month:
    """A report on a class: for a month (`term` False) or a term, what was held, who was there.

    `learners` were marked, `missing` of them were not there on every day.
    """

    record: int
    month: str
    term: bool = False
    held: float = 0.0
    lessons: float = 0.0
    learners: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Class:
    """A class in its present term, `record` being its last form; `months` in the order of time."""

    key: str
    name: str
    record: int
    place: str | None
    term: str
    start: date | None
    end: date | None
    sessions_plan: float | None = None
    lessons_plan: float | None = None
    months: Sequence[Month] = ()

    @property
    def of_term(self) -> list[Month]:
        """The reports of the present term."""
        if self.start is None or self.end is None:
            return []
        # The report of a term may be dated some days after it.
        last = self.end + timedelta(days=31)
        return [one for one in self.months if _name(self.start) <= one.month <= _name(last)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A learner on the list of a class."""

    learner: str
    name: str
    of: Class


@dataclass(frozen=True, slots=True)
class Beginner:
    """A learner of phase 2, with the highest phase he finished and grade anybody knows of."""

    record: int
    key: str
    learner: str
    name: str
    place: str | None
    phase: float = 0.0
    grade: float = 0.0


def silent(one: Class, today: date, numbers: Numbers) -> Iterator[Found]:
    """A class whose last months that are due have no report."""
    due = [month for month in _months(one) if _due(month, numbers["days"]) < today]
    if any(report.term for report in one.of_term):
        return
    sent = {report.month for report in one.months}
    missing: list[str] = []
    for month in reversed(due):
        if month in sent:
            break
        missing.append(month)
    if len(missing) >= numbers["months"]:
        since = f"{missing[-1][5:]}/{missing[-1][:4]}"
        details = {"x": one.name, "m": since}
        yield Found(
            K29.code, (one.record,), value=since, variant=one.term, place_code=one.place, details=details
        )


def _months(one: Class) -> list[str]:
    """The whole months of a term, and the ones it begins and ends in."""
    if one.start is None or one.end is None:
        return []
    found, day = [], one.start.replace(day=1)
    while day <= one.end:
        found.append(_name(day))
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _name(day: date) -> str:
    return f"{day:%Y-%m}"


def _due(month: str, days: float) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=32)).replace(day=1) + timedelta(days=int(days) - 1)


def held(one: Class, today: date, numbers: Numbers) -> Iterator[Found]:
    """A term with far more sessions than planned, or over with far fewer lessons."""
    if not one.of_term:
        return
    sessions, lessons = (_total(one.of_term, name) for name in ("held", "lessons"))
    over = any(month.term for month in one.of_term) or (one.end is not None and one.end < today)
    if one.sessions_plan and sessions > numbers["most"] * one.sessions_plan:
        yield _planned(one, sessions, one.sessions_plan)
    elif over and one.lessons_plan and lessons < numbers["least"] * one.lessons_plan:
        yield _planned(one, lessons, one.lessons_plan)


def _total(months: Iterable[Month], name: str) -> float:
    """The report of a term tells the whole of it; else its months are added up."""
    several = [(one.term, float(getattr(one, name))) for one in months]
    whole = [number for term, number in several if term]
    return max([sum(number for term, number in several if not term), *whole])


def _planned(one: Class, number: float, plan: float) -> Found:
    details = {"x": one.name, "held": written(number), "plan": written(plan)}
    return Found(
        K30.code,
        (one.record, *(month.record for month in one.of_term)),
        value=details["held"],
        expected=details["plan"],
        variant=one.term,
        place_code=one.place,
        details=details,
    )


def always_there(one: Class, numbers: Numbers) -> Iterator[Found]:
    """A class in which nobody missed a day for months running."""
    run: list[Month] = []
    for month in (each for each in one.months if not each.term):
        full = month.held > 0 and month.learners >= numbers["learners"] and not month.missing
        if full and run and not _follows(run[-1].month, month.month):
            run = []
        run = [*run, month] if full else []
    if len(run) >= numbers["months"]:
        details = {"x": one.name, "months": str(len(run))}
        records = (run[-1].record, *(each.record for each in run[:-1]))
        yield Found(Q28.code, records, value=str(len(run)), place_code=one.place, details=details)


def _follows(month: str, other: str) -> bool:
    return _name(date.fromisoformat(f"{month}-01") + timedelta(days=32)) == other


def without_basis(several: Iterable[Beginner], paths: Paths) -> Iterator[Found]:
    """Learners of phase 2 of whom nothing shows that they finished phase 1, or grade 3."""
    for one in several:
        if one.phase < 1 and one.grade < _GRADE:
            yield Found(
                K31.code,
                (one.record,),
                paths.get("l_name", ""),
                one.key,
                value=one.name,
                variant=one.learner,
                place_code=one.place,
                details={"x": one.name},
            )


_GRADE = 3


def doubled(several: Iterable[Listed], paths: Paths) -> Iterator[Found]:
    """Learners on the lists of two classes whose terms overlap; the earlier class is the one to look into."""
    by_learner: dict[str, list[Listed]] = {}
    for one in several:
        by_learner.setdefault(one.learner, []).append(one)
    for learner, mine in by_learner.items():
        ordered = sorted(mine, key=lambda one: (one.of.start or date.min, one.of.record))
        for one, other in pairwise(ordered):
            if one.of.key != other.of.key and _together(one.of, other.of):
                details = {"x": one.name, "list": f"{one.of.name}; {other.of.name}"}
                yield Found(
                    K32.code,
                    (one.of.record, other.of.record),
                    paths.get("l_name", ""),
                    value=one.name,
                    variant=learner,
                    place_code=one.of.place,
                    details=details,
                )


def _together(one: Class, other: Class) -> bool:
    if None in {one.start, one.end, other.start, other.end}:
        return False
    return bool(one.end and other.start and other.start <= one.end)
