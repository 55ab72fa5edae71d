"""An expression as SQL, for every row at once.

The tree's meaning is `forms.expressions`; this file says the same in terms that SQLite and PostgreSQL
share. Three-valued logic ends here: a number that is none is NULL, and every condition is true or false.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from operator import add, ge, gt, le, lt, mul, sub, truediv
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Double, Text, and_, case, cast, func, not_, or_, true

from forms.expressions import tree
from forms.expressions.functions import Kind
from forms.expressions.kinds import kind
from forms.expressions.numbers import NEAR, number_of
from forms.expressions.tree import (
    ORDER,
    Answer,
    Call,
    Chain,
    Expression,
    Gathered,
    Negative,
    Number,
    Operation,
    Position,
)
from forms.rows import Cell
from storage import portable
from storage.calls import CONDITIONS, GATHERED, NUMBERS, TEXTS, constant
from storage.inside import ColumnRef, Columns, Tables, rows_inside
from storage.portable import Some, Truth

__all__ = [
    "NO_TABLES",
    "ColumnRef",
    "Columns",
    "Day",
    "Tables",
    "compile_number",
    "compile_predicate",
    "compile_text",
]

NO_TABLES: Tables = MappingProxyType({})

Day = date | ColumnElement[date]
"""A day, or the column that holds the day of each record."""


def compile_predicate(
    node: Expression, columns: Columns, *, today: Day | None = None, tables: Tables = NO_TABLES
) -> Truth:
    """The condition an expression means; never NULL. Every answer in it needs its path in `columns`.

    An expression that calls today() needs `today`: for a check the day of the record, for a figure the
    end of its period. One that gathers rows inside, or asks for its position, needs the form's `tables`,
    and those of `forms.expressions.tree.rows_around` beside it in FROM.
    """
    return _Compiler(columns, today, tables).truth(node)


def compile_number(
    node: Expression, columns: Columns, *, today: Day | None = None, tables: Tables = NO_TABLES
) -> Some:
    """The number an expression means, as above; NULL where it is none. True is 1, false is 0."""
    return _Compiler(columns, today, tables).number(node)


def compile_text(
    node: Expression, columns: Columns, *, today: Day | None = None, tables: Tables = NO_TABLES
) -> Some:
    """The text an expression means, as above; '' where it is blank. Only whole numbers can be written."""
    return _Compiler(columns, today, tables).text(node)


class _Compiler:
    def __init__(self, columns: Columns, today: Day | None = None, tables: Tables = NO_TABLES) -> None:
        self._columns = columns
        self._today = today
        self._tables = tables

    def cell(self, path: str) -> Cell:
        return self._columns[path].cell

    def column(self, answer: Answer) -> Some:
        return self._columns[answer.path].column

    def kind(self, node: Expression) -> Kind:
        return kind(node, self.cell)

    def chosen(self, node: Expression) -> tuple[Truth, Expression, Expression] | None:
        """The condition and the two values of an `if()` or a `coalesce()`."""
        match node:
            case Call(function="if", arguments=(condition, then, other)):
                return self.truth(condition), then, other
            case Call(function="coalesce", arguments=(first, second)):
                return self.filled(first), first, second
        return None

    def each(self, node: Expression, of: Callable[[Expression], Some]) -> Some | None:
        """`of` the value that an `if()` or `coalesce()` chooses; None for any other node.

        One after the other is one CASE, not one in the other: SQLite reads a hundred levels at most.
        """
        options = []
        chosen = self.chosen(node)
        while chosen:
            condition, then, node = chosen
            options.append((condition, of(then)))
            chosen = self.chosen(node)
        return case(*options, else_=of(node)) if options else None

    def filled(self, node: Expression) -> Truth:
        """True unless a value is '' or no number."""
        chosen = self.each(node, self.filled)
        if chosen is not None:
            return chosen
        if self.kind(node) is Kind.NUMBER:
            return self.measured(node).is_not(None)
        if self.kind(node) is Kind.TRUTH:
            return true()
        native = self.day(node)
        return self.text(node) != "" if native is None else native.is_not(None)

    # Numbers

    def number(self, node: Expression) -> Some:
        """NULL where a value is no number."""
        chosen = self.each(node, self.number)
        if chosen is not None:
            return chosen
        match self.kind(node):
            case Kind.NUMBER:
                return self._plain_number(node)
            case Kind.TRUTH:
                return portable.counted(self.truth(node))
            case Kind.DATE:
                return self._days(node)
        return self._number_in_text(node)

    def _plain_number(self, node: Expression) -> Some:
        match node:
            case Number(value=value):
                return portable.number(value)
            case Answer(path=path):
                whole = self.cell(path) is Cell.INT
                return cast(self.column(node), Double()) if whole else portable.bounded(self.column(node))
            case Negative(operand=operand):
                return -self.number(operand)
            case Operation(operator=operator, left=left, right=right):
                other = self._divisor(right) if operator in {"div", "mod"} else self.number(right)
                return _ARITHMETIC[operator](self.number(left), other)
            case Call(function=name, arguments=arguments):
                return NUMBERS[name](self, arguments)
        return self._of_rows(node)

    def _of_rows(self, node: Expression) -> Some:
        if isinstance(node, Position):
            return cast(self._tables[node.table].table.c.ordinal, Double())
        if not isinstance(node, Gathered):
            raise TypeError(f"not a number: {node}")
        rows = rows_inside(node, self._tables)
        if node.answer is None or rows.ref is None:
            return rows.select(cast(func.count(), Double()))
        if node.function == "count-non-empty":
            return rows.select(cast(func.count(self._answered(rows.ref)), Double()))
        inside = _Compiler({node.answer.path: rows.ref})
        return rows.select(GATHERED[node.function](inside.number(node.answer)))

    def _answered(self, ref: ColumnRef) -> Some:
        return func.nullif(ref.column, "") if isinstance(ref.column.type, Text) else ref.column

    def _divisor(self, node: Expression) -> Some:
        value = self.number(node)
        return value if constant(node) else portable.divisor(value)

    def _number_in_text(self, node: Expression) -> Some:
        if isinstance(node, tree.Text):
            value = number_of(node.value)
            return portable.no_number() if value is None else portable.number(value)
        if isinstance(node, Answer):
            # A missing text passes every test of `number_in` as NULL, and ends as one.
            return portable.number_in(self.column(node))
        return portable.number_in(self.text(node))

    def measured(self, node: Expression) -> Some:
        """A number only to compare with: a column of whole numbers stays one."""
        match node:
            case Answer(path=path) if self.cell(path) is Cell.INT:
                return self.column(node)
        value = constant(node)
        return self.number(node) if value is None else portable.measure(value)

    def _days(self, node: Expression) -> Some:
        native = self.day(node)
        return portable.days_in(self.dated(node)) if native is None else portable.days_of(native)

    def dated(self, node: Expression) -> Some:
        """The text at whose beginning a date stands."""
        match node:
            case Call(function="date", arguments=(argument,)):
                return self.dated(argument)
            case Answer():
                return func.coalesce(self.column(node), "", type_=Text())
        return self.text(node)

    # Texts

    def text(self, node: Expression) -> Some:
        """'' where there is none."""
        chosen = self.each(node, self.text)
        if chosen is not None:
            return chosen
        match self.kind(node):
            case Kind.NUMBER:
                return self._number_as_text(node)
            case Kind.TRUTH:
                return case((self.truth(node), "true"), else_="false")
            case Kind.DATE:
                return self.day_as_text(node)
        return self._plain_text(node)

    def _plain_text(self, node: Expression) -> Some:
        match node:
            case tree.Text(value=value):
                return portable.string(value)
            case Answer():
                return func.coalesce(self.column(node), "", type_=Text())
            case Call(function=name, arguments=arguments):
                return TEXTS[name](self, arguments)
        raise TypeError(f"not a text: {node}")

    def _number_as_text(self, node: Expression) -> Some:
        match node:
            case Number(value=value):
                return portable.string(str(int(value)))
            case Answer(path=path) if self.cell(path) is Cell.INT:
                return func.coalesce(cast(self.column(node), Text()), "")
        return portable.whole_as_text(self.number(node), missing="NaN")

    def day_as_text(self, node: Expression) -> Some:
        """A date as `2026-12-31`, '' where there is none."""
        native = self.day(node)
        return portable.day_in(self.dated(node)) if native is None else portable.day_as_text(native)

    def day(self, node: Expression) -> Some | None:
        """A date as the database knows dates; None where it is kept as text."""
        match node:
            case Call(function="date", arguments=(argument,)):
                return self.day(argument)
            case Call(function="today" | "now"):
                if self._today is None:
                    raise TypeError("an expression with today() needs a day")
                return portable.day(self._today) if isinstance(self._today, date) else self._today
            case tree.Text(value=value):
                return _day(value)
            case Answer(path=path) if self.cell(path) is Cell.DATE:
                return self.column(node)
        return None

    # Conditions

    def truth(self, node: Expression) -> Truth:
        """True or false, never NULL."""
        chosen = self.each(node, self.truth)
        if chosen is not None:
            return chosen
        match self.kind(node):
            case Kind.TRUTH:
                return self._condition(node)
            case Kind.NUMBER:
                return portable.sure(func.abs(self.number(node)) > NEAR)
        return self.filled(node)

    def _condition(self, node: Expression) -> Truth:
        match node:
            case Chain(word=word, terms=terms):
                return (and_ if word == "and" else or_)(*map(self.truth, terms))
            case Operation(operator=operator, left=left, right=right) if operator in ORDER:
                return self._ordered(operator, left, right)
            case Operation(operator=operator, left=left, right=right):
                same = self.equal(left, right)
                return same if operator == "=" else not_(same)
            case Call(function=name, arguments=arguments):
                return CONDITIONS[name](self, arguments)
        raise TypeError(f"not a condition: {node}")

    def _ordered(self, operator: str, left: Expression, right: Expression) -> Truth:
        days = self.day(left), self.day(right)
        if days[0] is not None and days[1] is not None:
            return portable.sure(_ORDER[operator](*days))
        return portable.sure(_ORDER[operator](self.measured(left), self.measured(right)))

    def equal(self, left: Expression, right: Expression) -> Truth:
        """True for equal values, by the kinds they turn out to be."""
        for one, other in ((left, right), (right, left)):
            chosen = self.each(one, partial(self.equal, other))
            if chosen is not None:
                return chosen
        kinds = {self.kind(left), self.kind(right)}
        if Kind.TRUTH in kinds:
            return portable.counted(self.truth(left)) == portable.counted(self.truth(right))
        if Kind.NUMBER in kinds:
            return self._equal_numbers(left, right)
        days = self.day(left), self.day(right)
        if Kind.DATE in kinds and days[0] is not None and days[1] is not None:
            return days[0].is_not_distinct_from(days[1])
        return self.text(left) == self.text(right)

    def _equal_numbers(self, left: Expression, right: Expression) -> Truth:
        for text, other in ((left, right), (right, left)):
            value = constant(other)
            if value is not None and isinstance(text, Answer) and self.kind(text) is Kind.TEXT:
                return self._text_is_number(text, value)
        if self._whole(left) and self._whole(right):
            same = portable.sure(self.measured(left) == self.measured(right))
        else:
            same = portable.near(self.number(left), self.number(right))
        # A blank answer to a number question is the empty text, and equals another one.
        blanks = [self._blank(one) for one in (left, right)]
        if blanks[0] is None or blanks[1] is None:
            return same
        return or_(same, and_(*(one for one in blanks if one is not None)))

    def _whole(self, node: Expression) -> bool:
        if isinstance(node, Answer):
            return self.cell(node.path) is Cell.INT
        value = constant(node)
        return value is not None and value.is_integer()

    def _blank(self, node: Expression) -> Truth | None:
        """Where a value is the empty text; None if it never is."""
        if isinstance(node, Answer):
            return self.column(node).is_(None) if self.kind(node) is Kind.NUMBER else self.text(node) == ""
        if isinstance(node, tree.Text):
            return None if node.value else true()
        return self.text(node) == "" if self.kind(node) in {Kind.TEXT, Kind.DATE} else None

    def _text_is_number(self, answer: Answer, value: float) -> Truth:
        # A missing text is as long as no number, and ends as false.
        text = self.column(answer)
        same = portable.near(portable.number_in(text), portable.number(value))
        if not value.is_integer():
            return same
        # No text shorter than '15', and no other of its length, says 15; so nearly every row is
        # decided without reading a number.
        digits = str(int(value))
        return case((portable.length_of(text) <= len(digits), text == digits), else_=same)


_ORDER: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}

_ARITHMETIC: dict[str, Callable[[Some, Some], Some]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "div": truediv,
    "mod": portable.remainder,
}


def _day(text: str) -> Some | None:
    try:
        return portable.day(date.fromisoformat(text))
    except ValueError:
        return None
