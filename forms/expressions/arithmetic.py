"""An expression over figures worked out already, without a database: `${a} - ${b}`, `${a} div ${b}`.

Values are numbers, None where there is none; the meaning is that of the SQL of `storage.compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor, fmod
from operator import add, ge, gt, le, lt, mul, sub

from forms.expressions.numbers import LARGEST, NEAR, SMALLEST_DIVISOR, number_of
from forms.expressions.tree import (
    EQUALITY,
    ORDER,
    Answer,
    Call,
    Chain,
    Expression,
    Negative,
    Number,
    Operation,
    Text,
)

_HALF = 0.5

Values = Mapping[str, float | None]
"""Path of a figure to its value; a missing path is an error of the caller."""

FUNCTIONS = frozenset({
    "abs",
    "boolean",
    "coalesce",
    "false",
    "if",
    "int",
    "max",
    "min",
    "not",
    "number",
    "round",
    "true",
})
"""What `evaluate` knows; whoever reads such expressions refuses the rest."""


def evaluable(node: Expression) -> bool:
    """True if `evaluate` can say what a checked expression comes to."""
    match node:
        case Answer() | Number():
            return True
        case Text(value=value):
            return value == "" or number_of(value) is not None
        case Negative(operand=operand):
            return evaluable(operand)
        case Operation(left=left, right=right):
            return evaluable(left) and evaluable(right)
        case Chain(terms=below) | Call(arguments=below):
            known = not isinstance(node, Call) or node.function in FUNCTIONS
            return known and all(map(evaluable, below))
    return False


def evaluate(node: Expression, values: Values) -> float | None:
    """What a checked and evaluable expression comes to; true is 1, false is 0."""
    match node:
        case Number(value=value):
            return value
        case Text(value=text):
            return number_of(text)
        case Answer(path=path):
            return values[path]
        case Negative(operand=operand):
            turned = evaluate(operand, values)
            return None if turned is None else -turned
        case Chain(word=word, terms=terms):
            return float((all if word == "and" else any)(_true(evaluate(one, values)) for one in terms))
    return _operation(node, values) if isinstance(node, Operation) else _called(node, values)


def _operation(node: Operation, values: Values) -> float | None:
    left, right = evaluate(node.left, values), evaluate(node.right, values)
    if node.operator in EQUALITY:
        return float(_equal(node, left, right) is (node.operator == "="))
    if left is None or right is None:
        return 0.0 if node.operator in ORDER else None
    if node.operator in ORDER:
        return float(_ORDER[node.operator](left, right))
    if node.operator in {"div", "mod"} and abs(right) < SMALLEST_DIVISOR:
        return None
    value = _ARITHMETIC[node.operator](left, right)
    return value if abs(value) <= LARGEST else None


def _equal(node: Operation, left: float | None, right: float | None) -> bool:
    if _is_condition(node.left) or _is_condition(node.right):
        return _true(left) is _true(right)
    if left is None or right is None:
        # A blank figure equals another one and '', and nothing that is reckoned.
        return left is right and all(isinstance(one, Answer | Text) for one in (node.left, node.right))
    return abs(left - right) < NEAR


def _called(node: Expression, values: Values) -> float | None:
    if not isinstance(node, Call) or node.function not in FUNCTIONS:
        raise TypeError(f"not of figures: {node}")
    if node.function == "if":
        condition, then, other = node.arguments
        return evaluate(then if _true(evaluate(condition, values)) else other, values)
    given = [evaluate(one, values) for one in node.arguments]
    there = [one for one in given if one is not None]
    if node.function in _TRUTHS:
        return float(_TRUTHS[node.function](bool(there) and _true(there[0])))
    if not there:
        return None
    # Of round(), int() and abs() the first value counts; decimals are always given.
    if node.function in {"coalesce", "max", "min"}:
        return {"max": max(there), "min": min(there)}.get(node.function, there[0])
    return None if given[0] is None else _of_one(node.function, given[0], int(there[-1]) if given[1:] else 0)


def _of_one(name: str, value: float, places: int) -> float:
    if name == "round":
        if places:
            scale = 10.0**places
            # What lies within a billionth of a tie is one.
            return floor(value * scale + 0.5 + 1e-9) / scale
        return floor(value) + float(value - floor(value) >= _HALF)
    return {"abs": abs(value), "int": float(int(value))}.get(name, value)


def _is_condition(node: Expression) -> bool:
    match node:
        case Operation(operator=operator):
            return operator in ORDER or operator in EQUALITY
        case Call(function=function):
            return function in _TRUTHS
    return isinstance(node, Chain)


def _true(value: float | None) -> bool:
    return value is not None and abs(value) > NEAR


_TRUTHS: dict[str, Callable[[bool], bool]] = {
    "boolean": lambda value: value,
    "false": lambda _value: False,
    "not": lambda value: not value,
    "true": lambda _value: True,
}

_ORDER: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "div": lambda left, right: left / right,
    "mod": fmod,
}
