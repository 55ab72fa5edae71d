"""The functions of expressions, each as SQL.

A function stands in the table of what it gives; `storage.compile` hands it the values it is given
and reads them for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, Double, case, cast, false, func, not_, true

from forms.expressions.patterns import translated
from forms.expressions.tree import Call, Expression, Negative, Number, Text
from storage import portable, portable_texts
from storage.portable import Some, Truth

Given: TypeAlias = tuple[Expression, ...]


class Reader(Protocol):
    """What reads a value as a kind (see `storage.compile`)."""

    def number(self, node: Expression) -> Some:
        """NULL where a value is no number."""

    def text(self, node: Expression) -> Some:
        """'' where there is none."""

    def truth(self, node: Expression) -> Truth:
        """True or false, never NULL."""

    def day(self, node: Expression) -> Some | None:
        """A date as the database knows dates; None where it is kept as text."""

    def day_as_text(self, node: Expression) -> Some:
        """A date as `2026-12-31`, '' where there is none."""

    def dated(self, node: Expression) -> Some:
        """The text at whose beginning a date stands."""

    def each(self, node: Expression, of: Callable[[Expression], Some]) -> Some | None:
        """`of` the value that an `if()` or `coalesce()` chooses; None for any other node."""


def constant(node: Expression) -> float | None:
    """The number written at a node; None if it is something else."""
    match node:
        case Number(value=value):
            return value
        case Negative(operand=Number(value=value)):
            return -value
    return None


def _written(node: Expression) -> str:
    if not isinstance(node, Text):
        raise TypeError(f"not written out: {node}")
    return node.value


def _selected(sql: Reader, given: Given) -> Truth:
    question, wanted = given
    if isinstance(wanted, Text):
        word = portable.string(wanted.value.strip())
    else:
        word = portable.trimmed(sql.text(wanted))
    return portable_texts.holds_word(sql.text(question), word)


def _rounded(sql: Reader, given: Given) -> Some:
    value, *places = given
    return portable.rounded(sql.number(value), int(constant(places[0]) or 0) if places else 0)


def _outermost(sql: Reader, given: Given, *, largest: bool) -> Some:
    return portable.outermost([sql.number(one) for one in given], largest=largest)


def _moment(sql: Reader, given: Given) -> Some:
    value = given[0]
    chosen = sql.each(value, lambda node: _moment(sql, (node,)))
    if chosen is not None:
        return chosen
    native = sql.day(value)
    if native is not None:
        return portable.moment_of(native)
    # date() leaves out the time of day, so that midnight is what is left.
    if isinstance(value, Call) and value.function == "date":
        return portable.moment_in(sql.day_as_text(value))
    return portable.moment_in(sql.dated(value))


def _formatted(sql: Reader, given: Given) -> Some:
    value, written = given
    chosen = sql.each(value, lambda node: _formatted(sql, (node, written)))
    if chosen is not None:
        return chosen
    native = sql.day(value)
    if native is not None:
        return func.coalesce(
            portable_texts.formatted(portable_texts.pieces_of(native), _written(written)), ""
        )
    text = sql.dated(value)
    found = portable_texts.formatted(portable_texts.pieces_in(text), _written(written))
    return case((portable.is_day(text), found), else_="")


def _word_at(sql: Reader, given: Given) -> Some:
    return portable_texts.word_at(sql.text(given[0]), int(constant(given[1]) or 0))


def _concatenated(sql: Reader, given: Given) -> Some:
    first, *others = map(sql.text, given)
    return reduce(ColumnElement.concat, others, first)


def _of_texts(of: Callable[..., Any], sql: Reader, given: Given) -> Any:
    return of(*map(sql.text, given))


NUMBERS: Mapping[str, Callable[[Reader, Given], Some]] = {
    "abs": lambda sql, given: func.abs(sql.number(given[0]), type_=Double()),
    "count-selected": partial(_of_texts, portable_texts.words),
    "decimal-date-time": _moment,
    "int": lambda sql, given: portable.truncated(sql.number(given[0])),
    "max": partial(_outermost, largest=True),
    "min": partial(_outermost, largest=False),
    "number": lambda sql, given: sql.number(given[0]),
    "round": _rounded,
    "string-length": lambda sql, given: cast(portable.length_of(sql.text(given[0])), Double()),
}

TEXTS: Mapping[str, Callable[[Reader, Given], Some]] = {
    "concat": _concatenated,
    "format-date": _formatted,
    "normalize-space": partial(_of_texts, portable_texts.spaced),
    "selected-at": _word_at,
    "string": lambda sql, given: sql.text(given[0]),
    "substring-after": partial(_of_texts, portable_texts.after),
    "substring-before": partial(_of_texts, portable_texts.before),
}

CONDITIONS: Mapping[str, Callable[[Reader, Given], Truth]] = {
    "boolean": lambda sql, given: sql.truth(given[0]),
    "contains": partial(_of_texts, portable_texts.contains),
    "ends-with": partial(_of_texts, portable_texts.ends_with),
    "false": lambda _sql, _given: false(),
    "not": lambda sql, given: not_(sql.truth(given[0])),
    "regex": lambda sql, given: portable_texts.matches(sql.text(given[0]), translated(_written(given[1]))),
    "selected": _selected,
    "starts-with": partial(_of_texts, portable_texts.starts_with),
    "true": lambda _sql, _given: true(),
}

GATHERED: Mapping[str, Callable[[Some], Some]] = {
    "max": lambda value: func.max(value, type_=Double()),
    "min": lambda value: func.min(value, type_=Double()),
    "sum": lambda value: func.coalesce(func.sum(value, type_=Double()), portable.number(0)),
}
"""What many rows come to; NULL is left out, and a sum of nothing is 0."""
