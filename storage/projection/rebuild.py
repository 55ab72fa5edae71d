"""The tables of a form, made again from the stored bytes.

Answers are laid flat outside of any transaction and written in small batches into twin tables, so that
intake never waits long; what arrived meanwhile is caught up in the transaction that puts the twins in
place. Whoever changes the tables meanwhile (a new version, another rebuild) makes this one start over.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from zstandard import ZstdCompressionDict

from forms.placing import Roles, roles_of
from forms.rows import Flat
from forms.submission import read
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.cells.marks import mark_form
from storage.compression import dictionary, unpack
from storage.database import db, line_of, transaction
from storage.findings.records import Record, renew
from storage.models import Form, FormTable, FormVersion, Submission, SubmissionVersion
from storage.problems import RebuildOvertaken
from storage.projection.catalogue import answer_tables, catalogue, hold, layout_for
from storage.projection.tables import AnswerTable, answer_table
from storage.projection.whereabouts import Origin, Placing
from storage.projection.writing import Writer
from storage.queries import intake

log = logging.getLogger(__name__)

GRACE = 2.0
"""Seconds the old tables stay on PostgreSQL after the new ones took their place."""
_BATCH = 100
_FEW = 10
_OURS = SubmissionVersion.reason.is_not(None)
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Source:
    """The current version of a record."""

    submission_id: int
    version_id: int
    form_version_id: int
    key: str
    xml: bytes | None
    blob: str | None
    created_at: datetime
    submitter_id: int | None

    @property
    def origin(self) -> Origin:
        """Where it comes from."""
        return Origin(self.key, self.submitter_id, self.created_at)


class _Overtaken(Exception):
    """The tables changed in between."""


class Rebuild:
    """One rebuild of one form, live or draft."""

    def __init__(self, form_id: int, blobs: BlobStore, *, draft: bool = False) -> None:
        self._form_id = form_id
        self._blobs = blobs
        self._draft = draft
        self._placing = Placing()

    def run(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Rebuild; calls `progress(done, all)` after every batch and returns how many records it read.

        Raises RebuildOvertaken when others keep changing the tables.
        """
        for _attempt in range(_ATTEMPTS):
            twins = self._make_twins()
            try:
                done = self._fill(twins, progress)
                self._let_readers_through()
            except _Overtaken:
                continue
            finally:
                self._clear_up(twins)
            return done
        raise RebuildOvertaken(form=db.session().get_one(Form, self._form_id).xml_form_id)

    def _fill(self, twins: _Twins, progress: Callable[[int, int], None]) -> int:
        session: Session = db.session()
        total = session.scalar(select(func.count()).select_from(Submission).where(*self._mine())) or 0
        done = after = 0
        while batch := self._sources(
            session, Submission.id > after, SubmissionVersion.id <= twins.seen, limit=_BATCH
        ):
            laid = [(source, self._flat(session, twins, source)) for source in batch]
            with transaction() as writing:
                self._put(writing, twins, laid)
            done, after = done + len(batch), batch[-1].submission_id
            progress(done, total)
        while self._catch_up(twins) > _FEW:
            pass
        with transaction() as session:
            hold(session, self._form_id)
            late = self._late(session, twins)
            self._put(session, twins, [(source, self._flat(session, twins, source)) for source in late])
            self._swap(session, twins)
        return done

    def _let_readers_through(self) -> None:
        # Whoever learnt just now what the old tables are called asks them a moment later. On SQLite he sees
        # the state in which they are there; PostgreSQL keeps a table only for who has begun to read it.
        if not self._draft and db.engine.dialect.name == "postgresql":
            time.sleep(GRACE)

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return (Submission.form_id == self._form_id, Submission.draft == self._draft)

    def _make_twins(self) -> _Twins:
        with transaction() as session:
            # While the form is held nobody is between getting a number and committing it.
            hold(session, self._form_id)
            form = session.get_one(Form, self._form_id)
            form.generation += 1
            seen = session.scalar(select(func.max(SubmissionVersion.id))) or 0
            tables = {}
            for path, table in answer_tables(session, self._form_id, draft=self._draft).items():
                name = f"{table.table.name.split('g')[0]}g{form.generation}"
                tables[path] = answer_table(name, path, table.parent, tuple(table.questions.values()))
                for piece in tables[path].pieces:
                    piece.create(session.connection())
            project = None if self._draft else form.project_id
            return _Twins(form.generation, project, tables, {}, {}, seen, seen)

    def _sources(
        self, session: Session, *where: ColumnElement[bool], late: bool = False, limit: int | None = None
    ) -> list[_Source]:
        query = (
            select(
                Submission.id,
                SubmissionVersion.id,
                SubmissionVersion.form_version_id,
                Submission.instance_id,
                SubmissionVersion.xml,
                SubmissionVersion.xml_blob,
                # Who corrects a record at the office lends it neither his place nor his day.
                case((_OURS, Submission.created_at), else_=SubmissionVersion.created_at),
                case((_OURS, Submission.submitter_id), else_=SubmissionVersion.submitter_id),
            )
            .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
            .where(*self._mine(), SubmissionVersion.current.is_(True), *where)
            .order_by(SubmissionVersion.id if late else Submission.id)
            .limit(limit)
        )
        return [_Source(*row) for row in session.execute(query)]

    def _catch_up(self, twins: _Twins) -> int:
        """Copy some of what came or was edited since the last look; returns how many."""
        with transaction() as session:
            hold(session, self._form_id)
            late = self._late(session, twins, limit=_BATCH)
        session = db.session()
        laid = [(source, self._flat(session, twins, source)) for source in late]
        with transaction() as session:
            self._put(session, twins, laid)
        return len(late)

    def _late(self, session: Session, twins: _Twins, *, limit: int | None = None) -> list[_Source]:
        """What came since the last look, while the form is held."""
        late = self._sources(session, SubmissionVersion.id > twins.seen, late=True, limit=limit)
        twins.seen = max((source.version_id for source in late), default=twins.seen)
        return late

    def _flat(self, session: Session, twins: _Twins, source: _Source) -> Flat:
        number = source.form_version_id
        if number not in twins.writers:
            form_xml, sheets = session.execute(
                select(FormVersion.xml, FormVersion.sheets).where(FormVersion.id == number)
            ).one()
            schema = read_schema(form_xml)
            if not {repeat.path for repeat in schema.repeats} <= twins.tables.keys():
                raise _Overtaken
            writer = Writer(schema, layout_for(schema, twins.tables), twins.tables)
            twins.writers[number] = (writer, dictionary(form_xml))
            twins.roles[number] = roles_of(schema, writer.layout, sheets.get("marks", {}))
        writer, known = twins.writers[number]
        if source.xml is not None:
            return writer.lay(read(unpack(source.xml, known)), source.key)
        with self._blobs.open(source.blob or "") as handle:
            return writer.lay(read(handle.read()), source.key)

    def _put(self, session: Session, twins: _Twins, laid: Sequence[tuple[_Source, Flat]]) -> None:
        """Write those into the twins that are still what counts of their record."""
        generation = session.scalar(
            select(Form.generation).where(Form.id == self._form_id).with_for_update(read=True, key_share=True)
        )
        if generation != twins.generation:
            raise _Overtaken
        wanted = [source.version_id for source, _flat in laid]
        current = set(
            session.scalars(
                select(SubmissionVersion.id).where(
                    SubmissionVersion.id.in_(wanted), SubmissionVersion.current.is_(True)
                )
            )
        )
        line = line_of(session)
        by_version: dict[int, list[tuple[int, Flat]]] = {}
        for source, flat in laid:
            if source.version_id not in current:
                continue
            if source.version_id > twins.began_after:
                twins.writers[source.form_version_id][0].remove(line, source.submission_id)
            where = self._placing.of(
                line, twins.roles[source.form_version_id], flat, source.origin, draft=self._draft
            )
            intake.put_in_place(line, [(source.submission_id, *where.columns)])
            record = Record(source.submission_id, self._form_id, twins.project_id, where.code)
            renew(line, record, [*flat.findings, *where.findings], source.created_at)
            by_version.setdefault(source.form_version_id, []).append((source.submission_id, flat))
        for number, several in by_version.items():
            twins.writers[number][0].write_many(line, several)

    def _swap(self, session: Session, twins: _Twins) -> None:
        for row, _columns in catalogue(session, self._form_id, draft=self._draft):
            row.name = twins.tables[row.path].table.name
        session.get_one(Form, self._form_id).generation += 1
        session.flush()
        if not self._draft:
            mark_form(session, self._form_id)

    def _clear_up(self, twins: _Twins) -> None:
        """Remove the tables of this form that the catalogue does not know, and that no later rebuild made.

        These are the old ones, the twins where they were not needed, and what a rebuild that was killed
        left behind.
        """
        try:
            self._drop_unknown(twins.generation)
        except OperationalError:
            # Somebody reads from one of them for long; the next rebuild finds it.
            log.warning("tables of form %d that are not needed any more are still being read", self._form_id)

    def _drop_unknown(self, generation: int) -> None:
        with transaction() as session:
            hold(session, self._form_id)
            connection = session.connection()
            ours = select(FormTable.name).where(FormTable.form_id == self._form_id)
            known = set(session.scalars(ours))
            for name in inspect(connection).get_table_names():
                found = re.fullmatch(rf"(?P<name>d{self._form_id}_\d+(g(?P<made>\d+))?)(p\d+)?", name)
                if found and found["name"] not in known and int(found["made"] or 0) <= generation:
                    session.execute(text(f'DROP TABLE "{name}"'))


@dataclass
class _Twins:
    """The tables that are being filled, with `writers` and `roles` of questions by form version.

    `began_after` is the last version there was at the beginning, `seen` the last one looked at.
    """

    generation: int
    project_id: int | None
    tables: dict[str, AnswerTable]
    writers: dict[int, tuple[Writer, ZstdCompressionDict]]
    roles: dict[int, Roles]
    began_after: int
    seen: int
