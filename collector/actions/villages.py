"""The lists that follow the places are brought in step with them, page by page."""

from __future__ import annotations

import logging
from datetime import datetime

from storage.database import db, transaction
from storage.entities.following import follow_page, followed_lists, namesakes
from storage.entities.writing import Source
from storage.models import EntityList
from storage.queries.reach import places_stamp

log = logging.getLogger(__name__)


def follow_places(*, now: datetime) -> int:
    """Bring every list that follows the places in step with them; returns how many members changed.

    Costs one look while nothing has changed. Each page is a transaction of its own, so that phones that
    send meanwhile do not wait.
    """
    session = db.session()
    stamp = places_stamp(session)
    behind = [one.id for one in followed_lists(session, stamp)]
    session.rollback()
    return sum(_follow(number, stamp, now) for number in behind)


def _follow(list_id: int, stamp: str, now: datetime) -> int:
    source = Source(None, now)
    twice = namesakes(db.session())
    changed, last = 0, ""
    while True:
        with transaction() as session:
            of = session.get_one(EntityList, list_id)
            step = follow_page(session, of, last, source, twice)
            changed += step.changed
            if not step.last:
                # What changed meanwhile has another stamp, and is followed the next time.
                of.follows = stamp
                break
            last = step.last
    if changed:
        log.info("brought %d villages of list %d in step with the places", changed, list_id)
    return changed
