"""The tables of a form, made again from the stored bytes.

Rows go in batches into twin tables, so that intake never waits long; what arrived meanwhile is
caught up in the transaction that puts the twins in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from forms.rows import Flat, lay_flat
from forms.submission import read
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.compression import dictionary, unpack
from storage.database import db, line_of, transaction
from storage.models import Finding, Form, FormVersion, Submission, SubmissionVersion
from storage.projection.catalogue import answer_tables, catalogue, layout_for
from storage.projection.tables import AnswerTable, answer_table
from storage.projection.writing import Writer

_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Source:
    submission_id: int
    version_id: int
    form_version_id: int
    key: str
    xml: bytes | None
    blob: str | None


class Rebuild:
    """One rebuild of one form, live or draft."""

    def __init__(self, form_id: int, blobs: BlobStore, *, draft: bool = False) -> None:
        self._form_id = form_id
        self._blobs = blobs
        self._draft = draft
        self._writers: dict[int, tuple[Writer, bytes]] = {}
        self._seen = 0

    def run(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Rebuild; calls `progress(done, all)` after every batch and returns how many records it read."""
        with transaction() as session:
            twins = self._make_twins(session)
        total = db.session.scalar(select(func.count()).where(*self._mine())) or 0
        done = after = 0
        while batch := self._batch(db.session(), after):
            with transaction() as session:
                self._copy(session, twins, batch)
            done, after = done + len(batch), batch[-1].submission_id
            progress(done, total)
        while self._catch_up(twins, limit=_BATCH) == _BATCH:
            pass
        with transaction() as session:
            session.execute(select(Form.id).where(Form.id == self._form_id).with_for_update())
            self._copy_late(session, twins)
            self._swap(session, twins)
        return done

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return (Submission.form_id == self._form_id, Submission.draft == self._draft)

    def _make_twins(self, session: Session) -> dict[str, AnswerTable]:
        self._seen = session.scalar(select(func.max(SubmissionVersion.id))) or 0
        generation = session.get_one(Form, self._form_id).generation + 1
        twins = {}
        for path, table in answer_tables(session, self._form_id, draft=self._draft).items():
            base = table.table.name.split("g")[0]
            twin = answer_table(f"{base}g{generation}", path, table.parent, tuple(table.questions.values()))
            for piece in twin.pieces:
                # Left over when an earlier rebuild was interrupted.
                piece.drop(session.connection(), checkfirst=True)
                piece.create(session.connection())
            twins[path] = twin
        return twins

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
            )
            .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
            .where(*self._mine(), SubmissionVersion.current.is_(True), *where)
            .order_by(SubmissionVersion.id if late else Submission.id)
            .limit(limit)
        )
        return [_Source(*row) for row in session.execute(query)]

    def _batch(self, session: Session, after: int) -> list[_Source]:
        return self._sources(session, Submission.id > after, SubmissionVersion.id <= self._seen, limit=_BATCH)

    def _copy(self, session: Session, twins: dict[str, AnswerTable], batch: Sequence[_Source]) -> None:
        numbers = [source.submission_id for source in batch]
        times = dict(
            session.execute(
                select(Submission.id, Submission.created_at).where(Submission.id.in_(numbers))
            ).all()
        )
        session.execute(delete(Finding).where(Finding.submission_id.in_(numbers)))
        found = []
        by_version: dict[int, list[tuple[int, Flat]]] = {}
        for source in batch:
            flat = self._flat(session, twins, source)
            by_version.setdefault(source.form_version_id, []).append((source.submission_id, flat))
            found += [
                {
                    "submission_id": source.submission_id,
                    "check": one.check,
                    "path": one.path,
                    "key": one.key,
                    "value": one.value,
                    "created_at": times[source.submission_id],
                }
                for one in flat.findings
            ]
        for form_version_id, several in by_version.items():
            self._writers[form_version_id][0].write_many(line_of(session), several)
        if found:
            session.execute(insert(Finding), found)

    def _flat(self, session: Session, twins: dict[str, AnswerTable], source: _Source) -> Flat:
        writer, known = self._writer(session, twins, source.form_version_id)
        if source.xml is not None:
            xml = unpack(source.xml, known)
        else:
            with self._blobs.open(source.blob or "") as handle:
                xml = handle.read()
        return lay_flat(read(xml).root, writer.layout, source.key)

    def _catch_up(self, twins: dict[str, AnswerTable], *, limit: int) -> int:
        with transaction() as session:
            return self._copy_late(session, twins, limit=limit)

    def _writer(
        self, session: Session, twins: dict[str, AnswerTable], form_version_id: int
    ) -> tuple[Writer, bytes]:
        if form_version_id not in self._writers:
            form_xml = session.execute(
                select(FormVersion.xml).where(FormVersion.id == form_version_id)
            ).scalar_one()
            schema = read_schema(form_xml)
            writer = Writer(schema, layout_for(schema, twins), twins)
            self._writers[form_version_id] = (writer, dictionary(form_xml))
        return self._writers[form_version_id]

    def _copy_late(self, session: Session, twins: dict[str, AnswerTable], *, limit: int | None = None) -> int:
        """Copy what came or was edited since the last look; returns how many."""
        late = self._sources(session, SubmissionVersion.id > self._seen, late=True, limit=limit)
        for source in late:
            self._writer(session, twins, source.form_version_id)[0].remove(
                line_of(session), source.submission_id
            )
        if late:
            self._copy(session, twins, late)
            self._seen = max(source.version_id for source in late)
        return len(late)

    def _swap(self, session: Session, twins: dict[str, AnswerTable]) -> None:
        old = answer_tables(session, self._form_id, draft=self._draft)
        for row, _columns in catalogue(session, self._form_id, draft=self._draft):
            row.name = twins[row.path].table.name
        session.get_one(Form, self._form_id).generation += 1
        session.flush()
        for table in old.values():
            for piece in table.pieces:
                piece.drop(session.connection(), checkfirst=True)
