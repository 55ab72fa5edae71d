"""What an expression takes from rows inside, and which row of a repeat it is about."""

from __future__ import annotations

from forms.expressions import faults
from forms.expressions.faults import wrong
from forms.expressions.functions import GATHERING
from forms.expressions.scope import Scope
from forms.expressions.tree import Answer, Call, Gathered, Here, Path, Position


def gather(call: Call, scope: Scope, expression: str) -> Gathered | None:
    """The rows that `call` gathers; None for min() and max() of one row. Raises ExpressionWrong."""
    name, of = call.function, call.arguments[0]
    if name not in GATHERING and not (name in {"min", "max"} and len(call.arguments) == 1):
        return None
    if isinstance(of, Answer | Path) and (not isinstance(of, Path) or of.names):
        node = scope.named(of, expression)
        if node.type == "repeat" and name == "count":
            return Gathered(name, node.path, scope.around(node.path), at=call.at)
        if node.is_question and node.table not in scope.tables:
            if name == "count":
                repeat = node.table.rsplit("/", 1)[1]
                raise wrong(faults.GATHERED_QUESTION, expression, of.at, repeat=repeat, name=node.name)
            answer = Answer(node.name, node.path, of.at)
            return Gathered(name, node.table, scope.around(node.table), answer, call.at)
    if name not in GATHERING:
        return None
    raise wrong(faults.GATHERED_ONCE, expression, of.at, name=name)


def position(call: Call, scope: Scope, expression: str) -> Position:
    """The row of a repeat that `position(..)` asks for. Raises ExpressionWrong."""
    way = call.arguments[0]
    if not scope.table:
        raise wrong(faults.POSITION_NOWHERE, expression, call.at)
    table = scope.above(way) if isinstance(way, Path) and way.up and not way.names else None
    if table is None or table not in scope.tables or not table:
        steps = scope.here.removeprefix(scope.table).count("/") or 1
        right = f"position({'/'.join(['..'] * steps)})"
        raise wrong(faults.POSITION_WRONG, expression, call.at, right=right)
    return Position(table, call.at)


def once(call: Call, scope: Scope, expression: str) -> Call:
    """`once(x)`: the answer there already is, else x. Raises ExpressionWrong."""
    if not scope.here:
        raise wrong(faults.NO_ANSWER_HERE, expression, call.at)
    return Call("coalesce", (Here(call.at), *call.arguments), call.at)
