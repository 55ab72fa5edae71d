"""Signs of life that the worker leaves: that it is at work, and since when the oldest change waits for it.

Why: a change that figures have to follow is noted without a moment, for intake pays for every byte of it. So
the worker looks once a minute which one is the newest, and knows of the oldest since when it was there.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from collector.actions.auditing import beat
from collector.metering.meters import Meters
from storage.database import db, transaction
from storage.queries import health

_LOOKS = 10_000
"""Looks that are kept: a week of minutes."""


class Signs:
    """Leaves them; remembers when which change was the newest."""

    def __init__(self, meters: Meters | None = None) -> None:
        self._meters = meters
        self._newest: deque[tuple[int, datetime]] = deque(maxlen=_LOOKS)

    def look(self, now: datetime) -> int:
        """Leave them; nothing to tell of."""
        beat(now)
        waiting = health.marks_between(db.session())
        if waiting is not None:
            since = self._there_since(*waiting, now)
            with transaction(noticed=False) as session:
                health.beat(session, health.MARKS, since)
        if self._meters is not None:
            self._meters.reap()
        return 0

    def _there_since(self, oldest: int, newest: int, now: datetime) -> datetime:
        while self._newest and self._newest[0][0] < oldest:
            self._newest.popleft()
        self._newest.append((newest, now))
        return self._newest[0][1]
