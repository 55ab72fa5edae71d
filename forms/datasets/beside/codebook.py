"""⑨ The data dictionary: one row for each column of each table, one row for each code of each list.

Why: who opens the file in three years has to know what was asked, of whom, in which words, and how many
answered. DDI says the same to programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from forms.datasets.beside.statistics import Edge, Figures, statistics
from forms.datasets.beside.universe import Universe
from forms.datasets.description import Dataset, Kind, Pii, Table, Value, Variable, spoken
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain
from forms.datasets.spool import Spool
from forms.phrases import template

Cell: TypeAlias = str | int | float | date | datetime | None
"""What stands in a cell of these rows."""

Measure: TypeAlias = Literal["nominal", "ordinal", "scale"]

_SHOWN: Final = 60
"""Codes of a list that stand in its variable's own row; all are among the rows of codes."""

HEADS: Final[Sequence[str]] = (
    template("Table"),
    template("Order"),
    template("Name of the variable"),
    # One for each language of the form.
    "label",
    template("Type"),
    template("Measure"),
    template("Codes"),
    template("Codes that say why there is no answer"),
    template("Who was asked"),
    template("Asked when"),
    template("Must be answered"),
    template("Rule for the answer"),
    template("Group in the form"),
    template("Repeated group"),
    template("Question and hint"),
    template("Personal data"),
    template("First version"),
    template("Last version"),
    template("Has an answer"),
    template("Left blank"),
    "not asked",
    template("Could not be read"),
    template("Lowest"),
    template("Highest"),
    template("Mean"),
)
NOT_ASKED: Final = template("Not asked")
WITHHELD: Final = template("Not asked, or taken out to protect persons")
LABEL_IN: Final = template("Label ({language})")
VALUE_HEADS: Final[Sequence[str]] = (
    template("Table"),
    template("Variable"),
    template("Code"),
    "label",
    template("Says why there is no answer"),
    template("Times"),
)
KINDS: Final[Mapping[Kind, str]] = {
    "text": template("text"),
    "whole": template("whole number"),
    "decimal": template("decimal number"),
    "date": template("date"),
    "time": template("time of day"),
    "moment": template("date and time"),
    "code": template("one code of a list"),
    "codes": template("several codes, spaces between"),
    "flag": template("1 = chosen, 0 = not chosen"),
}
"""What the cells of a kind are, in words."""

MEASURES: Final[Mapping[Measure, str]] = {
    "nominal": template("nominal (names without order)"),
    "ordinal": template("ordinal (order without distance)"),
    "scale": template("scale (numbers)"),
}
CLASSES: Final[Mapping[Pii, str]] = {
    "": template("not classed"),
    "none": template("none"),
    "indirect": template("indirect: names a person together with other answers"),
    "direct": template("direct: names a person"),
    "sensitive": template("sensitive"),
}
"""The classes of personal data, in words."""

HIDDEN: Final = template("fewer than 5, or near it: not shown")
YES: Final = template("yes")
MORE: Final = template("… {count} codes in all")

_SCALES: Final = frozenset({"whole", "decimal", "date", "time", "moment"})
_BAND: Final = re.compile(r"\d+(?:-\d+|\+)?")
_CERTAIN: Final = frozenset({"yes", "true()", "true", "1"})
_NEVER: Final = frozenset({"", "no", "false()", "false", "0"})


def measure(variable: Variable) -> Measure:
    """How its answers compare: `ordinal` for bands (`15-24`, `25+`) that protection made of numbers."""
    if variable.kind in _SCALES:
        return "scale"
    codes = [one.code for one in variable.values if not one.missing]
    banded = any(not one.isdigit() for one in codes) and all(map(_BAND.fullmatch, codes))
    return "ordinal" if banded else "nominal"


def languages(dataset: Dataset) -> Sequence[str]:
    """The languages that labels of the dataset are given in, at least one."""
    return tuple(dict.fromkeys(dataset.languages)) or ("",)


def codebook_heads(spool: Spool, origin: Origin) -> list[str]:
    """The words over the columns of `codebook_rows`."""
    return _heads(HEADS, spool.dataset, origin)


def value_heads(spool: Spool, origin: Origin) -> list[str]:
    """The words over the columns of `value_rows`."""
    return _heads(VALUE_HEADS, spool.dataset, origin)


