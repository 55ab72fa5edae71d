"""24 · What has not come in, and counts of villages that cannot be.

Silent when: the deadline is more than `days` away or past; the count moved by just `share`; so few people
that chance alone would do it (`z` standard errors of an even split).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forms.checks.check import INFO, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch, last_records
from forms.checks.roles import Answered

INCOMPLETE = Check(
    "village_incomplete",
    WARNING,
    "Not all has come in before the deadline",
    "{received} of {expected} have come in; the deadline is {due}.",
    "Call the village today.",
    {"days": Threshold(3, 0, 365)},
)
NOTHING = Check(
    "nothing_today",
    INFO,
    "Nothing came in for a day",
    "Nothing came in during the last day, though {left} are still awaited by {due}.",
    "Call the village today.",
    {"days": Threshold(3, 0, 365)},
)
JUMP = Check(
    "count_jump",
    WARNING,
    "Count far from the last round",
    "{now} in this round, {before} in the last one ({percent}%).",
    "Ask the village what changed, or who was missed or counted twice.",
    {"share": Threshold(0.2, 0, 100), "least": Threshold(10, 1, 100_000)},
)
SEXES = Check(
    "sex_ratio",
    WARNING,
    "Far more men than women, or fewer",
    "There are {ratio} men to 100 women ({men} and {women}).",
    "Look for people who were left out, or entered under the wrong sex.",
    {
        "low": Threshold(85, 0, 100),
        "high": Threshold(120, 100, 1_000),
        "least": Threshold(50, 2, 100_000),
        "z": Threshold(3, 0, 100),
    },
)
ABSENT = Check(
    "household_absent",
    WARNING,
    "Households of the list without a form",
    "{absent} of {known} households of the list have no form in this round.",
    "Visit them, or say in the list that they have gone.",
    {"days": Threshold(3, 0, 365)},
)
CHECKS = (INCOMPLETE, NOTHING, JUMP, SEXES, ABSENT)


@dataclass(frozen=True, slots=True)
class Round:
    """A round a village reports in: a campaign's form, its period and deadline."""

    form: str
    key: str
    opens: date
    due: date

    def near(self, today: date, days: float) -> bool:
        """Whether its deadline is at most that many days away, and not past."""
        return self.opens <= today <= self.due <= today + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a village was to send in a round and sent; of `known` households `absent` ones have no form."""

    place: str
    expected: int
    received: int
    last_day: int = 0
    known: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many units a village has in a year, and had in the year before."""

    form: str
    place: str
    year: int
    now: int
    before: int


Numbers = Mapping[str, Mapping[str, float]]
"""The numbers in force, by check; a check that is switched off is not there."""


def awaited(one: Arrived, of: Round, today: date, numbers: Numbers) -> Iterator[Found]:
    """What has not come in shortly before a deadline."""
    left = one.expected - one.received
    due = f"{of.due:%d/%m}"
    mine = {code: of.near(today, named["days"]) for code, named in numbers.items() if "days" in named}
    if mine.get(INCOMPLETE.code) and left > 0:
        details = {"received": str(one.received), "expected": str(one.expected), "due": due}
        yield _about(INCOMPLETE, one.place, of, str(one.received), details)
    if mine.get(NOTHING.code) and left > 0 and not one.last_day:
        yield _about(NOTHING, one.place, of, "0", {"left": str(left), "due": due})
    if mine.get(ABSENT.code) and one.absent:
        details = {"absent": str(one.absent), "known": str(one.known)}
        yield _about(ABSENT, one.place, of, str(one.absent), details)


def _about(check: Check, place: str, of: Round, value: str, details: Mapping[str, str]) -> Found:
    return Found(
        check.code,
        subject=f"village:{place}",
        variant=of.key,
        value=value,
        form=of.form,
        place_code=place,
        details=details,
    )


def jumped(one: Counted, numbers: Mapping[str, float]) -> Iterator[Found]:
    """A count far from that of the last round."""
    if one.before < numbers["least"] or abs(one.now / one.before - 1) <= numbers["share"]:
        return
    percent = f"{100 * (one.now / one.before - 1):+.0f}"
    details = {"now": str(one.now), "before": str(one.before), "percent": percent}
    yield Found(
        JUMP.code,
        subject=f"village:{one.place}",
        variant=str(one.year),
        value=str(one.now),
        expected=str(one.before),
        form=one.form,
        place_code=one.place,
        details=details,
    )


def unbalanced(men: int, women: int, numbers: Mapping[str, float]) -> bool:
    """Whether men to 100 women lie outside of what is usual, by more than chance does."""
    people = men + women
    if people < numbers["least"]:
        return False
    ratio = 100 * men / women if women else math.inf
    chance = abs(men - women) / math.sqrt(people)
    return not numbers["low"] <= ratio <= numbers["high"] and chance > numbers["z"]


class SexRatio(Watch):
    """Men and women of each village, in the last record of each household. Roles: `male`, `female`."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._male, self._female = survey.roles.answers("male"), survey.roles.answers("female")

    def see(self, block: Block) -> Iterable[Found]:
        """A village with far more of one."""
        last = last_records(block.interviews)
        men, women = (self._count(block, answers, last) for answers in (self._male, self._female))
        if not block.place or not unbalanced(men, women, self._survey.numbers(SEXES.code)):
            return
        ratio = f"{100 * men / women:.0f}" if women else "∞"
        yield Found(
            SEXES.code,
            subject=f"village:{block.place}",
            value=ratio,
            expected="100",
            form=self._survey.form,
            place_code=block.place,
            details={"ratio": ratio, "men": str(men), "women": str(women)},
        )

    @staticmethod
    def _count(block: Block, answers: Iterable[Answered], last: set[int]) -> int:
        number = 0
        for one in answers:
            table = block.table_of(one.path)
            if table is not None:
                rows = zip(table.records, table.column(one.path), strict=True)
                number += sum(record in last and str(value) == one.code for record, value in rows)
        return number
