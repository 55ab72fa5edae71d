"""Whether what a server keeps is whole: every record with all that belongs to it, and nothing besides."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from forms.checks.as_read import SEVERITY
from forms.rows import lay_flat
from forms.submission import read
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.models import Blob, Finding, Form, FormVersion, Submission, SubmissionFile, SubmissionVersion
from storage.projection.catalogue import answer_tables, layout_for
from storage.projection.tables import AnswerTable
from storage.queries.submissions import files_of, stored_xml
from tests.proofs.homes import Sending

_SHOWN = 5
_CHUNK = 1 << 20


@dataclass
class Looked:
    """What a look found: faults in words (none is the point), and how much was looked at."""

    faults: list[str] = field(default_factory=list)
    whole: int = 0
    absent: int = 0
    files: int = 0


class Books:
    """One form's records as the database and the blob store hold them, looked at from outside."""

    def __init__(self, session: Session, blobs: BlobStore, xml_form_id: str) -> None:
        self._session = session
        self._blobs = blobs
        self._form = session.scalars(select(Form).where(Form.xml_form_id == xml_form_id)).one()
        self._tables = answer_tables(session, self._form.id, draft=False)
        self._schemas: dict[int, Any] = {}

    # One record after the other ---------------------------------------------------------------------

    def compare(self, sendings: Iterable[Sending]) -> Looked:
        """Every sending against what is kept of it; one without any answer may be missing altogether."""
        looked = Looked()
        for sending in sendings:
            kept = self._session.scalars(
                select(SubmissionVersion).where(
                    SubmissionVersion.form_id == self._form.id,
                    SubmissionVersion.draft.is_(False),
                    SubmissionVersion.instance_id == sending.instance_id,
                )
            ).all()
            if len(kept) > 1:
                looked.faults.append(f"{sending.instance_id}: kept {len(kept)} times")
            elif kept:
                looked.whole += 1
                looked.faults += self._differences(sending, kept[0], looked)
            elif sending.answered:
                looked.faults.append(f"{sending.instance_id}: acknowledged and lost")
            else:
                looked.absent += 1
            self._session.expunge_all()
        return looked

    def _differences(self, sending: Sending, kept: SubmissionVersion, looked: Looked) -> Iterator[str]:
        me = sending.instance_id
        xml, blob = stored_xml(self._session, kept.id)
        if xml is None:
            xml = self._read(blob or "")
        if xml != sending.xml or hashlib.sha256(sending.xml).hexdigest() != kept.xml_sha256:
            yield f"{me}: other bytes than were sent"
        record = self._session.get_one(Submission, kept.submission_id)
        if record.instance_id != sending.root_id:
            yield f"{me}: belongs to {record.instance_id}, not to {sending.root_id}"
        yield from self._file_faults(sending, kept, looked)
        if kept.current:
            yield from self._row_faults(sending, kept)
        elif sending.replaces is None and record.edits == 0:
            yield f"{me}: not current, and nobody edited it"

    def _file_faults(self, sending: Sending, kept: SubmissionVersion, looked: Looked) -> Iterator[str]:
        me = sending.instance_id
        held = files_of(self._session, kept.id)
        if set(held) != set(sending.sizes):
            yield f"{me}: awaits {sorted(held)}, names {sorted(sending.sizes)}"
        here = {name for name, digest in held.items() if digest is not None}
        for name in sorted(here & set(sending.sizes)):
            looked.files += 1
            if self._read(held[name] or "") != sending.file(name):
                yield f"{me}: {name} has other bytes than were sent"
        yield from _request_faults(sending, here)

    def _row_faults(self, sending: Sending, kept: SubmissionVersion) -> Iterator[str]:
        layout = self._layout(kept.form_version_id)
        fresh = lay_flat(read(sending.xml).root, layout, sending.root_id)
        for path, table in self._tables.items():
            rows = self._rows(table, table.table.c.submission_id == kept.submission_id)
            wanted = fresh.rows.get(path, [])
            if len(rows) != len(wanted):
                yield f"{sending.instance_id}: {len(rows)} rows in {path or '/'}, not {len(wanted)}"
            for row, want in zip(rows, wanted, strict=False):
                other = [name for name, value in row.items() if name in want and value != want[name]]
                other += [n for n, value in row.items() if n not in want and value is not None]
                if {*other} - {"submission_id"}:
                    yield f"{sending.instance_id}: {path} {other} differ from a fresh reading"

    def _layout(self, form_version_id: int) -> Any:
        if form_version_id not in self._schemas:
            xml = self._session.scalars(
                select(FormVersion.xml).where(FormVersion.id == form_version_id)
            ).one()
            self._schemas[form_version_id] = layout_for(read_schema(xml), self._tables)
        return self._schemas[form_version_id]

    def _rows(self, table: AnswerTable, *where: ColumnElement[bool]) -> list[dict[str, Any]]:
        order = [table.table.c[name] for name in ("submission_id", "seq") if name in table.table.c]
        columns = {column.name: column for piece in reversed(table.pieces) for column in piece.c}
        query = select(*columns.values()).select_from(table.joined).where(*where).order_by(*order)
        return [dict(zip(columns, row, strict=True)) for row in self._session.execute(query)]

    def _read(self, digest: str) -> bytes:
        try:
            with self._blobs.open(digest) as handle:
                return handle.read()
        except KeyError:
            return b"(missing)"

    def answers(self, instance_id: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of one record by table: `key`, `blank` (questions), answers and parts by question."""
        number = self._session.scalars(
            select(Submission.id).where(
                Submission.form_id == self._form.id, Submission.instance_id == instance_id
            )
        ).one_or_none()
        found: dict[str, list[dict[str, Any]]] = {}
        for path, table in self._tables.items():
            labels = _labels(table)
            found[path] = []
            for row in self._rows(table, table.table.c.submission_id == number):
                named = {labels.get(name, name): value for name, value in row.items()}
                named["blank"] = {labels[name] for name in (row["blank"] or "").split(",") if name}
                found[path].append(named)
        return found

    # All records at once ----------------------------------------------------------------------------

    def strays(self, *, known: Collection[str] | None = None) -> list[str]:
        """What hangs in the air: parts without their whole, counts that are wrong, twins.

        `known` are all instance ids that were ever sent; whatever else is kept is a fault too.
        """
        faults = []
        for name, query in self._questions():
            found = self._session.execute(query.limit(_SHOWN)).all()
            faults += [f"{name}: {tuple(row)}" for row in found]
        if known is not None:
            kept = self._session.scalars(
                select(SubmissionVersion.instance_id).where(SubmissionVersion.form_id == self._form.id)
            )
            faults += [f"nobody sent {one}" for one in set(kept) - set(known)]
        return faults

    def _questions(self) -> Iterator[tuple[str, Select[*tuple[Any, ...]]]]:
        mine = and_(Submission.form_id == self._form.id, Submission.draft.is_(False))
        current = and_(SubmissionVersion.submission_id == Submission.id, SubmissionVersion.current.is_(True))
        versions = (
            select(func.count())
            .where(SubmissionVersion.submission_id == Submission.id)
            .correlate(Submission)
            .scalar_subquery()
        )
        yield (
            "a record without a current version",
            select(Submission.id)
            .outerjoin(SubmissionVersion, current)
            .where(mine, SubmissionVersion.id.is_(None)),
        )
        yield (
            "a record with more than one current version",
            select(Submission.id)
            .join(SubmissionVersion, current)
            .where(mine)
            .group_by(Submission.id)
            .having(func.count() > 1),
        )
        yield (
            "a record kept twice",
            select(Submission.instance_id)
            .where(mine)
            .group_by(Submission.instance_id)
            .having(func.count() > 1),
        )
        yield (
            "edits that are not as many as versions",
            select(Submission.id).where(mine, versions != Submission.edits + 1),
        )
        yield from self._part_questions(mine)
        for path, table in self._tables.items():
            yield from self._table_questions(path, table, mine)

    def _part_questions(self, mine: ColumnElement[bool]) -> Iterator[tuple[str, Select[*tuple[Any, ...]]]]:
        held = self._files(SubmissionFile.blob_sha256.is_not(None))
        yield (
            "a version without its record",
            select(SubmissionVersion.id)
            .outerjoin(Submission, Submission.id == SubmissionVersion.submission_id)
            .where(Submission.id.is_(None)),
        )
        yield (
            "files counted wrongly",
            select(Submission.id, Submission.files_present, held).where(
                mine,
                or_(Submission.files_present != held, Submission.files_expected != self._files()),
            ),
        )
        yield (
            "a file of no version",
            select(SubmissionFile.version_id)
            .outerjoin(SubmissionVersion, SubmissionVersion.id == SubmissionFile.version_id)
            .where(SubmissionVersion.id.is_(None)),
        )
        yield (
            "a file whose blob is not entered",
            select(SubmissionFile.name)
            .outerjoin(Blob, Blob.sha256 == SubmissionFile.blob_sha256)
            .where(SubmissionFile.blob_sha256.is_not(None), Blob.sha256.is_(None)),
        )
        yield (
            "a finding about nothing",
            select(Finding.id)
            .outerjoin(Submission, Submission.id == Finding.submission_id)
            .where(Finding.submission_id.is_not(None), Submission.id.is_(None)),
        )

    def _files(self, *where: ColumnElement[bool]) -> Any:
        """How many files the current version of a record names, or holds."""
        return (
            select(func.count())
            .select_from(SubmissionFile)
            .join(SubmissionVersion, SubmissionVersion.id == SubmissionFile.version_id)
            .where(
                SubmissionVersion.submission_id == Submission.id, SubmissionVersion.current.is_(True), *where
            )
            .correlate(Submission)
            .scalar_subquery()
        )

    def _table_questions(
        self, path: str, table: AnswerTable, mine: ColumnElement[bool]
    ) -> Iterator[tuple[str, Select[*tuple[Any, ...]]]]:
        own = table.table.c
        yield (
            f"rows of no record in {path or 'the root table'}",
            select(own.key)
            .outerjoin(Submission, and_(Submission.id == own.submission_id, mine))
            .where(Submission.id.is_(None)),
        )
        if table.parent is None:
            yield (
                "a record without its row",
                select(Submission.id)
                .outerjoin(table.table, own.submission_id == Submission.id)
                .where(mine, own.key.is_(None)),
            )
            return
        above = self._tables[table.parent].table.c
        yield (
            f"rows of {path} without the row around them",
            select(own.key)
            .outerjoin(
                self._tables[table.parent].table,
                and_(above.submission_id == own.submission_id, above.key == own.parent_key),
            )
            .where(above.key.is_(None)),
        )

    def blob_faults(self, known: set[str]) -> list[str]:
        """Stored files that are missing or are not what they are called; `known` were looked at before."""
        faults = []
        for (digest,) in self._session.execute(select(Blob.sha256)):
            if digest in known:
                continue
            known.add(digest)
            try:
                with self._blobs.open(digest) as handle:
                    found = hashlib.sha256()
                    while piece := handle.read(_CHUNK):
                        found.update(piece)
            except KeyError:
                faults.append(f"blob {digest} is entered and missing")
                continue
            if found.hexdigest() != digest:
                faults.append(f"blob {digest} holds other bytes")
        return faults

    # Before and after -------------------------------------------------------------------------------

    def fingerprints(self) -> dict[str, tuple[int, str]]:
        """For every table of answers, and for what reading found odd: how many rows, and a digest of all.

        What the checks of a night find meanwhile is not made by a rebuild.
        """
        prints = {}
        for path, table in self._tables.items():
            labels = _labels(table)
            rows = [
                {labels.get(name, name): value for name, value in row.items()} for row in self._rows(table)
            ]
            prints[path or "/"] = _print(rows)
        findings = self._session.execute(
            select(Finding.submission_id, Finding.check, Finding.path, Finding.key, Finding.value)
            .join(Submission, Submission.id == Finding.submission_id)
            .where(Submission.form_id == self._form.id, Submission.draft.is_(False))
            .where(Finding.check.in_(SEVERITY))
        )
        prints["findings"] = _print([{"finding": tuple(row)} for row in findings])
        return prints


def _request_faults(sending: Sending, here: set[str]) -> Iterator[str]:
    """Whether each request is kept wholly or not at all; `here` are the files that are kept."""
    me = sending.instance_id
    requests = [set(names) for names in sending.requests]
    # An edit takes over the files of what it edits.
    carried = set() if sending.replaces is None else set(sending.replaces.sizes)
    for number in sorted(sending.begun):
        missing = requests[number] - here
        if number in sending.answered and missing:
            yield f"{me}: request {number} was acknowledged, {sorted(missing)} is lost"
        elif missing and (requests[number] - carried) & here:
            yield f"{me}: request {number} is kept by half"
    if here - carried - {name for number in sending.begun for name in requests[number]}:
        yield f"{me}: holds files nobody sent"
    if not any(requests[number] <= here for number in sending.begun):
        yield f"{me}: kept without the files it came with"


def _labels(table: AnswerTable) -> Mapping[str, str]:
    """Physical column to question, so that a rebuild may name columns as it likes."""
    return {
        column.name: question.path + column.name.removeprefix(question.name)
        for question in table.questions.values()
        for column in table.pieces[question.piece].c
        if column.name.partition("_")[0] == question.name
    }


def _print(rows: Iterable[Mapping[str, Any]]) -> tuple[int, str]:
    lines = sorted(repr(sorted(row.items())) for row in rows)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
