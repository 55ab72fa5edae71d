"""A condition of a form in words: “question 4 is “Other””, as far as it can be said.

Why: an officer who approves a form reads when a question is asked; an expression tells him nothing.
Silent when: the expression reads a list, matches a pattern, or is too long to be understood when said
aloud; then the expression itself is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forms.expressions.parser import parse
from forms.expressions.tree import (
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
from forms.phrases import Phrase, template
from forms.problems import ExpressionWrong
from forms.questionnaire.asked import Asked, Kind, Questionnaire

LONGEST = 40
"""Parts of an expression that is still understood when it is said."""

COMPARED: Mapping[str, str] = {
    "=": template("{left} is {right}"),
    "!=": template("{left} is not {right}"),
    "<": template("{left} is less than {right}"),
    "<=": template("{left} is at most {right}"),
    ">": template("{left} is more than {right}"),
    ">=": template("{left} is at least {right}"),
}
"""Comparisons, as they are said."""

WORKED_OUT: Mapping[str, str] = {
    "+": template("{left} plus {right}"),
    "-": template("{left} minus {right}"),
    "*": template("{left} times {right}"),
    "div": template("{left} divided by {right}"),
}
"""Sums, as they are said."""

JOINED: Mapping[str, str] = {"and": template("{one} and {other}"), "or": template("{one} or {other}")}
BLANK = template("{question} is left blank")
FILLED = template("{question} is answered")
CHOSEN = template("{question} has “{choice}”")
NOT_CHOSEN = template("{question} does not have “{choice}”")
QUOTED = template("“{text}”")
QUESTION = template("question {number}")
QUESTION_CALLED = template("question {number} ({label})")
COMPUTED = template("the computed value {name}")
HERE = template("the answer")
BRACKETED = template("({inner})")
NOT = template("not: {question}")
HOW_MANY = template("the number of answers chosen in {question}")
LENGTH = template("the number of characters of {question}")
TODAY = template("today")
BLANK_AS = template("{question} (blank counts as {value})")

_AS_IT_IS = "{question}"
_OF_ONE: Mapping[str, str] = {
    "not": NOT,
    "count-selected": HOW_MANY,
    "string-length": LENGTH,
    **dict.fromkeys(("number", "int", "string", "boolean", "normalize-space", "round", "date"), _AS_IT_IS),
}


@dataclass(frozen=True)
class Speaker:
    """Says the conditions of a form in one of its languages.

    `called` also says what a question asks, not its number only; `names` what computed values are called.
    """

    questionnaire: Questionnaire
    language: str
    called: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def asked(self) -> Mapping[str, Asked]:
        """Everything the form asks or computes, by path."""
        return self.questionnaire.by_path()

    @cached_property
    def by_name(self) -> Mapping[str, Asked]:
        """The first thing of each name."""
        return {one.name: one for one in reversed([*self.asked.values()])}

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each question, by path."""
        return self.questionnaire.numbers()

    def relevant(self, one: Asked) -> Phrase | None:
        """When it is asked; None where that cannot be said in words, or it is always asked."""
        return self.told(one.rules.raw_relevant, one.path)

    def constraint(self, one: Asked) -> Phrase | None:
        """What its answer has to be; None where that cannot be said in words."""
        return self.told(one.rules.raw_constraint, one.path)

    def told(self, expression: str, path: str) -> Phrase | None:
        """An expression of the XForm about the thing at `path`, in words."""
        if not expression.strip():
            return None
        try:
            tree = parse(expression)
            parts = sum(1 for _part in walk(tree))
            return _Sentence(self, path).say(tree) if parts <= LONGEST else None
        except (ExpressionWrong, _Unsayable):
            return None


class _Unsayable(Exception):
    """What has no words."""


