"""What goes on beside the web processes, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import threading

from collector.actions.sweep import sweep
from collector.clock import moment
from storage.blobs import BlobStore
from storage.database import db

log = logging.getLogger(__name__)

SWEEP_EVERY = 3600.0
"""Seconds between two looks at stored files."""
_PARENT_EVERY = 2.0


def work(blobs: BlobStore, *, with_parent: bool) -> None:
    """Do the house-keeping in turns; returns after SIGTERM or SIGINT, or when the parent has gone."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    parent = os.getppid()
    due = 0.0
    waited = 0.0
    while not stop.is_set() and not (with_parent and os.getppid() != parent):
        if waited >= due:
            waited, due = 0.0, SWEEP_EVERY
            _once(blobs)
        stop.wait(_PARENT_EVERY)
        waited += _PARENT_EVERY


def _once(blobs: BlobStore) -> None:
    try:
        removed = sweep(blobs, now=moment())
    except Exception:
        # A failing disk or database must not end the worker: the next turn may go well.
        log.exception("the sweep of stored files failed")
        return
    finally:
        db.session.remove()
    if removed:
        log.info("removed %d files that nothing names", removed)
