"""An expression against the form it is written for: every name found, every value of a kind that fits.

What is refused is what could never be true, or would mean one thing on the phone and another here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from forms.expressions import faults
from forms.expressions.cost import check_cost
from forms.expressions.faults import wrong
from forms.expressions.functions import FUNCTIONS, Kind
from forms.expressions.gathering import gather, once, position
from forms.expressions.kinds import kind, kinds, leaves, whole
from forms.expressions.numbers import number_of
from forms.expressions.parser import parse
from forms.expressions.patterns import PatternSlow, PatternWrong, translated
from forms.expressions.scope import Scope, nearest_name
from forms.expressions.tree import (
    EQUALITY,
    ORDER,
    Answer,
    Call,
    Chain,
    Expression,
    Gathered,
    Here,
    Negative,
    Number,
    Operation,
    Path,
    Text,
    calls,
    parts,
    walk,
    with_parts,
)
from forms.problems import ExpressionWrong
from forms.remarks import Remark

MOST_PLACES = 9
"""Decimals round() keeps at most."""

LAST_INDEX = 19
"""Where selected-at() looks at most, from 0."""

_FORMAT = re.compile(r"([^%]|%[Yymnde])*")


@dataclass(frozen=True)
class Formula:
    """An expression that was read: its text as written, its tree with every path, what it gives."""

    text: str
    tree: Expression
    kinds: frozenset[Kind]


def read_formula(text: str, scope: Scope) -> Formula:
    """Read `text` as written for the questions of `scope`. Raises ExpressionWrong."""
    checker = _Checker(text, scope)
    tree = checker.resolve(parse(text))
    for node in walk(tree):
        checker.check(node)
    check_cost(text, tree, scope.cell)
    return Formula(text, tree, kinds(tree, scope.cell))


@dataclass(frozen=True)
class _Checker:
    text: str
    scope: Scope

    def wrong(self, fault: Remark, node: Expression, **details: str) -> ExpressionWrong:
        return wrong(fault, self.text, node.at, **details)

    def resolve(self, node: Expression) -> Expression:
        match node:
            case Answer():
                return self.scope.find(node, self.text)
            case Here():
                return self._here(node)
            case Path():
                return self.scope.reached(node, self.text)
            case Call():
                self._known(node)
                return self._called(node)
        return with_parts(node, tuple(map(self.resolve, parts(node))))

    def _called(self, call: Call) -> Expression:
        if call.function == "position":
            return position(call, self.scope, self.text)
        if call.function == "once":
            return self.resolve(once(call, self.scope, self.text))
        inside = gather(call, self.scope, self.text) if call.arguments else None
        return inside or with_parts(call, tuple(map(self.resolve, call.arguments)))

    def _here(self, node: Here) -> Answer:
        if not self.scope.here:
            raise self.wrong(faults.NO_ANSWER_HERE, node)
        return Answer(self.scope.here.rsplit("/", 1)[1], self.scope.here, node.at)

    def _known(self, call: Call) -> None:
        function = FUNCTIONS.get(call.function)
        if function is None:
            nearest = nearest_name(call.function, list(FUNCTIONS))
            known = ", ".join(FUNCTIONS)
            raise self.wrong(faults.FUNCTION_UNKNOWN, call, name=call.function, nearest=nearest, known=known)
        given = len(call.arguments)
        if given < function.least or (function.most is not None and given > function.most):
            raise self.wrong(
                faults.ARGUMENTS_WRONG, call, name=call.function, given=str(given), takes=function.takes
            )

    def check(self, node: Expression) -> None:
        match node:
            case Negative(operand=operand):
                self._number(operand)
            case Gathered(function="sum" | "min" | "max", answer=Answer() as answer):
                self._number(answer)
            case Operation(operator=operator):
                self._equality(node) if operator in EQUALITY else self._numbers(node)
            case Chain(terms=terms):
                for term in terms:
                    self._condition(term)
            case Call():
                self._call(node)

    def _numbers(self, node: Operation) -> None:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            beside = {Kind.DATE, Kind.TEXT} <= self._kinds(one) | self._kinds(other)
            if node.operator in ORDER and beside and Kind.TEXT in self._kinds(other):
                raise self.wrong(faults.DATE_BESIDE_TEXT, other)
            self._number(one)

    def _number(self, node: Expression) -> None:
        for leaf in leaves(node):
            if isinstance(leaf, Text) and leaf.value and number_of(leaf.value) is None:
                raise self.wrong(faults.TEXT_IS_NO_NUMBER, leaf, text=leaf.value)
            if kind(leaf, self.scope.cell) is Kind.TIME:
                raise self.wrong(faults.TIME_COUNTED, leaf)

    def _equality(self, node: Operation) -> None:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            known = self._kinds(one)
            if Kind.TRUTH in known:
                self._condition(other)
            if known == {Kind.NUMBER}:
                self._number(other)
            if known == {Kind.DATE}:
                self._dates(other)
            if isinstance(one, Answer):
                self._choices(one, other)

    def _dates(self, node: Expression) -> None:
        for leaf in leaves(node):
            if isinstance(leaf, Text) and leaf.value and not _is_date(leaf.value):
                raise self.wrong(faults.TEXT_IS_NO_DATE, leaf, text=leaf.value)

    def _choices(self, question: Answer, node: Expression) -> None:
        known = self.scope.choices(question.path)
        for leaf in leaves(node):
            if known and isinstance(leaf, Text) and leaf.value.strip() not in {"", *known}:
                told = ", ".join(known[:30])
                raise self.wrong(faults.CHOICE_UNKNOWN, leaf, text=leaf.value, name=question.name, known=told)

    def _condition(self, node: Expression) -> None:
        for leaf in leaves(node):
            # A phone keeps the number 0 of a calculation as a number, which is false, until the form
            # is closed and opened again; then it is the text '0', which is true.
            if not isinstance(leaf, Answer) or self._kinds(leaf) != {Kind.TEXT}:
                continue
            if self.scope.calculated(leaf.path):
                raise self.wrong(faults.CALCULATION_AS_CONDITION, leaf, name=leaf.name)

    def _call(self, call: Call) -> None:
        if FUNCTIONS[call.function].reads is Kind.TEXT:
            for argument in call.arguments:
                self._text(argument)
        rule = _RULES.get(call.function)
        if rule is not None:
            rule(self, call)

    def _text(self, node: Expression) -> None:
        for leaf in leaves(node):
            if kind(leaf, self.scope.cell) is Kind.NUMBER and not whole(leaf, self.scope.cell):
                raise self.wrong(faults.NUMBER_AS_TEXT, leaf)

    def first_is_condition(self, call: Call) -> None:
        self._condition(call.arguments[0])

    def all_are_numbers(self, call: Call) -> None:
        for argument in call.arguments:
            self._number(argument)

    def round_has_places(self, call: Call) -> None:
        self._number(call.arguments[0])
        for places in call.arguments[1:]:
            if not isinstance(places, Number) or places.value not in range(MOST_PLACES + 1):
                raise self.wrong(faults.PLACES_WRONG, places)

    def first_is_list(self, call: Call) -> None:
        question, *wanted = call.arguments
        known = self._kinds(question)
        if known - {Kind.TEXT}:
            more = ", 'read'" if wanted else ""
            raise self.wrong(faults.LIST_MISSING, question, name=call.function, more=more)
        for one in wanted:
            if self._kinds(one) - {Kind.TEXT}:
                raise self.wrong(faults.NUMBER_AS_TEXT, one)
            if isinstance(question, Answer):
                self._choices(question, one)

    def first_is_date(self, call: Call) -> None:
        self._date(call.arguments[0])

    def _date(self, argument: Expression) -> None:
        if self._kinds(argument) - {Kind.TEXT, Kind.DATE}:
            raise self.wrong(faults.DATE_FROM_NUMBER, argument)
        self._dates(argument)

    def moment_is_known(self, call: Call) -> None:
        if calls(call, "now"):
            raise self.wrong(faults.MOMENT_UNKNOWN, call)
        self.first_is_date(call)

    def format_is_known(self, call: Call) -> None:
        value, written = call.arguments
        if not isinstance(written, Text) or not _FORMAT.fullmatch(written.value):
            raise self.wrong(faults.FORMAT_WRONG, written)
        self._date(value)

    def index_is_written(self, call: Call) -> None:
        question, index = call.arguments
        if self._kinds(question) - {Kind.TEXT}:
            raise self.wrong(faults.LIST_MISSING, question, name=call.function, more=", 0")
        if not isinstance(index, Number) or index.value not in range(LAST_INDEX + 1):
            raise self.wrong(faults.INDEX_WRONG, index)

    def pattern_is_safe(self, call: Call) -> None:
        pattern = call.arguments[1]
        if not isinstance(pattern, Text):
            raise self.wrong(faults.PATTERN_COMPUTED, pattern)
        try:
            translated(pattern.value)
        except PatternWrong as error:
            place = str(error.at + 1)
            raise self.wrong(faults.PATTERN_WRONG, pattern, found=error.found, place=place) from error
        except PatternSlow as error:
            raise self.wrong(faults.PATTERN_SLOW, pattern, place=str(error.at + 1)) from error

    def _kinds(self, node: Expression) -> frozenset[Kind]:
        return kinds(node, self.scope.cell)


_RULES: dict[str, Callable[[_Checker, Call], None]] = {
    "abs": _Checker.all_are_numbers,
    "boolean": _Checker.first_is_condition,
    "count-selected": _Checker.first_is_list,
    "date": _Checker.first_is_date,
    "decimal-date-time": _Checker.moment_is_known,
    "format-date": _Checker.format_is_known,
    "if": _Checker.first_is_condition,
    "int": _Checker.all_are_numbers,
    "max": _Checker.all_are_numbers,
    "min": _Checker.all_are_numbers,
    "not": _Checker.first_is_condition,
    "number": _Checker.all_are_numbers,
    "regex": _Checker.pattern_is_safe,
    "round": _Checker.round_has_places,
    "selected": _Checker.first_is_list,
    "selected-at": _Checker.index_is_written,
}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
