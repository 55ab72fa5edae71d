"""⑨ What the sheets of a workbook are called: as the office would, as far as Excel lets it."""

from __future__ import annotations

import re
from typing import Final

_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST: Final = 31
_RESERVED: Final = frozenset({"history"})


class Titles:
    """Gives each sheet a title that no other has, whatever the case."""

    def __init__(self) -> None:
        self._met: set[str] = set(_RESERVED)

    def of(self, wanted: str) -> str:
        """The title as wanted; without what Excel forbids, cut to 31 characters, with a number if taken."""
        plain = " ".join(_FORBIDDEN.sub(" ", wanted).split()).strip("'") or "_"
        title, number = _cut(plain), 1
        while title.casefold() in self._met:
            number += 1
            title = _cut(plain, f" ({number})")
        self._met.add(title.casefold())
        return title


def _cut(title: str, tail: str = "") -> str:
    kept = title
    while len((kept + tail).encode("utf-16-le")) // 2 > _LONGEST:
        kept = kept[:-1]
    return kept.rstrip(" '") + tail
