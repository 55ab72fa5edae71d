"""Versions of a record written anew without what was erased of them: bytes, answers, files, findings.

What is slow is done first, outside of any transaction; the transaction looks whether the record still is
what was read, and only writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from forms.rows import Flat
from forms.submission import read
from storage.blobs import BlobStore
from storage.cells.marks import mark_records
from storage.compression import pack
from storage.database import line_of
from storage.erasing import leavings
from storage.erasing.problems import ErasureOvertaken
from storage.erasing.tombstones import blinded
from storage.findings.arriving import examine_one
from storage.findings.records import Record, renew
from storage.models import Form, Submission, SubmissionFile, SubmissionVersion
from storage.projection.shelf import Shelf, Shelved
from storage.projection.whereabouts import Origin, whereabouts
from storage.purging.files import Files
from storage.queries import intake, record_names, submissions

_BLOB_FROM = 256 * 1024


@dataclass(frozen=True)
class Held:
    """A version as it is: its bytes, and what its form version says of them. Newest first."""

    version: SubmissionVersion
    shelved: Shelved
    data: bytes


@dataclass(frozen=True)
class Rewritten:
    """A version as it will be; `was` is the hash it had."""

    version: SubmissionVersion
    shelved: Shelved
    was: str
    xml: bytes
    flat: Flat
    blob: str | None
    instance_name: str | None


class Rewriting:
    """Writes versions of records of a database and a blob store anew."""

    def __init__(self, blobs: BlobStore, shelf: Shelf) -> None:
        self._blobs = blobs
        self._shelf = shelf

    def held(self, session: Session, form: Form, record: Submission) -> list[Held]:
        """The versions of a record, newest first. Encrypted ones nobody can read are left out."""
        return [one for one in self._held(session, form, record) if not read(one.data).envelope.encrypted]

    def _held(self, session: Session, form: Form, record: Submission) -> Iterator[Held]:
        for version in submissions.versions_of(session, record.id):
            data, blob = submissions.stored_xml(session, version.id)
            if data is None and blob is None:
                continue
            shelved = self._shelf.get(version.form_version_id, draft=False, generation=form.generation)
            if data is None:
                with self._blobs.open(blob or "") as handle:
                    data = handle.read()
            yield Held(version, shelved, data)

    def prepare(
        self, record: Submission, several: Sequence[Held], redact: Callable[[Held], bytes | None]
    ) -> list[Rewritten]:
        """What the versions will be; those of which `redact` gives nothing stay as they are."""
        return [self._rewritten(record, one, xml) for one in several if (xml := redact(one)) is not None]

    def _rewritten(self, record: Submission, one: Held, xml: bytes) -> Rewritten:
        reading = read(xml)
        flat = one.shelved.writer.lay(reading, record.instance_id)
        blob = None
        if len(xml) > _BLOB_FROM:
            staged = self._blobs.stage()
            staged.write(xml)
            self._blobs.keep([staged])
            blob = staged.sha256
        name = reading.envelope.instance_name
        return Rewritten(one.version, one.shelved, one.version.xml_sha256, xml, flat, blob, name)

    def write(self, session: Session, record: Submission, several: Sequence[Rewritten], by: By) -> None:
        """Put them in place, inside a transaction of the caller's, who lets `by.files` be forgotten.

        Raises ErasureOvertaken where the record is another one by now.
        """
        numbers = {one.version.id: one.was for one in several}
        held = select(SubmissionVersion.id, SubmissionVersion.xml_sha256, SubmissionVersion.current).where(
            SubmissionVersion.submission_id == record.id
        )
        there = {row.id: row for row in session.execute(held.with_for_update())}
        current = next((row.id for row in there.values() if row.current), None)
        known = by.all_versions
        if set(there) != set(known) or any(
            there[number].xml_sha256 != was for number, was in numbers.items()
        ):
            raise ErasureOvertaken(instance=record.instance_id)
        by.files.of_versions(session, list(numbers))
        for one in several:
            _put(session, one, by.now)
        leavings.clean(session, record, by.traces, by.rows)
        session.flush()
        for one in several:
            if one.version.id == current:
                _lay(session, record, one, by.now)
        if not record.draft and record.deleted_at is None:
            record_names.again(session, [record.id])


@dataclass(frozen=True)
class By:
    """With what versions are rewritten: all versions there were, words that name who goes, rows that move."""

    now: datetime
    files: Files
    all_versions: Collection[int]
    traces: Collection[str] = ()
    rows: str = ""


def _put(session: Session, one: Rewritten, now: datetime) -> None:
    if one.blob is not None:
        intake.add_blobs(line_of(session), {one.blob: len(one.xml)}, now)
    mine = SubmissionFile.version_id == one.version.id
    names = set(session.scalars(select(SubmissionFile.name).where(mine))) - set(one.flat.files)
    session.execute(delete(SubmissionFile).where(mine, SubmissionFile.name.in_(sorted(names))))
    session.execute(
        update(SubmissionVersion)
        .where(SubmissionVersion.id == one.version.id)
        .values(
            xml=None if one.blob else pack(one.xml, one.shelved.dictionary),
            xml_blob=one.blob,
            xml_size=len(one.xml),
            xml_sha256=blinded(one.was),
            instance_name=one.instance_name,
        )
    )


def _lay(session: Session, record: Submission, one: Rewritten, now: datetime) -> None:
    """The answers of the version that counts, in the tables; place, day, files and findings with them."""
    line, shelved, version = line_of(session), one.shelved, one.version
    ours = version.reason is not None
    origin = Origin(
        record.instance_id,
        record.submitter_id if ours else version.submitter_id,
        record.created_at if ours else version.created_at,
    )
    before = (record.place_code, record.reported_on)
    shelved.writer.remove(line, record.id)
    shelved.writer.write(line, record.id, one.flat)
    where = whereabouts(line, shelved.roles, one.flat, origin, draft=False)
    intake.put_in_place(line, [(record.id, *where.columns)])
    intake.count_files(line, record.id, version.id, now)
    broken = examine_one(line, shelved, record.id)
    found = [*one.flat.findings, *where.findings, *(broken or ())]
    made = shelved.checks.codes if shelved.checks and broken is not None else ()
    renew(line, Record(record.id, record.form_id, shelved.project_id, where.code), found, now, made)
    if record.deleted_at is None:
        mark_records(line, record.form_id, [before, (where.code, where.day)])
    session.expire(record)
