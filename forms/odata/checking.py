"""A `$filter` whose fields are looked up and whose values fit each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TypeAlias

from forms.odata.parser import parse, parse_order
from forms.odata.problems import FieldUnknown, FilterMisfit, FilterUnsupported
from forms.odata.tree import (
    Among,
    Call,
    Chain,
    Compared,
    Condition,
    Expression,
    Field,
    Kind,
    Literal,
    Named,
    Negated,
    kind_of,
)
from forms.values import read_decimal

Reach: TypeAlias = Mapping[str, Field]
"""Every field that may be named, by how it is written."""

_PARTS_OF_DAY = ("year", "month", "day")
_PARTS_OF_CLOCK = ("hour", "minute", "second")
_TEXT = Kind.TEXT
FUNCTIONS: Mapping[str, tuple[tuple[tuple[Kind, ...], ...], Kind]] = {
    "contains": (((_TEXT, _TEXT),), Kind.TRUTH),
    "startswith": (((_TEXT, _TEXT),), Kind.TRUTH),
    "endswith": (((_TEXT, _TEXT),), Kind.TRUTH),
    "length": (((_TEXT,),), Kind.NUMBER),
    "trim": (((_TEXT,),), Kind.TEXT),
    **dict.fromkeys(_PARTS_OF_DAY, (((Kind.DAY,), (Kind.MOMENT,)), Kind.NUMBER)),
    **dict.fromkeys(_PARTS_OF_CLOCK, (((Kind.MOMENT,),), Kind.NUMBER)),
    "now": (((),), Kind.MOMENT),
}
"""By name: what it may be given, and what it gives."""

_ORDERED = {"lt", "le", "gt", "ge"}


def read_filter(text: str, reach: Reach) -> Expression:
    """The typed condition of a `$filter`.

    Raises FilterUnreadable, FilterTooLong, FilterMisfit, FilterUnsupported, FieldUnknown.
    """
    return _Reader(text, reach).condition(parse(text))


def read_order(text: str, reach: Reach) -> tuple[tuple[Field, bool], ...]:
    """The fields of an `$orderby`, each with whether the largest comes first. Raises as `read_filter`."""
    found = []
    for clause in parse_order(text):
        known = reach.get(clause.name)
        if known is None or known.kind is Kind.SHAPE:
            raise FieldUnknown(text=clause.name, at=clause.at)
        found.append((known, clause.descending))
    return tuple(found)


class _Reader:
    def __init__(self, text: str, reach: Reach) -> None:
        self._text = text
        self._reach = reach

    def condition(self, node: Expression) -> Expression:
        """A node that is true or false."""
        read = self.value(node)
        if kind_of(read) is not Kind.TRUTH:
            raise self._misfit(node)
        return read

    def value(self, node: Expression) -> Expression:
        """Any node, its fields looked up."""
        match node:
            case Named(text=name, at=at):
                if name not in self._reach:
                    raise FieldUnknown(text=name, at=at)
                return self._reach[name]
            case Call():
                return self._call(node)
            case Field() | Literal():
                return node
            case _:
                return self._joined(node)

    def _joined(self, node: Condition) -> Expression:
        match node:
            case Negated(condition=condition):
                return Negated(self.condition(condition))
            case Chain(word=word, terms=terms):
                return Chain(word, tuple(map(self.condition, terms)))
            case Compared():
                return self._compared(node)
            case Among(value=value, listed=listed):
                read = self.value(value)
                return Among(read, tuple(self._fitting(one, read) for one in listed))

    def _call(self, node: Call) -> Expression:
        name = node.function.lower()
        if name not in FUNCTIONS:
            raise FilterUnsupported(text=node.function, at=node.at, known=", ".join(FUNCTIONS))
        taken, gives = FUNCTIONS[name]
        arguments = tuple(map(self.value, node.arguments))
        for wanted in taken:
            fitted = _fitted(arguments, wanted)
            if fitted is not None:
                return Call(name, fitted, gives, node.at)
        raise self._misfit(node)

    def _compared(self, node: Compared) -> Compared:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(right, Literal):
            right = self._fitting(right, left)
        elif isinstance(left, Literal):
            left = self._fitting(left, right)
        kinds = {kind_of(left), kind_of(right)}
        ordered = node.operator in _ORDERED
        if kinds == {Kind.DAY, Kind.MOMENT}:
            raise self._misfit(node.right)
        if len(kinds - {Kind.NULL}) > 1 or (ordered and kinds & {Kind.SHAPE, Kind.TRUTH}):
            raise self._misfit(node.right)
        if kinds == {Kind.SHAPE}:
            raise self._misfit(node.right)
        return Compared(node.operator, left, right)

    def _fitting(self, literal: Literal, beside: Expression) -> Literal:
        """A literal as what it stands beside, where it can be read so."""
        fitted = _as_kind(literal, kind_of(beside))
        if fitted is None:
            raise self._misfit(literal)
        return fitted

    def _misfit(self, node: Expression) -> FilterMisfit:
        at = _place(node)
        return FilterMisfit(text=_written(node, self._text, at), character=at + 1)


def _fitted(arguments: tuple[Expression, ...], wanted: tuple[Kind, ...]) -> tuple[Expression, ...] | None:
    if len(arguments) != len(wanted):
        return None
    fitted = []
    for one, kind in zip(arguments, wanted, strict=True):
        known = _as_kind(one, kind) if isinstance(one, Literal) else one
        if known is None or kind_of(known) is not kind:
            return None
        fitted.append(known)
    return tuple(fitted)


def _as_kind(literal: Literal, kind: Kind) -> Literal | None:
    """The same value as that kind: clients put numbers, days and moments into quotes too."""
    if literal.kind in {kind, Kind.NULL}:
        return literal
    value = literal.value
    try:
        match literal.kind, kind:
            case Kind.TEXT, Kind.NUMBER:
                return Literal(_number(str(value)), kind, literal.at, literal.text)
            case Kind.TEXT, Kind.DAY | Kind.MOMENT:
                return _as_kind(_time(str(value), literal), kind)
            case Kind.DAY, Kind.MOMENT if isinstance(value, date):
                midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
                return Literal(midnight, kind, literal.at, literal.text)
            case Kind.MOMENT, Kind.DAY if isinstance(value, datetime):
                return Literal(value.date(), kind, literal.at, literal.text)
    except (ValueError, OverflowError):
        pass
    return None


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() and text.isascii() and len(text) <= 18 else read_decimal(text)  # noqa: PLR2004


def _time(text: str, literal: Literal) -> Literal:
    if len(text) == len("2026-12-31"):
        return Literal(date.fromisoformat(text), Kind.DAY, literal.at, literal.text)
    read = datetime.fromisoformat(text.replace(" ", "+"))
    value = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    return Literal(value, Kind.MOMENT, literal.at, literal.text)


def _place(node: Expression) -> int:
    match node:
        case Named(at=at) | Literal(at=at) | Call(at=at):
            return at
        case Compared(left=inner) | Among(value=inner) | Negated(condition=inner):
            return _place(inner)
        case Chain(terms=terms):
            return _place(terms[0])
    return 0


def _written(node: Expression, text: str, at: int) -> str:
    match node:
        case Named(text=name):
            return name
        case Literal(text=written):
            return written
    return text[at : at + 20]
