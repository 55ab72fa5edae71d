"""What goes on beside the web processes, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.actions import record_names, release_making, web_drafts
from collector.actions.apart import Apart
from collector.actions.auditing import keep_up
from collector.actions.check import check_new
from collector.actions.checks import check_all
from collector.actions.entities import Settling
from collector.actions.extracts import forget_files
from collector.actions.figures import Figures
from collector.actions.keeping import Keeping
from collector.actions.nightly import Nightly
from collector.actions.place_changes import finish_interrupted
from collector.actions.prefill import prefill
from collector.actions.purging import purge
from collector.actions.refresh import refresh
from collector.actions.signs import Signs
from collector.actions.start import learn_earlier_places
from collector.actions.sweep import sweep
from collector.actions.village_import import take_back_unfinished
from collector.actions.villages import follow_places
from collector.actions.webhooks import Couriers, forget
from collector.clock import moment
from collector.metering.meters import Meters
from storage.audits import acting
from storage.blobs import BlobStore
from storage.database import db
from storage.portable_turns import alone
from storage.projection.shelf import Shelf

log = logging.getLogger(__name__)

SWEEP_EVERY = 3600.0
"""Seconds between two looks at stored files, and at changes of entities that were held too long."""
FOLLOW_EVERY = 10.0
"""Seconds between two looks whether the places changed: the lists that phones choose villages from follow."""
FIGURES_EVERY = 0.5
"""Seconds between two looks at what figures have to be worked out anew."""
BEAT_EVERY = 60.0
"""Seconds between two signs of life."""
AUDIT_EVERY = 1.0
"""Seconds between two looks at what came in or was noted and is not sealed yet."""
NAMES_EVERY = 2.0
"""Seconds between two looks at records that the list cannot search or sort by name yet."""
EXTRACTS_EVERY = 2.0
"""Seconds between two looks whether somebody asked for files."""
NIGHT_EVERY = 600.0
"""Seconds between two looks whether it is night."""
LEFT_EVERY = 60.0
"""Seconds between two looks at submissions whose entities nobody has applied."""
_PARENT_EVERY = 0.5
_LAST_WAIT = 5.0
"""Seconds a slow chore has to come to its end when the worker stops."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every so many seconds. `do` returns how much there was; `done` says that.

    `slow`: it may take minutes, so it is done beside the others and figures do not wait for it.
    """

    every: float
    do: Callable[[datetime], int]
    done: str
    failed: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What some chores need: who tells others, after how long what was deleted is purged, who makes files.

    `meters` count what fails.
    """

    couriers: Couriers
    purge_after: timedelta
    apart: Apart | None = None
    meters: Meters | None = None


def chores(blobs: BlobStore, shelf: Shelf, beside: Beside | None = None) -> tuple[Chore, ...]:
    """All there is to do."""
    settling = Settling(blobs, shelf)
    figures = Figures()
    return (
        Chore(
            FIGURES_EVERY,
            figures.look,
            "worked out %d cells of figures",
            "the figures were not worked out",
        ),
        Chore(
            BEAT_EVERY,
            Signs(beside.meters if beside else None).look,
            "%d",
            "the worker could not leave a sign of life",
        ),
        Chore(
            AUDIT_EVERY,
            keep_up,
            "sealed %d entries of the log of what was done",
            "the log of what was done was not sealed",
        ),
        *(_telling(beside, blobs) if beside else ()),
        *(_files(beside.apart) if beside and beside.apart else ()),
        *_releases(blobs),
        *_PLACES,
        *_NAMES,
        *_nights(),
        _NEW_CHECKS,
        Chore(
            LEFT_EVERY,
            settling.settle_left,
            "applied the entities of %d submissions that were left waiting",
            "the entities of submissions left waiting were not applied",
        ),
        _overdue(settling),
        _sweep(blobs),
        _old_drafts(blobs),
        _over_their_date(blobs, shelf),
    )


def _releases(blobs: BlobStore) -> tuple[Chore, ...]:
    return (
        Chore(
            NAMES_EVERY,
            lambda _now: release_making.look(blobs),
            "brought %d releases to their end",
            "releases whose files are made were not brought to their end",
            slow=True,
        ),
        Chore(
            LEFT_EVERY,
            release_making.make_due,
            "made %d releases of deadlines",
            "the releases of deadlines were not made",
        ),
    )


def _overdue(settling: Settling) -> Chore:
    return Chore(
        SWEEP_EVERY,
        settling.force_overdue,
        "applied %d changes of entities without those they rest on",
        "changes of entities held too long were not applied",
    )


def _old_drafts(blobs: BlobStore) -> Chore:
    return Chore(
        SWEEP_EVERY,
        lambda now: web_drafts.sweep(blobs, now=now),
        "forgot %d forms that were begun in a browser and left",
        "forms that were begun in a browser and left were not forgotten",
    )


def _over_their_date(blobs: BlobStore, shelf: Shelf) -> Chore:
    return Chore(
        NAMES_EVERY,
        Keeping(blobs, shelf).look,
        "took out of %d records what was over its date",
        "what was over its date and ordered to go was not taken out",
        slow=True,
    )


def _sweep(blobs: BlobStore) -> Chore:
    return Chore(
        SWEEP_EVERY,
        lambda now: sweep(blobs, now=now),
        "removed %d files that nothing names",
        "the sweep of stored files failed",
        slow=True,
    )


