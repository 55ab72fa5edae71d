"""What texts hold, in SQL that means the same on SQLite and PostgreSQL (see `storage.portable`).

Capitals count, and a character is a character of Unicode, on both.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Double, Integer, Text, and_, case, cast, func, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from forms.expressions.checking import FORMATS
from forms.expressions.numbers import SPACES
from storage.portable import Some, Truth, cut, left, length_of, number, string, swap, trimmed

_PIECE = re.compile(r"%.|[^%]+")


def contains(text: Some, part: Some) -> Truth:
    """True if a text holds another, capitals counting."""
    return or_(part == "", swap(text, part, "") != text)


def starts_with(text: Some, part: Some) -> Truth:
    """True if a text begins with another, capitals counting."""
    return func.substr(text, 1, func.length(part), type_=Text()) == part


def ends_with(text: Some, part: Some) -> Truth:
    """True if a text ends with another, capitals counting."""
    start = length_of(text) - length_of(part)
    return and_(start >= 0, cut(text, start + 1) == part)


def holds_word(text: Some, word: Some) -> Truth:
    """True if a list of words divided by spaces holds one."""
    padded = string(" ").concat(text).concat(" ")
    return swap(padded, string(" ").concat(word).concat(" "), "") != padded


def words(text: Some) -> Some:
    """How many words a text has, as spaces divide it."""
    # Each space turns into a pair of marks, and where one pair ends as the next begins both vanish,
    # so that runs of spaces count once. XML, and so an answer, cannot hold these marks.
    pairs = swap(trimmed(text, " "), " ", "\x01\x02")
    single = swap(pairs, "\x02\x01", "")
    breaks = length_of(single) - length_of(swap(single, "\x01\x02", "\x01"))
    return case((left(text, " ") == "", number(0.0)), else_=cast(breaks, Double()) + number(1.0))


def spaced(text: Some) -> Some:
    """A text without space around it, and with one where there are several."""
    plain = text
    for character in SPACES[1:]:
        plain = swap(plain, character, " ")
    pairs = swap(trimmed(plain, " "), " ", "\x01\x02")
    return swap(swap(pairs, "\x02\x01", ""), "\x01\x02", " ")


def before(text: Some, part: Some) -> Some:
    """What stands before the first place of a part; '' where there is none."""
    return case((PlaceOf(text, part) > 1, cut(text, 1, PlaceOf(text, part) - 1)), else_="")


def after(text: Some, part: Some) -> Some:
    """What stands behind the first place of a part; '' where there is none."""
    place = PlaceOf(text, part)
    return case((place > 0, cut(text, place + length_of(part))), else_="")


def word_at(text: Some, index: int) -> Some:
    """The word at a place counted from 0, as spaces divide a text; '' beyond the last."""
    return func.coalesce(WordAt(spaced(text), literal(index, Integer())), "", type_=Text())


def matches(text: Some, pattern: str) -> Truth:
    """True where a text holds what a pattern of `forms.expressions.patterns` says."""
    # SQLite has the operator, and SQLAlchemy gives every connection the function behind it.
    return text.regexp_match(string(pattern))


def formatted(day: Some, written: str) -> Some:
    """A date as `2026-12-31` in the words of `written`, as format-date() has it."""
    pieces = (_piece(day, piece) for piece in _PIECE.findall(written))
    return reduce(ColumnElement.concat, pieces, string(""))


def _piece(day: Some, piece: str) -> Some:
    if piece not in FORMATS:
        return string(piece)
    found = cut(day, *FORMATS[piece])
    return left(found, "0") if piece in {"%n", "%e"} else found


class PlaceOf(FunctionElement[int]):
    """Where a text first holds another, from 1; 0 where it does not."""

    type = Integer()
    inherit_cache = True


class WordAt(FunctionElement[str]):
    """The word of a text at a place counted from 0, one space between words; NULL or '' beyond the last."""

    type = Text()
    inherit_cache = True


@compiles(PlaceOf, "sqlite")
def _place_in_sqlite(element: PlaceOf, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(func.instr(*element.clauses), **how)


@compiles(PlaceOf)
def _place_in_postgresql(element: PlaceOf, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(func.strpos(*element.clauses), **how)


@compiles(WordAt, "sqlite")
def _word_in_sqlite(element: WordAt, compiler: SQLCompiler, **how: Any) -> str:
    # SQLite divides no text, but reads lists of texts.
    text, index = element.clauses
    quoted = swap(swap(text, "\\", "\\\\"), '"', '\\"')
    listed = string('["').concat(swap(quoted, " ", '","')).concat('"]')
    place = string("$[").concat(cast(index, Text())).concat("]")
    return compiler.process(func.json_extract(listed, place), **how)


@compiles(WordAt)
def _word_in_postgresql(element: WordAt, compiler: SQLCompiler, **how: Any) -> str:
    text, index = element.clauses
    return compiler.process(func.split_part(text, " ", index + 1), **how)
