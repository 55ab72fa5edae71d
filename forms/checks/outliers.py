"""16 and 17 · Numbers far from all others: by the quartiles, and by the median deviation.

Fences: `times` the distance of the quartiles below the first or above the third; beyond `severe` times it
is an error. Robust z: 0.6745 · (number − median) ÷ median deviation; of skewed numbers the logarithm.
Roles: `outliers` (fences), `robust` and `robust_log` (robust z): questions with a number.
A number is compared with those of its commune where there are `least`, else with all of the survey.
Silent when: the quartiles (the deviation) lie together; the number stands just on the fence.
Keeps: the numbers of one commune, those of communes too small to compare, and how often each occurs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forms.checks.check import ERROR, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.ranges import as_number
from forms.checks.spread import Counts, fences, median_deviation, robust_z

FENCES = Check(
    "outlier_quartiles",
    WARNING,
    "Number far from the others",
    "The number {value} lies outside of {low} to {high}, where nearly all lie.",
    "Ask again; accept it with a reason if it is right.",
    {"times": Threshold(1.5, 0, 100), "severe": Threshold(3, 0, 100), "least": Threshold(30, 4, 100_000)},
)
ROBUST = Check(
    "outlier_robust",
    WARNING,
    "Number that stands alone",
    "The number {value} lies {z} usual deviations from the middle, {middle}.",
    "Ask again; accept it with a reason if it is right.",
    {"z": Threshold(3.5, 0, 100), "least": Threshold(30, 4, 100_000)},
)
CHECKS = (FENCES, ROBUST)


@dataclass(frozen=True, slots=True)
class Outlier:
    """A number that stands out: `at` in its list, beyond which fences, and whether by far."""

    at: int
    low: float
    high: float
    severe: bool


def beyond_fences(numbers: Sequence[float], among: Counts, times: float, severe: float) -> Iterator[Outlier]:
    """The numbers beyond the fences of those they are `among`."""
    inner, outer = fences(among, times), fences(among, severe)
    if inner is None or outer is None:
        return
    for at, value in enumerate(numbers):
        if not inner[0] <= value <= inner[1]:
            yield Outlier(at, *inner, not outer[0] <= value <= outer[1])


def far_from_middle(
    numbers: Sequence[float], among: Counts, most: float, *, logarithm: bool
) -> Iterator[tuple[int, float, float]]:
    """Place, robust z and the median: the numbers that lie further than `most` from it.

    With `logarithm` what is not above 0 is left out.
    """
    scaled = _logarithms(among) if logarithm else among
    if not scaled:
        return
    middle, deviation = median_deviation(scaled)
    for at, number in enumerate(numbers):
        if number > 0 or not logarithm:
            z = robust_z(math.log(number) if logarithm else number, middle, deviation)
            if z is not None and abs(z) > most:
                yield at, z, math.exp(middle) if logarithm else middle


def _logarithms(counts: Counts) -> Counts:
    return {math.log(value): count for value, count in counts.items() if value > 0}


Rows = list[tuple[int, str, float]]


class Outliers(Watch):
    """Gathers the numbers of a commune."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        roles = survey.roles
        self._fenced = roles.paths("outliers") if survey.on(FENCES.code) else []
        robust = survey.on(ROBUST.code)
        self._robust = {path: False for path in roles.paths("robust") if robust}
        self._robust |= {path: True for path in roles.paths("robust_log") if robust}
        paths = dict.fromkeys((*self._fenced, *self._robust))
        self._rows: dict[str, Rows] = {path: [] for path in paths}
        self._left: dict[str, Rows] = {path: [] for path in paths}
        self._all: dict[str, Counter[float]] = {path: Counter() for path in paths}

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for path, rows in self._rows.items():
            table = block.table_of(path)
            if table is not None:
                for record, key, value in zip(table.records, table.keys, table.column(path), strict=True):
                    number = as_number(value)
                    if number is not None:
                        rows.append((record, key, number))
        return ()

    def commune_seen(self, commune: str) -> Iterable[Found]:
        """The numbers that stand out in a commune that has enough of them."""
        del commune
        least = min(self._survey.numbers(check.code)["least"] for check in CHECKS)
        for path, rows in self._rows.items():
            counts = Counter(value for _record, _key, value in rows)
            self._all[path].update(counts)
            if len(rows) >= least:
                yield from self._found(path, rows, counts)
            else:
                self._left[path] += rows
            rows.clear()

    def all_seen(self) -> Iterable[Found]:
        """Those of small communes, among all of the survey."""
        for path, rows in self._left.items():
            yield from self._found(path, rows, self._all[path])

    def _found(self, path: str, rows: Rows, among: Counter[float]) -> Iterator[Found]:
        total = among.total()
        if path in self._fenced and total >= self._survey.numbers(FENCES.code)["least"]:
            yield from self._beyond(path, rows, among)
        if path in self._robust and total >= self._survey.numbers(ROBUST.code)["least"]:
            yield from self._alone(path, rows, among)

    def _beyond(self, path: str, rows: Rows, among: Counts) -> Iterator[Found]:
        numbers = self._survey.numbers(FENCES.code)
        values = [value for _record, _key, value in rows]
        for one in beyond_fences(values, among, numbers["times"], numbers["severe"]):
            record, key, value = rows[one.at]
            details = {"value": f"{value:g}", "low": f"{one.low:g}", "high": f"{one.high:g}"}
            yield Found(
                FENCES.code,
                (record,),
                path,
                key,
                f"{value:g}",
                f"{one.low:g}–{one.high:g}",
                variant=f"{value:g}",
                severity=ERROR if one.severe else WARNING,
                details=details,
            )

    def _alone(self, path: str, rows: Rows, among: Counts) -> Iterator[Found]:
        most = self._survey.numbers(ROBUST.code)["z"]
        values = [value for _record, _key, value in rows]
        for at, z, middle in far_from_middle(values, among, most, logarithm=self._robust[path]):
            record, key, value = rows[at]
            details = {"value": f"{value:g}", "z": f"{abs(z):.1f}", "middle": f"{middle:g}"}
            yield Found(
                ROBUST.code,
                (record,),
                path,
                key,
                f"{value:g}",
                f"{middle:g}",
                variant=f"{value:g}",
                details=details,
            )
