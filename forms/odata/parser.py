"""The text of a `$filter` into its tree, and that of an `$orderby` into its clauses. Knows: lark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from forms.odata.problems import FilterTooLong, FilterUnreadable
from forms.odata.tree import Among, Call, Chain, Compared, Expression, Kind, Literal, Named, Negated, size

LONGEST = 8_000
"""Characters of an expression."""

LARGEST, DEEPEST = 400, 50
"""Fields, values and conditions in one expression, and in each other: SQLite reads a thousand levels."""

_CLAUSE = re.compile(r"\s*(?P<name>\S+)(?:\s+(?P<way>asc|desc))?\s*", re.IGNORECASE)
_SHOWN = 20
_INT64 = 1 << 63


class _Unreadable(Exception):
    """A literal of the right form that is none, such as the 31st of February."""

    def __init__(self, token: Token) -> None:
        super().__init__(str(token))
        self.token = token


@v_args(inline=True)
class _Grow(Transformer[Token, Expression]):
    """Makes the tree while the text is read, so that no depth of brackets is walked twice."""

    def text(self, token: Token) -> Expression:
        return Literal(token[1:-1].replace("''", "'"), Kind.TEXT, _at(token), str(token))

    def member(self, token: Token) -> Expression:
        return Literal(token.partition("'")[2][:-1], Kind.TEXT, _at(token), str(token))

    def moment(self, token: Token) -> Expression:
        try:
            read = datetime.fromisoformat(token.replace(" ", "+"))
            # Without an offset it is one of UTC, as every moment that leaves this server.
            value = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _Unreadable(token) from error
        return Literal(value, Kind.MOMENT, _at(token), str(token))

    def day(self, token: Token) -> Expression:
        try:
            value = date.fromisoformat(token)
        except ValueError as error:
            raise _Unreadable(token) from error
        return Literal(value, Kind.DAY, _at(token), str(token))

    def number(self, token: Token) -> Expression:
        whole = token.lstrip("+-").isdigit() and len(token) < len(str(_INT64))
        return Literal(int(token) if whole else float(token), Kind.NUMBER, _at(token), str(token))

    def truth(self, token: Token) -> Expression:
        written = str(token)
        return Literal(written == "true", Kind.TRUTH, _at(token), written)

    def null(self, token: Token) -> Expression:
        return Literal(None, Kind.NULL, _at(token), str(token))

    def field(self, token: Token) -> Expression:
        return Named(str(token), _at(token))

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        return Call(str(name), tuple(one for one in arguments if one is not None), at=_at(name))

    def compared(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return Compared(operator.lower(), left, right)

    def among(self, value: Expression, *listed: Literal) -> Expression:
        return Among(value, listed)

    def negated(self, _word: Token, condition: Expression) -> Expression:
        return Negated(condition)

    def both(self, *terms: Expression) -> Expression:
        return Chain("and", terms)

    def either(self, *terms: Expression) -> Expression:
        return Chain("or", terms)


def _at(token: Token) -> int:
    return token.start_pos or 0


@cache
def _lark() -> Lark:
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", transformer=_Grow())


def parse(text: str) -> Expression:
    """The tree of a `$filter`, its fields not yet looked up. Raises FilterUnreadable, FilterTooLong."""
    if len(text) > LONGEST:
        raise FilterTooLong(limit=LONGEST)
    try:
        tree: Expression = _lark().parse(text)  # type: ignore[assignment]
    except (UnexpectedToken, _Unreadable) as error:
        raise unreadable(text, _at(error.token) if error.token.type != "$END" else len(text)) from error
    except UnexpectedCharacters as error:
        raise unreadable(text, error.pos_in_stream or 0) from error  # type: ignore[redundant-expr]
    count, depth = size(tree)
    if count > LARGEST or depth > DEEPEST:
        raise FilterTooLong(limit=LARGEST)
    return tree


def unreadable(text: str, at: int) -> FilterUnreadable:
    """The refusal of a text at a place counted from 0."""
    shown = text if len(text) <= 4 * _SHOWN else f"{text[: 4 * _SHOWN]}…"
    return FilterUnreadable(text=shown, character=at + 1, found=text[at : at + _SHOWN])


@dataclass(frozen=True, slots=True)
class Clause:
    """A field to sort by; `at` is its place in the text, from 0."""

    name: str
    descending: bool
    at: int


def parse_order(text: str) -> tuple[Clause, ...]:
    """The clauses of an `$orderby`. Raises FilterUnreadable, FilterTooLong."""
    if len(text) > LONGEST or text.count(",") >= _SHOWN:
        raise FilterTooLong(limit=_SHOWN)
    clauses = []
    at = 0
    for piece in text.split(","):
        read = _CLAUSE.fullmatch(piece)
        if read is None:
            raise unreadable(text, at)
        way = (read["way"] or "asc").lower()
        clauses.append(Clause(read["name"], way == "desc", at + read.start("name")))
        at += len(piece) + 1
    return tuple(clauses)
