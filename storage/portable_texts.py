"""What texts hold, in SQL that means the same on SQLite and PostgreSQL (see `storage.portable`).

Capitals count, and a character is a character of Unicode, on both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Double, Integer, Text, and_, case, cast, false, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from forms.expressions.numbers import SPACES
from forms.vietnamese import folded
from storage.portable import Some, Truth, cut, left, length_of, number, string, swap, trimmed, year_month_day

LONGEST_LIST = 1_000
"""Characters of a text whose words are told apart by their place."""

LONGEST_MATCHED = 300
"""Characters of a text that may fit a pattern: reading a longer one can take SQLite a second and more."""

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
    return _single(plain)


def _single(text: Some) -> Some:
    pairs = swap(trimmed(text, " "), " ", "\x01\x02")
    return swap(swap(pairs, "\x02\x01", ""), "\x01\x02", " ")


def before(text: Some, part: Some) -> Some:
    """What stands before the first place of a part; '' where there is none."""
    return case((PlaceOf(text, part) > 1, cut(text, 1, PlaceOf(text, part) - 1)), else_="")


def after(text: Some, part: Some) -> Some:
    """What stands behind the first place of a part; '' where there is none."""
    place = PlaceOf(text, part)
    return case((place > 0, cut(text, place + length_of(part))), else_="")


def word_at(text: Some, index: int) -> Some:
    """The word at a place counted from 0, as spaces divide a text; '' beyond the last, and of a long text."""
    # With as much room between the words as all of them take, each lies in a stretch of its own.
    words_ = _single(text)
    stretch = cut(swap(words_, " ", " " * LONGEST_LIST), index * LONGEST_LIST + 1, LONGEST_LIST)
    return case((length_of(words_) < LONGEST_LIST, trimmed(stretch, " ")), else_="")


def matches(text: Some, pattern: str) -> Truth:
    """True where a text holds what a pattern of `forms.expressions.patterns` says; never a very long one."""
    # SQLite has the operator, and SQLAlchemy gives every connection the function behind it: Python's,
    # which may read a text as often as it has letters, times itself, times itself again.
    return case((length_of(text) <= LONGEST_MATCHED, text.regexp_match(string(pattern))), else_=false())


def formatted(pieces: Mapping[str, Some], written: str) -> Some:
    """A date in the words of `written`, from its pieces as format-date() knows them."""
    found = (pieces.get(piece, string(piece)) for piece in _PIECE.findall(written))
    return reduce(ColumnElement.concat, found, string(""))


def pieces_in(text: Some) -> Mapping[str, Some]:
    """What format-date() knows of the date at the beginning of a text."""
    year, month, day = cut(text, 1, 4), cut(text, 6, 2), cut(text, 9, 2)
    return {
        "%Y": year,
        "%y": cut(text, 3, 2),
        "%m": month,
        "%n": left(month, "0"),
        "%d": day,
        "%e": left(day, "0"),
    }


def pieces_of(value: Some) -> Mapping[str, Some]:
    """What format-date() knows of a date; NULL where there is none."""
    year, month, day = year_month_day(value)
    return {
        "%Y": _digits(year, 4),
        "%y": cut(_digits(year, 4), 3, 2),
        "%m": _digits(month, 2),
        "%n": cast(month, Text()),
        "%d": _digits(day, 2),
        "%e": cast(day, Text()),
    }


def _digits(value: Some, length: int) -> Some:
    return cut(cast(value + 10**length, Text()), 2)


class PlaceOf(FunctionElement[int]):
    """Where a text first holds another, from 1; 0 where it does not."""

    type = Integer()
    inherit_cache = True


@compiles(PlaceOf, "sqlite")
def _place_in_sqlite(element: PlaceOf, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(func.instr(*element.clauses), **how)


@compiles(PlaceOf)
def _place_in_postgresql(element: PlaceOf, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(func.strpos(*element.clauses), **how)


class Bytewise(FunctionElement[str]):
    """A text that is ordered by its bytes, whatever language the database was made for."""

    type = Text()
    inherit_cache = True


@compiles(Bytewise)
def _by_bytes(element: Bytewise, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(Bytewise, "postgresql")
def _by_bytes_in_postgresql(element: Bytewise, compiler: SQLCompiler, **how: Any) -> str:
    return f'({compiler.process(element.clauses, **how)}) COLLATE "C"'


class Folded(FunctionElement[str]):
    """A text as it is searched: small letters without marks, đ as d (see `forms.vietnamese.folded`)."""

    type = Text()
    inherit_cache = True


@compiles(Folded, "sqlite")
def _folded_in_sqlite(element: Folded, compiler: SQLCompiler, **how: Any) -> str:
    # Every connection has the function, see `storage.database`.
    return f"folded({compiler.process(element.clauses, **how)})"


@compiles(Folded)
def _folded_in_postgresql(element: Folded, compiler: SQLCompiler, **how: Any) -> str:
    text = compiler.process(element.clauses, **how)
    # What database was made for which language is nobody's choice here: its lower() may know ASCII only.
    return f"lower(translate(normalize({text}, NFC), '{_MARKED}', '{_BARE}'))"


def finds(text: Some, word: Some) -> Truth:
    """True if a text, as it is searched, holds a folded word."""
    return PlaceOf(Folded(text), word) > 0


def _marked() -> dict[str, str]:
    """Every Latin letter with marks as one sign, to its bare one: those of Viet Nam and its neighbours."""
    letters = [*map(chr, range(0xC0, 0x250)), *map(chr, range(0x1E00, 0x1F00))]
    bare = {letter: folded(letter) for letter in letters}
    return {letter: plain for letter, plain in bare.items() if len(plain) == 1 and plain.isascii()}


_LETTERS = _marked()
# Signs without a partner at the end vanish.
_MARKED, _BARE = "".join(_LETTERS) + "\u2019\u2018\u02bc`\u00b4", "".join(_LETTERS.values())
