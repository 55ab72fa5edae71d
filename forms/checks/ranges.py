"""15 · Numbers outside of what can be, or of what is usual.

Roles: `hard_range`, `soft_range`: `question=least..most`, for people of some ages `question=0..5@6..10`.
Silent when: the number is just the limit; the age is not known and the range is for some ages only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from forms.checks.check import ERROR, WARNING, Check
from forms.checks.found import Found
from forms.checks.interviews import Block, Rows, Survey, Watch
from forms.checks.roles import Limits

IMPOSSIBLE = Check(
    "out_of_range",
    ERROR,
    "Number that cannot be",
    "The number {value} lies outside of {limits}.",
    "Ask again and correct it.",
)
UNUSUAL = Check(
    "unusual_number",
    WARNING,
    "Unusual number",
    "The number {value} lies outside of what is usual ({limits}).",
    "Ask again; accept it with a reason if it is right.",
)
CHECKS = (IMPOSSIBLE, UNUSUAL)


def outside(value: float, limits: Limits, age: float | None = None) -> bool:
    """Whether a number lies outside of limits that hold for people of that age."""
    if limits.ages is not None and (age is None or not limits.ages[0] <= age <= limits.ages[1]):
        return False
    low = limits.least is not None and value < limits.least
    return low or (limits.most is not None and value > limits.most)


def shown(limits: Limits) -> str:
    """Limits as people read them: `0–12`."""
    least, most = (f"{one:g}" if one is not None else "" for one in (limits.least, limits.most))
    return f"{least}–{most}"


class Ranges(Watch):
    """Each row by itself."""

    def __init__(self, survey: Survey) -> None:
        self._age = survey.roles.path("age")
        self._rules = [
            (check, limits)
            for check, role in ((IMPOSSIBLE, "hard_range"), (UNUSUAL, "soft_range"))
            if survey.on(check.code)
            for limits in survey.roles.limits(role)
        ]

    def see(self, block: Block) -> Iterable[Found]:
        """The numbers that lie outside."""
        for check, limits in self._rules:
            table = block.table_of(limits.path)
            if table is not None:
                yield from self._rows(check, limits, table)

    def _rows(self, check: Check, limits: Limits, table: Rows) -> Iterator[Found]:
        rows = zip(table.records, table.keys, table.column(limits.path), table.column(self._age), strict=True)
        for record, key, value, age in rows:
            number, years = as_number(value), as_number(age)
            if number is not None and outside(number, limits, years):
                details = {"value": f"{number:g}", "limits": shown(limits)}
                yield Found(
                    check.code,
                    (record,),
                    limits.path,
                    key,
                    f"{number:g}",
                    shown(limits),
                    variant=f"{number:g} {shown(limits)}",
                    details=details,
                )


def as_number(value: object) -> float | None:
    """A number, written as one or calculated into a text; None for anything else."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, date) or not value:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None
