"""⑨ Who was asked a question, in words: for the codebook and DDI's `universe`.

Why: `${consent} = 1` says nothing to an officer; “Hộ có đồng ý trả lời không? is “Có”” does.
Silent when: the condition uses what has no words here; then it stands as the form has it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from forms.datasets.description import Dataset, Table, Variable, spoken
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain
from forms.expressions.parser import parse
from forms.expressions.saying import Names, in_words
from forms.expressions.tree import (
    Answer,
    Call,
    Expression,
    Here,
    Number,
    Operation,
    Path,
    Text,
    parts,
    walk,
    with_parts,
)
from forms.phrases import Phrase, template
from forms.problems import ExpressionWrong

EVERY_RECORD: Final = template("every record")
EVERY_ROW: Final = template("every row of “{table}”")
WHERE: Final = template("where {condition}")
_SAID: Final = frozenset({"true", "false", "not", "selected", "if", "coalesce"})
_LONGEST: Final = 60
_PARTS: Final = 40


class Universe:
    """Says of each variable of a dataset who was asked."""

    def __init__(self, dataset: Dataset, origin: Origin) -> None:
        self._origin = origin
        self._asked: dict[str, Variable] = {}
        for table in dataset.tables:
            for one in table.variables:
                if one.path and not one.part_of:
                    # An expression names a question by its last step; of several the first is meant.
                    self._asked.setdefault(one.path.rpartition("/")[2], one)

    def of(self, table: Table, variable: Variable) -> str:
        """All of a table, or those rows where the form's condition holds; "" for our columns."""
        if not variable.path:
            return ""
        if variable.relevant.strip():
            return self._origin.words(WHERE, condition=self._condition(variable.relevant.strip()))
        if table.parent is None:
            return self._origin.say(EVERY_RECORD)
        called = plain(spoken(table.labels, self._origin.language)) or table.name
        return self._origin.words(EVERY_ROW, table=called)

    def _condition(self, expression: str) -> str:
        tree = _parsed(expression)
        if tree is None:
            return expression
        said = in_words(self._codes_as_texts(tree), Names(self._called, self._chosen))
        return self._origin.words(said.template, **said.details) if isinstance(said, Phrase) else said

    def _called(self, answer: Answer) -> str:
        one = self._asked.get(answer.name)
        return (_short(plain(spoken(one.labels, self._origin.language))) if one else "") or answer.name

    def _chosen(self, answer: Answer, code: str) -> str:
        one = self._asked.get(answer.name)
        for value in one.values if one else ():
            if value.code == code:
                return plain(spoken(value.labels, self._origin.language)) or code
        return code

    def _codes_as_texts(self, node: Expression) -> Expression:
        """`${consent} = 1` as `${consent} = '1'` where 1 is a code of a list: so it has words."""
        node = with_parts(node, tuple(self._codes_as_texts(one) for one in parts(node)))
        match node:
            case Operation(left=Answer(name=name), right=Number(value=value)):
                one = self._asked.get(name)
                if one is not None and f"{value:g}" in {known.code for known in one.values}:
                    return replace(node, right=Text(f"{value:g}"))
        return node


@lru_cache(maxsize=4_096)
def _parsed(expression: str) -> Expression | None:
    """The expression as a tree; None where it cannot be said in words."""
    try:
        tree = parse(expression)
    except ExpressionWrong:
        return None
    below = list(walk(tree))
    odd = any(
        isinstance(part, Here | Path) or (isinstance(part, Call) and part.function not in _SAID)
        for part in below
    )
    return None if odd or len(below) > _PARTS else tree


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[:_LONGEST].rsplit(' ', 1)[0]}…"
