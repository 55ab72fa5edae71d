"""⑨ How far persons are protected in a file: as stored, under pseudonyms, or de-identified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from forms.phrases import template

Protection: TypeAlias = Literal["none", "pseudonyms", "deidentified"]

PROTECTIONS: Final[tuple[Protection, ...]] = get_args(Protection)
"""From none to most; the last is what everybody gets who does not ask for another."""

DEFAULT: Final[Protection] = "deidentified"

WORDS: Final = {
    "none": template("Names and all answers as they were sent"),
    "pseudonyms": template("Names, phones and ids replaced by pseudonyms"),
    "deidentified": template("Nobody can be found in it"),
}
"""What a reader calls them: English templates."""

FEWEST: Final = 5
"""Records that are alike in what others may know of them, at least; persons that a count stands for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is to be done: the protection, and the fewest records that may be alike (k).

    `say` gives the English templates of this package in the reader's language.
    """

    protection: Protection = DEFAULT
    k: int = FEWEST
    say: Callable[[str], str] = str


def needs_purpose(protection: Protection) -> bool:
    """Whether somebody has to write down what for he takes it: whatever still tells persons apart."""
    return protection != "deidentified"
