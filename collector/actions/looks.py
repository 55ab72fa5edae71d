"""A record was opened: noted once a day for each person, for whoever asks who has seen a family's answers.

Why: the law on personal data wants to know who looked, and a curious officer who knows that looks are noted
looks less. Lists and feeds are noted by the request (`bulk_reading`), files taken away as exports.
"""

from __future__ import annotations

import logging
from datetime import date, datetime

from sqlalchemy.exc import DBAPIError

from collector.actions.remembered import Remembered
from storage.database import is_clash, transaction
from storage.queries import looks

log = logging.getLogger(__name__)

_Key = tuple[int, int, date]


KNOWN: Remembered[_Key] = Remembered()
"""Looks this process has noted."""


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
