"""Records of an earlier release get their place and their day: without them no officer would find them."""

from __future__ import annotations

from collections.abc import Callable

from storage.database import db
from storage.projection.whereabouts import fill, missing


def settle_records(progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Tell of every record that has no day yet where and when it counts; returns how many.

    Calls `progress(done, all)` after every batch. Quick where there is nothing to do.
    """
    several = missing(db.session())
    db.session().rollback()
    done, every = 0, sum(several.values())
    for form_id, draft in sorted(several):
        for some in fill(form_id, draft=draft):
            done += some
            progress(done, every)
    return done
