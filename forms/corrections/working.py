"""An expression worked out for one row of one filled form, as the phone does it.

Knows: JavaRosa. What is not surely the same here is not worked out at all: `CannotSay`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import floor, isnan, nan
from typing import TypeAlias

from forms import values
from forms.corrections.filled import Filled, Row
from forms.expressions.numbers import NEAR, number_of
from forms.expressions.parser import parse
from forms.expressions.patterns import PatternSlow, PatternWrong, translated
from forms.expressions.scope import Scope
from forms.expressions.tree import (
    EQUALITY,
    ORDER,
    Answer,
    Call,
    Chain,
    Expression,
    Here,
    Negative,
    Number,
    Operation,
    Path,
    Text,
    walk,
)
from forms.problems import ExpressionWrong
from forms.schema import Node

Value: TypeAlias = str | float | bool | date


class CannotSay(Exception):
    """The expression says something that only the phone can work out."""


_EPOCH = date(1970, 1, 1)
_MOST_LETTERS = 300
_WHOLE = 1e15


@lru_cache(maxsize=4096)
def _tree(expression: str) -> Expression | None:
    try:
        return parse(expression)
    except ExpressionWrong:
        return None


def tree_of(expression: str) -> Expression:
    """The expression read. Raises CannotSay for one that is beyond what we read."""
    found = _tree(expression)
    if found is None:
        raise CannotSay
    return found


def reads(scope: Scope, expression: str) -> set[str]:
    """The questions and repeats an expression names. Raises CannotSay."""
    found: set[str] = set()
    for one in walk(tree_of(expression)):
        if isinstance(one, Answer | Path):
            found.add(_named(scope, one, expression).path)
    return found


def _named(scope: Scope, place: Answer | Path, expression: str) -> Node:
    try:
        return scope.named(place, expression)
    except (ExpressionWrong, StopIteration, KeyError) as error:
        raise CannotSay from error


@dataclass(frozen=True)
class Working:
    """Works out expressions of the question at `path` in a row. `today` None: that day is not known."""

    filled: Filled
    row: Row
    path: str
    today: date | None = None

    def value(self, expression: str) -> Value:
        """What an expression is here. Raises CannotSay."""
        return self._of(tree_of(expression), expression)

    @property
    def _scope(self) -> Scope:
        return Scope(self.filled.schema, self.row.table, self.path)

    def _of(self, node: Expression, text: str) -> Value:
        match node:
            case Number(value=number):
                return number
            case Text(value=written):
                return written
            case Here():
                return self._typed(self.row, self.filled.schema.by_path[self.path])
            case Answer() | Path():
                return self._answer(node, text)
            case Call(function=function, arguments=arguments):
                return self._call(function, arguments, text)
        return self._joined(node, text)

    def _joined(self, node: Expression, text: str) -> Value:
        match node:
            case Negative(operand=operand):
                return -_number(self._of(operand, text))
            case Operation(operator=operator, left=left, right=right):
                return _operation(operator, self._of(left, text), self._of(right, text))
            case Chain(word=word, terms=terms):
                several = (truth(self._of(term, text)) for term in terms)
                return all(several) if word == "and" else any(several)
        raise CannotSay

    def _answer(self, place: Answer | Path, text: str) -> Value:
        node = _named(self._scope, place, text)
        row = self.row.up_to(node.table)
        if not node.is_question or row is None:
            raise CannotSay
        return self._typed(row, node)

    def _typed(self, row: Row, node: Node) -> Value:
        written = row.text(node.path)
        if not written:
            return ""
        try:
            if node.type in {"int", "decimal"}:
                return values.read_decimal(written)
            if node.type == "date":
                return values.read_date(written)
        except ValueError as error:
            raise CannotSay from error
        if node.type in {"time", "dateTime", "geopoint", "geotrace", "geoshape", "binary"}:
            raise CannotSay
        return written

    def _call(self, function: str, arguments: tuple[Expression, ...], text: str) -> Value:
        if function in _GATHERING and len(arguments) == 1 and isinstance(arguments[0], Answer | Path):
            return self._gathered(function, arguments[0], text)
        if function == "if":
            chosen = arguments[1] if truth(self._of(arguments[0], text)) else arguments[2]
            return self._of(chosen, text)
        if function == "once" and (before := self.row.text(self.path)):
            return before
        if function == "today" and self.today is not None:
            return self.today
        known = _FUNCTIONS.get(function)
        if known is None:
            raise CannotSay
        try:
            return known(*(self._of(one, text) for one in arguments))
        except TypeError as error:
            raise CannotSay from error

    def _gathered(self, function: str, place: Answer | Path, text: str) -> Value:
        scope = self._scope
        node = _named(scope, place, text)
        table = node.table if node.is_question else node.path
        if table in scope.tables:
            raise CannotSay
        around = self.row.up_to(scope.around(table))
        if around is None or node.type == "structure":
            raise CannotSay
        rows = [row for row in self.filled.rows_of(table) if _inside(row, around)]
        if function == "count":
            return float(len(rows))
        if not node.is_question:
            raise CannotSay
        several = [self._typed(row, node) for row in rows]
        return _GATHERING[function](several)


def _inside(row: Row, around: Row) -> bool:
    outer: Row | None = row
    while outer is not None:
        if outer is around:
            return True
        outer = outer.outer
    return False


# What values mean ---------------------------------------------------------------------------------


def truth(value: Value) -> bool:
    """A value as a condition."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return not isnan(value) and value != 0
    return bool(value) if isinstance(value, str) else True


