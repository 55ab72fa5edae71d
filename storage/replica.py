"""Reading reports from a PostgreSQL that follows the one everybody writes to.

Why so: whoever asks for a file must find in it what was written before he asked. So it is not asked how old
the follower's state is, but whether it has everything the primary had when the question came; if it has not
within some seconds, the primary answers. Where it is away the primary answers too, and nobody waits for it
again for a while.
Knows: what PostgreSQL calls positions of its log. A follower refuses every write by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import db

log = logging.getLogger(__name__)

Read = TypeVar("Read")

BIND: Final = "replica"
"""What the follower is called among the databases of the application."""

PATIENCE: Final = 2.0
"""Seconds somebody who waits for an answer gives the follower to come after."""

LONG: Final = 60.0
"""The same for work nobody waits for."""

_SHUN: Final = 30.0
"""Seconds it is left alone for after it was away or too far behind."""

_LOOK_EVERY: Final = 0.05

_HEAD: Final = text("SELECT pg_current_wal_lsn()::text")
_THERE: Final = text(
    "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() >= CAST(:head AS pg_lsn), false)"
)


class _Follower:
    """What a process knows of it: until when it is left alone, and whether that was said."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._away = False

    def is_left_alone(self) -> bool:
        return time.monotonic() < self._until

    def shun(self, why: str) -> None:
        """Leave it alone for a while; said once until it is back."""
        with self._lock:
            self._until = time.monotonic() + _SHUN
            said, self._away = self._away, True
        if not said:
            log.warning("reports are read from the primary database: the replica %s", why)

    def is_back(self) -> None:
        if self._away:
            with self._lock:
                said, self._away = self._away, False
            if said:
                log.warning("reports are read from the replica again")

    def forget(self) -> None:
        """Begin anew (for tests)."""
        self._until, self._away = 0.0, False


FOLLOWER: Final = _Follower()


def engine() -> Engine | None:
    """The follower's engine; None where there is no such setting."""
    return db.engines.get(BIND)


@contextmanager
def following(patience: float) -> Iterator[Connection | None]:
    """A connection to the follower that has all the primary has now; None: the primary must answer.

    What it refuses in the middle of a question is raised, and the next question goes to the primary.
    """
    connection = _caught_up(patience)
    if connection is None:
        yield None
        return
    FOLLOWER.is_back()
    try:
        with connection:
            yield connection
    except DBAPIError:
        FOLLOWER.shun("did not answer a question to its end")
        raise


def once_more(read: Callable[[], Read], before: Callable[[], None]) -> Read:
    """What `read` gives; where the follower gave up in the middle of it, once more from the primary.

    A long look at a follower ends when the primary tidies up what it still sees. `before` undoes what was
    half done.
    """
    alone = engine() is None or FOLLOWER.is_left_alone()
    try:
        return read()
    except DBAPIError:
        if alone or not FOLLOWER.is_left_alone():
            raise
        before()
        return read()


def _caught_up(patience: float) -> Connection | None:
    followed = engine()
    if followed is None or FOLLOWER.is_left_alone():
        return None
    with db.engine.connect() as primary:
        head = str(primary.execute(_HEAD).scalar_one())
    try:
        connection = followed.connect()
    except DBAPIError as error:
        FOLLOWER.shun(f"does not answer ({_reason(error)})")
        return None
    try:
        there = _waited(connection, head, patience)
    except DBAPIError as error:
        connection.invalidate()
        connection.close()
        FOLLOWER.shun(f"does not answer ({_reason(error)})")
        return None
    if there:
        return connection
    connection.close()
    return None


def _reason(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]


def _waited(connection: Connection, head: str, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        follows, there = connection.execute(_THERE, {"head": head}).one()
        connection.rollback()
        if not follows:
            FOLLOWER.shun("follows nobody: it was promoted, or is another database")
            return False
        if there:
            return True
        if time.monotonic() >= until:
            FOLLOWER.shun(f"was more than {patience:.0f} seconds behind")
            return False
        time.sleep(_LOOK_EVERY)
