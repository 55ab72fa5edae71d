"""Many small writes carried over in one transaction: whoever waits for the writer's turn rides along.

Why: SQLite has one writer, and a commit costs as much as the statements in it. When eight phones send
at once, one of their threads writes and syncs for all; each still hears yes only after that sync.
PostgreSQL commits side by side and needs none of this.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from sqlalchemy import text

from storage.database import db, swift_transaction
from storage.swift import Line, Swift

Result = TypeVar("Result")

MOST = 32
"""Writes in one crossing: few enough that nobody waits long for the turn after it."""

_SAVE = Swift(text("SAVEPOINT one"))
_BACK = Swift(text("ROLLBACK TO one"))
_KEEP = Swift(text("RELEASE one"))


class _Passenger(Generic[Result]):
    """One write: what to do, and what became of it."""

    def __init__(self, work: Callable[[Line], Result]) -> None:
        self._work = work
        self._result: list[Result] = []
        self._error: BaseException | None = None
        self.landed = False

    def write(self, line: Line, *, alone: bool) -> None:
        """Do the work; a failure undoes this work only, and is kept for whoever asked for it."""
        if alone:
            self._result.append(self._work(line))
            return
        _SAVE.many(line, [{}])
        try:
            self._result.append(self._work(line))
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that brought this work
            self._error = error
            _BACK.many(line, [{}])
        _KEEP.many(line, [{}])

    def fail(self, error: BaseException) -> None:
        """The crossing itself failed: nothing was written."""
        self._error, self.landed = error, True

    def answer(self) -> Result:
        """What the work returned. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]


class Ferry:
    """Takes writes across, together where they come together."""

    def __init__(self) -> None:
        self._quay: deque[_Passenger[Any]] = deque()
        self._oars = threading.Lock()

    def carry(self, work: Callable[[Line], Result]) -> Result:
        """Run `work` in a transaction of this thread's or of another's; returns after it is durable.

        Raises what `work` raises, or why the transaction failed; then nothing of it is stored.
        """
        if db.engine.dialect.name != "sqlite":
            with swift_transaction() as line:
                return work(line)
        passenger = _Passenger(work)
        self._quay.append(passenger)
        with self._oars:
            # One crossing may be full before it is our turn.
            while not passenger.landed:
                try:
                    self._cross()
                except BaseException:
                    # Whoever asked is told now, so his work must not be done later.
                    with suppress(ValueError):
                        self._quay.remove(passenger)
                    raise
        return passenger.answer()

    def _cross(self) -> None:
        aboard: list[_Passenger[Any]] = []
        try:
            with swift_transaction() as line:
                # Only now: whoever came while we waited for other processes gets on as well.
                while self._quay and len(aboard) < MOST:
                    aboard.append(self._quay.popleft())
                for passenger in aboard:
                    passenger.write(line, alone=len(aboard) == 1)
        except BaseException as error:
            for passenger in aboard:
                passenger.fail(error)
            if not aboard or not isinstance(error, Exception):
                raise
        else:
            for passenger in aboard:
                passenger.landed = True
