"""⑨ Counts that stand for too few persons, and those from which they could be worked out.

A count from 1 to 4 is hidden. Where a sum is known (both sexes together, all communes of the province), one
hidden part could be found by taking away: so in each sum at least two parts are hidden, which stand for 5
persons or more together; the smallest that is shown goes next. 0 is told: it is about nobody.
Source: the rule of the least number and its complement, as statistical offices use it for tables of counts.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from forms.protection.policy import FEWEST

Key: TypeAlias = Hashable
K = TypeVar("K", bound=Key)

_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Counted:
    """A cell: its key, how many persons it stands for, and the names of the sums it is a part of.

    `counts` are all the numbers it shows; each has to be large enough.
    """

    key: Key
    counts: tuple[float, ...]
    sums: tuple[Key, ...] = ()

    @property
    def least(self) -> float:
        """The smallest number that is about anybody; 0 where none is."""
        return min((count for count in self.counts if count > 0), default=0)


def hidden(cells: Iterable[Counted], fewest: int = FEWEST) -> frozenset[Key]:
    """The keys of the cells that are not shown; the same for the same cells in any order."""
    ordered = sorted(cells, key=lambda cell: (cell.least, repr(cell.key)))
    away = {cell.key for cell in ordered if 0 < cell.least < fewest}
    parts: dict[Key, list[Counted]] = defaultdict(list)
    for cell in ordered:
        for name in cell.sums:
            parts[name].append(cell)
    waiting = deque(sorted({name for cell in ordered if cell.key in away for name in cell.sums}, key=repr))
    while waiting:
        name = waiting.popleft()
        for cell in _more(parts[name], away, fewest):
            away.add(cell.key)
            waiting.extend(other for other in cell.sums if other != name)
    return frozenset(away)


def _more(parts: Collection[Counted], away: Collection[Key], fewest: int) -> list[Counted]:
    """What has to go beside what is hidden of a sum: the smallest cells about somebody first."""
    gone = [cell for cell in parts if cell.key in away]
    if not gone:
        return []
    rest = [cell for cell in parts if cell.key not in away]
    rest.sort(key=lambda cell: cell.least == 0)
    more: list[Counted] = []
    for cell in rest:
        together = [*gone, *more]
        enough = sum(one.least for one in together) >= fewest
        if enough and len(together) >= _PAIR:
            break
        more.append(cell)
    return more


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator in one place, period and split (`m_sex=2`); `parent` is the place around, "" for none."""

    code: str
    period: str
    place: str
    parent: str
    split: str
    numerator: float | None
    denominator: float | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it apart: code, period, place, split."""
        return self.code, self.period, self.place, self.split


def hidden_figures(
    figures: Iterable[Figure], about_persons: Callable[[str], bool] = lambda _code: True
) -> frozenset[Key]:
    """Keys of the split figures that are not shown.

    Whole places and splits by a class of places (`@border`, `!target`) are shown: they tell apart no
    persons. `about_persons` says of an indicator whether it counts any. Of a share, who is in it, who is
    not, and how many there are at all have to be enough.
    """
    return hidden(_cell(one) for one in figures if _splits(one.split) and about_persons(one.code))


def _splits(split: str) -> bool:
    return bool(split) and not split.startswith(("@", "!"))


def _cell(one: Figure) -> Counted:
    name = one.split.partition("=")[0]
    above = one.numerator or 0.0
    counts = [above]
    if one.denominator is not None:
        counts += [one.denominator, one.denominator - above]
    sums = [("split", one.code, one.period, one.place, name)]
    if one.parent:
        sums.append(("places", one.code, one.period, one.parent, one.split))
    return Counted(one.key, tuple(counts), tuple(sums))
