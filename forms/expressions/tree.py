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


Expression: TypeAlias = Number | Text | Answer | Here | Negative | Operation | Chain | Call

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
    """The questions an expression reads, in the order written, with repetitions."""
    return tuple(one for one in walk(node) if isinstance(one, Answer))


def depth(node: Expression) -> int:
    """How many levels the tree has; does not recurse, so that it can be asked before anything does."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        current, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((below, level + 1) for below in parts(current))
    return deepest
