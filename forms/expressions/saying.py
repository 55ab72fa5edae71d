"""⑧ An expression in words, for who has to trust a figure and reads no formulas.

Why: `${age} >= 15 and selected(${skills}, 'read')` says nothing to a commune officer; “Tuổi ≥ 15 và Kỹ năng
có chọn “Đọc”” does. The words are phrases, so that the reader's language is chosen where he is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from forms.expressions.tree import (
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
from forms.phrases import Phrase


@dataclass(frozen=True, slots=True)
class Names:
    """What questions and their answers are called: a question by its `Answer`, an answer by its code."""

    question: Callable[[Answer], str]
    choice: Callable[[Answer, str], str]


_COMPARED: Mapping[str, str] = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_RECKONED: Mapping[str, str] = {"+": "+", "-": "−", "*": "×", "div": "÷", "mod": "mod"}
_GATHERED: Mapping[str, Phrase] = {
    "sum": Phrase("the sum of"),
    "min": Phrase("the least"),
    "max": Phrase("the greatest"),
    "count": Phrase("the number of"),
    "count-non-empty": Phrase("the number of"),
}


def in_words(node: Expression, names: Names) -> str:
    """The expression in words: a phrase where it has some, plain text where signs do."""
    return _Speaker(names).of(node)


class _Speaker:
    def __init__(self, names: Names) -> None:
        self._names = names

    def of(self, node: Expression) -> str:  # noqa: C901, PLR0911 - a case for each kind of node
        """A node in words."""
        match node:
            case Number(value=value):
                return str(int(value)) if value == int(value) else str(value)
            case Text(value=value):
                return f"“{value}”"
            case Answer():
                return self._names.question(node)
            case Negative(operand=operand):
                return Phrase("minus {value}", value=self.of(operand))
            case Operation():
                return self._operation(node)
            case Chain(word=word, terms=terms):
                return self._chain(word, terms)
            case Call():
                return self._call(node)
            case Gathered(function=function, answer=answer, table=table):
                what = self._names.question(answer) if answer else table.rpartition("/")[2]
                return Phrase("{function} {what}", function=_GATHERED[function], what=what)
            case Position():
                return Phrase("the number of the row")
        return Phrase("the answer itself")

    def _chain(self, word: str, terms: tuple[Expression, ...]) -> str:
        said = self._inner(terms[0])
        for term in terms[1:]:
            both = {"first": said, "second": self._inner(term)}
            said = (
                Phrase("{first} and {second}", **both)
                if word == "and"
                else Phrase("{first} or {second}", **both)
            )
        return said

    def _inner(self, node: Expression) -> str:
        """A term of a chain; one that is a chain itself stands in brackets."""
        return Phrase("({inner})", inner=self.of(node)) if isinstance(node, Chain) else self.of(node)

    def _operation(self, node: Operation) -> str:
        left, right = node.left, node.right
        if isinstance(left, Text) and isinstance(right, Answer):
            left, right = right, left
        if isinstance(left, Answer) and isinstance(right, Text) and node.operator in {"=", "!="}:
            return self._answered(left, right.value, same=node.operator == "=")
        sign = _COMPARED.get(node.operator) or _RECKONED[node.operator]
        # What is added or taken away from a sum on the left needs no brackets.
        sums = {"+", "-"} if node.operator in {"+", "-"} else set()
        return Phrase(
            "{left} {sign} {right}", left=self._part(left, sums), sign=sign, right=self._part(right)
        )

    def _part(self, node: Expression, without: Collection[str] = ()) -> str:
        """A side of a sign; what is reckoned itself stands in brackets, but for these signs."""
        inner = {*_COMPARED, "+", "-"} - set(without)
        if isinstance(node, Operation) and node.operator in inner:
            return Phrase("({inner})", inner=self.of(node))
        return self.of(node)

    def _answered(self, question: Answer, code: str, *, same: bool) -> str:
        asked = self._names.question(question)
        if not code:
            if same:
                return Phrase("{question} is blank", question=asked)
            return Phrase("{question} is answered", question=asked)
        answer = self._names.choice(question, code)
        if same:
            return Phrase("{question} is “{answer}”", question=asked, answer=answer)
        return Phrase("{question} is not “{answer}”", question=asked, answer=answer)

    def _call(self, node: Call) -> str:  # noqa: PLR0911 - a case for each function that has words
        given = node.arguments
        match node.function, given:
            case "true", ():
                return Phrase("every row")
            case "false", ():
                return Phrase("no row")
            case "today" | "now", ():
                return Phrase("the last day of the period")
            case "not", (one,):
                return Phrase("not ({inner})", inner=self.of(one))
            case "selected", (Answer() as question, Text(value=code)):
                answer = self._names.choice(question, code)
                asked = self._names.question(question)
                return Phrase("{question} includes “{answer}”", question=asked, answer=answer)
            case "if", (condition, then, other):
                said = {"condition": self.of(condition), "then": self.of(then), "other": self.of(other)}
                return Phrase("if {condition}: {then}, else: {other}", **said)
            case "coalesce", (one, other):
                return Phrase(
                    "{first}, or where that is blank {second}", first=self.of(one), second=self.of(other)
                )
        inside = ", ".join(str(self.of(one)) for one in given)
        return f"{node.function}({inside})"
