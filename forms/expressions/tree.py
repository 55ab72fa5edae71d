"""What an expression says, as a tree.

`at` is the place of a node in the text it was read from, counted from 0; it does not make two nodes
differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: `15`, `.5`."""

    value: float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, `${name}`; `path` is filled in once the name is found in a form."""

    name: str
    path: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Here:
    """`.`: the answer the expression belongs to."""

    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A question named by its way there, until it is found in a form: `../age`, `/data/member/age`, `..`.

    `up` counts the steps towards the root, 0 for a path that begins there; `names` are the steps down.
    """

    up: int
    names: tuple[str, ...] = ()
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Position:
    """Which row of the repeat `table` this one is, among those around it, from 1: `position(..)`."""

    table: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of the repeat `table` as one number: `count(${member})`, `sum(${age})`.

    `function` is count, count-non-empty, sum, min or max, `answer` what is taken of each row (None for
    count). Gathered are the rows inside the row of `around`, the nearest table that holds both them and
    the row the expression is about.
    """

    function: str
    table: str
    around: str
    answer: Answer | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus before a value."""

    operand: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """Two values and `=`, `!=`, `<`, `<=`, `>`, `>=`, `+`, `-`, `*`, `div` or `mod` between them."""

    operator: str
    left: Expression
    right: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """Two or more conditions joined by one word, `and` or `or`."""

    word: str
    terms: tuple[Expression, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    function: str
    arguments: tuple[Expression, ...]
    at: int = field(default=0, compare=False)


Expression: TypeAlias = (
    Number | Text | Answer | Here | Path | Position | Gathered | Negative | Operation | Chain | Call
)

EQUALITY = frozenset({"=", "!="})
ORDER = frozenset({"<", "<=", ">", ">="})
ARITHMETIC = frozenset({"+", "-", "*", "div", "mod"})


def parts(node: Expression) -> tuple[Expression, ...]:
    """The nodes directly below one."""
    match node:
        case Negative(operand=operand):
            return (operand,)
        case Operation(left=left, right=right):
            return (left, right)
        case Chain(terms=terms):
            return terms
        case Call(arguments=arguments):
            return arguments
    return ()


def with_parts(node: Expression, below: tuple[Expression, ...]) -> Expression:
    """The same node with other nodes directly below it, as many as before."""
    match node:
        case Negative():
            return replace(node, operand=below[0])
        case Operation():
            return replace(node, left=below[0], right=below[1])
        case Chain():
            return replace(node, terms=below)
        case Call():
            return replace(node, arguments=below)
    return node


def walk(node: Expression) -> Iterator[Expression]:
    """A node and all below it, in the order written."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(parts(current)))


def answers(node: Expression) -> tuple[Answer, ...]:
    """The questions of its own row, and of the rows around it, that an expression reads.

    In the order written, with repetitions; what is gathered of rows inside is in `gathered`.
    """
    return tuple(one for one in walk(node) if isinstance(one, Answer))


def gathered(node: Expression) -> tuple[Gathered, ...]:
    """The repeats whose rows an expression gathers, in the order written."""
    return tuple(one for one in walk(node) if isinstance(one, Gathered))


def rows_around(node: Expression) -> frozenset[str]:
    """The tables, beside those of its `answers`, whose row it needs: its own, or one around it."""
    return frozenset(
        one.table if isinstance(one, Position) else one.around
        for one in walk(node)
        if isinstance(one, Position | Gathered)
    )


def calls(node: Expression, *names: str) -> bool:
    """True if an expression calls one of these functions, such as `today`."""
    return any(isinstance(one, Call) and one.function in names for one in walk(node))


def depth(node: Expression) -> int:
    """How many levels the tree has; does not recurse, so that it can be asked before anything does."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        current, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((below, level + 1) for below in parts(current))
    return deepest
