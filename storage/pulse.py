"""How the processes of one machine see at once that something changed, without asking the database.

Why: thousands of phones ask for the same list, and forms, phones and roles change a few times a day. A
process may keep an answer for as long as nothing changed; eight bytes in a file that all of them have
mapped say so at the price of reading memory. Only SQLite has it: beside PostgreSQL other machines write.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

_SIZE = 8
_CHANGING = bytes(_SIZE)
"""Stands there from before a change until after its commit, and stays when its process is killed."""

Value = TypeVar("Value")


class Pulse:
    """Eight bytes of a file beside the database: as long as they stay the same, nothing has changed.

    Without a file nothing is known, so nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._map: mmap.mmap | None = None

    def read(self) -> bytes | None:
        """What names the present state; None while it is being changed, or where that cannot be told."""
        if self._path is None:
            return None
        try:
            value = (self._map or self._mapped(self._path))[:_SIZE]
        except OSError:
            return None
        return None if value == _CHANGING else value

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around a change, with the writer's turn held: what is kept counts no longer."""
        if self._path is None:
            yield
            return
        mapped = self._map or self._mapped(self._path)
        mapped[:_SIZE] = _CHANGING
        try:
            yield
        finally:
            mapped[:_SIZE] = os.urandom(_SIZE)

    def beat(self) -> None:
        """Whatever was kept counts no longer, and what somebody left who was killed is over.

        Not while somebody has the turn: what stands there then may be his. Nothing without a file.
        """
        if self._path is None:
            return
        with suppress(OSError), self._path.open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with self.changing():
                pass

    def _mapped(self, path: Path) -> mmap.mmap:
        with self._lock:
            if self._map is None:
                handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
                try:
                    if os.fstat(handle).st_size < _SIZE:
                        os.truncate(handle, _SIZE)
                    self._map = mmap.mmap(handle, _SIZE)
                finally:
                    os.close(handle)
            return self._map


class Kept(Generic[Value]):
    """Values that hold as long as the pulse they were worked out under, `lifetime` seconds at most.

    Ask for the pulse first, then work the value out; the one kept first leaves first.
    """

    def __init__(self, room: int, lifetime: float) -> None:
        self._room = room
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[bytes, float, Value]] = OrderedDict()

    def get(self, key: Hashable, pulse: bytes | None) -> Value | None:
        """The value of that key, when it was kept under this pulse."""
        found = self._kept.get(key)
        if found is None or found[0] != pulse or found[1] < time.monotonic():
            return None
        return found[2]

    def keep(self, key: Hashable, pulse: bytes | None, value: Value) -> None:
        """Keep a value, unless the state was unknown when the work on it began."""
        if pulse is None:
            return
        with self._lock:
            self._kept[key] = (pulse, time.monotonic() + self._lifetime, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
