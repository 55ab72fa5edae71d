"""Keeping the audits in step: what came in is derived, everything is sealed, and others are told.

The worker does it every second; whoever asks for audits gets what came in derived first.
"""

from __future__ import annotations

from datetime import datetime

from collector.actions.doctor import WORKER
from storage.auditing import deriving, sealing
from storage.auditing.outbox import put_out
from storage.database import db, transaction
from storage.queries import health

_AT_ONCE = 500
"""Rows in a transaction: under a tenth of a second of SQLite's writer."""
_MOST = 20
"""Transactions in one go, so that the worker gets to its other chores."""
_BEFORE_AN_ANSWER = 8


def derive(now: datetime, most: int = _BEFORE_AN_ANSWER) -> int:
    """Make the audits of what came in, up to `most` transactions full; returns how many were made."""
    made = 0
    for _ in range(most):
        if not deriving.is_behind(db.session()):
            break
        # Nothing that processes keep shows audits, so nothing has to be worked out anew.
        with transaction(noticed=False) as session:
            several = deriving.derive(session, now, _AT_ONCE)
        made += several
        if several < _AT_ONCE:
            break
    return made


def seal(now: datetime, most: int = _MOST) -> int:
    """Seal what waits and put out what others are to be told of it; returns how many were sealed."""
    sealed = 0
    for _ in range(most):
        if not sealing.is_waiting(db.session()):
            break
        with transaction(noticed=False) as session:
            several = sealing.seal(session, _AT_ONCE)
            put_out(session, several, now)
        sealed += len(several)
        if len(several) < _AT_ONCE:
            break
    return sealed


def keep_up(now: datetime) -> int:
    """Derive and seal; returns how many audits were sealed."""
    derive(now, _MOST)
    return seal(now)


def beat(now: datetime) -> int:
    """Leave a sign that the worker is at work; nothing to tell of."""
    with transaction(noticed=False) as session:
        health.beat(session, WORKER, now)
    return 0
