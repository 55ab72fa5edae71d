"""The number somebody is given for what he sent: short enough to be written down and read out.

It is the record's own number, six digits or more, a hyphen and a check digit, so that a slip of the pen
does not lead to somebody else's record: `000123-4`.
"""

from __future__ import annotations

import re

_DIGITS = 6
_SHAPE = re.compile(r"([0-9]{1,18})\s*[-–—.\s]\s*([0-9])|([0-9]{6,18})([0-9])")
# Damm's table: it finds every single wrong digit and every two that changed places.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def receipt(number: int) -> str:
    """The receipt of the record with that number (from 1): `receipt(123)` is `000123-4` or so."""
    digits = f"{number:0{_DIGITS}}"
    return f"{digits}-{_check(digits)}"


def number_of(text: str) -> int | None:
    """The number of the record a receipt names, as somebody typed it; None where it is no receipt.

    Leading zeros may be missing and the hyphen be a blank, a dot or nothing at all.
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        return None
    digits, check = (found[1], found[2]) if found[1] else (found[3], found[4])
    # Leading zeros change nothing: the table starts at 0 and stays there.
    return int(digits) if _check(digits) == check and int(digits) > 0 else None


def _check(digits: str) -> str:
    found = 0
    for digit in digits:
        found = int(_DAMM[found][int(digit)])
    return str(found)
