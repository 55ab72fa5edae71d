"""One indicator: what is counted, over what, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.expressions.checking import Formula
from forms.expressions.tree import Answer


class Rows(StrEnum):
    """Where the rows come from that an indicator looks at."""

    FORM = "form"
    ENTITIES = "entities"
    PLACES = "places"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Source:
    """The rows a measure looks at, one by one.

    `name` is the form id, the entity list, or the level of places; "" for `FIGURES`, whose rows are cells of
    other indicators (an answer's path is then an indicator's code, its value that one's numerator). `path`
    is the repeat of a form, "" for its root.
    """

    rows: Rows
    name: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One side of an indicator: what each row adds.

    `amount` counts the rows it is true for, or sums a number, of the rows `where` holds for. `distinct`
    counts each of its values once in a place and period instead, wherever `amount` is true or not 0.
    `latest_by` keeps, of several records that give it the same value in the period, the last one only.
    """

    source: Source
    amount: Formula
    where: Formula | None = None
    distinct: Formula | None = None
    latest_by: Formula | None = None

    @property
    def additive(self) -> bool:
        """True if the sums of places that share no record may be added up."""
        return self.distinct is None


@dataclass(frozen=True, slots=True)
class Split:
    """What an indicator is split by: a question (in bands, if it is a number), or a class of communes.

    `name` is as written: `m_sex`, `m_age`, `@border`. `answer` is None for a property of the commune, whose
    name then stands after the `@`. `bands` are first and last number, both included, None = open.
    `below` is the question of that name among the rows of the denominator, None where there is none.
    """

    name: str
    answer: Answer | None = None
    bands: tuple[tuple[int | None, int | None], ...] = ()
    below: Answer | None = None


@dataclass(frozen=True)
class Indicator:
    """A figure as its author defined it, every expression read against what it is about.

    Without a denominator the figure is the count or sum itself; with `base_years` it is the growth of the
    numerator over that many years. `periods` are the kinds of period it is worked out for. `labels` and
    `definitions` go by language as the column names it, "" = no language. `source` is document and clause.
    """

    code: str
    labels: Mapping[str, str]
    numerator: Measure
    denominator: Measure | None
    disaggregate: tuple[Split, ...]
    unit: str
    factor: float
    direction: str
    definitions: Mapping[str, str]
    source: str
    base_years: int = 0
    periods: tuple[str, ...] = ("year",)

    @property
    def is_ratio(self) -> bool:
        """True if its value is divided by something."""
        return self.denominator is not None or self.base_years > 0

    @property
    def sources(self) -> frozenset[Source]:
        """All that a change of makes the figure stale."""
        return frozenset(side.source for side in (self.numerator, self.denominator) if side is not None)

    def value(self, numerator: float | None, denominator: float | None) -> float | None:
        """The figure from its sums, which may come from many places; None where it divides by 0.

        With `base_years` the denominator is the numerator of that many years before.
        """
        if numerator is None:
            return None
        if not self.is_ratio:
            return self.factor * numerator
        if not denominator:
            return None
        return self.factor * (numerator - denominator if self.base_years else numerator) / denominator
