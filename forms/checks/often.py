"""How often each enumerator gets some answer, beside all others: what several checks ask.

Rests on: those who answered the question, of whom `part` gave the answer that is looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forms.checks.check import Check
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey
from forms.checks.roles import Answered
from forms.checks.spread import share_z


@dataclass(frozen=True, slots=True)
class Often:
    """An enumerator who gets an answer more or less often than all do."""

    sender: str
    part: int
    number: int
    share: float
    z: float


def often(part: Counter[str], number: Counter[str], most: float, least: float) -> Iterator[Often]:
    """The enumerators of at least `least` answers whose share lies more than `most` errors from all."""
    total = sum(number.values())
    share = sum(part.values()) / total if total else 0.0
    for sender, mine in number.items():
        z = share_z(part[sender], mine, share) if mine >= least and sender else None
        if z is not None and abs(z) > most:
            yield Often(sender, part[sender], mine, share, z)


class Shares:
    """Counts, for some answers, by enumerator, who gave them and who was asked."""

    def __init__(self, survey: Survey, check: Check, answers: Sequence[Answered]) -> None:
        self._survey = survey
        self._check = check
        self._answers = answers
        self._part: dict[Answered, Counter[str]] = {one: Counter() for one in answers}
        self._number: dict[Answered, Counter[str]] = {one: Counter() for one in answers}

    def take(self, block: Block) -> None:
        """Count a block."""
        for one in self._answers:
            table = block.table_of(one.path)
            if table is None:
                continue
            for (sender, value), count in Counter(
                zip(block.senders(table), table.column(one.path), strict=True)
            ).items():
                if value is not None:
                    self._number[one][sender] += count
                    self._part[one][sender] += count if said(value, one.code) else 0

    def found(self) -> Iterable[Found]:
        """The enumerators that stand out."""
        numbers = self._survey.numbers(self._check.code)
        for one in self._answers:
            for odd in often(self._part[one], self._number[one], numbers["z"], numbers["least"]):
                details = {
                    "part": str(odd.part),
                    "number": str(odd.number),
                    "percent": f"{100 * odd.part / odd.number:.0f}",
                    "usual": f"{100 * odd.share:.0f}",
                    "answer": one.code,
                }
                yield Found(
                    self._check.code,
                    path=one.path,
                    subject=odd.sender,
                    variant=one.code,
                    value=f"{details['percent']}%",
                    expected=f"{details['usual']}%",
                    form=self._survey.form,
                    details=details,
                )


def said(value: Any, code: str) -> bool:
    """Whether an answer is, or among several holds, a code."""
    text = str(value)
    return text == code or (" " in text and code in text.split())
