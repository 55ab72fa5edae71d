"""SQL that means the same on SQLite and PostgreSQL, where their own functions do not.

SQLite has no date and no number parsing that fails, PostgreSQL fails the whole statement on one text
that is no number; LIKE ignores case on one of them only, and `round`, `%` and casts round differently.
NULL is what has no value: no number, no date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    Integer,
    Text,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    literal,
    not_,
    null,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from forms.expressions.numbers import LARGEST, LONGEST, NEAR, SMALLEST_DIVISOR, SPACES

Some: TypeAlias = ColumnElement[Any]
Truth: TypeAlias = ColumnElement[bool]

DIGITS = "0123456789"
_PLAIN = 15
"""Digits a plain whole number may have to be read the short way, without losing any."""

_INTEGER = 1 << 31
_WRITTEN_WHOLE = 1e15
_DAY_DIGITS = 8
_FEBRUARY = 2
_MINUTES = 24 * 60.0
HOME = 7 * 60.0
"""Minutes that Viet Nam's clocks are ahead of UTC, where phones that say nothing else are."""


def number(value: float) -> Some:
    """A number to reckon with: a whole one would overflow early, and divide differently."""
    return literal(value, Double())


def measure(value: float) -> Some:
    """A number only to compare with, whole if it can be, as columns of whole numbers are."""
    if value.is_integer() and abs(value) < _INTEGER:
        return literal(int(value), Integer())
    return number(value)


def no_number() -> Some:
    """What is no number."""
    return cast(null(), Double())


def string(value: str) -> Some:
    """A text as written in an expression."""
    return literal(value, Text())


def day(value: date) -> Some:
    """A date as written in an expression."""
    return literal(value, Date())


def sure(condition: Some) -> Truth:
    """A condition that is false where it could be NULL."""
    return func.coalesce(condition, false())


def counted(condition: Truth) -> Some:
    """1 where a condition holds, else 0."""
    return case((condition, number(1.0)), else_=number(0.0))


def cut(text: Some, start: Some | int, length: Some | int | None = None) -> Some:
    """A piece of a text, its first character counted 1."""
    return func.substr(text, *(start, length)[: 1 if length is None else 2], type_=Text())


def left(text: Some, without: str) -> Some:
    """What is left of a text without these characters at its start."""
    return func.ltrim(text, without, type_=Text())


def swap(text: Some, old: Some | str, new: str) -> Some:
    """A text with one part, wherever it stands, in place of another."""
    return func.replace(text, old, new, type_=Text())


def trimmed(text: Some, characters: str = SPACES) -> Some:
    """A text without what surrounds it."""
    return func.trim(text, characters, type_=Text())


def length_of(text: Some) -> Some:
    """How many characters a text has."""
    return func.length(text, type_=Integer())


def number_in(text: Some) -> Some:
    """The number a text says (see `forms.expressions.numbers`), NULL if it says none."""
    plain = trimmed(swap(text, ",", "."))
    return case(
        (text == "", no_number()),
        (and_(length_of(text) <= _PLAIN, left(text, DIGITS) == ""), cast(text, Double())),
        (_is_number(plain), bounded(cast(plain, Double()))),
    )


def _is_number(plain: Some) -> Truth:
    # A minus can only be the first character, one point may be among the digits, one digit must be.
    return and_(
        length_of(plain) <= LONGEST,
        left(cut(plain, 1, 1), DIGITS + ".-") == "",
        left(cut(plain, 2), DIGITS + ".") == "",
        left(plain, ".-") != "",
        length_of(swap(plain, ".", "")) >= length_of(plain) - 1,
    )


def bounded(value: Some) -> Some:
    """A number, NULL when beyond what arithmetic is safe with (and for NaN and Infinity)."""
    return case((func.abs(value) <= LARGEST, value))


def near(left: Some, right: Some) -> Truth:
    """True for two numbers that are equal but for the last bits; false if one is NULL."""
    return sure(func.abs(left - right) < NEAR)


def floor(value: Some) -> Some:
    """The whole number at or below one."""
    # round() breaks ties differently on the two databases; taking back what went up evens that out.
    up: Some = func.round(value, type_=Double())
    return up - case((up > value, number(1.0)), else_=number(0.0))


def truncated(value: Some) -> Some:
    """The whole number at or next to one, towards zero."""
    nearest: Some = func.round(value, type_=Double())
    beyond = func.abs(nearest) > func.abs(value)
    return nearest - case((not_(beyond), number(0.0)), (value < 0, number(-1.0)), else_=number(1.0))


def rounded(value: Some, places: int = 0) -> Some:
    """A number to some decimals, ties upwards, as XPath does.

    With decimals a tie is what lies within a billionth of one: 2.675, which no computer can hold,
    becomes 2.68 as on the phone.
    """
    if places:
        scale = number(10.0**places)
        return floor(value * scale + number(0.5 + 1e-9)) / scale
    nearest: Some = func.round(value, type_=Double())
    # What SQLite rounds up may lie a hair below the tie, where a difference would hide it.
    fell, rose = value - nearest >= number(0.5), value < nearest - number(0.5)
    step = case((fell, number(1.0)), (rose, number(-1.0)), else_=number(0.0))
    return nearest + step


def divisor(value: Some) -> Some:
    """A number to divide by; NULL for 0, as a quotient then is."""
    return case((func.abs(value) >= SMALLEST_DIVISOR, value))


