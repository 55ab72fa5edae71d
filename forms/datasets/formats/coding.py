"""⑨ Numbers for the codes of a list, as programs of statistics want them: only numbers are labelled well.

Codes that are whole numbers stay the numbers they are (`01` is 1); a list with a letter in any of its codes
is numbered 1, 2, 3 … in its own order, the same in both programs. Codes that say why there is no answer
become kinds of missing. `names.csv` beside the files has the code behind every number.
Why not texts: in Stata a text has no labels, and SPSS leaves texts out of most of its procedures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from forms.datasets.description import Value, Variable, spoken
from forms.datasets.missing import OF_A_CELL, WORDS, kinds_of
from forms.datasets.plain_words import plain
from forms.phrases import template

_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_FLAG: Final[Mapping[int, str]] = {0: template("Not chosen"), 1: template("Chosen")}


@dataclass(frozen=True, slots=True)
class Coding:
    """`numbers` by code, `kinds` of missing by code, and what both are called."""

    numbers: Mapping[str, int]
    kinds: Mapping[str, int]
    labels: Mapping[int, str]
    kind_labels: Mapping[int, str]

    @property
    def key(self) -> tuple[tuple[int, str], ...]:
        """The same for lists that can share one set of labels."""
        return (*sorted(self.labels.items()), (0, ""), *sorted(self.kind_labels.items()))


def coding(
    variable: Variable, strangers: Collection[str], language: str, say: Callable[[str], str]
) -> Coding | None:
    """How the cells of a `code` or `flag` are numbered; None where they stay as they are.

    `strangers` are codes among the rows that are not in the list: one that is a whole number keeps it, in a
    list of letters they follow the list, any other cannot be read. `say` says English templates.
    """
    asked = {kind: say(WORDS[kind]) for kind in OF_A_CELL} if variable.path else {}
    if variable.kind == "flag":
        return Coding({}, {}, {number: say(words) for number, words in _FLAG.items()}, asked)
    if variable.kind != "code" or not variable.values:
        return None
    kinds = kinds_of(variable.values)
    called = _apart(variable.values, language)
    numbers = _numbers(variable.values, kinds, sorted(strangers))
    labels = {number: called[code] for code, number in numbers.items() if code in called}
    labels |= {number: code for code, number in numbers.items() if number not in labels}
    return Coding(numbers, kinds, labels, asked | {kind: called[code] for code, kind in kinds.items()})


def _apart(values: Sequence[Value], language: str) -> Mapping[str, str]:
    """Code to what it is called; where two are called the same, with the code (pandas refuses twins)."""
    said = {one.code: plain(spoken(one.labels, language)) or one.code for one in values}
    met = Counter(said.values())
    return {code: f"{words} ({code})" if met[words] > 1 else words for code, words in said.items()}


def _numbers(values: Sequence[Value], kinds: Mapping[str, int], strangers: Sequence[str]) -> dict[str, int]:
    codes = [one.code for one in values if one.code not in kinds]
    if not all(map(_WHOLE.fullmatch, codes)) or len(set(map(int, codes))) < len(codes):
        return {code: number for number, code in enumerate((*codes, *strangers), 1)}
    found = {code: int(code) for code in codes}
    for code in strangers:
        if _WHOLE.fullmatch(code) and int(code) not in found.values():
            found[code] = int(code)
    return found
