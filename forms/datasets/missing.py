"""⑨ Why a cell has no answer, told apart: what SPSS and Stata write in its place.

| why | Stata | SPSS |
| --- | --- | --- |
| don't know (a code of the list) | `.a` | -999999991 |
| refused (a code of the list) | `.b` | -999999992 |
| not asked (not relevant, or not in that version) | `.c` | -999999993 |
| left blank | `.d` | -999999994 |
| sent, but not readable as its kind | `.e` | -999999995 |
| other codes of the list that stand for no answer | `.f` … | -999999996 … |
| a column of ours that is empty (no village known) | `.` | system-missing |

The numbers lie outside what a phone lets anybody type (nine signs with the minus), and are declared as
user-missing, so that no mean takes them for answers. Texts have one empty cell for all of these: neither
program knows kinds of missing text worth the name.
Source: Stata User's Guide 12.2.1 (extended missing values); SPSS, MISSING VALUES; peers.md §3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from forms.datasets.description import Value
from forms.phrases import template
from forms.vietnamese import folded

ANSWERED: Final = -1
"""In arrays of kinds: the cell has an answer."""

EMPTY, DONT_KNOW, REFUSED, NOT_ASKED, BLANK, UNREADABLE = range(6)
"""The kinds by number: EMPTY is of our own columns, the rest are letters of Stata's (1 is `.a`)."""

_LAST: Final = 26
_SPSS_ZERO: Final = -999_999_990

WORDS: Final[Mapping[int, str]] = {
    DONT_KNOW: template("Don't know"),
    REFUSED: template("Refused to answer"),
    NOT_ASKED: template("Not asked"),
    BLANK: template("Left blank"),
    UNREADABLE: template("Sent, but not readable"),
}
"""What a kind is called, as English templates."""

OF_A_CELL: Final = (NOT_ASKED, BLANK, UNREADABLE)
"""The kinds any question may have; the others are codes of its list."""

_DONT_KNOW: Final = (
    "khong biet",
    "khong ro",
    "khong nho",
    "khong xac dinh",
    "don t know",
    "dont know",
    "unknown",
)
_REFUSED: Final = ("tu choi", "khong tra loi", "refuse", "no answer")


def spss(kind: int) -> float:
    """The number SPSS has for a kind (of DONT_KNOW and after)."""
    return float(_SPSS_ZERO - kind)


def letter(kind: int) -> str:
    """What Stata calls a kind, from `.` and `.a` on."""
    return f".{chr(96 + kind)}" if kind else "."


def kinds_of(values: Iterable[Value]) -> Mapping[str, int]:
    """The codes of a list that stand for no answer, and their kinds.

    The first code whose words say so in any language is DONT_KNOW or REFUSED; all others take the free
    letters in order, and past the last letter they are DONT_KNOW.
    """
    free = iter(range(UNREADABLE + 1, _LAST + 1))
    found: dict[str, int] = {}
    for value in values:
        if value.missing:
            said = {_meant(folded(words)) for words in (*value.labels.values(), value.code)} - {0}
            kind = next((one for one in sorted(said) if one not in found.values()), 0)
            found[value.code] = kind or next(free, DONT_KNOW)
    return found


def _meant(words: str) -> int:
    if any(one in words for one in _DONT_KNOW):
        return DONT_KNOW
    return REFUSED if any(one in words for one in _REFUSED) else 0


def digits(kind: int) -> str:
    """The number SPSS has for a kind, as it is typed there."""
    return f"{spss(kind):.0f}"
