"""An answer's text, and what it means: one reader and one writer per type.

A reader raises ValueError for what its type cannot be; a writer gives the canonical text, the one a
phone would have sent. Text that differs from it (`007`, `+5`, `12` for 12.0) is kept beside the value.
Source: https://getodk.github.io/xforms-spec/#data-types; numbers as JavaRosa serialises them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from math import copysign, isfinite
from typing import NamedTuple

HOME = timezone(timedelta(hours=7))
"""The zone of a moment sent without one: Viet Nam, which has had no summer time since 1975."""

LONGEST_NUMBER = 400
"""Characters; more is no number anybody typed, and reading it would cost time."""

NO_NUMBER = "NaN"
"""What browsers write for a calculation with a blank number; phones leave the answer blank, and so do we."""

LONGEST_FILE_NAME = 255
"""Characters; no phone makes longer ones, and no disk holds them."""

_DIGITS = "0123456789"
_NUMERIC = "0123456789+-.eE \t\r\n"
_OFFSET = re.compile(r"Z|[+-][0-9]{2}(:?[0-9]{2})?")
_INT64 = 1 << 63
_SURELY_INT64 = 18
_FLOAT_EXACT = 1 << 53
_DAY = len("2026-01-02")
_TO_MILLISECONDS = len("2026-01-31T02:03:04.567")
_FEWEST, _MOST = 2, 4
_NORTHMOST, _EASTMOST = 90, 180

PLAIN_FROM, PLAIN_BELOW = 1e-3, 1e7
"""Between these Java writes a number without exponent, just as Python and JSON do."""


class Point(NamedTuple):
    """A place: degrees north, degrees east, metres above the ellipsoid, metres of accuracy."""

    latitude: float
    longitude: float
    altitude: float | None = None
    accuracy: float | None = None


def read_int(text: str) -> int:
    """A 64-bit whole number; leading zeros, a sign and a fraction of zeros (`5.0`) are fine.

    Source: https://getodk.github.io/xforms-spec/#data-type:int
    """
    if len(text) <= _SURELY_INT64 and text.isdigit() and text.isascii():
        return int(text)
    text = text.strip()
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if digits and len(text) <= LONGEST_NUMBER and not digits.strip(_DIGITS):
        value = int(text)
    else:
        real = read_decimal(text)
        if not real.is_integer() or abs(real) > _FLOAT_EXACT:
            raise ValueError(f"not a whole number: {text[:40]!r}")
        value = int(real)
    if not -_INT64 <= value < _INT64:
        raise ValueError(f"does not fit 64 bits: {text[:40]!r}")
    return value


def read_decimal(text: str) -> float:
    """A finite number, `1.0E7` included; minus zero is zero. NaN and Infinity are not answers.

    Source: https://getodk.github.io/xforms-spec/#data-type:decimal
    """
    # float() knows more than the specification: "nan", "infinity", "1_000" and other scripts' digits.
    if text.strip(_NUMERIC) or len(text) > LONGEST_NUMBER:
        raise ValueError(f"not a number: {text[:40]!r}")
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"too large for a number: {text[:40]!r}")
    return value or 0.0


def read_date(text: str) -> date:
    """A day; of a moment, or of a day with an offset, the day where the phone was.

    Source: https://getodk.github.io/xforms-spec/#data-type:date
    """
    if len(text) != _DAY:
        text = text.strip()
        if len(text) > _DAY:
            _require_day_tail(text)
    _require_dashes(text)
    return date.fromisoformat(text[:_DAY])


def exact_int(text: str) -> int | None:
    """The number, where `text` is just what we would write for it; else None, and `read_int` knows more."""
    digits = text.isdigit() and text.isascii() and len(text) <= _SURELY_INT64
    return int(text) if digits and (text[0] != "0" or text == "0") else None


def exact_decimal(text: str) -> float | None:
    """The number, where `text` is what we would write for it; else None, and `read_decimal` knows more."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if PLAIN_FROM <= value < PLAIN_BELOW and repr(value) == text else None


