"""⑨ What tables and columns are called: the author's own names, made unique and fit for every program."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from forms.vietnamese import folded

_UNFIT = re.compile(r"\W")
_NOT_ASCII = re.compile(r"[^A-Za-z0-9_]+")
OF_ANSWER = "_answer"
"""What a question's name gets that one of our own columns has (`village_code`)."""


def plain_name(text: str) -> str:
    """A name of letters, digits and underscores that begins with a letter: `so-nha.1` is `so_nha_1`."""
    name = _UNFIT.sub("_", unicodedata.normalize("NFC", text)) or "x"
    return name if name[0].isalpha() else f"x{name}" if name[0] == "_" else f"x_{name}"


def ascii_name(text: str) -> str:
    """A name for sheets and files, in ASCII; `dataset` where nothing is left."""
    return _NOT_ASCII.sub("_", text if text.isascii() else folded(text)).strip("_") or "dataset"


class Names:
    """Hands out names that differ whatever the case."""

    def __init__(self, ours: Iterable[str] = ()) -> None:
        self._ours = {one.casefold() for one in ours}
        self._taken = set(self._ours)

    def of_question(self, path: str, table: str) -> str:
        """The last step of a path below its table; further steps in front where that name is taken."""
        steps = path.removeprefix(table).strip("/").split("/")
        name = plain_name(steps[-1])
        if name.casefold() in self._ours:
            name += OF_ANSWER
        for number in range(len(steps) - 1, 0, -1):
            if name.casefold() not in self._taken:
                break
            name = plain_name("_".join(steps[number - 1 :]))
        return self.taken(name)

    def taken(self, name: str) -> str:
        """That name, with a number behind it where it is taken."""
        given, number = name, 2
        while given.casefold() in self._taken:
            given, number = f"{name}_{number}", number + 1
        self._taken.add(given.casefold())
        return given


def file_words(text: str) -> str:
    """Words for the name of a file, in ASCII: `Xã Mường Lài` is `Xa-Muong-Lai`."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^A-Za-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:60]
