"""⑨ k-anonymity: columns are taken one after the other, and an answer stays where enough others gave it too.

Rows that are alike so far make a group. In each group an answer stays that at least k gave; what is left is
blanked, and where that would be fewer than k rows, the answer that the fewest gave is blanked with them. So
every group has k or more after every column, whatever comes: there is no search, and the same rows always
give the same result.
Source: k-anonymity by local suppression, L. Sweeney, doi:10.1142/S021848850200165X.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


class Sieve:
    """The rows of one table on their way through the columns.

    `groups` are those the rows begin in (a repeat's: where its parents ended), `units` whom a row is about:
    rows of one unit count once. Only rows that `may` stay are looked at; what is alike with fewer than k
    units from the start is not `alive`, unless `all_stay`.
    """

    def __init__(self, groups: Ids, units: Ids, may: Flags, k: int, *, all_stay: bool = False) -> None:
        self._units = units
        self._most = int(units.max(initial=0)) + 1
        self._k = k
        self.alive: Flags = may
        _keys, counts, places = self._counted(groups, may)
        if may.any() and not all_stay:
            self.alive = may & (counts >= k)[places]
        self.groups: Ids = groups

    def take(self, values: Ids, least: int | None = None) -> Flags:
        """Let a column through: which rows keep theirs (0 is blank and keeps).

        An answer stays where `least` units gave it, k or more.
        """
        enough = max(self._k, least or 0)
        width = int(values.max(initial=0)) + 1
        if not self.alive.any():
            nobody: Flags = values == 0
            return nobody
        keys, counts, places = self._counted(self.groups * width + values, self.alive)
        owners, answers = keys // width, keys % width
        kept = (answers > 0) & (counts >= enough)
        self._fill_up(kept, owners, counts, places, enough)
        stays: Flags = kept[places] & self.alive
        passed = np.where(stays, values, 0)
        _keys, self.groups = np.unique(self.groups * width + passed, return_inverse=True)
        passes: Flags = stays | (values == 0)
        return passes

    def _fill_up(self, kept: Flags, owners: Ids, counts: Ids, places: Ids, enough: int) -> None:
        """Where fewer than enough are blank, the rarest answer of the group that stayed goes too."""
        blank = self.alive & ~kept[places]
        if not blank.any():
            return
        groups, blanks, _places = self._counted(self.groups, blank)
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
        _keys, counts, _places = self._counted(self.groups, self.alive)
        return int(counts.min(initial=len(self._units))) if self.alive.any() else 0

    def _counted(self, keys: Ids, which: Flags) -> tuple[Ids, Ids, Ids]:
        """Different keys, how many units among `which` rows have them, and where each row's stands."""
        several, places = np.unique(keys, return_inverse=True)
        pairs = np.unique(places[which] * self._most + self._units[which])
        counts = np.bincount(pairs // self._most, minlength=len(several))
        met = np.flatnonzero(np.bincount(places[which], minlength=len(several)))
        if len(met) == len(several):
            return several, counts, places
        where = np.zeros(len(several), np.int64)
        where[met] = np.arange(len(met))
        return several[met], counts[met], where[places]


def rare(groups: Ids, units: Ids, k: int) -> Flags:
    """Which rows are alike with fewer than k units."""
    most = int(units.max(initial=0)) + 1
    several, places = np.unique(groups, return_inverse=True)
    pairs = np.unique(places * most + units)
    return np.asarray((np.bincount(pairs // most, minlength=len(several)) < k)[places])


def joined(groups: Ids, values: Ids) -> Ids:
    """Groups told apart by one more column."""
    width = int(values.max(initial=0)) + 1
    _keys, places = np.unique(groups * width + values, return_inverse=True)
    return np.asarray(places, np.int64)
