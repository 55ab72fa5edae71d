"""What is over its date goes: the answers that name people, or whole records; some in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from collector.actions import auditing
from collector.actions.erasing import Done, Erasing, again
from forms.erasing import named_directly, names_in, without_names
from storage.blobs import BlobStore
from storage.cuts import within
from storage.database import db, transaction
from storage.erasing import keeping, withdrawing
from storage.erasing.problems import ErasureOvertaken
from storage.erasing.rewriting import By, Held, Rewriting
from storage.erasing.tombstones import IDENTIFIERS, Buried, Order, bury
from storage.models import Form, Retention, Submission, SubmissionVersion
from storage.portable_wiping import wipe
from storage.projection.shelf import Shelf
from storage.purging.files import Files
from storage.queries import forms
from storage.scope import WHOLE

_PAGE = 100
_SAY_EVERY = 20
_ATTEMPTS = 5

Progress = Callable[[int, int], None]


class Keeping:
    """Does what was ordered, out of a database and a blob store."""

    def __init__(self, blobs: BlobStore, shelf: Shelf) -> None:
        self._blobs = blobs
        self._erasing = Erasing(blobs, shelf)
        self._rewriting = Rewriting(blobs, shelf)
        self._direct: dict[int, frozenset[str]] = {}

    def look(self, now: datetime) -> int:
        """The worker's chore: do the first that was ordered; returns how many records changed."""
        held = keeping.ordered(db.session())
        number = None if held is None else held.form_id
        db.session().rollback()
        return 0 if number is None else self.run(number, now)

    def run(self, form_id: int, now: datetime, progress: Progress = lambda _done, _all: None) -> int:
        """Do what was ordered of a survey; returns how many records changed. What stops it goes on later."""
        with within(WHOLE):
            while auditing.derive(now):
                pass
            held = db.session().get_one(Retention, form_id)
            act, before = held.act, held.before or now
            order = Order(held.ground, held.ordered_by, now)
            mine = keeping.over(held, before)
            total = db.session().scalar(select(func.count()).select_from(Submission).where(*mine)) or 0
            changed, result = 0, Done()
            for done, number in enumerate(_numbers(form_id, mine), 1):
                if act == keeping.RECORDS:
                    self._erasing.erase_record(form_id, number, order, result)
                    changed += 1
                else:
                    changed += self._unname(form_id, number, order)
                progress(done, total)
                if done % _SAY_EVERY == 0:
                    _say(form_id, done, total)
            self._finish(form_id, before, order, result)
            db.session().rollback()
            wipe(db.engine)
        return changed

    def unname(self, form_id: int, before: datetime, order: Order) -> int:
        """Take the names out of all that a survey received before a moment: an erasure done again."""
        mine = (Submission.form_id == form_id, Submission.draft.is_(False), Submission.created_at < before)
        return sum(self._unname(form_id, number, order) for number in _numbers(form_id, mine))

    def _unname(self, form_id: int, number: int, order: Order) -> int:
        """Take the names out of every version of a record; 0 where there are none."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._try(form_id, number, order)
            except ErasureOvertaken:
                if attempt == _ATTEMPTS - 1:
                    raise
        return 0

    def _try(self, form_id: int, number: int, order: Order) -> int:
        session: Session = db.session()
        record = session.get_one(Submission, number)
        held = self._rewriting.held(session, session.get_one(Form, form_id), record)
        several = self._rewriting.prepare(record, held, lambda one: self._redacted(session, one))
        named = (names_in(one.data, one.shelved.writer.schema, self._named(session, one)) for one in held)
        traces = frozenset(one for several_names in named for one in several_names)
        session.rollback()
        if not several:
            return 0
        files = Files()
        with transaction() as writing:
            mine = select(SubmissionVersion.id).where(SubmissionVersion.submission_id == number)
            by = By(order.now, files, writing.scalars(mine).all(), traces)
            self._rewriting.write(writing, writing.get_one(Submission, number), several, by)
            files.forget(writing)
        self._erasing.destroy(files)
        return 1

    def _redacted(self, session: Session, one: Held) -> bytes | None:
        found = without_names(one.data, one.shelved.writer.schema, self._named(session, one))
        return None if found is None else found.xml

    def _named(self, session: Session, one: Held) -> frozenset[str]:
        number = one.version.form_version_id
        if number not in self._direct:
            marks = forms.marks_of(session, number)
            self._direct[number] = named_directly(one.shelved.writer.schema, marks)
        return self._direct[number]

    def _finish(self, form_id: int, before: datetime, order: Order, result: Done) -> None:
        files = Files()
        with transaction() as session:
            held, form = session.get_one(Retention, form_id), session.get_one(Form, form_id)
            result.releases += withdrawing.withdraw(session, [form_id], files, order)
            files.forget(session)
            if held.act == keeping.IDENTIFIERS:
                details = {"before": before.isoformat()}
                bury(session, Buried(IDENTIFIERS, form.project_id, form_id, details=details), order)
            held.done_until, held.done_at, held.ordered_at = before, order.now, None
        self._erasing.destroy(files)
        again(result, order)


def _numbers(form_id: int, mine: Sequence[ColumnElement[bool]]) -> Iterator[int]:
    """The numbers of some records, a page at a time: nobody is kept waiting meanwhile."""
    after = 0
    while True:
        session = db.session()
        page = select(Submission.id).where(Submission.form_id == form_id, *mine, Submission.id > after)
        several = session.scalars(page.order_by(Submission.id).limit(_PAGE)).all()
        session.rollback()
        if not several:
            return
        yield from several
        after = several[-1]


def _say(form_id: int, done: int, total: int) -> None:
    with transaction(noticed=False) as session:
        held = session.get_one(Retention, form_id)
        held.done, held.total = done, total
