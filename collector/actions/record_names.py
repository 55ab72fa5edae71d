"""Keeping what records are called in step with what came in, beside the web processes or before an answer."""

from __future__ import annotations

from datetime import datetime

from storage.database import db, transaction
from storage.queries import record_names

_AT_ONCE = 500
"""Records in a transaction: under a tenth of a second of SQLite's writer."""
_MOST = 20
"""Transactions in one go, so that the worker gets to its other chores."""
_BEFORE_AN_ANSWER = 2


def keep_up(now: datetime, most: int = _MOST) -> int:
    """Make what records are called that came in, up to `most` transactions full; returns how many."""
    made = 0
    for _ in range(most):
        if not record_names.is_behind(db.session()):
            break
        # Nothing that processes keep shows names, so nothing has to be worked out anew.
        with transaction(noticed=False) as session:
            several = record_names.derive(session, now, _AT_ONCE)
        made += several
        if several < _AT_ONCE:
            break
    return made


def before_an_answer(now: datetime) -> bool:
    """Make what came in just now; returns whether there is more than whoever waits can wait for."""
    return bool(keep_up(now, _BEFORE_AN_ANSWER)) and record_names.is_behind(db.session())


def begin_again(now: datetime) -> int:
    """Look at every record once more; returns how many names were made, the rest follows in its turn."""
    with transaction(noticed=False) as session:
        record_names.begin_again(session)
        # Where nothing is missing nobody else would move the line up again, and every list would walk it all.
        return record_names.derive(session, now, _AT_ONCE)
