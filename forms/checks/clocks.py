"""9 · Times that cannot be: the phone's clock was wrong.

The end lies before the start; the start lies after the receipt; `today` is not the day of the start; the
start lies in another year than the receipt, by more than `years`.
Silent when: the start lies just `minutes` after the receipt; a time is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch
from forms.values import HOME

CHECK = Check(
    "clock_wrong",
    WARNING,
    "Clock of the phone wrong",
    "The times cannot be right: {reason}.",
    "Set the phone's clock to the time of the network; correct the day of the record where it matters.",
    {"minutes": Threshold(10, 0, 100_000), "years": Threshold(1, 0, 10)},
)
CHECKS = (CHECK,)

BACKWARDS = "it ended before it began"
EARLY = "it began after it was received"
OTHER_DAY = "its day is not the day it began"
OTHER_YEAR = "its year cannot be"


def faults(one: Interview, numbers: Mapping[str, float]) -> Iterator[str]:
    """Everything that cannot be of the times of one interview."""
    if one.started is None:
        return
    began = one.started.astimezone(HOME)
    if one.ended is not None and one.ended < one.started:
        yield BACKWARDS
    if one.started > one.received + timedelta(minutes=numbers["minutes"]):
        yield EARLY
    # The day as the phone's own clock had it: a phone abroad is not wrong.
    if one.today is not None and one.today not in {one.started.date(), began.date()}:
        yield OTHER_DAY
    if abs(began.year - one.received.astimezone(HOME).year) > numbers["years"]:
        yield OTHER_YEAR


class Clocks(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._numbers = survey.numbers(CHECK.code)

    def see(self, block: Block) -> Iterable[Found]:
        """One finding for each thing that cannot be."""
        for one in block.interviews:
            for reason in faults(one, self._numbers):
                value = f"{one.began_here:%d/%m/%Y %H:%M}"
                yield Found(CHECK.code, (one.number,), value=value, variant=reason, details={"reason": reason})
