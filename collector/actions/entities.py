"""⑧ The entities of a stored submission, applied: right after its own transaction, in one of their own.

Why not in the submission's: what is wrong with an entity must never cost the submission, and an intake that
shares its commit with others (see `storage.ferry`) must not wait for chains of held changes. Why nothing is
lost between the two: the submission's transaction leaves an outcome `waiting`; whoever stored it settles it
before the phone is answered, and the worker settles what a dead process left. An outcome is settled once,
under a lock, whoever comes; the phone's second delivery leaves no outcome. A form without entities costs
nothing of all this.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from zstandard import ZstdCompressionDict

from forms.entities import Brought, brought, entity_uuid
from forms.problems import EntityIdUnusable, Problem
from forms.submission import read
from storage.blobs import BlobStore
from storage.compression import unpack
from storage.cuts import within
from storage.database import is_clash, transaction
from storage.entities import outcomes
from storage.entities.applying import NeedsApproval, NotReady, Terms, apply
from storage.entities.problems import EntitiesNotApplied
from storage.entities.telling import tell
from storage.entities.writing import Source, lock
from storage.problems import SubmissionDeleted
from storage.projection.shelf import Shelf
from storage.scope import WHOLE
from storage.snapshot import snapshot

log = logging.getLogger(__name__)

HELD_FOR = timedelta(days=5)
"""How long a change waits for the one it rests on, before it is applied without."""

LEFT_AFTER = timedelta(minutes=1)
"""When nobody is at an outcome any more that still waits."""

_ATTEMPTS = 10
_AT_ONCE = 200


@dataclass(frozen=True)
class _Task:
    """A submission's entities as its present answers say, and what it takes to apply them."""

    version_id: int
    instance_id: str
    project_id: int
    sender_id: int | None
    several: list[Brought]

    @cached_property
    def uuids(self) -> set[str]:
        """The entities it touches, as far as their ids can be used."""
        found: set[str] = set()
        for one in self.several:
            try:
                found.add(entity_uuid(one.id))
            except EntityIdUnusable:
                continue
        return found


class Settling:
    """Applies the entities of submissions whose outcome is open."""

    def __init__(self, blobs: BlobStore, shelf: Shelf) -> None:
        self._blobs = blobs
        self._shelf = shelf

    def settle_quietly(self, number: int, now: datetime) -> None:
        """Settle an outcome after an intake, which has succeeded whatever becomes of it."""
        try:
            self.settle(number, now)
        except Exception:
            # It stays waiting, and the worker finds it.
            log.exception("the entities of submission version %d were not applied yet", number)

    def settle(self, number: int, now: datetime, *, force: bool = False) -> None:
        """Settle an outcome, and whatever was held for it. `force`: it has waited long enough."""
        due = deque([(number, force)])
        # On nobody's behalf: what a form changes does not depend on who brings it.
        with within(WHOLE):
            while due:
                one, forced = due.popleft()
                due.extend((woken, False) for woken in self._settle(one, now, force=forced))

    def settle_left(self, now: datetime) -> int:
        """Settle what a dead process or an unreachable database left waiting; returns how many."""
        with snapshot() as session:
            left = outcomes.left_waiting(session, now - LEFT_AFTER, _AT_ONCE)
        return self._settle_each(left, now)

    def force_overdue(self, now: datetime) -> int:
        """Apply what has been held too long without what it rests on; returns how many."""
        with snapshot() as session:
            overdue = outcomes.held_since_before(session, now - HELD_FOR)
        return self._settle_each(overdue, now, force=True)

    def settle_approved(self, submission_id: int, now: datetime) -> None:
        """Make the entities of a record that has been approved; nothing where none waits for that."""
        with snapshot() as session:
            number = outcomes.pending_of(session, submission_id)
        if number is not None:
            self.settle(number, now)

    def settle_pending(self, project_id: int, now: datetime) -> int:
        """Look again at what waits for approval in a project: a list may ask for none any more."""
        with snapshot() as session:
            pending = outcomes.pending_in(session, project_id)
        return self._settle_each(pending, now)

    def _settle_each(self, numbers: Sequence[int], now: datetime, *, force: bool = False) -> int:
        for number in numbers:
            try:
                self.settle(number, now, force=force)
            except (OperationalError, InterfaceError):
                # The database is away, for all of them.
                raise
            except Exception:
                # A mistake of ours would come again every time, in front of all others.
                log.exception("the entities of submission version %d cannot be applied", number)
                _give_up(number, now)
        return len(numbers)

    def _settle(self, number: int, now: datetime, *, force: bool) -> list[int]:
        """One outcome; returns those that are to be looked at next."""
        for attempt in range(1, _ATTEMPTS + 1):
            task = self._task(number)
            try:
                with transaction(noticed=False) as session:
                    woken = _apply(session, number, task, now, force=force)
            except DBAPIError as error:
                if attempt == _ATTEMPTS or not is_clash(error):
                    raise
                continue
            if woken is not None:
                return woken
        # Edited again and again while we looked: the worker comes when it is quiet.
        return []

    def _task(self, number: int) -> _Task:
        with snapshot() as session:
            record = outcomes.record_of(session, number)
        shelved = self._shelf.get(record.form_version_id, draft=False, generation=record.generation)
        reading = read(self._bytes(record.xml, record.xml_blob, shelved.dictionary))
        several = [] if reading.envelope.encrypted else brought(reading.root, shelved.writer.schema)
        return _Task(record.version_id, record.instance_id, record.project_id, record.sender_id, several)

    def _bytes(self, packed: bytes | None, blob: str | None, dictionary: ZstdCompressionDict) -> bytes:
        if packed is not None:
            return unpack(packed, dictionary)
        with self._blobs.open(blob or "") as handle:
            return handle.read()


def _apply(session: Session, number: int, task: _Task, now: datetime, *, force: bool) -> list[int] | None:
    """Apply a task and write down what became of it; returns who waited for it, None if it is outdated."""
    # Before anything is read: what comes after sees all that others have done.
    lock(session, task.uuids)
    outcome = outcomes.take(session, number)
    if not _is_open(outcome, force=force):
        return []
    if outcome.version_id != task.version_id:
        return None
    terms = Terms(task.project_id, outcome.approved, force)
    source = Source(task.sender_id, now, submission_version_id=task.version_id)
    try:
        if outcome.deleted:
            raise SubmissionDeleted(instance=task.instance_id)
        done = apply(session, task.several, task.uuids, terms, source)
    except (Problem, NotReady, NeedsApproval) as reason:
        # Nothing was written yet, and nothing of it shall be.
        for one in (*session.new, *session.dirty):
            session.expunge(one)
        _note(session, outcome, reason, now)
        return []
    outcomes.conclude(session, outcome, outcomes.DONE, now)
    if force and outcome.state == outcomes.HELD:
        tell(session, "submission.backlog.force", number, now)
    return outcomes.wake(session, done, now)


def _note(session: Session, outcome: outcomes.Open, reason: Exception, now: datetime) -> None:
    if isinstance(reason, Problem):
        outcomes.fail(session, outcome, reason, now)
    elif isinstance(reason, NotReady):
        outcomes.hold(session, outcome, reason.awaited, now)
    else:
        outcomes.conclude(session, outcome, outcomes.PENDING, now)


def _is_open(outcome: outcomes.Open, *, force: bool) -> bool:
    if outcome.state in {outcomes.WAITING, outcomes.PENDING}:
        return True
    return force and outcome.state == outcomes.HELD


def _give_up(number: int, now: datetime) -> None:
    with transaction() as session:
        outcomes.fail(session, outcomes.take(session, number), EntitiesNotApplied(), now)
