"""6 · Interviews that took too short or too long.

Too fast: less than half the median of the survey, or so short that the logarithm lies more than two
deviations below its mean. Too slow: more than three times the median.
Silent when: fewer than `least` interviews have both times; where one ends before it begins, which is the
clock's fault (`forms.checks.clocks`).
Keeps: two numbers for each record.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean, median, pstdev

from forms.checks.check import INFO, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch

FAST = Check(
    "interview_too_fast",
    WARNING,
    "Interview too fast",
    "The interview took {minutes} minutes; half of them take {median} or more.",
    "Ask the enumerator how it went; visit the household again if in doubt.",
    {"share": Threshold(0.5, 0, 1), "z": Threshold(2, 0, 10), "least": Threshold(30, 2, 100_000)},
)
SLOW = Check(
    "interview_too_slow",
    INFO,
    "Interview too slow",
    "The interview took {minutes} minutes; half of them take {median} or less.",
    "The form was perhaps left open; ask where several of one enumerator are.",
    {"times": Threshold(3, 1, 1_000), "least": Threshold(30, 2, 100_000)},
)
CHECKS = (FAST, SLOW)


def too_fast(minutes: Sequence[float], numbers: Mapping[str, float]) -> Iterator[int]:
    """The places in `minutes` of those that are too short."""
    if len(minutes) < numbers["least"]:
        return
    middle = median(minutes)
    logs = [math.log(one) for one in minutes if one > 0]
    mean, deviation = fmean(logs), pstdev(logs)
    for at, one in enumerate(minutes):
        far = one > 0 and deviation > 0 and (math.log(one) - mean) / deviation < -numbers["z"]
        if one < numbers["share"] * middle or far:
            yield at


def too_slow(minutes: Sequence[float], numbers: Mapping[str, float]) -> Iterator[int]:
    """The places in `minutes` of those that are too long."""
    if len(minutes) < numbers["least"]:
        return
    longest = numbers["times"] * median(minutes)
    yield from (at for at, one in enumerate(minutes) if one > longest)


class InterviewTimes(Watch):
    """Gathers how long each interview took."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._records = array("q")
        self._minutes = array("d")

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for one in block.interviews:
            minutes = one.minutes
            if minutes is not None and minutes >= 0:
                self._records.append(one.number)
                self._minutes.append(minutes)
        return ()

    def all_seen(self) -> Iterable[Found]:
        """Those that stand out from all."""
        if not self._minutes:
            return
        middle = median(self._minutes)
        for check, which in ((FAST, too_fast), (SLOW, too_slow)):
            if self._survey.on(check.code):
                for at in which(self._minutes, self._survey.numbers(check.code)):
                    yield self._found(check, at, middle)

    def _found(self, check: Check, at: int, middle: float) -> Found:
        minutes = f"{self._minutes[at]:.1f}"
        details = {"minutes": minutes, "median": f"{middle:.1f}"}
        return Found(
            check.code, (self._records[at],), value=minutes, expected=f"{middle:.1f}", details=details
        )
