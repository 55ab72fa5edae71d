"""Places beside each other as bars: how long each is, where the target stands, how far each is from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.desk.figure_rows import Row
from storage.queries.cell_rows import CellRow

LONGEST = 100.0
"""Units of the longest bar."""

_DOWN = frozenset({"at_most"})
"""Comparisons that less is better for."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The scale of bars. `top` is the value of the longest one, `aim` that of the wider target, None: none.

    `less`: the target is an upper bound.
    """

    top: float
    aim: float | None
    less: bool

    def length(self, cell: CellRow) -> float:
        """How long a bar is, of 100."""
        return round(LONGEST * max(0.0, cell.value or 0.0) / self.top, 1)

    def goal(self, cell: CellRow) -> float | None:
        """The value a place is to reach: its own target, else the one of the place around it."""
        return self.aim if cell.target_value is None else cell.target_value

    def mark(self, cell: CellRow) -> float | None:
        """Where along the bar that stands, of 100; None where there is none."""
        goal = self.goal(cell)
        return None if goal is None else round(min(LONGEST, LONGEST * max(0.0, goal) / self.top), 1)

    def gap(self, cell: CellRow) -> float | None:
        """How far a place is from what it is to reach, below 0 once past it; None where that is unknown."""
        goal = self.goal(cell)
        if goal is None or cell.value is None:
            return None
        return cell.value - goal if self.less else goal - cell.value


def bars_of(row: Row, several: Sequence[CellRow]) -> Bars:
    """The scale for the places of a figure; only a share's target holds for parts of the place too."""
    target = row.target if row.target is not None and not row.target.is_duty else None
    aim = target.value if target is not None and row.indicator.is_ratio and not row.of_part else None
    values = [one.value or 0.0 for one in several] + [one.target_value or 0.0 for one in several]
    least = (
        LONGEST if row.indicator.unit == "%" and max([*values, aim or 0.0], default=0.0) <= LONGEST else 0.0
    )
    top = max([*values, aim or 0.0, least]) or 1.0
    return Bars(top, aim, target is not None and target.comparison in _DOWN)
