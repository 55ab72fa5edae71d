"""24 · What has not come in, and counts of villages that cannot be.

Silent when: the deadline is more than `days` away or past; the count moved by just `share`; so few people
that chance alone would do it (`z` standard errors of an even split).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forms.checks.check import INFO, WARNING, Check, Threshold
from forms.checks.found import Found

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
    """What a village counts in a year and counted in the year before: records; and its men and women."""

    form: str
    place: str
    year: int
    records: int
    before: int
    men: int = 0
    women: int = 0


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


def implausible(one: Counted, numbers: Numbers) -> Iterator[Found]:
    """Counts of a village that cannot be."""
    jump, sexes = numbers.get(JUMP.code), numbers.get(SEXES.code)
    if jump and one.before >= jump["least"] and abs(one.records / one.before - 1) > jump["share"]:
        percent = f"{100 * (one.records / one.before - 1):+.0f}"
        details = {"now": str(one.records), "before": str(one.before), "percent": percent}
        yield _counted(JUMP, one, str(one.records), str(one.before), details)
    if sexes and unbalanced(one.men, one.women, sexes):
        ratio = f"{100 * one.men / one.women:.0f}" if one.women else "∞"
        details = {"ratio": ratio, "men": str(one.men), "women": str(one.women)}
        yield _counted(SEXES, one, ratio, "100", details)


def unbalanced(men: int, women: int, numbers: Mapping[str, float]) -> bool:
    """Whether men to 100 women lie outside of what is usual, by more than chance does."""
    people = men + women
    if people < numbers["least"]:
        return False
    ratio = 100 * men / women if women else math.inf
    chance = abs(men - women) / math.sqrt(people)
    return not numbers["low"] <= ratio <= numbers["high"] and chance > numbers["z"]


def _counted(check: Check, one: Counted, value: str, expected: str, details: Mapping[str, str]) -> Found:
    return Found(
        check.code,
        subject=f"village:{one.place}",
        variant=str(one.year),
        value=value,
        expected=expected,
        form=one.form,
        place_code=one.place,
        details=details,
    )
