"""Whether an expression stays small enough to be computed for every record.

SQL has no variables: rounding repeats what it rounds, so roundings in each other multiply. SQLite's
parser keeps a hundred open things in mind and no more. And a database that meets a number beyond its
range fails the whole question instead of one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from forms.expressions import faults
from forms.expressions.faults import wrong
from forms.expressions.functions import FUNCTIONS, Kind
from forms.expressions.kinds import Cells, branches, kind, kinds, leaves
from forms.expressions.numbers import LARGEST, SMALLEST_DIVISOR
from forms.expressions.tree import (
    ARITHMETIC,
    ORDER,
    Answer,
    Call,
    Chain,
    Expression,
    Gathered,
    Negative,
    Number,
    Operation,
    Text,
    parts,
    walk,
)
from forms.rows import Cell

MOST_PIECES = 1_000
"""Values in the SQL of one expression; what people write has a hundred."""

_PIECES_OF_TEXT = 4
_PIECES_OF_ROWS = 12

_MOST_ROWS = 7
"""Power of ten of the rows a record may have inside."""

LARGEST_POWER = 250.0
"""Power of ten a result may reach, far below the 308 that databases hold, so that sums fit too."""

HIGHEST = 72
"""Open things of SQLite's parser an expression may need; the rest is for the question around it."""

_COPIES = {"div": 2, "mod": 8, "=": 3, "!=": 3}

# Measured on SQLite 3.40 by filling the room that is left with minus signs.
_BELOW_LEFT = {"mod": 18, "div": 2, "+": 1, "-": 1, "*": 1}
_BELOW_RIGHT = {"mod": 28, "div": 12, "+": 4, "-": 4, "*": 4}
_BELOW_COMPARISON = 8
_BELOW_EQUAL_NUMBERS = 16
_BELOW_CONDITION = 10
_BELOW_CHAIN = 4
_BELOW_CHOICE = 6
_BELOW_ROWS = 16
_READING = {
    (Kind.TEXT, Kind.NUMBER): 18,
    (Kind.DATE, Kind.NUMBER): 28,
    (Kind.DATE, Kind.TEXT): 24,
    (Kind.NUMBER, Kind.TEXT): 14,
    (Kind.TRUTH, Kind.NUMBER): 8,
    (Kind.TRUTH, Kind.TEXT): 8,
    (Kind.NUMBER, Kind.TRUTH): 8,
    (Kind.DATE, Kind.TRUTH): 26,
}
"""What reading a value of one kind as another puts above it."""


def check_cost(text: str, tree: Expression, cells: Cells) -> None:
    """Raises ExpressionWrong when `tree`, read from `text`, is more than can be computed."""
    if pieces(tree, cells) > MOST_PIECES or height(tree, cells, Kind.NUMBER) > HIGHEST:
        raise wrong(faults.TOO_LONG, text, 0)
    for node in walk(tree):
        if isinstance(node, Number) and node.value > LARGEST:
            raise wrong(faults.NUMBER_TOO_LARGE, text, node.at)
    if power(tree) > LARGEST_POWER:
        raise wrong(faults.NUMBER_TOO_LARGE, text, tree.at)


def pieces(node: Expression, cells: Cells) -> int:
    """About how many values the SQL of a node holds."""
    if isinstance(node, Answer):
        return 1 if cells(node.path) in {Cell.INT, Cell.DECIMAL} else _PIECES_OF_TEXT
    if isinstance(node, Gathered):
        return _PIECES_OF_ROWS
    copies = 1
    if isinstance(node, Operation):
        copies = _COPIES.get(node.operator, 1)
    if isinstance(node, Call):
        copies = FUNCTIONS[node.function].copies
    return 1 + copies * sum(pieces(one, cells) for one in parts(node))


def height(node: Expression, cells: Cells, reading: Kind | None) -> int:
    """How many things SQLite's parser has open at the innermost value of a node that is read as a kind."""
    if isinstance(node, Call) and FUNCTIONS[node.function].gives is None:
        return _height_of_choice(node, cells, reading)
    below = _height_of_calls(node, cells) if isinstance(node, Call) else 1
    match node:
        case Number() | Text():
            return 1
        case Answer(path=path):
            below = 8 if cells(path) is Cell.DECIMAL else 4
        case Gathered(answer=answer):
            below = _BELOW_ROWS + (height(answer, cells, Kind.NUMBER) if answer else 0)
        case Negative(operand=operand):
            below = 2 + height(operand, cells, Kind.NUMBER)
        case Operation():
            below = _height_of_operation(node, cells)
        case Chain(terms=terms):
            below = _BELOW_CHAIN + max(height(one, cells, Kind.TRUTH) for one in terms)
    return below + (_READING.get((kind(node, cells), reading), 0) if reading else 0)


def _height_of_calls(node: Call, cells: Cells) -> int:
    name, arguments = node.function, node.arguments
    reads = FUNCTIONS[name].reads
    # min() and max() compare in pairs, and the pairs in pairs.
    pairs = (len(arguments) - 1).bit_length() if name in {"min", "max"} else 1
    return (
        1 + pairs * FUNCTIONS[name].height + max((height(one, cells, reads) for one in arguments), default=0)
    )


def _height_of_choice(node: Expression, cells: Cells, reading: Kind | None, above: int = 0) -> int:
    values = above + max(height(leaf, cells, reading) for leaf in leaves(node))
    decided = (_BELOW_CONDITION + height(one, cells, Kind.TRUTH) for one in _conditions(node))
    return _BELOW_CHOICE * _levels(node) + max(values, *decided, 0)


def _conditions(node: Expression) -> Iterator[Expression]:
    """What the choices of a node, one in the other, depend on."""
    if branches(node) != (node,):
        yield parts(node)[0]
        for one in branches(node):
            yield from _conditions(one)


def _levels(node: Expression) -> int:
    """How deep choices lie in each other; one after the other is one CASE."""
    if branches(node) == (node,):
        return 0
    *first, last = branches(node)
    return max(1, _levels(last), *(1 + _levels(one) for one in first))


def _height_of_operation(node: Operation, cells: Cells) -> int:
    sides = (node.left, node.right)
    if node.operator in ARITHMETIC:
        left, right = (height(one, cells, Kind.NUMBER) for one in sides)
        return max(_BELOW_LEFT[node.operator] + left, _BELOW_RIGHT[node.operator] + right)
    if node.operator in ORDER:
        return _BELOW_COMPARISON + max(height(one, cells, Kind.NUMBER) for one in sides)
    as_numbers = {Kind.NUMBER, Kind.TRUTH} & (kinds(node.left, cells) | kinds(node.right, cells))
    reading, above = (Kind.NUMBER, _BELOW_EQUAL_NUMBERS) if as_numbers else (Kind.TEXT, _BELOW_COMPARISON)
    # The comparison stands inside the choices, once for each value, those of one side in the other's.
    left, right = (_height_of_choice(one, cells, reading, above) for one in sides)
    return max(left, right) + _BELOW_CHOICE * min(_levels(node.left), _levels(node.right))


def power(node: Expression) -> float:
    """The power of ten no value of a node exceeds."""
    below = [power(one) for one in parts(node)]
    match node:
        case Number(value=value):
            return log10(max(value, 1.0))
        case Operation(operator="*"):
            return below[0] + below[1]
        case Operation(operator="div"):
            return below[0] - log10(SMALLEST_DIVISOR)
        case Gathered():
            return log10(LARGEST) + _MOST_ROWS
        case Operation() | Negative() | Call():
            return max([*below, 0.0]) + 1
    return log10(LARGEST)
