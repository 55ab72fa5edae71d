"""25 · What the second visit heard otherwise: error rates of enumerators, and who was never checked.

Error rate = answers that differ ÷ answers compared, by kind: 1 facts that do not change, 2 skills, 3
opinions.
Roles of the form of the second visit: `checked_form`, `household`, `back_check`: `q_members=members_n:1`, its
own question, that of the first visit, and the kind.
Silent when: fewer than `least` answers were compared; the rate is just `share`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.checks.check import ERROR, INFO, Check, Threshold
from forms.checks.found import Found

RATE = Check(
    "back_check_rate",
    ERROR,
    "Second visits hear other facts",
    "{wrong} of {compared} facts ({percent}%) were heard otherwise at the second visit.",
    "Let the enumerator's households be done again.",
    {"share": Threshold(0.1, 0, 1), "least": Threshold(10, 1, 100_000)},
)
FEW = Check(
    "back_check_few",
    INFO,
    "Hardly any second visits",
    "{checked} of {surveyed} households ({percent}%) were visited a second time.",
    "Draw more households for a second visit.",
    {"share": Threshold(0.05, 0, 1), "least": Threshold(20, 1, 100_000)},
)
CHECKS = (RATE, FEW)

FACT = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """A household visited twice: who went first, and of each answer the kind and whether both agree."""

    sender: str
    answers: Sequence[tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many answers of a kind differ, of how many."""

    wrong: int
    compared: int

    @property
    def share(self) -> float:
        """The error rate."""
        return self.wrong / self.compared if self.compared else 0.0


def rates(several: Iterable[Compared]) -> dict[str, dict[int, Rate]]:
    """The error rates of each enumerator by kind."""
    wrong: defaultdict[str, Counter[int]] = defaultdict(Counter)
    compared: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for one in several:
        for kind, same in one.answers:
            compared[one.sender][kind] += 1
            wrong[one.sender][kind] += not same
    return {
        sender: {kind: Rate(wrong[sender][kind], number) for kind, number in counts.items()}
        for sender, counts in compared.items()
    }


def to_redo(several: Iterable[Compared], numbers: Mapping[str, float], form: str) -> Iterator[Found]:
    """The enumerators of whom too many facts were heard otherwise."""
    for sender, by_kind in rates(several).items():
        rate = by_kind.get(FACT, Rate(0, 0))
        if sender and rate.compared >= numbers["least"] and rate.share > numbers["share"]:
            percent = f"{100 * rate.share:.0f}"
            details = {"wrong": str(rate.wrong), "compared": str(rate.compared), "percent": percent}
            yield Found(RATE.code, subject=sender, value=f"{percent}%", form=form, details=details)


def too_few(
    surveyed: Mapping[str, int], checked: Mapping[str, int], numbers: Mapping[str, float], form: str
) -> Iterator[Found]:
    """The enumerators hardly any of whose households were visited again."""
    for sender, number in surveyed.items():
        mine = checked.get(sender, 0)
        if sender and number >= numbers["least"] and mine < numbers["share"] * number:
            percent = f"{100 * mine / number:.0f}"
            details = {"checked": str(mine), "surveyed": str(number), "percent": percent}
            yield Found(FEW.code, subject=sender, value=f"{percent}%", form=form, details=details)
