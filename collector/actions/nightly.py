"""What is done once a night, by one of all workers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from forms.values import HOME
from storage.database import db, transaction
from storage.queries import health

NIGHT = range(1, 5)
"""Hours in which nobody sends."""


class Nightly:
    """Does something once a night, in Viet Nam: a start by day waits for the evening.

    Under its `name` the server remembers that it was done: a worker that starts at night, or another one,
    does not do it again. Without a name only this worker knows.
    """

    def __init__(self, do: Callable[[], int], name: str = "") -> None:
        self._do = do
        self._name = f"night: {name}" if name else ""
        self._done: date | None = None

    def look(self, now: datetime) -> int:
        """Do it when it is night and was not done yet; returns how much there was."""
        here = now.astimezone(HOME)
        if here.hour not in NIGHT or self._done == here.date():
            return 0
        number = 0 if self._was_done(here.date()) else self._do()
        self._done = here.date()
        if self._name:
            with transaction(noticed=False) as session:
                health.beat(session, self._name, now)
        return number

    def _was_done(self, night: date) -> bool:
        if not self._name:
            return False
        session = db.session()
        seen = health.seen_at_work(session, self._name)
        session.rollback()
        return seen is not None and seen.astimezone(HOME).date() == night
