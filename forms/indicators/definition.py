"""One indicator: what is counted, over what, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.expressions.checking import Formula
from forms.expressions.tree import Answer


@dataclass(frozen=True)
class Indicator:
    """A figure as its author defined it, every expression read against the form.

    `table` is the path of the repeat whose rows are counted, "" for the root table; `where` narrows
    the rows. `numerator` and `denominator` count the rows they are true for, or sum a number; without
    a denominator the figure is the count or sum itself. `disaggregate` are the questions it is split
    by. `labels` and `definitions` go by language as the column names it, "" = no language.
    """

    code: str
    labels: Mapping[str, str]
    table: str
    where: Formula | None
    numerator: Formula
    denominator: Formula | None
    disaggregate: tuple[Answer, ...]
    unit: str
    factor: float
    direction: str
    definitions: Mapping[str, str]
    source: str

    def value(self, numerator: float | None, denominator: float | None) -> float | None:
        """The figure from its sums, which may come from many places; None where it divides by 0."""
        if numerator is None:
            return None
        if self.denominator is None:
            return self.factor * numerator
        return self.factor * numerator / denominator if denominator else None