def _number(value: Value) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    if isinstance(value, date):
        return float((value - _EPOCH).days)
    found = number_of(value)
    return nan if found is None else found


def text_of(value: Value) -> str:
    """A value as text. Raises CannotSay for a number whose letters are the phone's own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if isnan(value):
        return ""
    if abs(value) >= _WHOLE:
        raise CannotSay
    return str(int(value)) if value.is_integer() else repr(value)


def as_answer(value: Value, kind: str) -> str:
    """What a phone writes down for a question of that type. Raises CannotSay."""
    if kind == "int":
        number = _number(value)
        return "" if isnan(number) else str(int(number))
    if kind == "decimal":
        number = _number(value)
        return "" if isnan(number) else values.java_double(number)
    if kind == "date":
        if isinstance(value, date) or value == "":
            return text_of(value)
        raise CannotSay
    if kind in {"string", "select1", "select"}:
        return text_of(value)
    raise CannotSay


def _operation(operator: str, left: Value, right: Value) -> Value:
    if operator in EQUALITY:
        return _equal(left, right) is (operator == "=")
    a, b = _number(left), _number(right)
    if operator in ORDER:
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
    if operator in {"div", "mod"} and (b == 0 or isnan(b)):
        return nan
    if operator == "mod":
        return nan if isnan(a) else float(a - b * int(a / b))
    return {"+": a + b, "-": a - b, "*": a * b, "div": a / b if b else nan}[operator]


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, float) or isinstance(right, float):
        return abs(_number(left) - _number(right)) < NEAR
    return text_of(left) == text_of(right)


def _round(value: Value, places: Value = 0.0) -> float:
    number, digits = _number(value), _number(places)
    if digits != 0:
        raise CannotSay
    return number if isnan(number) else float(floor(number + 0.5))


def _int(value: Value) -> float:
    number = _number(value)
    return number if isnan(number) else float(int(number))


def _regex(value: Value, pattern: Value) -> bool:
    written, wanted = text_of(value), text_of(pattern)
    # A pattern that can be read in very many ways could keep us busy for ever.
    if len(written) > _MOST_LETTERS:
        raise CannotSay
    try:
        return re.search(translated(wanted), written) is not None
    except (PatternWrong, PatternSlow, re.error) as error:
        raise CannotSay from error


def _coalesce(*several: Value) -> Value:
    return next((one for one in several if text_of(one)), "")


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "abs": lambda one: abs(_number(one)),
    "boolean": truth,
    "coalesce": _coalesce,
    "concat": lambda *several: "".join(map(text_of, several)),
    "contains": lambda one, part: text_of(part) in text_of(one),
    "count-selected": lambda one: float(len(text_of(one).split())),
    "ends-with": lambda one, end: text_of(one).endswith(text_of(end)),
    "false": lambda: False,
    "int": _int,
    "normalize-space": lambda one: " ".join(text_of(one).split()),
    "not": lambda one: not truth(one),
    "number": _number,
    "once": lambda one: one,
    "regex": _regex,
    "round": _round,
    "selected": lambda one, code: text_of(code).strip() in text_of(one).split(),
    "starts-with": lambda one, start: text_of(one).startswith(text_of(start)),
    "string": text_of,
    "string-length": lambda one: float(len(text_of(one))),
    "true": lambda: True,
}


def _sum(several: list[Value]) -> Value:
    return float(sum(map(_number, several)))


def _most(several: list[Value]) -> Value:
    numbers = [_number(one) for one in several]
    if not numbers or any(map(isnan, numbers)):
        raise CannotSay
    return max(numbers)


def _least(several: list[Value]) -> Value:
    return -_number(_most([-_number(one) for one in several]))


_GATHERING: Mapping[str, Callable[[list[Value]], Value]] = {
    "count": lambda several: float(len(several)),
    "count-non-empty": lambda several: float(sum(one != "" for one in several)),
    "max": _most,
    "min": _least,
    "sum": _sum,
}
"""What is worked out over the rows of a repeat."""
