"""Rows of a province as numbers: two of them make a key that fits, different keys are numbered in order."""

from __future__ import annotations

import numpy as np
import pytest

from forms.protection.sieve import different, joined, keys_of, numbered, rare


def _ids(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, np.int32)


def test_a_group_and_an_answer_make_a_key_though_both_are_large() -> None:
    # A million households, and an answer of which twenty thousand are different.
    groups, values = _ids(1_299_999, 1_299_999, 0, 1_299_998), _ids(20_000, 19_999, 20_000, 20_000)
    keys, width = keys_of(groups, values)
    assert (keys // width).tolist() == groups.tolist()
    assert (keys % width).tolist() == values.tolist()
    assert joined(groups, values).tolist() == [3, 2, 0, 1]


@pytest.mark.parametrize("keys", [[], [7], [3, 1, 3, 2, 1, 3], [5, 5, 5], [2**40, -1, 2**40, 0]])
def test_different_keys_are_numbered_in_their_order(keys: list[int]) -> None:
    several, places = numbered(np.array(keys, np.int64))
    expected, inverse = np.unique(np.array(keys, np.int64), return_inverse=True)
    assert several.tolist() == expected.tolist() == different(np.array(keys, np.int64)).tolist()
    assert places.tolist() == inverse.tolist()
    assert places.dtype == np.int32


def test_rows_of_one_household_count_once() -> None:
    groups, units = _ids(1, 1, 1, 2, 2), _ids(1, 1, 1, 2, 3)
    assert rare(groups, units, 2).tolist() == [True, True, True, False, False]
