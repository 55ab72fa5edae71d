"""A record was opened: noted once a day for each person, for whoever asks who has seen a family's answers.

Why: the law on personal data wants to know who looked, and a curious officer who knows that looks are noted
looks less. Lists and figures are not noted, files taken away are (the log).
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from datetime import date, datetime

from sqlalchemy.exc import DBAPIError

from storage.database import is_clash, transaction
from storage.queries import looks

log = logging.getLogger(__name__)

_KNOWN = 20_000

_Key = tuple[int, int, date]


class _Known:
    """The last looks this process has noted, so that a second one costs no write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: OrderedDict[_Key, None] = OrderedDict()

    def __contains__(self, key: _Key) -> bool:
        with self._lock:
            return key in self._keys

    def add(self, key: _Key) -> None:
        """Remember one; the oldest leaves."""
        with self._lock:
            self._keys[key] = None
            while len(self._keys) > _KNOWN:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget all, for another database."""
        with self._lock:
            self._keys.clear()


KNOWN = _Known()


def note_look(submission_id: int, actor_id: int | None, *, now: datetime) -> None:
    """Note that somebody reads a record. A full disk keeps nobody from reading: that is logged."""
    key = (submission_id, actor_id or 0, now.date())
    if actor_id is None or key in KNOWN:
        return
    try:
        with transaction(noticed=False) as session:
            looks.add(session, submission_id, actor_id, now)
    except DBAPIError as error:
        # Two tabs at once: the other one has noted it.
        if not is_clash(error):
            log.exception("a look at record %d by %d was not noted", submission_id, actor_id)
            return
    KNOWN.add(key)
