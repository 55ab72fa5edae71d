"""What goes on beside the web processes, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.actions.entities import Settling
from collector.actions.sweep import sweep
from collector.clock import moment
from storage.blobs import BlobStore
from storage.database import db
from storage.projection.shelf import Shelf

log = logging.getLogger(__name__)

SWEEP_EVERY = 3600.0
"""Seconds between two looks at stored files, and at changes of entities that were held too long."""
LEFT_EVERY = 60.0
"""Seconds between two looks at submissions whose entities nobody has applied."""
_PARENT_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every so many seconds. `do` returns how much there was; `done` says that."""

    every: float
    do: Callable[[datetime], int]
    done: str
    failed: str


def chores(blobs: BlobStore, shelf: Shelf) -> tuple[Chore, ...]:
    """All there is to do."""
    settling = Settling(blobs, shelf)
    return (
        Chore(
            LEFT_EVERY,
            settling.settle_left,
            "applied the entities of %d submissions that were left waiting",
            "the entities of submissions left waiting were not applied",
        ),
        Chore(
            SWEEP_EVERY,
            settling.force_overdue,
            "applied %d changes of entities without those they rest on",
            "changes of entities held too long were not applied",
        ),
        Chore(
            SWEEP_EVERY,
            lambda now: sweep(blobs, now=now),
            "removed %d files that nothing names",
            "the sweep of stored files failed",
        ),
    )


def work(several: Sequence[Chore], *, with_parent: bool) -> None:
    """Do the house-keeping in turns; returns after SIGTERM or SIGINT, or when the parent has gone."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    parent = os.getppid()
    left = [0.0] * len(several)
    while not stop.is_set() and not (with_parent and os.getppid() != parent):
        for at, chore in enumerate(several):
            if left[at] <= 0 and not stop.is_set():
                left[at] = chore.every
                _once(chore)
        stop.wait(_PARENT_EVERY)
        left = [seconds - _PARENT_EVERY for seconds in left]


def _once(chore: Chore) -> None:
    try:
        number = chore.do(moment())
    except Exception:
        # A failing disk or database must not end the worker: the next turn may go well.
        log.exception(chore.failed)
        return
    finally:
        db.session.remove()
    if number:
        log.info(chore.done, number)
