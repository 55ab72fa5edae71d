"""Filled forms in an archive, as other ODK servers, Briefcase and Collect itself keep them.

One folder for each filled form: an XML file, and its photos and recordings beside it. When the form was
received at the other server is told by a file `received.txt` in the folder, else by the attribute
`submissionDate` that Briefcase writes.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Self

from forms.problems import Problem
from forms.submission import Reading, read
from forms.values import is_file_name
from storage.problems import ArchiveUnreadable

RECEIVED = "received.txt"
MOST_ENTRIES = 200_000
LARGEST_XML = 10 * 1024 * 1024
LARGEST_FILE = 2 * 1024 * 1024 * 1024

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)
"""What unpacking raises where an archive was cut or changed."""

_XFORM_ROOT = "{http://www.w3.org/1999/xhtml}html"


@dataclass(frozen=True)
class Instance:
    """A filled form of an archive. `reading` is None where `problem` says why it cannot be read."""

    path: str
    xml: bytes
    reading: Reading | None
    problem: Problem | None
    files: Mapping[str, zipfile.ZipInfo]
    received_at: datetime | None


class Archive:
    """A zip of filled forms; nothing in it is ever written under a name of its own."""

    def __init__(self, path: Path | IO[bytes]) -> None:
        """Raises ArchiveUnreadable when it is no zip, or holds more than any server would."""
        try:
            self._zip = zipfile.ZipFile(path)
            entries = [one for one in self._zip.infolist() if not one.is_dir()]
        except (*DAMAGED, OSError, ValueError, NotImplementedError) as error:
            raise ArchiveUnreadable from error
        if len(entries) > MOST_ENTRIES:
            raise ArchiveUnreadable
        self._folders: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in entries:
            if not _is_rubbish(entry.filename):
                self._folders.setdefault(str(PurePosixPath(entry.filename).parent), []).append(entry)
        self._xml = [
            entry
            for entries in self._folders.values()
            for entry in entries
            if entry.filename.lower().endswith(".xml")
        ]

    def __len__(self) -> int:
        """How many XML files there are, which is at least how many filled forms."""
        return len(self._xml)

    def instances(self) -> Iterator[Instance]:
        """The filled forms, in the order of the archive; form definitions among them are passed over."""
        for entry in self._xml:
            found = self._instance(entry)
            if found is not None:
                yield found

    def open(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        """A file beside a filled form. Raises ArchiveUnreadable."""
        try:
            return self._zip.open(entry)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ArchiveUnreadable from error

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_about: object) -> None:
        """Let it go."""
        self._zip.close()

    def _instance(self, entry: zipfile.ZipInfo) -> Instance | None:
        folder = self._folders[str(PurePosixPath(entry.filename).parent)]
        beside = {PurePosixPath(one.filename).name: one for one in folder}
        xml, reading, problem = b"", None, None
        try:
            xml = self._bytes(entry)
            reading = read(xml)
            if reading.root.tag == _XFORM_ROOT:
                return None
        except Problem as found:
            if b"http://www.w3.org/1999/xhtml" in xml[:4096]:
                return None
            problem = found
        files = {
            name: one
            for name, one in beside.items()
            if is_file_name(name) and name != RECEIVED and one.file_size <= LARGEST_FILE
        }
        return Instance(entry.filename, xml, reading, problem, files, self._received(beside, reading))

    def _bytes(self, entry: zipfile.ZipInfo) -> bytes:
        # The size of the table of contents may lie: no more is unpacked than a form may have.
        with self.open(entry) as handle:
            try:
                data = handle.read(LARGEST_XML + 1)
            except (*DAMAGED, OSError) as error:
                raise ArchiveUnreadable from error
        if len(data) > LARGEST_XML:
            raise ArchiveUnreadable
        return data

    def _received(self, beside: Mapping[str, zipfile.ZipInfo], reading: Reading | None) -> datetime | None:
        told = ""
        if RECEIVED in beside:
            # When it was received is worth less than the form itself.
            with suppress(ArchiveUnreadable, OSError, *DAMAGED), self.open(beside[RECEIVED]) as handle:
                told = handle.read(64).decode("ascii", "replace").strip()
        elif reading is not None:
            told = reading.root.get("submissionDate", "")
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_rubbish(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name.startswith(".")
