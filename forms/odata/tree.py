"""What a `$filter` says, read and typed. Source: OData URL Conventions 4.0 §5.1.1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias


class Kind(Enum):
    """What a value is: two values can be compared only if they are of one kind.

    SHAPE is a place on earth, which can only be compared with null.
    """

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    DAY = "day"
    MOMENT = "moment"
    SHAPE = "shape"
    NULL = "null"


class Source(Enum):
    """Where a field comes from: what the server notes of a row, or an answer in it."""

    SYSTEM = "system"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a row.

    `path` is that of a question, or what the server calls the fact (`submissionDate`, `__id`, `parent`).
    `table` is the path of the repeat whose rows have it, "" for the root.
    """

    source: Source
    path: str
    kind: Kind
    table: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A field as written, before anybody looked whether there is one; gone in a tree that was checked."""

    text: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written; `at` is its place in the text, from 0. None is null."""

    value: str | int | float | bool | date | datetime | None
    kind: Kind
    at: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A function of values."""

    function: str
    arguments: tuple[Value, ...]
    kind: Kind = Kind.NULL
    at: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """Two values side by side; `operator` is eq, ne, lt, le, gt or ge."""

    operator: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Among:
    """A value that is one of several."""

    value: Value
    listed: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """What does not hold."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Chain:
    """Conditions joined by `word`: and, or."""

    word: str
    terms: tuple[Expression, ...]


Condition: TypeAlias = Compared | Among | Negated | Chain
Value: TypeAlias = Named | Field | Literal | Call | Condition
Expression: TypeAlias = Value
"""Any of them; as a condition only what is of kind TRUTH."""


def kind_of(node: Expression) -> Kind:
    """What a node is."""
    if isinstance(node, Field | Literal | Call):
        return node.kind
    return Kind.NULL if isinstance(node, Named) else Kind.TRUTH


def inside(node: Expression) -> tuple[Expression, ...]:
    """The nodes a node is made of."""
    match node:
        case Call(arguments=parts) | Chain(terms=parts):
            return parts
        case Compared(left=left, right=right):
            return (left, right)
        case Among(value=value, listed=listed):
            return (value, *listed)
        case Negated(condition=condition):
            return (condition,)
    return ()


def fields(node: Expression) -> Iterator[Field]:
    """Every field a node asks for."""
    if isinstance(node, Field):
        yield node
    for part in inside(node):
        yield from fields(part)


def size(node: Expression) -> tuple[int, int]:
    """How many nodes there are, and how many stand in each other at most."""
    most = count = 0
    waiting = [(node, 1)]
    while waiting:
        one, depth = waiting.pop()
        count, most = count + 1, max(most, depth)
        waiting += [(part, depth + 1) for part in inside(one)]
    return count, most
