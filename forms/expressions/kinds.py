"""What an expression may turn out to be: a number, a text, true or false, a date.

Values of `if()` and `coalesce()` may be of several kinds; the empty text '' fits all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from forms.expressions.functions import FUNCTIONS, Kind
from forms.expressions.tree import (
    ARITHMETIC,
    Answer,
    Call,
    Chain,
    Expression,
    Gathered,
    Negative,
    Number,
    Operation,
    Position,
    Text,
)
from forms.rows import Cell

Cells: TypeAlias = Callable[[str], Cell]
"""Path of a question to how its answers are kept."""

KIND_OF_CELL: dict[Cell, Kind] = {
    Cell.INT: Kind.NUMBER,
    Cell.DECIMAL: Kind.NUMBER,
    Cell.DATE: Kind.DATE,
    Cell.DATETIME: Kind.DATE,
    Cell.TIME: Kind.TIME,
}
"""The rest is text."""

_WHOLE_FROM_WHOLE = frozenset({"+", "-", "*", "mod"})
_WHOLE_FUNCTIONS = frozenset({"int", "count-selected", "string-length"})


def branches(node: Expression) -> tuple[Expression, ...]:
    """The values an `if()` or `coalesce()` chooses from; any other node is its own only branch."""
    match node:
        case Call(function="if", arguments=(_, *chosen)):
            return tuple(chosen)
        case Call(function="coalesce", arguments=arguments):
            return arguments
    return (node,)


def leaves(node: Expression) -> tuple[Expression, ...]:
    """The values a node may turn out to be, through every `if()` and `coalesce()` in each other."""
    found = branches(node)
    if found == (node,):
        return found
    return tuple(leaf for one in found for leaf in leaves(one))


def kind(node: Expression, cells: Cells) -> Kind:
    """What a node is that is no `if()` or `coalesce()`."""
    match node:
        case Number() | Negative() | Position() | Gathered():
            return Kind.NUMBER
        case Answer(path=path):
            return KIND_OF_CELL.get(cells(path), Kind.TEXT)
        case Operation(operator=operator):
            return Kind.NUMBER if operator in ARITHMETIC else Kind.TRUTH
        case Chain():
            return Kind.TRUTH
        case Call(function=name):
            return FUNCTIONS[name].gives or Kind.TEXT
    return Kind.TEXT


def kinds(node: Expression, cells: Cells) -> frozenset[Kind]:
    """What a node may be; an empty text fits everything and counts as nothing."""
    return frozenset(kind(leaf, cells) for leaf in leaves(node) if leaf != Text(""))


def whole(node: Expression, cells: Cells) -> bool:
    """True if a number cannot have decimals, so that it is written as text in one way only."""
    match node:
        case Number(value=value):
            return value.is_integer()
        case Answer(path=path):
            return cells(path) is Cell.INT
        case Negative(operand=operand):
            return whole(operand, cells)
        case Operation(operator=operator, left=left, right=right):
            return operator in _WHOLE_FROM_WHOLE and whole(left, cells) and whole(right, cells)
        case Call():
            return _call_is_whole(node, cells)
    # A sum of very many answers may need more digits than phones write.
    counts = isinstance(node, Gathered) and node.function in {"count", "count-non-empty"}
    return counts or isinstance(node, Position)


def _call_is_whole(call: Call, cells: Cells) -> bool:
    if call.function == "round":
        return len(call.arguments) == 1
    if call.function in _WHOLE_FUNCTIONS:
        return True
    chosen = call.arguments[1:] if call.function == "if" else call.arguments
    return bool(chosen) and all(whole(one, cells) for one in chosen)
