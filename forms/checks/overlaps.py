"""7 · Two interviews of one phone at the same time, or one right after the other in another household.

Silent when: a time is missing or wrong; the second one is of the same household; the gap is just `minutes`.
Keeps: the times of each record of one commune.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch

OVERLAP = Check(
    "interviews_overlap",
    WARNING,
    "Interviews of one phone overlap",
    "The interview began {minutes} minutes before the one before it ended, on the same phone.",
    "Ask the enumerator which of the two he held.",
)
NO_GAP = Check(
    "no_travel_time",
    WARNING,
    "No time to walk to the next household",
    "Only {minutes} minutes lie between two households on the same phone.",
    "Ask the enumerator where the interviews were held.",
    {"minutes": Threshold(2, 0, 600)},
)
CHECKS = (OVERLAP, NO_GAP)


def clashes(several: Sequence[Interview], gap: timedelta) -> Iterator[tuple[Interview, Interview, timedelta]]:
    """Neighbours of one phone that overlap (less than no time between them) or lie closer than `gap`."""
    timed = [one for one in several if one.started and one.ended and one.started <= one.ended]
    for before, after in pairwise(sorted(timed, key=_order)):
        if before.started is None or before.ended is None or after.started is None:
            continue
        between = after.started - before.ended
        other = not (before.household and before.household == after.household)
        if between < timedelta(0) or (between < gap and other):
            yield before, after, between


def _order(one: Interview) -> tuple[datetime, int]:
    return one.started or one.received, one.number


class Overlaps(Watch):
    """Brings the interviews of each phone in a commune in order."""

    def __init__(self, survey: Survey) -> None:
        self._gap = timedelta(minutes=survey.numbers(NO_GAP.code)["minutes"])
        self._on = {check.code for check in CHECKS if survey.on(check.code)}
        self._phones: defaultdict[str, list[Interview]] = defaultdict(list)

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for one in block.interviews:
            phone = one.device or one.sender
            if phone:
                self._phones[phone].append(one)
        return ()

    def commune_seen(self, commune: str) -> Iterable[Found]:
        """The clashes in a commune."""
        del commune
        for several in self._phones.values():
            for before, after, between in clashes(several, self._gap):
                check = OVERLAP if between < timedelta(0) else NO_GAP
                if check.code in self._on:
                    minutes = f"{abs(between.total_seconds()) / 60:.1f}"
                    records = (after.number, before.number)
                    yield Found(check.code, records, value=minutes, details={"minutes": minutes})
        self._phones.clear()