def remainder(left: Some, right: Some) -> Some:
    """What a division leaves, with the sign of the dividend."""
    return left - right * truncated(left / right)


def outermost(values: Sequence[Some], *, largest: bool) -> Some:
    """The largest or smallest of the numbers that there are; NULL if there are none."""
    if len(values) == 1:
        return values[0]
    # In pairs, then pairs of pairs: one after the other would repeat the first value over and over.
    half = len(values) // 2
    one, other = (outermost(part, largest=largest) for part in (values[:half], values[half:]))
    wins = one >= other if largest else one <= other
    return case((or_(wins, other.is_(None)), one), else_=other)


def whole_as_text(value: Some, *, missing: str) -> Some:
    """A whole number in digits; `missing` where there is none, or one longer than phones write in digits."""
    digits = cast(cast(value, BigInteger()), Text())
    return case((func.abs(value) < _WRITTEN_WHOLE, digits), else_=string(missing))


def moment_in(text: Some) -> Some:
    """The point in time at the beginning of a text, in days since 1970-01-01 UTC; NULL if there is none.

    A date alone is midnight in Viet Nam, as on a phone there.
    """
    clock = cut(text, 12)
    zone = cut(text, 24)
    has_clock = and_(cut(text, 11, 1) == "T", _digits(clock, "00:00:00.000"))
    has_zone = _digits(zone, "+00:00")
    offset = case(
        (and_(has_zone, cut(zone, 1, 1) == "-"), -_minutes(zone, 2)),
        (has_zone, _minutes(zone, 2)),
        (zone == "Z", number(0.0)),
        else_=number(HOME),
    )
    seconds: Some = cast(cut(clock, 7, 6), Double())
    return case(
        (has_clock, days_in(text) + (_minutes(clock, 1) - offset) / _MINUTES + seconds / (_MINUTES * 60)),
        else_=days_in(text) - number(HOME / _MINUTES),
    )


def moment_of(value: Some) -> Some:
    """The midnight in Viet Nam a date begins with, in days since 1970-01-01 UTC."""
    return days_of(value) - number(HOME / _MINUTES)


def _minutes(clock: Some, start: int) -> Some:
    hours: Some = cast(cut(clock, start, 2), Double())
    minutes: Some = cast(cut(clock, start + 3, 2), Double())
    return hours * 60 + minutes


def _digits(text: Some, like: str) -> Truth:
    """True where a text begins like `like`, with any digit for a 0 and either sign for +."""
    found = []
    for place, character in enumerate(like, start=1):
        allowed = {"0": DIGITS, "+": "+-"}.get(character, character)
        found.append(and_(cut(text, place, 1) != "", left(cut(text, place, 1), allowed) == ""))
    return and_(*found)


def is_day(text: Some) -> Truth:
    """True for `2026-12-31`, alone or before a `T`; the 31st of February is taken for one."""
    digits = cut(text, 1, 4).concat(cut(text, 6, 2)).concat(cut(text, 9, 2))
    return and_(
        length_of(digits) == _DAY_DIGITS,
        left(digits, DIGITS) == "",
        cut(text, 5, 1) == "-",
        cut(text, 8, 1) == "-",
        cut(text, 6, 2).between("01", "12"),
        cut(text, 9, 2).between("01", "31"),
        cut(text, 11, 1).in_(["", "T"]),
    )


def day_in(text: Some) -> Some:
    """The date at the beginning of a text, as text; '' if there is none."""
    return case((is_day(text), cut(text, 1, 10)), else_="")


def days_in(text: Some) -> Some:
    """The date at the beginning of a text, in days since 1970-01-01; NULL if there is none."""
    parts = (cast(cut(text, start, length), Integer()) for start, length in ((1, 4), (6, 2), (9, 2)))
    return case((is_day(text), _days(*parts)))


def days_of(value: Some) -> Some:
    """A date in days since 1970-01-01."""
    return _days(*year_month_day(value))


def year_month_day(value: Some) -> list[Some]:
    """The three numbers of a date."""
    return [cast(extract(part, value), Integer()) for part in ("year", "month", "day")]


def _days(year: Some, month: Some, date_: Some) -> Some:
    # The civil calendar with years that begin in March, so that the leap day is the last one.
    began = year - case((month <= _FEBRUARY, 1), else_=0)
    months = (month + 9) % 12
    leap = began // 4 - began // 100 + began // 400
    return cast(365 * began + leap + (153 * months + 2) // 5 + date_ - 719469, Double())


def day_as_text(value: Some) -> Some:
    """A date as `2026-12-31`, '' for none, whatever style the server writes dates in."""
    year, month, date_ = year_month_day(value)
    packed = cast(year * 10000 + month * 100 + date_ + 100_000_000, Text())
    written = cut(packed, 2, 4).concat("-").concat(cut(packed, 6, 2)).concat("-").concat(cut(packed, 8, 2))
    return func.coalesce(written, "")


class _Month(FunctionElement[str]):
    """The beginning of a date as text."""

    name = "month_text"
    inherit_cache = True
    type = Text()


@compiles(_Month)
def _month_kept_as_text(element: _Month, compiler: SQLCompiler, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, 7)"


@compiles(_Month, "postgresql")
def _month_of_date(element: _Month, compiler: SQLCompiler, **more: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **more)}, 'YYYY-MM')"


def month_text(value: Some) -> Some:
    """The month of a date as `2026-12`; quicker than taking it apart, for questions over all records."""
    return _Month(value)
