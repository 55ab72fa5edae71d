"""Turns at what holds a thread for long: so many for one account, so many for all.

One account's are counted on this machine, by locks of files that end with the process whatever becomes of it;
all of a process together by a number. Several machines count each by itself.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from collector.problems import ServerExports, TooManyExports

FOLDER: Final = "exporting"
"""Of the data folder: an empty file for each account and turn, made once."""
MOST_HERE: Final = 12
"""Turns of one web process at once, whoever asks; its other threads stay for phones and pages."""


class Turns:
    """So many turns: `most` of one account on this machine, `most_here` in this process."""

    def __init__(self, folder: Path, most: int, most_here: int = MOST_HERE) -> None:
        self._folder = folder
        self._most = most
        self._here = threading.BoundedSemaphore(most_here)

    def take(self, actor_id: int | None) -> Callable[[], None]:
        """Take a turn; returns how to end it, once or more often. Raises TooManyExports, ServerExports."""
        if not self._here.acquire(blocking=False):
            raise ServerExports
        with ExitStack() as ends:
            ends.callback(self._here.release)
            self._lock(actor_id or 0, ends)
            return ends.pop_all().close

    def _lock(self, actor_id: int, ends: ExitStack) -> None:
        """Lock one of the account's files. A disk that takes none keeps nobody from reading."""
        for number in range(self._most):
            try:
                self._folder.mkdir(exist_ok=True)
                handle = os.open(self._folder / f"{actor_id}-{number}", os.O_RDONLY | os.O_CREAT, 0o600)
            except OSError:
                return
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                continue
            ends.callback(os.close, handle)
            return
        raise TooManyExports(count=self._most)
