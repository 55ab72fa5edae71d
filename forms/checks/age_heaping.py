"""22 · Ages, or years of birth, that gather at round numbers; ages that gather where the law draws a line.

Whipple's index: 100 · (people of 23 to 62 whose number ends in 0 or 5) ÷ (a fifth of all of 23 to 62). What
is looked at is the number that was asked: the year of birth where that is the question, else the age.
At a line: how many are of that age, beside the mean of the year before and the year after.
Roles: `birth` (a year), `age`. By enumerator and by commune.
Silent when: there are fewer than `least`; chance alone would do it (`z` standard errors).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from forms.checks.check import ERROR, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.ranges import as_number

HEAPING = Check(
    "age_heaping",
    WARNING,
    "Ages gather at round numbers",
    "Whipple's index is {index} (100 is even, 500 all round) among {people} people of 23 to 62.",
    "Ask for papers, or by the animal of the year; look at whole families again.",
    {
        "index": Threshold(125, 100, 500),
        "severe": Threshold(175, 100, 500),
        "z": Threshold(3, 0, 100),
        "least": Threshold(100, 10, 1_000_000),
    },
)
LINE = Check(
    "age_at_a_line",
    WARNING,
    "Ages gather at a line of the law",
    "{count} people are {age}, beside {around} a year on average around it.",
    "Ask for papers: a year up or down decides who counts.",
    {"ratio": Threshold(1.5, 1, 100), "z": Threshold(3, 0, 100), "least": Threshold(30, 1, 1_000_000)},
)
CHECKS = (HEAPING, LINE)

FIRST, LAST = 23, 62
LINES = (15, 25, 35, 60)
"""Ages at which a person begins or ceases to count (Decree 20/2014/NĐ-CP)."""

_ROUND, _FIFTH = 5, 0.2


def whipple(asked: Mapping[int, int]) -> tuple[float, int]:
    """Whipple's index of the numbers asked of people of 23 to 62, and how many people they are."""
    people = sum(asked.values())
    heaped = sum(count for number, count in asked.items() if number % _ROUND == 0)
    return (100 * heaped / (_FIFTH * people) if people else 0.0), people


def by_chance(index: float, people: int) -> float:
    """How many standard errors an index lies from 100."""
    return (index / 100 - 1) * _FIFTH / math.sqrt(_FIFTH * (1 - _FIFTH) / people) if people else 0.0


def gathered(ages: Mapping[int, int], numbers: Mapping[str, float]) -> Iterator[tuple[int, int, float]]:
    """Age of a line, how many are of that age, and how many a year around it."""
    for age in LINES:
        mine, around = ages.get(age, 0), (ages.get(age - 1, 0) + ages.get(age + 1, 0)) / 2
        if 2 * around < numbers["least"] or mine <= numbers["ratio"] * around:
            continue
        # Two counts by chance: the one, and the mean of two.
        if (mine - around) / math.sqrt(mine + around / 2) > numbers["z"]:
            yield age, mine, around


class AgeHeaping(Watch):
    """Counts ages by enumerator, and in each commune."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        roles = survey.roles
        self._birth, self._age = roles.path("birth"), roles.path("age")
        self._by_sender: dict[str, Counter[tuple[int, int]]] = {}
        self._commune: Counter[tuple[int, int]] = Counter()

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        path = self._birth or self._age
        table = block.table_of(path)
        if table is None:
            return ()
        years = {one.number: one.reported_on.year for one in block.interviews if one.reported_on}
        rows = zip(table.records, block.senders(table), table.column(path), strict=True)
        for (sender, year, asked), count in Counter(
            (sender, years.get(record), value) for record, sender, value in rows
        ).items():
            number = as_number(None if asked is None else str(asked)[:4])
            if number is None or year is None:
                continue
            age = int(year - number) if self._birth else int(number)
            pair = (int(number), age)
            self._commune[pair] += count
            self._by_sender.setdefault(sender, Counter())[pair] += count
        return ()

    def commune_seen(self, commune: str) -> Iterable[Found]:
        """A commune whose ages gather."""
        found = list(self._verdict(self._commune, f"place:{commune}", commune)) if commune else []
        self._commune.clear()
        return found

    def all_seen(self) -> Iterable[Found]:
        """Enumerators whose ages gather."""
        for sender, counts in self._by_sender.items():
            if sender:
                yield from self._verdict(counts, sender, None)

    def _verdict(self, counts: Counter[tuple[int, int]], subject: str, place: str | None) -> Iterator[Found]:
        asked: Counter[int] = Counter()
        ages: Counter[int] = Counter()
        for (number, age), count in counts.items():
            ages[age] += count
            if FIRST <= age <= LAST:
                asked[number] += count
        if self._survey.on(HEAPING.code):
            yield from self._heaped(asked, subject, place)
        if self._survey.on(LINE.code):
            for age, mine, around in gathered(ages, self._survey.numbers(LINE.code)):
                details = {"age": str(age), "count": str(mine), "around": f"{around:g}"}
                yield Found(
                    LINE.code,
                    path=self._age or self._birth or "",
                    subject=subject,
                    variant=str(age),
                    value=str(mine),
                    expected=f"{around:g}",
                    form=self._survey.form,
                    place_code=place,
                    details=details,
                )

    def _heaped(self, asked: Counter[int], subject: str, place: str | None) -> Iterator[Found]:
        numbers = self._survey.numbers(HEAPING.code)
        index, people = whipple(asked)
        if people < numbers["least"] or index <= numbers["index"] or by_chance(index, people) <= numbers["z"]:
            return
        yield Found(
            HEAPING.code,
            path=self._birth or self._age or "",
            subject=subject,
            value=f"{index:.0f}",
            expected="100",
            severity=ERROR if index > numbers["severe"] else WARNING,
            form=self._survey.form,
            place_code=place,
            details={"index": f"{index:.0f}", "people": str(people)},
        )
