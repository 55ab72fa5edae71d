"""11 · Forms filled in with a version that had been replaced some days before.

Silent when: the newer version was published less than `days` before the interview began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from forms.checks.check import INFO, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Survey, Watch

CHECK = Check(
    "old_version",
    INFO,
    "Old version of the form",
    "The form was filled in with version {version}, though {newer} had been out for {days} days.",
    "Let the phone fetch the new forms.",
    {"days": Threshold(3, 0, 3_650)},
)
CHECKS = (CHECK,)

Versions = Mapping[int, tuple[str, datetime]]


def newer(one: Interview, versions: Versions, days: float) -> tuple[str, datetime] | None:
    """The newest version that was out long enough when it began, and is newer than the one used."""
    used = versions.get(one.version)
    if used is None or one.started is None:
        return None
    out = [it for it in versions.values() if it[1] > used[1] and it[1] + timedelta(days=days) <= one.started]
    return max(out, key=lambda it: it[1], default=None)


class OldVersions(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._versions = survey.versions
        self._days = survey.numbers(CHECK.code)["days"]

    def see(self, block: Block) -> Iterable[Found]:
        """Those filled in with an old version."""
        for one in block.interviews:
            found = newer(one, self._versions, self._days)
            if found is not None and one.started is not None:
                used = self._versions[one.version][0]
                details = {"version": used, "newer": found[0], "days": str((one.started - found[1]).days)}
                yield Found(CHECK.code, (one.number,), value=used, expected=found[0], details=details)
