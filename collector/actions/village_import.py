"""Villages by spreadsheet: read, shown with what is wrong, entered as a whole, taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from forms.place_problems import VillageListFaulty
from forms.village_list import VillageList, check, read_list
from storage.database import transaction
from storage.groups import in_groups
from storage.models import Batch
from storage.places import villages
from storage.queries.batches import batches_of, drop_if_empty, get_batch

KIND = "villages"
AT_ONCE = 500
"""Villages entered in one transaction: the writer is free again before anybody notices."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A list as it was sent: its bytes, its name, and whether text of an old font is to be read as meant.

    `same`: rows that mean a village the commune has under another code already.
    """

    data: bytes
    filename: str
    convert: bool = True
    same: frozenset[int] = frozenset()


def preview(session: Session, sent: Sent) -> VillageList:
    """What a list says and what is wrong in it. Raises VillageFileUnreadable, VillageColumnsMissing."""
    found = read_list(sent.data, sent.filename, convert=sent.convert)
    return check(found, villages.known(session), sent.same)


def bring_in(
    sent: Sent,
    *,
    actor_id: int | None,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Enter a list whole; returns the number of its batch, 0 when it changes nothing.

    Raises VillageListFaulty while a cell is wrong; then, and when it fails on the way, nothing stays.
    """
    with transaction() as session:
        found = preview(session, sent)
        if found.faults:
            raise VillageListFaulty(
                number=len(found.faults),
                first=found.faults[0].told,
                faults=[one.told for one in found.faults],
            )
        units = villages.units(session, found.rows)
        summary = {"rows": len(units), "written_in": found.written_in, "done": False}
        batch = Batch(
            kind=KIND, actor_id=actor_id, file_name=sent.filename[:255], summary=summary, created_at=now
        )
        session.add(batch)
        session.flush()
        number = batch.id
    try:
        for done, some in enumerate(in_groups(units, AT_ONCE), start=1):
            with transaction() as session:
                villages.enter_batch(session, number, some)
            progress(min(done * AT_ONCE, len(units)), len(units))
    except BaseException:
        undo(number, actor_id=actor_id, now=now)
        raise
    with transaction() as session:
        if drop_if_empty(session, number):
            return 0
        batch = session.get_one(Batch, number)
        batch.summary = {**batch.summary, "done": True}
    return number


def undo(number: int, *, actor_id: int | None, now: datetime) -> None:
    """Take a list back. Raises BatchNotFound, VillageImportGone."""
    with transaction() as session:
        batch = get_batch(session, None, {KIND}, number)
        villages.require_undoable(session, batch)
    while True:
        with transaction() as session:
            items = next(villages.undo_batches(session, number), ())
            if not items:
                break
            villages.take_back(session, [(item.key, item.before) for item in items])
            for item in items:
                session.delete(item)
    with transaction() as session:
        batch = get_batch(session, None, {KIND}, number)
        batch.undone_at, batch.undone_by = now, actor_id


def take_back_unfinished(now: datetime) -> int:
    """Take back the lists a stop of the server left half entered; returns how many."""
    with transaction() as session:
        numbers = [batch.id for batch in batches_of(session, None, KIND) if _is_left(batch, now)]
    for number in numbers:
        undo(number, actor_id=None, now=now)
    return len(numbers)


def _is_left(batch: Batch, now: datetime) -> bool:
    # One that is being entered just now is not touched.
    age = (now - batch.created_at).total_seconds()
    return batch.undone_at is None and batch.summary.get("done") is False and age > 600  # noqa: PLR2004 - ten minutes
