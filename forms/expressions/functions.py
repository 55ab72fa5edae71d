"""The functions an expression may call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Function:
    """How many values a function takes (`most` None: any number), as what it reads them, what it gives.

    `reads` and `gives` are None where that depends on what it is given. `copies` and `height` estimate
    its SQL: how often that repeats what it is given, and how far down it puts it.
    """

    least: int
    most: int | None
    reads: Kind | None
    gives: Kind | None
    copies: int = 1
    height: int = 4

    @property
    def takes(self) -> str:
        """The number of values, for a person: `2`, `1–2`, `2+`."""
        if self.most is None:
            return f"{self.least}+"
        return f"{self.least}" if self.least == self.most else f"{self.least}–{self.most}"


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(1, 1, Kind.NUMBER, Kind.NUMBER),
    "boolean": Function(1, 1, Kind.TRUTH, Kind.TRUTH, height=0),
    "coalesce": Function(2, 2, None, None, copies=2, height=6),
    "concat": Function(1, None, Kind.TEXT, Kind.TEXT, copies=16),
    "contains": Function(2, 2, Kind.TEXT, Kind.TRUTH, copies=2, height=10),
    "count": Function(1, 1, None, Kind.NUMBER),
    "count-non-empty": Function(1, 1, None, Kind.NUMBER),
    "count-selected": Function(1, 1, Kind.TEXT, Kind.NUMBER, copies=6, height=22),
    "date": Function(1, 1, Kind.TEXT, Kind.DATE, copies=12),
    "decimal-date-time": Function(1, 1, Kind.DATE, Kind.NUMBER, copies=40, height=30),
    "ends-with": Function(2, 2, Kind.TEXT, Kind.TRUTH, copies=3, height=12),
    "false": Function(0, 0, None, Kind.TRUTH),
    "format-date": Function(2, 2, Kind.DATE, Kind.TEXT, copies=16, height=18),
    "if": Function(3, 3, None, None, height=6),
    "int": Function(1, 1, Kind.NUMBER, Kind.NUMBER, copies=4, height=14),
    "max": Function(1, None, Kind.NUMBER, Kind.NUMBER, copies=4, height=6),
    "min": Function(1, None, Kind.NUMBER, Kind.NUMBER, copies=4, height=6),
    "normalize-space": Function(1, 1, Kind.TEXT, Kind.TEXT, height=22),
    "not": Function(1, 1, Kind.TRUTH, Kind.TRUTH),
    "now": Function(0, 0, None, Kind.DATE),
    "number": Function(1, 1, Kind.NUMBER, Kind.NUMBER, height=0),
    "once": Function(1, 1, None, None),
    "position": Function(1, 1, None, Kind.NUMBER),
    "regex": Function(2, 2, Kind.TEXT, Kind.TRUTH, copies=2, height=14),
    "round": Function(1, 2, Kind.NUMBER, Kind.NUMBER, copies=5, height=16),
    "selected": Function(2, 2, Kind.TEXT, Kind.TRUTH, copies=2, height=14),
    "selected-at": Function(2, 2, Kind.TEXT, Kind.TEXT, copies=2, height=26),
    "starts-with": Function(2, 2, Kind.TEXT, Kind.TRUTH, copies=2, height=10),
    "string": Function(1, 1, Kind.TEXT, Kind.TEXT, height=0),
    "string-length": Function(1, 1, Kind.TEXT, Kind.NUMBER, height=8),
    "substring-after": Function(2, 2, Kind.TEXT, Kind.TEXT, copies=3, height=14),
    "substring-before": Function(2, 2, Kind.TEXT, Kind.TEXT, copies=3, height=14),
    "sum": Function(1, 1, None, Kind.NUMBER),
    "today": Function(0, 0, None, Kind.DATE),
    "true": Function(0, 0, None, Kind.TRUTH),
}

GATHERING = frozenset({"count", "count-non-empty", "sum"})
"""Functions of the rows of a repeat; min() and max() are so as well when given one question of a repeat."""
