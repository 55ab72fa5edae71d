"""How numbers and answers are spread: what is usual, and how far something lies from it.

Source: Iglewicz and Hoaglin (robust z), Tukey (fences), Welch (two means), Pearson and Cramér (two tables).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

ROBUST: Final = 0.6745
"""What makes the median deviation of a normal distribution as long as its standard deviation."""

Counts = Mapping[float, int]
"""How often each number occurs."""


def place_in(counts: Counts, share: float) -> float:
    """The number below which that share of all lies, between two neighbours in proportion.

    `share` 0.5 is the median; the same as `statistics.quantiles(…, method="inclusive")`. Raises ValueError
    where there is nothing.
    """
    values = sorted(counts)
    ends = list(accumulate(counts[value] for value in values))
    if not ends:
        raise ValueError("nothing to find the middle of")
    position = share * (ends[-1] - 1)
    below = math.floor(position)
    lower, upper = _ranked(values, ends, below), _ranked(values, ends, min(below + 1, ends[-1] - 1))
    return lower + (upper - lower) * (position - below)


def _ranked(values: Sequence[float], ends: Sequence[int], rank: int) -> float:
    return next(value for value, end in zip(values, ends, strict=True) if rank < end)


def quartiles(counts: Counts) -> tuple[float, float]:
    """First and third quartile."""
    return place_in(counts, 0.25), place_in(counts, 0.75)


def fences(counts: Counts, times: float) -> tuple[float, float] | None:
    """What lies outside is `times` the distance of the quartiles away from them; None where that is 0."""
    first, third = quartiles(counts)
    reach = times * (third - first)
    return (first - reach, third + reach) if reach else None


def median_deviation(counts: Counts) -> tuple[float, float]:
    """The median, and the median of the distances from it."""
    middle = place_in(counts, 0.5)
    distances: dict[float, int] = {}
    for value, count in counts.items():
        distance = abs(value - middle)
        distances[distance] = distances.get(distance, 0) + count
    return middle, place_in(distances, 0.5)


def robust_z(value: float, middle: float, deviation: float) -> float | None:
    """How many (robust) standard deviations a number lies from the middle; None where all lie on it."""
    return ROBUST * (value - middle) / deviation if deviation else None


@dataclass(frozen=True, slots=True)
class Moments:
    """How many numbers, their mean and their variance (of a sample)."""

    count: int
    mean: float
    variance: float


def moments(counts: Counts) -> Moments:
    """The moments of counted numbers; the variance of a single one is 0."""
    number = sum(counts.values())
    if not number:
        return Moments(0, 0.0, 0.0)
    mean = math.fsum(value * count for value, count in counts.items()) / number
    squares = math.fsum(count * (value - mean) ** 2 for value, count in counts.items())
    return Moments(number, mean, squares / (number - 1) if number > 1 else 0.0)


def welch_t(one: Moments, other: Moments) -> float | None:
    """Welch's t of two means; None where neither group varies."""
    if not (one.count and other.count):
        return None
    error = one.variance / one.count + other.variance / other.count
    return (one.mean - other.mean) / math.sqrt(error) if error else None


def chi_square(rows: Sequence[Sequence[int]]) -> tuple[float, int]:
    """Pearson's chi-square of a table and its degrees of freedom; empty rows and columns do not count."""
    rows = [row for row in rows if sum(row)]
    columns = [sum(column) for column in zip(*rows, strict=True)]
    total = sum(columns)
    statistic = 0.0
    for row in rows:
        for count, column in zip(row, columns, strict=True):
            if column:
                due = sum(row) * column / total
                statistic += (count - due) ** 2 / due
    return statistic, max(len(rows) - 1, 0) * max(sum(map(bool, columns)) - 1, 0)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """How likely chance alone gives a chi-square of at least that."""
    if freedom < 1 or statistic <= 0:
        return 1.0
    half = statistic / 2
    # The incomplete gamma function at whole and half numbers is a finite sum.
    if freedom % 2:
        tail = math.erfc(math.sqrt(half))
        term = math.sqrt(half / math.pi) * 2 * math.exp(-half) if freedom > 1 else 0.0
        order = 1.5
    else:
        tail, term, order = 0.0, math.exp(-half), 1.0
    for _ in range((freedom - freedom % 2) // 2):
        tail += term
        term *= half / order
        order += 1
    return min(tail, 1.0)


def cramer_v(statistic: float, rows: Sequence[Sequence[int]]) -> float:
    """Cramér's V: how strongly rows and columns hang together, 0 to 1."""
    filled = [row for row in rows if sum(row)]
    columns = sum(1 for column in zip(*filled, strict=True) if sum(column))
    least = min(len(filled), columns) - 1
    total = sum(map(sum, filled))
    return math.sqrt(statistic / (total * least)) if least > 0 and total else 0.0


def share_z(part: int, number: int, share: float) -> float | None:
    """How far the share of `part` in `number` lies from a share of all, in standard errors."""
    error = math.sqrt(share * (1 - share) / number) if number else 0.0
    return (part / number - share) / error if error else None
