"""The text of an expression into its tree. Knows: lark.

Curly quotes, which spreadsheets put in by themselves, are read as straight ones.
"""

from __future__ import annotations

import re
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from forms.expressions import faults
from forms.expressions.faults import wrong
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
    depth,
)
from forms.problems import ExpressionWrong

LONGEST = 4000
"""Characters; a cell of a spreadsheet holds more, an expression anybody can read does not."""

DEEPEST = 100
"""Levels of brackets, functions and operators in each other."""

_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
_INSTEAD = {
    "==": "=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "&": "and",
    "|": "or",
    "!": "not( ) or !=",
    "%": "mod",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "×": "*",
}
_CLOSING = {"(": ")", "${": "}", "$": "{…}", "'": "'", '"': '"'}
_END = "$END"
_LIST = re.compile(r"\b(instance|pulldata)\s*\(")
_LAST_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)\s*\Z")


@v_args(inline=True)
class _Grow(Transformer[Token, Expression]):
    """Makes the tree while the text is read, so that no depth of brackets is walked twice."""

    def number(self, token: Token) -> Expression:
        return Number(float(token), _at(token))

    def text(self, token: Token) -> Expression:
        return Text(token[1:-1], _at(token))

    def question(self, token: Token) -> Expression:
        return Answer(token[2:-1].strip(), at=_at(token))

    def here(self, token: Token) -> Expression:
        return Here(_at(token))

    def path(self, token: Token) -> Expression:
        steps = [step.strip() for step in token.split("/") if not step.startswith("current")]
        return Path(steps.count(".."), tuple(step for step in steps if step not in {"", ".."}), _at(token))

    def negative(self, sign: Token, operand: Expression) -> Expression:
        return Negative(operand, _at(sign))

    def operation(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return Operation(str(operator), left, right, _at(operator))

    def either(self, *terms: Expression) -> Expression:
        return Chain("or", terms, terms[0].at)

    def both(self, *terms: Expression) -> Expression:
        return Chain("and", terms, terms[0].at)

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        return Call(str(name), tuple(one for one in arguments if one is not None), _at(name))


def _at(token: Token) -> int:
    return token.start_pos or 0


@cache
def _lark() -> Lark:
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", transformer=_Grow())


def parse(text: str) -> Expression:
    """The tree of `text`, its questions not yet looked up. Raises ExpressionWrong."""
    if not text.strip():
        raise wrong(faults.EMPTY, text, 0)
    if len(text) > LONGEST:
        raise wrong(faults.TOO_LONG, text[:80] + "…", LONGEST)
    try:
        tree: Expression = _lark().parse(text.translate(_STRAIGHT))  # type: ignore[assignment]
    except UnexpectedToken as error:
        raise _unexpected(text, error) from error
    except UnexpectedCharacters as error:
        raise _strange(text, error) from error
    if depth(tree) > DEEPEST:
        raise wrong(faults.TOO_LONG, text[:80] + "…", 0)
    return tree


def _unexpected(text: str, error: UnexpectedToken) -> ExpressionWrong:
    token = error.token
    ends = token.type == _END
    at = len(text) if ends else _at(token)
    bare = _LAST_NAME.search(text[:at])
    if error.accepts == {"LPAR"} and bare:
        return wrong(faults.NAME_BARE, text, bare.start(), found=bare[1])
    awaits_value = "NUMBER" in error.accepts
    return (
        _ends(text, awaits_value=awaits_value) if ends else _misplaced(text, token, awaits_value=awaits_value)
    )


def _ends(text: str, *, awaits_value: bool) -> ExpressionWrong:
    opened = _last_opened(text)
    if opened is not None and not awaits_value:
        return wrong(faults.NOT_CLOSED, text, opened, found="(", closing=")")
    return wrong(faults.VALUE_MISSING_AT_END, text, len(text))


def _misplaced(text: str, token: Token, *, awaits_value: bool) -> ExpressionWrong:
    at = _at(token)
    pair = text[max(at - 1, 0) : at + 1]
    if token.type == "PATH":
        listed = _LIST.search(text[:at])
        return (
            wrong(faults.LIST_READ, text, listed.start()) if listed else wrong(faults.PATH_WRITTEN, text, at)
        )
    if pair in _INSTEAD:
        return wrong(faults.OTHER_LANGUAGE, text, at - 1, found=pair, instead=_INSTEAD[pair])
    if awaits_value:
        return wrong(faults.VALUE_MISSING, text, at, found=str(token))
    if token.type == "RPAR":
        return wrong(faults.TOO_MANY_CLOSED, text, at)
    return wrong(faults.OPERATOR_MISSING, text, at, found=str(token))


def _strange(text: str, error: UnexpectedCharacters) -> ExpressionWrong:
    at: int = getattr(error, "pos_in_stream", 0)
    found = text[at]
    if text.translate(_STRAIGHT)[at] in "'\"$":
        opened = "${" if text.startswith("${", at) else found
        return wrong(faults.NOT_CLOSED, text, at, found=opened, closing=_CLOSING.get(opened, found))
    if found in "/[]@":
        return wrong(faults.PATH_WRITTEN, text, at)
    if found in _INSTEAD:
        return wrong(faults.OTHER_LANGUAGE, text, at, found=found, instead=_INSTEAD[found])
    if found.isalnum() or found in "._":
        return wrong(faults.OPERATOR_MISSING, text, at, found=found)
    return wrong(faults.CHARACTER_STRANGE, text, at, found=found)


def _last_opened(text: str) -> int | None:
    """Where the innermost bracket opens that is still open at the end."""
    opened: list[int] = []
    quote = ""
    for at, character in enumerate(text.translate(_STRAIGHT)):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            opened.append(at)
        elif character == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None
