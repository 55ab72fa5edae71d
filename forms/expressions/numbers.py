"""A text as a number, the way the form engine reads it.

Stricter and laxer than XPath 1.0: a decimal comma is a point, white space around is nothing, and
letters (also `1e5`) or a plus sign make it no number. Source: JavaRosa, `XPathFuncExpr.toNumeric`.
"""

from __future__ import annotations

import re

LARGEST = 1e30
"""A number beyond this, either way, is no number: no arithmetic on the rest leaves what databases compute."""

LONGEST = 40
"""Characters of a text that may be a number."""

SMALLEST_DIVISOR = 1e-30
"""What lies nearer to zero divides like zero."""

NEAR = 1e-12
"""Numbers this near to each other are equal."""

SPACES = " \t\r\n"

_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")


def number_of(text: str) -> float | None:
    """The number a text says, None if it says none."""
    plain = text.replace(",", ".").strip(SPACES)
    if len(plain) > LONGEST or not _NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if abs(value) <= LARGEST else None
