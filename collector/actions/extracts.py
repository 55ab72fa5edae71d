"""⑨ The worker's part in files somebody asked for: it makes them one by one, and forgets them in time.

Extracts of a release are one job: read in one look at the tables, there all at once or not at all
(decision 0042). A worker that is killed leaves its job behind without a sign of life; the next one begins it
again, three times at most, for what kills a worker once may kill it every time.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from collector.actions.releases import FIGURES, REPORTS, digest_over
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
    """Makes extracts; `home` is the data folder, `clock` says what time it is while one is being made.

    `address` is where phones and people reach the server: figures in reports lead there.
    """

    means: Means
    home: Path
    clock: Callable[[], datetime]
    province: str = ""
    address: str = ""

    def make_next(self, now: datetime) -> int:
        """Make the oldest job that waits, or was left behind; returns how many were made or failed."""
        numbers = self._claim(now)
        if not numbers:
            return 0
        try:
            self._make(numbers, now)
        except (SystemExit, KeyboardInterrupt):
            self._put_back(numbers)
            raise
        except _Gone:
            log.info("extracts %s were deleted, or somebody in them erased, while they were made", numbers)
        except Problem as problem:
            self._failed(numbers, problem.sentence, problem.details)
        except Exception:
            log.exception("extracts %s were not made", numbers)
            self._failed(numbers, WENT_WRONG, {})
        return 1

    def _claim(self, now: datetime) -> list[int]:
        if not is_waiting(now):
            return []
        query = select(Extract).where(_unmade(now), _is_first()).order_by(Extract.id).limit(1)
        query = query.with_for_update(skip_locked=True)
        with transaction(noticed=False) as session:
            first = session.scalars(query).one_or_none()
            if first is None:
                return []
            job = _job(session, first)
            tries = max(int((one.manifest or {}).get("tries", 0)) for one in job)
            for extract in job:
                if tries >= MOST_TRIES:
                    self._fail(extract, GAVE_UP, {"tries": tries})
                    continue
                extract.state, extract.beat_at = MAKING, now
                extract.done, extract.total, extract.problem = 0, 0, None
                extract.manifest = {"tries": tries + 1}
            return [one.id for one in job if one.state == MAKING]

    def _make(self, numbers: Sequence[int], now: datetime) -> None:
        from collector.actions.extract_making import write

        told = _Told(numbers, self.clock)
        with self._folder(numbers[0]) as folder:
            look = replica.once_more(lambda: self._look(folder, told, now), lambda: _emptied(folder))
            # The look at the tables is over: what is written now may take as long as it takes.
            made = []
            for number, ready in look.ready.items():
                made.append(self._stored(number, write(ready)))
                shutil.rmtree(ready.material.folder)
            for number, scope in look.reports.items():
                made.append(self._reported(number, scope, made, (folder / str(number), told, now)))
            self._keep(made, now)

    def _look(self, folder: Path, told: _Told, now: datetime) -> _Look:
        """Everything a job asks of the database, of one moment."""
        from collector.actions.extract_making import Place, lay

        look = _Look({}, {})
        with report_snapshot(replica.LONG) as session:
            for extract in _of(session, told.numbers):
                own, scope = folder / str(extract.id), _scope(extract)
                own.mkdir()
                if extract.kind == REPORTS:
                    look.reports[extract.id] = scope
                    continue
                with within(scope):
                    place, tell = Place(own, self.province, now), partial(told, extract.id)
                    look.ready[extract.id] = lay(session, extract, self.means, place, tell)
        if len(look.ready) + len(look.reports) < len(told.numbers):
            raise _Gone
        return look

    def _reported(
        self, number: int, scope: Scope, data: Sequence[_Stored], where: tuple[Path, _Told, datetime]
    ) -> _Stored:
        """The reports of a release, of the figures that were just frozen."""
        from collector.actions.deadline_reports import Stand, write

        folder, told, now = where
        figures = next(
            file.blob_sha256
            for one in data
            for file in one.files
            if one.made.manifest["kind"] == FIGURES and file.format == "csv"
        )
        digest = digest_over(
            (one.made.manifest["kind"], one.made.manifest["spec"].get("form", ""), one.made.digest)
            for one in data
        )
        stand = Stand(self.means.blobs, figures, digest, scope, self.address, now)
        return self._stored(number, write(number, stand, folder, partial(told, number)))

    def _stored(self, number: int, made: Made) -> _Stored:
        """Put files away, whether they are named in the end or not."""
        files = []
        for file in made.files:
            staged = self.means.blobs.stage()
            try:
                with file.path.open("rb") as source:
                    while piece := source.read(_PIECE):
                        staged.write(piece)
                self.means.blobs.keep([staged])
                files.append(
                    ExtractFile(
                        extract_id=number,
                        format=file.format,
                        name=file.name,
                        content_type=file.content_type,
                        size=staged.size,
                        blob_sha256=staged.sha256,
                    )
                )
            finally:
                staged.discard()
        return _Stored(number, made, files)

    def _keep(self, several: Sequence[_Stored], now: datetime) -> None:
        """Say that the files are there, all of a job at once."""
        with transaction(noticed=False) as session:
            for one in several:
                extract = _held(session, one.number)
                for file in one.files:
                    enter_blob(session, file.blob_sha256, file.size, None, now)
                session.add_all(one.files)
                extract.state, extract.made_at, extract.problem = MADE, now, None
                extract.done = extract.total = max(extract.total, 1)
                extract.manifest, extract.digest = dict(one.made.manifest), one.made.digest
                if extract.release_id is None:
                    extract.expires_at = now + timedelta(days=KEPT_DAYS)

    def _put_back(self, numbers: Sequence[int]) -> None:
        """The server stops: whoever starts next begins it anew, and at once."""
        db.session.remove()
        with within(WHOLE), transaction(noticed=False) as session:
            for extract in _of(session, numbers):
                if extract.state == MAKING:
                    extract.state, extract.beat_at, extract.manifest = WAITING, None, None

    def _failed(self, numbers: Sequence[int], sentence: str, details: Mapping[str, Any]) -> None:
        with transaction(noticed=False) as session:
            for extract in _of(session, numbers):
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


@dataclass(frozen=True)
class _Look:
    """What was seen of a job in one look: data that are laid, and for whose eyes reports are made."""

    ready: dict[int, Ready]
    reports: dict[int, Scope]


@dataclass(frozen=True)
class _Stored:
    """An extract whose files lie where files lie, and what is to be said of it."""

    number: int
    made: Made
    files: Sequence[ExtractFile]


def _is_first() -> ColumnElement[bool]:
    """Whether no other extract of the same release is still to be made before it."""
    earlier = aliased(Extract)
    return ~(
        select(earlier.id)
        .where(
            earlier.release_id == Extract.release_id,
            earlier.id < Extract.id,
            earlier.state.in_((WAITING, MAKING)),
        )
        .exists()
    )


def _job(session: Session, first: Extract) -> Sequence[Extract]:
    """What is made together: an extract somebody asked for, or what is still to be made of a release."""
    if first.release_id is None:
        return [first]
    mine = (Extract.release_id == first.release_id, Extract.state.in_((WAITING, MAKING)))
    return session.scalars(select(Extract).where(*mine).order_by(Extract.id).with_for_update()).all()


def _of(session: Session, numbers: Sequence[int]) -> Sequence[Extract]:
    return session.scalars(select(Extract).where(Extract.id.in_(numbers)).order_by(Extract.id)).all()


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
    """Writes from time to time how far an extract of a job is, which is a sign of life of them all."""

    numbers: Sequence[int]
    clock: Callable[[], datetime]
    _next: float = field(default=0.0)

    def __call__(self, number: int, done: int, total: int) -> None:
        if time.monotonic() < self._next:
            return
        # The worker's own note, made while the rows are read with the asker's eyes.
        with within(WHOLE), transaction(noticed=False) as session:
            extract = _held(session, number)
            extract.done, extract.total = min(done, total), total
            for one in self.numbers:
                _held(session, one).beat_at = self.clock()
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
