"""⑨ The worker's part in files somebody asked for: it makes them one by one, and forgets them in time.

A worker that is killed leaves its extract behind without a sign of life; the next one begins it again, three
times at most, for what kills a worker once may kill it every time.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from collector.saying import say_in
from forms.phrases import template
from forms.problems import Problem
from storage import replica
from storage.cuts import within
from storage.database import db, transaction
from storage.models import Extract, ExtractFile
from storage.purging.files import Files
from storage.queries.attachments import enter_blob
from storage.queries.releases import FAILED, MADE, MAKING, WAITING
from storage.scope import WHOLE, Scope
from storage.snapshot import report_snapshot

if TYPE_CHECKING:
    from collector.accounts.secrets import Vault
    from collector.actions.extract_making import Made, Ready
    from storage.blobs import BlobStore
    from storage.projection.shelf import Shelf

log = logging.getLogger(__name__)

KEPT_DAYS: Final = 7
"""Days files stay that belong to no release."""
STALE: Final = timedelta(minutes=15)
"""Without a sign of life for so long, whoever made an extract is gone."""
MOST_TRIES: Final = 3
_TELL_EVERY: Final = 2.0
_PIECE: Final = 1 << 20
_FOLDER: Final = "extracts"

GAVE_UP: Final = template(
    "These files could not be made: the server stopped {tries} times while making them. Ask for fewer "
    "records (one commune, or fewer formats), or tell whoever looks after the server."
)
WENT_WRONG: Final = template(
    "These files could not be made: something unexpected happened on the server, and its log says what. Ask "
    "for them once more; if it happens again, tell whoever looks after the server."
)


class _Gone(Exception):
    """Whoever asked deleted the extract meanwhile."""


@dataclass(frozen=True)
class Means:
    """What making needs of the server."""

    blobs: BlobStore
    shelf: Shelf
    vault: Vault


@dataclass
class Making:
    """Makes extracts; `home` is the data folder, `clock` says what time it is while one is being made."""

    means: Means
    home: Path
    clock: Callable[[], datetime]
    province: str = ""

    def make_next(self, now: datetime) -> int:
        """Make the oldest that waits, or was left behind; returns how many were made or failed: 0 or 1."""
        number = self._claim(now)
        if number is None:
            return 0
        try:
            self._make(number, now)
        except (SystemExit, KeyboardInterrupt):
            self._put_back(number)
            raise
        except _Gone:
            log.info("extract %d was deleted while it was being made", number)
        except Problem as problem:
            self._failed(number, problem.sentence, problem.details)
        except Exception:
            log.exception("extract %d was not made", number)
            self._failed(number, WENT_WRONG, {})
        return 1

    def _claim(self, now: datetime) -> int | None:
        if not is_waiting(now):
            return None
        query = select(Extract).where(_unmade(now)).order_by(Extract.id).limit(1)
        query = query.with_for_update(skip_locked=True)
        with transaction(noticed=False) as session:
            extract = session.scalars(query).one_or_none()
            if extract is None:
                return None
            tries = int((extract.manifest or {}).get("tries", 0))
            if tries >= MOST_TRIES:
                self._fail(extract, GAVE_UP, {"tries": tries})
                return None
            extract.state, extract.beat_at = MAKING, now
            extract.done, extract.total, extract.problem = 0, 0, None
            extract.manifest = {"tries": tries + 1}
            return extract.id

    def _make(self, number: int, now: datetime) -> None:
        from collector.actions.extract_making import Place, lay, write

        told = _Told(number, self.clock)
        with self._folder(number) as folder:

            def look() -> Ready:
                with report_snapshot(replica.LONG) as session:
                    extract = session.get(Extract, number)
                    if extract is None:
                        raise _Gone
                    with within(_scope(extract)):
                        return lay(session, extract, self.means, Place(folder, self.province, now), told)

            ready = replica.once_more(look, lambda: _emptied(folder))
            # The look at the tables is over: what is written now may take as long as it takes.
            self._keep(number, write(ready), now)

    def _keep(self, number: int, made: Made, now: datetime) -> None:
        """Put the files away and say that they are there."""
        stored = []
        for file in made.files:
            staged = self.means.blobs.stage()
            try:
                with file.path.open("rb") as source:
                    while piece := source.read(_PIECE):
                        staged.write(piece)
                self.means.blobs.keep([staged])
                stored.append((file, staged.size, staged.sha256))
            finally:
                staged.discard()
        with transaction(noticed=False) as session:
            extract = _held(session, number)
            for file, size, sha256 in stored:
                enter_blob(session, sha256, size, None, now)
                session.add(
                    ExtractFile(
                        extract_id=number,
                        format=file.format,
                        name=file.name,
                        content_type=file.content_type,
                        size=size,
                        blob_sha256=sha256,
                    )
                )
            extract.state, extract.made_at, extract.problem = MADE, now, None
            extract.done = extract.total = max(extract.total, 1)
            extract.manifest, extract.digest = dict(made.manifest), made.digest
            if extract.release_id is None:
                extract.expires_at = now + timedelta(days=KEPT_DAYS)

    def _put_back(self, number: int) -> None:
        """The server stops: whoever starts next begins it anew, and at once."""
        db.session.remove()
        with within(WHOLE), transaction(noticed=False) as session:
            extract = session.get(Extract, number)
            if extract is not None and extract.state == MAKING:
                extract.state, extract.beat_at, extract.manifest = WAITING, None, None

    def _failed(self, number: int, sentence: str, details: Mapping[str, Any]) -> None:
        with transaction(noticed=False) as session:
            extract = session.get(Extract, number)
            if extract is not None:
                self._fail(extract, sentence, details)

    def _fail(self, extract: Extract, sentence: str, details: Mapping[str, Any]) -> None:
        said = say_in(str(extract.spec.get("language") or "vi"))(sentence)
        extract.state, extract.problem = FAILED, said.format_map(dict(details))
        extract.manifest = None
        if extract.release_id is None:
            extract.expires_at = self.clock() + timedelta(days=KEPT_DAYS)

    @contextmanager
    def _folder(self, number: int) -> Iterator[Path]:
        """A folder for one extract, without what a killed worker left in it."""
        folder = self.home / _FOLDER / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _unmade(now: datetime) -> ColumnElement[bool]:
    """Extracts that wait, or that somebody began who is gone."""
    left = and_(Extract.state == MAKING, or_(Extract.beat_at.is_(None), Extract.beat_at < now - STALE))
    return or_(Extract.state == WAITING, left)


def is_waiting(now: datetime) -> bool:
    """Whether there are files to be made."""
    looking = db.session()
    found = looking.scalar(select(Extract.id).where(_unmade(now)).limit(1))
    looking.rollback()
    return found is not None


@dataclass
class _Told:
    """Writes from time to time how far an extract is, which is its sign of life too."""

    number: int
    clock: Callable[[], datetime]
    _next: float = field(default=0.0)

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() < self._next:
            return
        # The worker's own note, made while the rows are read with the asker's eyes.
        with within(WHOLE), transaction(noticed=False) as session:
            extract = _held(session, self.number)
            extract.done, extract.total, extract.beat_at = min(done, total), total, self.clock()
        self._next = time.monotonic() + _TELL_EVERY


def _held(session: Session, number: int) -> Extract:
    extract = session.get(Extract, number)
    if extract is None or extract.state != MAKING:
        raise _Gone
    return extract


def _scope(extract: Extract) -> Scope:
    """The places of whoever asked, as they were then: [""] is the whole tree."""
    return WHOLE if "" in extract.places else Scope(tuple(extract.places), extract.asked_by)


def forget_files(now: datetime) -> int:
    """Forget files whose time is over; their bytes go with the next sweep. Returns how many extracts went."""
    looking = db.session()
    over = Extract.expires_at.is_not(None) & (Extract.expires_at <= now) & (Extract.state != MAKING)
    numbers = looking.scalars(select(Extract.id).where(over).order_by(Extract.id).limit(100)).all()
    looking.rollback()
    for number in numbers:
        with transaction(noticed=False) as session:
            extract = session.get(Extract, number)
            if extract is None:
                continue
            files = Files()
            files.of_extracts(session, [number])
            for one in session.scalars(select(ExtractFile).where(ExtractFile.extract_id == number)):
                session.delete(one)
            session.flush()
            if extract.release_id is None:
                session.delete(extract)
            else:
                extract.expires_at = None
            session.flush()
            files.forget(session)
    return len(numbers)
