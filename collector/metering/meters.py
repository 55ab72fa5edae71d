"""What is counted while the server works: in one file for each process, added up when somebody asks.

Knows: the files of prometheus-client's multi-process mode, a key and a number in a mapped page, so that
counting costs a microsecond or two and nobody waits for anybody (decision 0037).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import weakref
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from prometheus_client import mmap_dict, utils

FOLDER: Final = "metrics"
"""The folder of the data folder where the files lie; emptied when the server starts."""

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, float("inf"))
"""The classes of how long a request took."""

REQUESTS: Final = "collector_request_seconds"
_REQUESTS_TOLD = "Seconds until an answer began, by door and class of status."

COUNTERS: Final[Mapping[str, tuple[str, str]]] = {
    "collector_submissions": ("outcome", "Submissions: new, again (was here already), refused, failed."),
    "collector_received_bytes": ("door", "Bytes of request bodies, as announced."),
    "collector_made_files": ("", "Files made for people and releases."),
    "collector_database_errors": ("", "Requests to which the database did not answer."),
    "collector_failures": ("", "Requests that ended in a mistake of the server."),
    "collector_failed_chores": ("", "Chores of the worker that failed; they are tried again."),
    "collector_strange_proxies": ("", "Requests with headers of a proxy that no setting names."),
    "collector_missing_proxies": ("", "Requests without the header of the proxy the settings name."),
}
"""Counters: their label, if they have one, and what they count."""

_ROOM: Final = {"counter": 64 * 1024, "histogram": 256 * 1024}
"""Bytes of a file: more than all labels there are can fill."""
_ENDED: Final = 0
"""The number under which those stand who have ended."""


# The library's own types are open here.
_MAPPED: Any = mmap_dict.MmapedDict
_as_text: Callable[[float], str] = utils.floatToGoString


class _Book(Protocol):
    def read_value(self, key: str) -> tuple[float, float]: ...
    def write_value(self, key: str, value: float, timestamp: float) -> None: ...
    def close(self) -> None: ...


class _Memory:
    """Where numbers go when the disk takes no file: nobody reads them, and nobody fails by them."""

    def read_value(self, _key: str) -> tuple[float, float]:
        return 0.0, 0.0

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Forget it."""

    def close(self) -> None:
        """There is nothing to close."""


class Meters:
    """The counters of one process, in files of `folder`; made when the first thing is counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._process = 0
        self._books: dict[str, _Book] = {}
        self._values: dict[str, float] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._classes: dict[tuple[str, str], tuple[list[str], str]] = {}
        weakref.finalize(self, _close, self._books)

    def count(self, name: str, value: str = "", amount: float = 1.0) -> None:
        """Add to a counter of COUNTERS, under that value of its label."""
        key = self._keys.get((name, value))
        if key is None:
            label, told = COUNTERS[name]
            names, values = ([label], [value]) if label else ([], [])
            key = self._keys[name, value] = mmap_dict.mmap_key(name, f"{name}_total", names, values, told)
        with self._lock:
            self._stand_up()
            self._add("counter", key, amount)

    def request(self, door: str, status: str, seconds: float) -> None:
        """Note how long an answer took."""
        with self._lock:
            self._stand_up()
            known = self._classes.get((door, status))
            if known is None:
                known = self._classes[door, status] = _class_keys(door, status)
                for key in known[0]:
                    # All classes stand there from the beginning, or sums over time would jump.
                    self._add("histogram", key, 0.0)
            buckets, total = known
            self._add("histogram", buckets[bisect_left(SECONDS, seconds)], 1.0)
            self._add("histogram", total, seconds)

    def _stand_up(self) -> None:
        if self._process != os.getpid():
            # Those of the process this one was forked from are not ours to write into.
            self._process = os.getpid()
            self._values.clear()
            _close(self._books)

    def _add(self, kind: str, key: str, amount: float) -> None:
        book = self._books.get(kind)
        if book is None:
            book = self._books[kind] = _opened(self.folder, kind, self._process)
        known = self._values.get(key)
        # Nobody else writes into the files of this process.
        value = self._values[key] = (book.read_value(key)[0] if known is None else known) + amount
        book.write_value(key, value, 0.0)

    def begin(self) -> None:
        """Empty the folder: a server counts from its start."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While the files are read: nobody adds up those of the dead meanwhile."""
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def reap(self) -> int:
        """Add the files of processes that ended to one, so that they neither pile up nor are lost.

        Returns how many there were.
        """
        with self.reading():
            ended = [path for path in self.folder.glob("*_*.db") if not _lives(_process_of(path))]
            for path in ended:
                kind = path.name.partition("_")[0]
                into = _opened(self.folder, kind, _ENDED)
                for key, value in _values(path):
                    into.write_value(key, into.read_value(key)[0] + value, 0.0)
                into.close()
                path.unlink()
        return len(ended)

    def totals(self) -> dict[str, float]:
        """Each counter's sum over all processes and labels, by its name."""
        found = dict.fromkeys(COUNTERS, 0.0)
        if not self.folder.is_dir():
            return found
        with self.reading():
            for path in self.folder.glob("counter_*.db"):
                for key, value in _values(path):
                    name = key.split('"', 2)[1]
                    found[name] = found.get(name, 0.0) + value
        return found


def _close(books: dict[str, _Book]) -> None:
    while books:
        books.popitem()[1].close()


def _class_keys(door: str, status: str) -> tuple[list[str], str]:
    names, values = ["door", "status"], [door, status]
    buckets = [
        mmap_dict.mmap_key(
            REQUESTS, f"{REQUESTS}_bucket", [*names, "le"], [*values, _as_text(most)], _REQUESTS_TOLD
        )
        for most in SECONDS
    ]
    return buckets, mmap_dict.mmap_key(REQUESTS, f"{REQUESTS}_sum", names, values, _REQUESTS_TOLD)


def _opened(folder: Path, kind: str, process: int) -> _Book:
    path = folder / f"{kind}_{process}.db"
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        # Reserved beforehand: a mapped page the disk has no room for would kill the process.
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            os.posix_fallocate(handle, 0, _ROOM[kind])
        finally:
            os.close(handle)
        book: _Book = _MAPPED(str(path))
    except OSError:
        return _Memory()
    return book


def _values(path: Path) -> Iterator[tuple[str, float]]:
    for key, value, _at, _place in _MAPPED.read_all_values_from_file(str(path)):
        yield key, value


def _process_of(path: Path) -> int:
    number = path.stem.rpartition("_")[2]
    return int(number) if number.isdigit() else _ENDED


def _lives(process: int) -> bool:
    if process == _ENDED:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