class _Sentence:
    def __init__(self, speaker: Speaker, path: str) -> None:
        self._speaker = speaker
        self._path = path

    def say(self, node: Expression) -> Phrase:
        match node:
            case Chain(word=word, terms=terms):
                return self._chain(word, terms)
            case Operation():
                return self._operation(node)
            case Path() | Answer():
                return self._question(self._of(node))
            case Call():
                return self._call(node)
        return _plain(node)

    def _operation(self, node: Operation) -> Phrase:
        if node.operator in COMPARED:
            return self._compared(node.operator, node.left, node.right)
        if node.operator in WORKED_OUT:
            return Phrase(WORKED_OUT[node.operator], left=self.say(node.left), right=self.say(node.right))
        raise _Unsayable

    def _chain(self, word: str, terms: tuple[Expression, ...]) -> Phrase:
        said = [self._term(word, term) for term in terms]
        whole = said[0]
        for one in said[1:]:
            whole = Phrase(JOINED[word], one=whole, other=one)
        return whole

    def _term(self, word: str, term: Expression) -> Phrase:
        inner = self.say(term)
        mixed = isinstance(term, Chain) and term.word != word
        return Phrase(BRACKETED, inner=inner) if mixed else inner

    def _compared(self, operator: str, left: Expression, right: Expression) -> Phrase:
        asked = self._one(left)
        if asked is not None and isinstance(right, Text):
            if not right.value and operator in {"=", "!="}:
                return Phrase(BLANK if operator == "=" else FILLED, question=self._question(asked))
            choice = self._choice(asked, right.value)
            return Phrase(COMPARED[operator], left=self._question(asked), right=Phrase(QUOTED, text=choice))
        return Phrase(COMPARED[operator], left=self.say(left), right=self.say(right))

    def _call(self, node: Call) -> Phrase:
        match node.function, node.arguments:
            case "selected", (of, Text(value=code)):
                return self._selected(CHOSEN, of, code)
            case "not", (Call(function="selected", arguments=(of, Text(value=code))),):
                return self._selected(NOT_CHOSEN, of, code)
            case "coalesce", (of, other):
                return Phrase(BLANK_AS, question=self.say(of), value=self.say(other))
            case "today" | "now", ():
                return Phrase(TODAY)
            case name, (of,) if name in _OF_ONE:
                return Phrase(_OF_ONE[name], question=self.say(of))
        raise _Unsayable

    def _selected(self, said: str, of: Expression, code: str) -> Phrase:
        asked = self._one(of)
        if asked is None:
            raise _Unsayable
        return Phrase(said, question=self._question(asked), choice=self._choice(asked, code))

    def _one(self, node: Expression) -> Asked | None:
        """The question a node is, if it is one."""
        if isinstance(node, Here):
            return self._speaker.asked.get(self._path)
        return self._of(node) if isinstance(node, Path | Answer) else None

    def _of(self, node: Path | Answer) -> Asked:
        if isinstance(node, Answer):
            found = self._speaker.by_name.get(node.name)
        else:
            steps = self._path.strip("/").split("/")
            above = steps[: len(steps) - node.up] if node.up else []
            below = node.names if node.up else node.names[1:]
            found = self._speaker.asked.get("/" + "/".join([*above, *below]))
        if found is None:
            raise _Unsayable
        return found

    def _question(self, asked: Asked) -> Phrase:
        if asked.path == self._path:
            return Phrase(HERE)
        if asked.kind is Kind.COMPUTED:
            known = self._speaker.names.get(asked.name)
            return Phrase("{name}", name=known) if known else Phrase(COMPUTED, name=f"«{asked.name}»")
        number = self._speaker.numbers.get(asked.path)
        if number is None:
            raise _Unsayable
        label = asked.labels.get(self._speaker.language, "")
        if self._speaker.called and label:
            return Phrase(QUESTION_CALLED, number=number, label=_short(label))
        return Phrase(QUESTION, number=number)

    def _choice(self, asked: Asked, code: str) -> str:
        for choice in self._speaker.questionnaire.lists.get(asked.choices, ()):
            if choice.name == code:
                return choice.labels.get(self._speaker.language) or choice.labels.get("") or code
        return code


def _plain(node: Expression) -> Phrase:
    match node:
        case Here():
            return Phrase(HERE)
        case Number(value=value):
            return Phrase("{number}", number=f"{value:g}")
        case Negative(operand=Number(value=value)):
            return Phrase("{number}", number=f"-{value:g}")
        case Text(value=value):
            return Phrase(QUOTED, text=value)
    raise _Unsayable


def _short(label: str) -> str:
    most = 60
    return label if len(label) <= most else label[:most].rsplit(" ", 1)[0] + "…"
