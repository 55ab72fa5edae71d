"""Q13, Q15 · Interviews shorter than the questions take, longer than anybody bears, or received far too late.

Shortest: `base` minutes and `person` more for each member, and `tested` where somebody was due for the
reading test. Overlaps and odd hours are checks of their own (`interviews_overlap`, `odd_hours`).
Roles: `declared` (number of members), `interviewed` (answers: only those records), `tested` (an answer).
Silent when: a time is missing or wrong; it took just as long as it has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch
from forms.checks.often import said
from forms.checks.ranges import as_number

LENGTH = Check(
    "Q13",
    WARNING,
    "Q13 Interview too fast or too slow",
    "The interview took {m} minutes; with so many members it takes {least} to {most}.",
    "If it took less than half of that, visit the household again.",
    {
        "base": Threshold(4, 0, 1_000),
        "person": Threshold(1.5, 0, 100),
        "tested": Threshold(6, 0, 1_000),
        "most": Threshold(120, 1, 10_000),
    },
)
LATE = Check(
    "Q15",
    WARNING,
    "Q15 Received long after it was filled in",
    "The record came {days} days after the interview; perhaps the phone's clock is wrong.",
    "Set the phone's clock to the time of the network, and send every evening.",
    {"days": Threshold(45, 0, 3_650)},
)
CHECKS = (LENGTH, LATE)

_ROUNDING = 1e-9


def shortest(members: float, numbers: Mapping[str, float], *, tested: bool) -> float:
    """The minutes an interview of so many members takes at least."""
    least = numbers["base"] + numbers["person"] * members
    return max(least, numbers["tested"]) if tested else least


def long_ago(one: Interview, days: float) -> bool:
    """Whether a record came more than that after its end."""
    return one.ended is not None and one.received - one.ended > timedelta(days=days)


class InterviewLength(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        roles = survey.roles
        self._on = {check.code: survey.on(check.code) for check in CHECKS}
        self._length, self._late = survey.numbers(LENGTH.code), survey.numbers(LATE.code)
        self._members = next((one.path for one in roles.answers("declared")), None)
        self._interviewed = roles.answers("interviewed")
        self._tested = roles.answers("tested")

    def see(self, block: Block) -> Iterable[Found]:
        """Those that took too short or too long, and those that came late."""
        if self._on[LENGTH.code] and self._members:
            yield from self._lengths(block)
        if self._on[LATE.code]:
            for one in block.interviews:
                if long_ago(one, self._late["days"]) and one.ended is not None:
                    days = str((one.received - one.ended).days)
                    yield Found(LATE.code, (one.number,), value=days, details={"days": days})

    def _lengths(self, block: Block) -> Iterator[Found]:
        tested = self._due(block)
        wanted = [(block.root.column(one.path), one.code) for one in self._interviewed]
        members = block.root.column(self._members)
        for at, one in enumerate(block.interviews):
            number, minutes = as_number(members[at]), one.minutes
            if number is None or minutes is None or minutes < 0:
                continue
            if all(str(column[at]) == code for column, code in wanted):
                least = shortest(number, self._length, tested=one.number in tested)
                if minutes < least - _ROUNDING or minutes > self._length["most"] + _ROUNDING:
                    yield self._found(one, minutes, least)

    def _due(self, block: Block) -> set[int]:
        found: set[int] = set()
        for answer in self._tested:
            table = block.table_of(answer.path)
            if table is not None:
                rows = zip(table.records, table.column(answer.path), strict=True)
                found.update(
                    record for record, value in rows if value is not None and said(value, answer.code)
                )
        return found

    def _found(self, one: Interview, minutes: float, least: float) -> Found:
        details = {"m": f"{minutes:.1f}", "least": f"{least:g}", "most": f"{self._length['most']:g}"}
        expected = f"{details['least']}..{details['most']}"
        return Found(LENGTH.code, (one.number,), value=details["m"], expected=expected, details=details)
