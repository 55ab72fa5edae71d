"""⑨ Numbers said more broadly: ages in the bands of the law on literacy, counts in steps.

Source: Decree 20/2014/NĐ-CP, articles 9 to 11 and 19 (ages 15–25, 15–35, 15–60); school ages 6, 11, 15, 18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forms.datasets.description import Value

Floats: TypeAlias = NDArray[np.float64]
Ids: TypeAlias = NDArray[np.int32]

AGES: Final = (
    (0, 3, 6, 11, 15, 18, 26, 36, 46, 61, 71),
    (0, 6, 15, 26, 36, 61),
    (0, 15, 61),
)
"""Where the bands begin, narrow ones first; each later row joins bands of the one before."""

STEPS: Final = (0, 1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Where the bands of other numbers begin."""

_OLDEST = 130


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands that begin at these numbers, the last one open."""

    starts: tuple[int, ...]

    def ids(self, numbers: Floats) -> Ids:
        """Which band each lies in, 1 the first; 0 for blanks and what lies below all."""
        found = np.searchsorted(np.asarray(self.starts, float), numbers, side="right")
        return np.where(np.isnan(numbers), 0, found).astype(np.int32)

    @property
    def codes(self) -> tuple[str, ...]:
        """Their codes: `15-17`, `71+`, a band of one number as that number."""
        ends = (*(start - 1 for start in self.starts[1:]), None)
        return tuple(
            f"{start}+" if end is None else f"{start}" if end == start else f"{start}-{end}"
            for start, end in zip(self.starts, ends, strict=True)
        )

    @property
    def values(self) -> tuple[Value, ...]:
        """The codes as a list of answers."""
        return tuple(Value(code, {"vi": code, "en": code}) for code in self.codes)


def age_bands(level: int) -> Bands:
    """The bands of ages, 0 the narrowest."""
    return Bands(AGES[level])


def ages_of(numbers: Floats, years: Floats, *, born: bool) -> Floats:
    """Ages from ages or, `born`, from years of birth and the year of the interview; nan for what is none."""
    ages = years - numbers if born else numbers
    with np.errstate(invalid="ignore"):
        return np.where((ages >= 0) & (ages <= _OLDEST), ages, np.nan)
