"""The arithmetic of the checks, held against the standard library and against figures of textbooks."""

from __future__ import annotations

import math
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from forms.checks.spread import (
    chi_square,
    chi_square_tail,
    cramer_v,
    fences,
    median_deviation,
    moments,
    place_in,
    quartiles,
    robust_z,
    share_z,
    welch_t,
)

NUMBERS = some.lists(some.integers(-1000, 1000).map(float), min_size=2, max_size=60)


@given(NUMBERS)
def test_middle_and_quartiles_are_those_of_the_standard_library(numbers: list[float]) -> None:
    counts = Counter(numbers)
    first, middle, third = statistics.quantiles(numbers, n=4, method="inclusive")
    assert quartiles(counts) == pytest.approx((first, third))
    assert place_in(counts, 0.5) == pytest.approx(middle)


@given(NUMBERS)
def test_mean_and_variance_are_those_of_the_standard_library(numbers: list[float]) -> None:
    found = moments(Counter(numbers))
    assert found.count == len(numbers)
    assert found.mean == pytest.approx(statistics.fmean(numbers))
    assert found.variance == pytest.approx(statistics.variance(numbers))


def test_fences_stand_as_far_out_as_they_are_told() -> None:
    counts = Counter(map(float, range(1, 10)))
    assert quartiles(counts) == (3, 7)
    assert fences(counts, 1.5) == (-3, 13)
    assert fences(counts, 3) == (-9, 19)
    assert fences(Counter({5.0: 30, 9.0: 1}), 1.5) is None


def test_the_robust_z_of_a_number() -> None:
    middle, deviation = median_deviation(Counter(map(float, [1, 1, 2, 2, 4, 6, 9])))
    assert (middle, deviation) == (2, 1)
    assert robust_z(9, middle, deviation) == pytest.approx(0.6745 * 7)
    assert robust_z(9, middle, 0) is None


def test_welchs_t_of_two_means() -> None:
    # Worked by hand: means 20 and 22.5, variances 14/3 and 5/3, of 4 each.
    one, other = moments(Counter([17.0, 20.0, 21.0, 22.0])), moments(Counter([21.0, 22.0, 23.0, 24.0]))
    assert (one.mean, other.mean) == (20, 22.5)
    assert one.variance == pytest.approx(14 / 3)
    assert welch_t(one, other) == pytest.approx(-2.5 / math.sqrt(14 / 3 / 4 + 5 / 3 / 4))
    assert welch_t(moments(Counter([1.0, 1.0])), moments(Counter([2.0, 2.0]))) is None


@pytest.mark.parametrize(
    ("freedom", "statistic"),
    [(1, 3.841459), (2, 5.991465), (3, 7.814728), (4, 9.487729), (7, 14.067140), (10, 18.307038)],
)
def test_five_percent_of_chi_squares_lie_beyond_the_figures_of_the_tables(
    freedom: int, statistic: float
) -> None:
    assert chi_square_tail(statistic, freedom) == pytest.approx(0.05, rel=1e-6)


def test_chi_square_and_cramers_v_of_a_table() -> None:
    table = [[10, 20, 0], [20, 10, 0]]
    statistic, freedom = chi_square(table)
    assert statistic == pytest.approx(20 / 3)
    assert freedom == 1
    assert cramer_v(20 / 3, table) == pytest.approx(1 / 3)


def test_the_share_of_one_enumerator_beside_that_of_all() -> None:
    assert share_z(10, 100, 0.05) == pytest.approx(0.05 / math.sqrt(0.05 * 0.95 / 100))
    assert share_z(1, 0, 0.5) is None
    assert share_z(1, 10, 0.0) is None