def exact_date(text: str) -> date | None:
    """The day, where `text` is just what we would write for it; else None, and `read_date` knows more."""
    try:
        return date.fromisoformat(text) if text[4:8:3] == "--" and len(text) == _DAY else None
    except ValueError:
        return None


def read_time(text: str) -> time:
    """The wall clock where the phone was, to the millisecond; the offset stays in the text.

    Source: https://getodk.github.io/xforms-spec/#data-type:time
    """
    text = text.strip()
    if text[2:3] != ":":
        raise ValueError(f"not a time: {text[:40]!r}")
    wall = time.fromisoformat(text)
    return wall.replace(microsecond=wall.microsecond // 1000 * 1000, tzinfo=None)


def read_instant(text: str) -> datetime:
    """A moment in UTC, to the millisecond; one without an offset is in the zone HOME.

    Source: https://getodk.github.io/xforms-spec/#data-type:dateTime
    """
    text = text.strip()
    _require_dashes(text)
    if len(text) > _DAY and text[_DAY] not in "Tt ":
        raise ValueError(f"not a moment: {text[:40]!r}")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=HOME)
    if moment.microsecond % 1000:
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"outside the calendar: {text[:40]!r}") from error


def read_point(text: str) -> Point:
    """`latitude longitude [altitude [accuracy]]`, degrees and metres.

    Source: https://getodk.github.io/xforms-spec/#data-type:geopoint
    """
    numbers = [read_decimal(part) for part in text.split(None, _MOST)]
    if not _FEWEST <= len(numbers) <= _MOST:
        raise ValueError(f"not a point: {text[:40]!r}")
    if abs(numbers[0]) > _NORTHMOST or abs(numbers[1]) > _EASTMOST:
        raise ValueError(f"not on Earth: {text[:40]!r}")
    return Point(*numbers)


def read_line(text: str) -> tuple[Point, ...]:
    """The points of a geotrace or geoshape, divided by `;`, a last one allowed.

    Source: https://getodk.github.io/xforms-spec/#data-type:geotrace
    """
    return tuple(read_point(part) for part in text.split(";") if part.strip())


def codes(text: str) -> list[str]:
    """The codes of a select_multiple or a rank, in the order sent."""
    return text.split()


def is_file_name(text: str) -> bool:
    """Whether that can name a file: short enough, no folder in it, nothing a terminal would act on."""
    return (
        0 < len(text) <= LONGEST_FILE_NAME
        and text not in {".", ".."}
        and not any(letter in "/\\" or ord(letter) < ord(" ") for letter in text)
    )


def java_double(value: float) -> str:
    """A number as Java's Double.toString writes it: `5.0`, `1.0E7`, `1.0E-4`."""
    magnitude = abs(value)
    if PLAIN_FROM <= magnitude < PLAIN_BELOW:
        return repr(value)
    if magnitude == 0:
        return "-0.0" if copysign(1, value) < 0 else "0.0"
    if not isfinite(value):
        return str(value).replace("nan", "NaN").replace("inf", "Infinity")
    _, digits, exponent = Decimal(repr(magnitude)).normalize().as_tuple()
    first, *rest = map(str, digits)
    power = int(exponent) + len(rest)
    return f"{'-' if value < 0 else ''}{first}.{''.join(rest) or '0'}E{power}"


def iso_instant(moment: datetime) -> str:
    """A moment as the wire writes it, `2026-01-31T02:03:04.567Z`; one without a zone is UTC."""
    if moment.tzinfo is not None and moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:_TO_MILLISECONDS] + "Z"


def _require_dashes(text: str) -> None:
    """Refuse what fromisoformat knows beyond `2026-01-02`: `20260102`, `2026-W01-5`."""
    if len(text) < _DAY or text[4] != "-" or text[7] != "-":
        raise ValueError(f"not a date: {text[:40]!r}")


def _require_day_tail(text: str) -> None:
    """Refuse a date followed by anything but a time of day or an offset."""
    if text[_DAY] in "Tt ":
        read_instant(text)
    elif not _OFFSET.fullmatch(text, _DAY):
        raise ValueError(f"not a date: {text[:40]!r}")
