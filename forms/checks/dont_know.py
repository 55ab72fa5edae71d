"""13 · Enumerators who hear «don't know», or a refusal, much more or less often than all.

z = (share of the enumerator − share of all) ÷ √(share of all · the rest ÷ his answers).
Roles: `dont_know`, `refusal`: answers such as `m_citizen=9`.
Silent when: he has fewer than `least` answers; |z| is just `z`.
"""

from __future__ import annotations

from collections.abc import Iterable

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.often import Shares

_NUMBERS = {"z": Threshold(3, 0, 100), "least": Threshold(20, 1, 100_000)}

DONT_KNOW = Check(
    "dont_know_often",
    WARNING,
    "Many or few «don't know» of one enumerator",
    "{part} of {number} answers ({percent}%) are “{answer}”; among all enumerators it is {usual}%.",
    "Sit in on an interview: does he ask the question, does he wait for the answer?",
    _NUMBERS,
)
REFUSED = Check(
    "refused_often",
    WARNING,
    "Many or few refusals of one enumerator",
    "{part} of {number} answers ({percent}%) are “{answer}”; among all enumerators it is {usual}%.",
    "Go along to some households: how does he ask for consent?",
    _NUMBERS,
)
CHECKS = (DONT_KNOW, REFUSED)


class DontKnow(Watch):
    """Counts by enumerator."""

    def __init__(self, survey: Survey) -> None:
        pairs = ((DONT_KNOW, "dont_know"), (REFUSED, "refusal"))
        self._shares = [
            Shares(survey, check, survey.roles.answers(role))
            for check, role in pairs
            if survey.on(check.code)
        ]

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for shares in self._shares:
            shares.take(block)
        return ()

    def all_seen(self) -> Iterable[Found]:
        """The enumerators that stand out."""
        for shares in self._shares:
            yield from shares.found()
