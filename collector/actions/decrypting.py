"""⑨ All answers to an encrypted form, opened with its private key: the archive an export makes.

The key is held while this runs and is written nowhere. What cannot be opened keeps its line, with why, and is
told to whoever asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.archive import ZipStream
from collector.actions.export import PACKED, Spools, chunks_of, opened
from forms.compare import merged
from forms.decrypting import Opened, plain_name
from forms.encrypted import read_encrypted
from forms.exports.csv_text import REPEAT, SYSTEM, CsvFile, audit_csv, csv_files, safe_name
from forms.problems import DecryptionFailed
from forms.rows import Flat
from forms.submission import Reading, read
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.models import Actor, Form, Submission, SubmissionVersion
from storage.projection.catalogue import answer_tables
from storage.projection.shelf import Shelf
from storage.queries import encrypted, forms, records, submissions
from storage.queries.answers import layout_of
from storage.snapshot import snapshot

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_LOG = "audit.csv"
_WHOLE, _MISSING = encrypted.CSV
_FORM = "submission.xml"
_GUESS = 1 << 30
"""Bytes of an entry nobody can foretell: it may grow past 2 GB."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie: stored files, form versions, and the folder for what has to wait."""

    blobs: BlobStore
    shelf: Shelf
    folder: Path


@dataclass(slots=True)
class Told:
    """What became of it: records opened or never encrypted, and ids of the others by why not."""

    read: int = 0
    unread: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a record as it goes into the archive; `number` is its place in the envelope."""

    instance_id: str
    name: str
    sha256: str
    number: int = 0
    opened: Opened | None = None

    def chunks(self, blobs: BlobStore) -> Iterator[bytes]:
        """Its bytes, decrypted."""
        with opened(blobs, self.sha256) as handle:
            plain = chunks_of(handle)
            yield from plain if self.opened is None else self.opened.media(self.number, plain)


class Decryption:
    """One archive of a form; see `pieces`."""

    def __init__(self, form: Form, private: RSAPrivateKey, places: Places) -> None:
        self._form_id, self._xml_form_id, self._generation = form.id, form.xml_form_id, form.generation
        self._private = private
        self._places = places
        self._files: list[_File] = []
        self.told = Told()

    def pieces(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Iterator[bytes]:
        """The archive: the root, repeats, media and logs, as an export has them."""
        stream = ZipStream()
        with ExitStack() as stack:
            spools = Spools(stack, self._places.folder)
            root, *repeats = self._csv()
            yield from stream.entry(root.name, self._lines(root, repeats, spools, progress), size=_GUESS)
            for name, spool in spools.kept.items():
                yield from stream.entry(name, chunks_of(spool), size=spool.tell())
        blobs = self._places.blobs
        for one in self._files:
            if one.name != _LOG:
                packed = one.name.lower().endswith(PACKED)
                name = f"media/{safe_name(one.name)}"
                yield from stream.entry(name, one.chunks(blobs), size=_GUESS, packed=packed)
        logs = ((one.instance_id, b"".join(one.chunks(blobs))) for one in self._files if one.name == _LOG)
        audit = list(audit_csv(logs))
        if audit:
            yield from stream.entry(safe_name(f"{self._xml_form_id} - audit.csv"), audit, size=_GUESS)
        yield stream.end()

    def _csv(self) -> tuple[CsvFile, ...]:
        with snapshot() as session:
            schemas = [read_schema(one.xml) for one in forms.published_versions(session, self._form_id)]
            layout = layout_of(answer_tables(session, self._form_id, draft=False))
        return csv_files(self._xml_form_id, merged(schemas), layout)

    def _lines(
        self,
        root: CsvFile,
        repeats: Iterable[CsvFile],
        spools: Spools,
        progress: Callable[[int, int], None],
    ) -> Iterator[bytes]:
        yield root.head
        for file in repeats:
            spools.add(file, ())
        done = 0
        for page in records.pages(records.Listing(self._form_id)):
            with snapshot() as session:
                names = records.form_versions(session, [current for _one, current in page.rows])
                read_ones = [(one, *self._read(session, one, current)) for one, current in page.rows]
            for one, flat, status in read_ones:
                noted = _noted(one, page.actors, names, status)
                yield from root.body([_line(root, noted, row) for row in flat.rows.get("") or [{}]])
                for file in repeats:
                    rows = flat.rows.get(file.path, ())
                    own = [{name: row[name] for name in REPEAT} for row in rows]
                    spools.add(file, file.body([_line(file, *both) for both in zip(own, rows, strict=True)]))
            done += len(page.rows)
            progress(done, done)

    def _read(self, session: Session, one: Submission, current: SubmissionVersion) -> tuple[Flat, str | None]:
        """A record laid flat, and why it could not be."""
        data, blob = submissions.stored_xml(session, current.id)
        if data is None:
            with self._places.blobs.open(blob or "") as handle:
                data = handle.read()
        reading = read(data)
        files = submissions.files_of(session, current.id)
        if reading.envelope.encrypted:
            try:
                reading, status = self._opened(reading, one.instance_id, files)
            except DecryptionFailed:
                status = _WHOLE
            if status is not None:
                self.told.unread.setdefault(status, []).append(one.instance_id)
                return Flat(), status
        else:
            here = {name: sha256 for name, sha256 in files.items() if sha256}
            self._files += [_File(one.instance_id, name, sha256) for name, sha256 in here.items()]
        self.told.read += 1
        kept = self._places.shelf.get(current.form_version_id, draft=False, generation=self._generation)
        return kept.writer.lay(reading, one.instance_id), None

    def _opened(
        self, reading: Reading, instance_id: str, files: Mapping[str, str | None]
    ) -> tuple[Reading, str | None]:
        """What the phone would have sent, and its files noted; or why not. Raises DecryptionFailed."""
        envelope = read_encrypted(reading.root)
        answers = files.get(envelope.form_file)
        if answers is None:
            return reading, _MISSING
        record = Opened(self._private, envelope, reading.envelope.instance_id or instance_id)
        with opened(self._places.blobs, answers) as handle:
            plain = record.form(chunks_of(handle))
        media = [
            _File(instance_id, plain_name(name), sha256, number, record)
            for number, name in enumerate(envelope.media)
            if (sha256 := files.get(name)) is not None
        ]
        if len(media) == len(envelope.media) and not self._is_whole(record, reading, plain, media):
            return reading, _WHOLE
        self._files += media
        return read(plain), None

    def _is_whole(self, record: Opened, reading: Reading, plain: bytes, media: Iterable[_File]) -> bool:
        said = reading.envelope
        digests = {_FORM: hashlib.md5(plain, usedforsecurity=False).hexdigest()}
        for one in media:
            digest = hashlib.md5(usedforsecurity=False)
            for chunk in one.chunks(self._places.blobs):
                digest.update(chunk)
            digests[one.name] = digest.hexdigest()
        return record.is_whole(said.form_id, said.version, digests)


def _noted(
    one: Submission, actors: Mapping[int, Actor], names: Mapping[int, str], status: str | None
) -> dict[str, object]:
    sender = actors.get(one.submitter_id or 0)
    said = (
        one.created_at,
        one.instance_id,
        one.submitter_id,
        sender.display_name if sender else None,
        one.files_present,
        one.files_expected,
        status,
        one.review_state,
        one.device_id,
        one.edits,
        names.get(one.form_version_id, ""),
    )
    return dict(zip(SYSTEM, said, strict=True))


def _line(file: CsvFile, noted: Mapping[str, object], row: Mapping[str, object]) -> list[object]:
    """The values a file reads, in its order."""
    return [noted[name] if name in noted else row.get(name) for name in file.reads]
