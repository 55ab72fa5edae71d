"""Q09, Q12, Q14, Q17, Q18 · How one enumerator works.

People absent at the test, positions missing, too many households a day, nobody illiterate, the same wishes.
Sums by enumerator and year come from the database.
Silent when: he has too few to judge; the share is just `share`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.comparing import written
from forms.checks.found import Found

FORM = "f01_hh_survey"

Q09 = Check(
    "Q09",
    WARNING,
    "Q09 Many people absent at the reading test",
    "{part} of {number} people due for the reading test ({percent}%) were absent.",
    "Tell the enumerator to come when people are at home.",
    {"share": Threshold(0.3, 0, 1), "least": Threshold(10, 1, 100_000)},
)
Q12 = Check(
    "Q12",
    WARNING,
    "Q12 Many households without a position",
    "{part} of {number} households ({percent}%) have no position.",
    "Show the enumerator how to measure it outdoors.",
    {"share": Threshold(0.2, 0, 1), "least": Threshold(10, 1, 100_000)},
)
Q14 = Check(
    "Q14",
    WARNING,
    "Q14 Too many households in a day",
    "{number} households on {day}.",
    "Ask how the interviews were held; visit some of the households again.",
    {"most": Threshold(20, 1, 1_000)},
)
Q17 = Check(
    "Q17",
    WARNING,
    "Q17 Nobody illiterate",
    "Nobody illiterate in {number} households, though the villages count {percent}%.",
    "Draw a tenth of these households for a second visit.",
    {"share": Threshold(0.1, 0, 1), "least": Threshold(30, 1, 100_000)},
)
Q18 = Check(
    "Q18",
    WARNING,
    "Q18 The same wishes again and again",
    "{part} of {number} people ({percent}%) wish to learn exactly the same.",
    "Tell the enumerator to read out the list.",
    {"share": Threshold(0.8, 0, 1), "least": Threshold(30, 1, 100_000)},
)
CHECKS = (Q09, Q12, Q14, Q17, Q18)


@dataclass(frozen=True, slots=True)
class Part:
    """Of `number` of an enumerator in a year, `part` are so."""

    sender: str
    year: str
    part: float
    number: float


@dataclass(frozen=True, slots=True)
class Worked:
    """What an enumerator found in a village in a year, and what its count says of this year or the last."""

    sender: str
    year: str
    households: float
    illiterate: float
    counted: float = 0.0
    counted_of: float = 0.0


def often(check: Check, several: Iterable[Part], numbers: Mapping[str, float], path: str) -> Iterator[Found]:
    """The enumerators with too large a share (Q09, Q12, Q18)."""
    for one in several:
        if one.sender and one.number >= numbers["least"] and one.part > numbers["share"] * one.number:
            percent = f"{100 * one.part / one.number:.0f}"
            details = {"part": written(one.part), "number": written(one.number), "percent": percent}
            yield Found(
                check.code,
                path=path,
                subject=one.sender,
                variant=one.year,
                value=f"{percent}%",
                form=FORM,
                details=details,
            )


def crowded_days(several: Iterable[Part], numbers: Mapping[str, float]) -> Iterator[Found]:
    """Days of one phone with too many households; `year` of each part is the day."""
    for one in several:
        if one.sender and one.number > numbers["most"]:
            details = {"number": written(one.number), "day": one.year}
            yield Found(
                Q14.code,
                subject=one.sender,
                variant=one.year,
                value=details["number"],
                form=FORM,
                details=details,
            )


def nobody(several: Iterable[Worked], numbers: Mapping[str, float]) -> Iterator[Found]:
    """Enumerators who found nobody illiterate where the counts of their villages do."""
    groups: dict[tuple[str, str], list[Worked]] = {}
    for one in several:
        if one.sender:
            groups.setdefault((one.sender, one.year), []).append(one)
    for (sender, year), mine in groups.items():
        households = sum(one.households for one in mine)
        counted, of = sum(one.counted for one in mine), sum(one.counted_of for one in mine)
        found_any = any(one.illiterate for one in mine)
        if not found_any and households >= numbers["least"] and counted > numbers["share"] * of:
            details = {"number": written(households), "percent": f"{100 * counted / of:.0f}" if of else "0"}
            yield Found(
                Q17.code,
                subject=sender,
                variant=year,
                value="0",
                expected=details["percent"] + "%",
                form=FORM,
                details=details,
            )
