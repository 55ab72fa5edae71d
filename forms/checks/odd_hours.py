"""8 · Interviews at an hour when nobody is visited, or over midnight.

Silent when: it begins at 05:30 or 22:00 sharp; the time is not known.
"""

from __future__ import annotations

from collections.abc import Iterable

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch
from forms.values import HOME

CHECK = Check(
    "odd_hours",
    WARNING,
    "Interview at an odd hour",
    "The interview began at {began} and ended at {ended}.",
    "Ask the enumerator; perhaps the phone's clock is wrong.",
    {"from": Threshold(5.5, 0, 24), "to": Threshold(22, 0, 24)},
)
CHECKS = (CHECK,)


def is_odd(one: Interview, earliest: float, latest: float) -> bool:
    """Whether an interview begins outside of these hours of the day, or ends on another day."""
    began = one.began_here
    if began is None:
        return False
    hour = began.hour + began.minute / 60 + began.second / 3600
    overnight = one.ended is not None and one.ended.astimezone(HOME).date() != began.date()
    return hour < earliest or hour > latest or overnight


class OddHours(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._numbers = survey.numbers(CHECK.code)

    def see(self, block: Block) -> Iterable[Found]:
        """Those at an odd hour."""
        for one in block.interviews:
            if is_odd(one, self._numbers["from"], self._numbers["to"]):
                began = f"{one.began_here:%d/%m %H:%M}"
                ended = f"{one.ended.astimezone(HOME):%d/%m %H:%M}" if one.ended else "?"
                yield Found(CHECK.code, (one.number,), value=began, details={"began": began, "ended": ended})
