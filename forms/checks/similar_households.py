"""Q11 · Two households of a village that may be one: heads of nearly the same name and age, or one dwelling.

The same name and years of birth up to `years` apart; names one letter apart and years up to `near_years`;
positions closer than `metres` with heads of one family name. Names are compared without marks and capitals.
Roles: `head` (name, year of birth), `household`, `gps`.
Silent when: name and year are exactly the same, which is `duplicate_id`; both are visits of one household.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Point, Survey, Watch, last_records
from forms.checks.positions import metres
from forms.checks.ranges import as_number
from forms.vietnamese import folded

CHECK = Check(
    "Q11",
    WARNING,
    "Q11 Perhaps one household twice",
    "Perhaps one household twice: {x} and {y}.",
    "A person decides: if they are one, mark the later record as a duplicate.",
    {
        "years": Threshold(1, 0, 10),
        "near_years": Threshold(2, 0, 10),
        "metres": Threshold(8, 0, 1_000),
    },
)
CHECKS = (CHECK,)

_DEGREE = 111_000.0
"""Metres of a degree of latitude, at least."""


@dataclass(frozen=True, slots=True)
class Home:
    """A household by its last record: its head, as written and folded, and where it lies."""

    record: int
    shown: str
    name: str
    birth: float
    point: Point | None = None

    @property
    def family(self) -> str:
        """The family name of the head."""
        return self.name.partition(" ")[0]


def alike(one: Home, other: Home, numbers: Mapping[str, float]) -> bool:
    """Whether two heads may be one by name and year of birth."""
    apart = abs(one.birth - other.birth)
    if one.name == other.name:
        return 0 < apart <= max(numbers["years"], numbers["near_years"])
    return apart <= numbers["near_years"] and Levenshtein.distance(one.name, other.name, score_cutoff=1) <= 1


def one_dwelling(one: Home, other: Home, numbers: Mapping[str, float]) -> bool:
    """Whether two households of one family name stand on one spot."""
    if one.point is None or other.point is None or one.family != other.family:
        return False
    same = (one.name, one.birth) == (other.name, other.birth)
    return not same and metres(one.point, other.point) < numbers["metres"]


def pairs(homes: Sequence[Home], numbers: Mapping[str, float]) -> Iterator[tuple[Home, Home]]:
    """The pairs that may be one, each once."""
    seen: set[tuple[int, int]] = set()
    years = max(numbers["years"], numbers["near_years"])
    for one, other in _near(homes, lambda home: home.birth, years):
        if alike(one, other, numbers):
            seen.add((one.record, other.record))
            yield one, other
    placed = [home for home in homes if home.point is not None]
    for one, other in _near(placed, _latitude, numbers["metres"] / _DEGREE):
        key = (one.record, other.record)
        if key not in seen and key[::-1] not in seen and one_dwelling(one, other, numbers):
            yield one, other


def _latitude(home: Home) -> float:
    return home.point.latitude if home.point else math.nan


def _near(homes: Sequence[Home], by: Callable[[Home], float], reach: float) -> Iterator[tuple[Home, Home]]:
    """All pairs that lie at most `reach` apart in one number."""
    ordered = sorted(homes, key=by)
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if by(other) - by(one) > reach:
                break
            yield one, other


class SimilarHouseholds(Watch):
    """Compares the households of a village."""

    def __init__(self, survey: Survey) -> None:
        self._numbers = survey.numbers(CHECK.code)
        self._head = survey.roles.paths("head")

    def see(self, block: Block) -> Iterable[Found]:
        """The pairs of a village."""
        for one, other in pairs(list(self._homes(block)), self._numbers):
            first, second = sorted((one, other), key=lambda home: home.record)
            details = {"x": first.shown, "y": second.shown}
            records = (second.record, first.record)
            yield Found(CHECK.code, records, self._head[0], value=second.shown, details=details)

    def _homes(self, block: Block) -> Iterator[Home]:
        if len(self._head) < 2:  # noqa: PLR2004 - a name and a year
            return
        last = last_records(block.interviews)
        names, births = (block.root.column(path) for path in self._head[:2])
        for one, name, birth in zip(block.interviews, names, births, strict=True):
            year = as_number(birth)
            if one.number in last and name and year is not None:
                yield Home(one.number, f"{name} ({year:g})", folded(str(name)), year, one.point)
