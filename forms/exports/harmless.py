"""Text for people's tables that no spreadsheet program takes for a formula."""

from __future__ import annotations

_TEMPTING = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text as it is, behind an apostrophe where a spreadsheet program would work it out (OWASP)."""
    return f"'{text}" if text.startswith(_TEMPTING) else text
