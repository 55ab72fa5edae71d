"""⑨ Files are made in a process of their own, beside the worker's chores.

Why: what the libraries of files hold is given back when it ends, and an officer's file waits for no check of
the night. It stays for a moment after its last one, for who asks for one file asks for another.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from collector.actions.extracts import Making, is_waiting
from storage.audits import acting
from storage.database import db

log = logging.getLogger(__name__)

IDLE: Final = 20.0
"""Seconds it waits for another order before it ends."""
_LOOK_EVERY: Final = 0.5
_LAST_WAIT: Final = 10.0


class Apart:
    """Starts that process when files wait to be made, one at a time."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None

    def look(self, now: datetime) -> int:
        """Start it where it is needed and does not run; returns how many were started: 0 or 1."""
        if self._running is not None:
            if self._running.poll() is None:
                return 0
            if self._running.returncode:
                log.warning("the process that makes files ended with %d", self._running.returncode)
            self._running = None
        if not is_waiting(now):
            return 0
        self._running = subprocess.Popen([sys.executable, "-m", "collector", "make-files"])
        return 1

    def stop(self) -> None:
        """End it; what it was making is begun again by the next one."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(_LAST_WAIT)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()


def make_waiting(making: Making, clock: Callable[[], datetime], idle: float = IDLE) -> int:
    """Make what waits until nothing came for a while or the worker has gone; returns how many there were."""
    parent, until, done = os.getppid(), time.monotonic() + idle, 0
    while time.monotonic() < until and os.getppid() == parent:
        now = clock()
        with acting(None, now):
            made = making.make_next(now)
        db.session.remove()
        if made:
            done, until = done + made, time.monotonic() + idle
        else:
            time.sleep(_LOOK_EVERY)
    return done
