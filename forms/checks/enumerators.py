"""What an enumerator sent, how long it took and what it left out: his line on the sheet of his supervisor.

Shown to himself and to who supervises him, never as a ranking (docs/checks.md).
Roles: `dont_know`, `refusal`, `other`: as in the checks of these.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.late_uploads import CHECK as LATE
from forms.checks.late_uploads import is_late
from forms.checks.often import said
from forms.checks.roles import Answered


@dataclass
class Sums:
    """What was counted of one enumerator."""

    submissions: int = 0
    days: set[date] = field(default_factory=set)
    minutes: array[float] = field(default_factory=lambda: array("d"))
    answered: int = 0
    blank: int = 0
    late: int = 0
    last: datetime | None = None
    part: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def share(self, what: str) -> float | None:
        """Percent of the answers that are `dont_know`, `refusal` or `other`; None where nobody was asked."""
        return 100 * self.part[what] / self.asked[what] if self.asked[what] else None

    @property
    def median_minutes(self) -> float | None:
        """Half of the interviews took longer."""
        return median(self.minutes) if self.minutes else None

    @property
    def missing(self) -> float | None:
        """Percent of the questions asked that were left empty."""
        asked = self.answered + self.blank
        return 100 * self.blank / asked if asked else None

    @property
    def per_day(self) -> float | None:
        """Submissions on each day he worked."""
        return self.submissions / len(self.days) if self.days else None


ROLES = ("dont_know", "refusal", "other")


class Enumerators(Watch):
    """Adds up by enumerator."""

    def __init__(self, survey: Survey) -> None:
        self._days = survey.numbers(LATE.code)["days"]
        self._asked = {node.path for node in survey.schema.questions if node.control}
        roles = survey.roles
        others = [Answered(path, code) for path, code, _text in roles.pairs("other")]
        self._answers: Sequence[tuple[str, Answered]] = [
            *((role, one) for role in ROLES[:2] for one in roles.answers(role)),
            *(("other", one) for one in others),
        ]
        self.sums: dict[str, Sums] = {}

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing is odd here; it is only counted."""
        for one in block.interviews:
            mine = self.sums.setdefault(one.sender, Sums())
            mine.submissions += 1
            mine.late += is_late(one, self._days)
            mine.last = max(mine.last or one.received, one.received)
            if one.began_here is not None:
                mine.days.add(one.began_here.date())
            if one.minutes is not None and one.minutes >= 0:
                mine.minutes.append(one.minutes)
        self._answered(block)
        self._often(block)
        return ()

    def _answered(self, block: Block) -> None:
        for table in block.tables.values():
            senders = block.senders(table)
            for sender, blank in zip(senders, table.blank, strict=True):
                self.sums[sender].blank += sum(path in self._asked for path in blank)
            for path, column in table.columns.items():
                if path in self._asked:
                    counts = Counter(
                        sender for sender, value in zip(senders, column, strict=True) if value is not None
                    )
                    for sender, count in counts.items():
                        self.sums[sender].answered += count

    def _often(self, block: Block) -> None:
        for what, one in self._answers:
            table = block.table_of(one.path)
            if table is None:
                continue
            for sender, value in zip(block.senders(table), table.column(one.path), strict=True):
                if value is not None:
                    self.sums[sender].asked[what] += 1
                    self.sums[sender].part[what] += said(value, one.code)