def _heads(heads: Sequence[str], dataset: Dataset, origin: Origin) -> list[str]:
    found: list[str] = []
    for head in heads:
        if head == "label":
            found += [origin.words(LABEL_IN, language=one) for one in languages(dataset)]
        elif head == "not asked":
            # What protection blanked looks like what was not asked; it must not be taken for it.
            found.append(origin.say(WITHHELD if origin.protection else NOT_ASKED))
        else:
            found.append(origin.say(head))
    return found


def codebook_rows(spool: Spool, origin: Origin) -> Iterator[tuple[Cell, ...]]:
    """A row for each variable, in the order of the tables and of their columns."""
    counted = statistics(spool, protected=bool(origin.protection))
    asked = Universe(spool.dataset, origin)
    for table in spool.dataset.tables:
        for position, one in enumerate(table.variables, 1):
            row = _Row(spool.dataset, table, one, origin)
            said = row.said(position, asked.of(table, one))
            yield (*said, *_numbers(counted[table.name][one.name]))


def value_rows(spool: Spool, origin: Origin) -> Iterator[tuple[Cell, ...]]:
    """A row for each code of each variable that has a list, with how often it was given."""
    counted = statistics(spool, protected=bool(origin.protection))
    for table in spool.dataset.tables:
        for one in table.variables:
            counts = counted[table.name][one.name].counts
            for value in values_told(one, origin):
                yield (
                    table.name,
                    one.name,
                    value.code,
                    *(plain(_in(value.labels, language)) for language in languages(spool.dataset)),
                    origin.say(YES) if value.missing else "",
                    _times(counts, value.code, origin),
                )


def values_told(variable: Variable, origin: Origin) -> tuple[Value, ...]:
    """The codes that may be listed: a list of persons or households is none where persons are protected."""
    return () if origin.protection and variable.pii == "direct" else variable.values


def _times(counts: Mapping[str, int | None] | None, code: str, origin: Origin) -> Cell:
    if counts is None:
        return None
    count = counts.get(code, 0)
    return origin.say(HIDDEN) if count is None else count


def _numbers(figures: Figures) -> tuple[Cell, ...]:
    edges: tuple[Edge, ...] = (figures.least, figures.most, figures.mean)
    return (figures.valid, figures.blank, figures.not_asked, figures.unreadable, *edges)


def _in(labels: Mapping[str, str], language: str) -> str:
    """The words in just this language; a form without languages has one sort of words only."""
    return labels.get(language) or labels.get("", "")


class _Row:
    """What is said of a variable."""

    def __init__(self, dataset: Dataset, table: Table, variable: Variable, origin: Origin) -> None:
        self._dataset, self._table, self._variable, self._origin = dataset, table, variable, origin

    def said(self, position: int, universe: str) -> tuple[Cell, ...]:
        """Everything but the numbers."""
        one, say = self._variable, self._origin.say
        return (
            self._table.name,
            position,
            one.name,
            *(plain(_in(one.labels, language)) for language in languages(self._dataset)),
            say(KINDS[one.kind]),
            say(MEASURES[measure(one)]),
            self._codes(missing=False),
            self._codes(missing=True),
            universe,
            one.relevant,
            self._required(),
            one.constraint,
            " › ".join(plain(spoken(labels, self._origin.language)) for labels in one.group),
            plain(spoken(self._table.labels, self._origin.language))
            if self._table.parent is not None
            else "",
            question(self._table, one, self._origin.language),
            say(CLASSES[one.pii]),
            one.first,
            one.last,
        )

    def _codes(self, *, missing: bool) -> str:
        told = values_told(self._variable, self._origin)
        values = [value for value in told if value.missing is missing]
        language = self._origin.language
        shown = [f"{value.code} = {plain(spoken(value.labels, language))}" for value in values[:_SHOWN]]
        if len(values) > _SHOWN:
            shown.append(self._origin.words(MORE, count=len(values)))
        return "; ".join(shown)

    def _required(self) -> str:
        required = self._variable.required.strip()
        if required.lower() in _NEVER:
            return ""
        return self._origin.say(YES) if required.lower() in _CERTAIN else required


def question(table: Table, variable: Variable, language: str) -> str:
    """What was asked, with its hint; a flag and a part of a point say the question they were made from."""
    if not variable.path:
        return ""
    whole = table.by_name.get(variable.part_of, variable)
    parts = (plain(spoken(one, language)) for one in (whole.labels, whole.hint))
    return " ".join(part for part in parts if part)
