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

BACKWARDS = Check(
    "clock_backwards",
    WARNING,
    "Interview ended before it began",
    "The interview began on {began} and ended before that.",
    "Set the phone's clock to the time of the network; correct the day of the record where it matters.",
)
AHEAD = Check(
    "clock_ahead",
    WARNING,
    "Interview began after it was received",
    "The interview began on {began}, after the record had come.",
    "Set the phone's clock to the time of the network; correct the day of the record where it matters.",
    {"minutes": Threshold(10, 0, 100_000)},
)
OTHER_DAY = Check(
    "clock_other_day",
    WARNING,
    "Day of the record is not the day it began",
    "The interview began on {began}, but its day is {day}.",
    "Set the phone's clock to the time of the network; correct the day of the record where it matters.",
)
OTHER_YEAR = Check(
    "clock_other_year",
    WARNING,
    "Year that cannot be",
    "The interview began on {began}, years away from the day the record came.",
    "Set the phone's clock to the time of the network; correct the day of the record where it matters.",
    {"years": Threshold(1, 0, 10)},
)
CHECKS = (BACKWARDS, AHEAD, OTHER_DAY, OTHER_YEAR)


def faults(one: Interview, minutes: float, years: float) -> Iterator[Check]:
    """Everything that cannot be of the times of one interview."""
    if one.started is None:
        return
    began = one.started.astimezone(HOME)
    if one.ended is not None and one.ended < one.started:
        yield BACKWARDS
    if one.started > one.received + timedelta(minutes=minutes):
        yield AHEAD
    # Its own clock may stand in another zone.
    if one.today is not None and one.today not in {one.started.date(), began.date()}:
        yield OTHER_DAY
    if abs(began.year - one.received.astimezone(HOME).year) > years:
        yield OTHER_YEAR


class Clocks(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._minutes = survey.numbers(AHEAD.code)["minutes"]
        self._years = survey.numbers(OTHER_YEAR.code)["years"]
        self._on: Mapping[str, bool] = {check.code: survey.on(check.code) for check in CHECKS}

    def see(self, block: Block) -> Iterable[Found]:
        """One finding for each thing that cannot be."""
        for one in block.interviews:
            for check in faults(one, self._minutes, self._years):
                if self._on[check.code]:
                    value = f"{one.began_here:%d/%m/%Y %H:%M}"
                    day = f"{one.today:%d/%m/%Y}" if one.today else ""
                    yield Found(check.code, (one.number,), value=value, details={"began": value, "day": day})
