"""A condition on what a commune is: `${border} = '1' and ${zone} != 'I'`.

Why here and not in the database: a few thousand communes, asked again for each target and each year. So
only what compares texts is understood; anything richer is refused where it is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from forms.expressions.checking import Formula
from forms.expressions.scope import Scope
from forms.expressions.tree import Answer, Call, Chain, Expression, Number, Operation, Text, walk
from forms.indicators import faults
from forms.indicators.grounds import place_scope
from forms.indicators.sheet import RowReader, condition
from forms.remarks import Remark

_CALLS = frozenset({"not", "true", "false"})


def read_condition(reader: RowReader, column: str = "where") -> Formula | None:
    """The condition on communes in a cell; None where it is empty or refused."""
    reader.unknown = faults.ATTRIBUTE_UNKNOWN
    return reader.formula(column, place_scope(), _plain)


def holds(formula: Formula | None, attributes: Mapping[str, str]) -> bool:
    """Whether a commune with these attributes (zone, border, …; missing: blank) fulfils a condition."""
    return formula is None or _truth(formula.tree, attributes)


def _plain(formula: Formula, scope: Scope) -> Remark | None:
    wrong = condition(formula, scope)
    for node in walk(formula.tree):
        text = isinstance(node, Answer | Text | Chain)
        compared = isinstance(node, Operation) and node.operator in {"=", "!="}
        if not (text or compared or (isinstance(node, Call) and node.function in _CALLS) or _digit(node)):
            return faults.TOO_RICH_FOR_COMMUNES
    return wrong


def _digit(node: Expression) -> bool:
    return isinstance(node, Number) and node.value.is_integer()


def _truth(node: Expression, attributes: Mapping[str, str]) -> bool:
    match node:
        case Chain(word="and", terms=terms):
            return all(_truth(term, attributes) for term in terms)
        case Chain(terms=terms):
            return any(_truth(term, attributes) for term in terms)
        case Operation(operator=operator, left=left, right=right):
            return (_value(left, attributes) == _value(right, attributes)) is (operator == "=")
        case Call(function="not", arguments=(one,)):
            return not _truth(one, attributes)
        case Call(function=name):
            return name == "true"
    return bool(_value(node, attributes))


def _value(node: Expression, attributes: Mapping[str, str]) -> str:
    match node:
        case Answer(name=name):
            return attributes.get(name, "")
        case Text(value=value):
            return value
        case Number(value=value):
            return str(int(value))
    return "true" if _truth(node, attributes) else "false"
