"""⑨ k-anonymity: columns are taken one after the other, and an answer stays where enough others gave it too.

Rows that are alike so far make a group. In each group an answer stays that at least k gave; what is left is
blanked, and where that would be fewer than k rows, the answer that the fewest gave is blanked with them. So
every group has k or more after every column, whatever comes: there is no search, and the same rows always
give the same result. A province has more than a million rows, so numbers are of 32 bits where they are held
and of 64 only while two of them are one key.
Source: k-anonymity by local suppression, L. Sweeney, doi:10.1142/S021848850200165X.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int32]
Keys: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

_AT_A_TIME: Final = 100_000
"""Rows looked up at a time."""


def keys_of(groups: Ids, values: Ids) -> tuple[Keys, int]:
    """Two numbers of each row as one key, and by what it is to be divided for the first of them."""
    width = int(values.max(initial=0)) + 1
    keys = groups.astype(np.int64)
    keys *= width
    keys += values
    return keys, width


def numbered(keys: Keys) -> tuple[Keys, Ids]:
    """The different keys in order, and where each row's stands among them."""
    several = different(keys.copy())
    places = np.empty(len(keys), np.int32)
    for start in range(0, len(keys), _AT_A_TIME):
        some = slice(start, start + _AT_A_TIME)
        places[some] = np.searchsorted(several, keys[some])
    return several, places


def different(keys: Keys) -> Keys:
    """The different keys in order; `keys` are sorted in their place."""
    keys.sort()
    firsts = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=firsts[1:])
    return keys[firsts]


class Sieve:
    """The rows of one table on their way through the columns.

    `groups` are those the rows begin in (a repeat's: where its parents ended), `units` whom a row is about:
    rows of one unit count once. Only rows that `may` stay are looked at; what is alike with fewer than k
    units from the start is not `alive`, unless `all_stay`.
    """

    def __init__(self, groups: Ids, units: Ids, may: Flags, k: int, *, all_stay: bool = False) -> None:
        self._units = units
        self._k = k
        self.alive: Flags = may
        _keys, counts, places = self._counted(groups.astype(np.int64), may)
        if may.any() and not all_stay:
            self.alive = may & (counts >= k)[places]
        self.groups: Ids = groups

    def take(self, values: Ids, least: int | None = None) -> Flags:
        """Let a column through: which rows keep theirs (0 is blank and keeps).

        An answer stays where `least` units gave it, k or more.
        """
        enough = max(self._k, least or 0)
        if not self.alive.any():
            nobody: Flags = values == 0
            return nobody
        together, width = keys_of(self.groups, values)
        keys, counts, places = self._counted(together, self.alive)
        del together
        owners, answers = keys // width, keys % width
        kept = (answers > 0) & (counts >= enough)
        self._fill_up(kept, owners, counts, places, enough)
        stays: Flags = kept[places] & self.alive
        together, _width = keys_of(self.groups, np.where(stays, values, 0))
        _keys, self.groups = numbered(together)
        del together
        passes: Flags = stays | (values == 0)
        return passes

    def _fill_up(self, kept: Flags, owners: Keys, counts: Keys, places: Ids, enough: int) -> None:
        """Where fewer than enough are blank, the rarest answer of the group that stayed goes too."""
        blank = self.alive & ~kept[places]
        if not blank.any():
            return
        groups, blanks, _places = self._counted(self.groups.astype(np.int64), blank)
        short = groups[blanks < enough]
        if not len(short):
            return
        possible = np.flatnonzero(kept & np.isin(owners, short))
        ordered = possible[np.lexsort((possible, counts[possible], owners[possible]))]
        _groups, firsts = np.unique(owners[ordered], return_index=True)
        kept[ordered[firsts]] = False

    @property
    def smallest(self) -> int:
        """Units of the smallest group; 0 where no row is left."""
        _keys, counts, _places = self._counted(self.groups.astype(np.int64), self.alive)
        return int(counts.min(initial=len(self._units))) if self.alive.any() else 0

    def _counted(self, keys: Keys, which: Flags) -> tuple[Keys, Keys, Ids]:
        """Different keys, how many units among `which` rows have them, and where each row's stands."""
        several, places = numbered(keys)
        counts = _units_of(places[which], self._units[which], len(several))
        met = np.flatnonzero(counts)
        if len(met) == len(several):
            return several, counts, places
        where = np.zeros(len(several), np.int32)
        where[met] = np.arange(len(met), dtype=np.int32)
        return several[met], counts[met], where[places]


def rare(groups: Ids, units: Ids, k: int) -> Flags:
    """Which rows are alike with fewer than k units."""
    several, places = numbered(groups.astype(np.int64))
    few: Flags = _units_of(places, units, len(several)) < k
    return few[places]


def _units_of(places: Ids, units: Ids, number: int) -> Keys:
    """How many units each place has."""
    pairs, most = keys_of(places, units)
    # What was picked out for this alone is not needed while the keys are sorted.
    del places, units
    pairs = different(pairs)
    pairs //= most
    return np.asarray(np.bincount(pairs, minlength=number), np.int64)


def joined(groups: Ids, values: Ids) -> Ids:
    """Groups told apart by one more column."""
    keys, _width = keys_of(groups, values)
    return numbered(keys)[1]
