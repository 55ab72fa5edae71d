"""Q30 · What came after the deadline of its campaign, by the server's clock in Viet Nam.

Silent when: it came on the last day; the unit sent anything in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from forms.checks.check import INFO, Check
from forms.checks.found import Found

Q30 = Check(
    "Q30",
    INFO,
    "Q30 Received after the deadline",
    "Received {d} days late; the deadline was {due}.",
)
CHECKS = (Q30,)


@dataclass(frozen=True, slots=True)
class Due:
    """The first record of a unit for a campaign: the day it came, the last day that was in time."""

    record: int
    campaign: str
    came: date
    due: date


def late(several: Iterable[Due]) -> Iterator[Found]:
    """What came late."""
    for one in several:
        days = (one.came - one.due).days
        if days > 0:
            details = {"d": str(days), "due": f"{one.due:%d/%m/%Y}"}
            yield Found(
                Q30.code,
                (one.record,),
                value=f"{one.came:%d/%m/%Y}",
                expected=details["due"],
                variant=one.campaign,
                details=details,
            )
