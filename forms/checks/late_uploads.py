"""10 · Records that came long after they were filled in.

Silent when: it came just `days` after its end; the end is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from forms.checks.check import INFO, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch

CHECK = Check(
    "late_upload",
    INFO,
    "Record came late",
    "The record came {days} days after it was filled in.",
    "Remind the enumerator to send each evening there is a network.",
    {"days": Threshold(7, 0, 3_650)},
)
CHECKS = (CHECK,)


def is_late(one: Interview, days: float) -> bool:
    """Whether a record took longer than that to arrive."""
    return one.ended is not None and one.received - one.ended > timedelta(days=days)


class LateUploads(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._days = survey.numbers(CHECK.code)["days"]

    def see(self, block: Block) -> Iterable[Found]:
        """Those that came late."""
        for one in block.interviews:
            if is_late(one, self._days) and one.ended is not None:
                days = str((one.received - one.ended).days)
                yield Found(CHECK.code, (one.number,), value=days, details={"days": days})