_NEW_CHECKS = Chore(
    FOLLOW_EVERY,
    check_new,
    "made or changed %d findings of new checks",
    "new checks of surveys were not made",
    slow=True,
)

_PLACES = (
    Chore(
        FOLLOW_EVERY,
        lambda now: follow_places(now=now),
        "brought %d villages in step with the places",
        "the lists of villages were not brought in step with the places",
    ),
    Chore(
        SWEEP_EVERY,
        learn_earlier_places,
        "%d places learnt what they were before the reform",
        "the places of before the reform were not entered",
        slow=True,
    ),
    Chore(
        FOLLOW_EVERY,
        finish_interrupted,
        "let the records of %d changes of the map follow",
        "the records of changes of the map did not follow",
    ),
    Chore(
        SWEEP_EVERY,
        take_back_unfinished,
        "took back %d lists of villages that a stop had left half entered",
        "lists of villages left half entered were not taken back",
    ),
)


_NAMES = (
    Chore(
        NAMES_EVERY,
        record_names.keep_up,
        "entered what %d records are called into the list",
        "what records are called was not entered into the list",
    ),
    Chore(
        NIGHT_EVERY,
        Nightly(lambda: record_names.begin_again(moment()), "names").look,
        "entered into the list what %d records are called that were missing there",
        "what records are called was not looked through",
    ),
)


def _telling(beside: Beside, blobs: BlobStore) -> tuple[Chore, ...]:
    return (
        Chore(
            AUDIT_EVERY,
            beside.couriers.look,
            "told webhooks of %d events",
            "webhooks were not told of what happened",
        ),
        Chore(
            SWEEP_EVERY,
            forget,
            "forgot %d events that webhooks were told of long ago",
            "what webhooks were told of long ago was not forgotten",
        ),
        Chore(
            SWEEP_EVERY,
            lambda now: purge(blobs, now - beside.purge_after, now=now),
            "purged %d records, forms, lists and members that were deleted long ago",
            "what was deleted long ago was not purged",
            slow=True,
        ),
    )


def _files(apart: Apart) -> tuple[Chore, ...]:
    return (
        Chore(
            EXTRACTS_EVERY,
            apart.look,
            "began to make files (%d)",
            "files that somebody asked for were not made",
        ),
        Chore(
            SWEEP_EVERY,
            forget_files,
            "forgot the files of %d extracts whose time was over",
            "files whose time was over were not forgotten",
        ),
    )


def _nights() -> tuple[Chore, ...]:
    return (
        Chore(
            NIGHT_EVERY,
            Nightly(refresh, "lists").look,
            "wrote %d members of entity lists that others' reports changed",
            "what others' reports change in entity lists was not worked out",
            slow=True,
        ),
        Chore(
            NIGHT_EVERY,
            Nightly(lambda: prefill(now=moment()), "prefill").look,
            "worked out the figures of %d reports of communes",
            "the figures of the communes' reports were not worked out",
            slow=True,
        ),
        Chore(
            NIGHT_EVERY,
            Nightly(lambda: check_all(moment()), "checks").look,
            "made or changed %d findings of the checks that look at many records",
            "the checks that look at many records were not made",
            slow=True,
        ),
        # Figures of their own: a turn is held by one of them, and the others look in vain meanwhile.
        Chore(
            NIGHT_EVERY,
            Nightly(Figures().everything, "figures").look,
            "worked out %d cells of figures that had not followed, or are due by now",
            "the figures were not worked out again",
            slow=True,
        ),
    )


def work(
    several: Sequence[Chore],
    enter: Callable[[], AbstractContextManager[object]],
    *,
    with_parent: bool,
    failed: Callable[[], None] = lambda: None,
) -> None:
    """Do the house-keeping in turns, what is slow beside the rest in a thread that `enter`s the application.

    Calls `failed` for each chore that fails. Returns after SIGTERM or SIGINT, or when the parent has gone.
    What is being done then is given up a moment later: a transaction that was not committed never was.
    """
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    parent = os.getppid()

    def beside() -> None:
        with enter():
            _turns([one for one in several if one.slow], stop.is_set, stop.wait, failed)

    slow = threading.Thread(target=beside, name="slow chores", daemon=True)
    slow.start()
    quick = [one for one in several if not one.slow]
    _turns(quick, lambda: stop.is_set() or (with_parent and os.getppid() != parent), stop.wait, failed)
    stop.set()
    slow.join(_LAST_WAIT)


def _turns(
    several: Sequence[Chore],
    ended: Callable[[], bool],
    wait: Callable[[float], object],
    failed: Callable[[], None],
) -> None:
    """One chore after the other, each when it is due, until it is over."""
    left = [0.0] * len(several)
    while not ended():
        for at, chore in enumerate(several):
            if left[at] <= 0 and not ended():
                left[at] = chore.every
                _once(chore, failed)
        wait(_PARENT_EVERY)
        left = [seconds - _PARENT_EVERY for seconds in left]


def _once(chore: Chore, failed: Callable[[], None]) -> None:
    try:
        now = moment()
        # Of several workers one is at it; to the others there was nothing to do.
        with alone(db.engine, chore.failed) as mine, acting(None, now):
            number = chore.do(now) if mine else 0
    except Exception:
        # A failing disk or database must not end the worker: the next turn may go well.
        log.exception(chore.failed)
        failed()
        return
    finally:
        db.session.remove()
    if number:
        log.info(chore.done, number)
