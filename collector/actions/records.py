"""A stored record, fetched and read: its versions, files, findings and answers."""

from __future__ import annotations

import csv
import io
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions.asking import read_asking
from collector.actions.reading import Entry, Wanted, read_record
from forms.corrections.filled import Filled
from forms.schema import Schema
from forms.submission import read
from storage.blobs import BlobStore
from storage.entities.following import PLACE_FILES
from storage.entities.reading import outcome_of
from storage.models import EntityOutcome, Finding, Form, FormVersion, Place, Submission, SubmissionVersion
from storage.problems import SubmissionNotFound
from storage.projection.shelf import Shelf
from storage.queries import forms, submissions
from storage.queries.entity_lists import Listing, label_of, listings

LARGEST_LIST = 8 * 1024 * 1024
"""Bytes of a choice list from a file; of a larger one codes are shown instead of labels."""

_LISTS_KEPT = 8


@dataclass(frozen=True)
class Record:
    """A record as a page shows it. `files` maps each file it names to its digest, None while awaited.

    `outcome` says what became of the entities it brought; None where it brought none.
    """

    submission: Submission
    version: SubmissionVersion
    versions: Sequence[SubmissionVersion]
    form_version: FormVersion
    schema: Schema
    entries: tuple[Entry, ...]
    encrypted: bool
    files: Mapping[str, str | None]
    findings: Sequence[Finding]
    outcome: EntityOutcome | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which record, and how to read it. `version` is the number of one of its versions; None: the current.

    `row` is the key of one of its rows (`/member[2]`): only the answers in that one.
    """

    instance_id: str
    language: str
    draft: bool = False
    version: int | None = None
    computed: bool = False
    row: str = ""


class Records:
    """Reads records out of the database and the blob store."""

    def __init__(self, session: Session, blobs: BlobStore, shelf: Shelf) -> None:
        self._session = session
        self._blobs = blobs
        self._shelf = shelf

    def read(self, form: Form, asked: Asked) -> Record:
        """Fetch and read a record, a deleted one too. Raises SubmissionNotFound."""
        session = self._session
        found = submissions.get_submission(session, form, asked.instance_id, draft=asked.draft)
        versions = submissions.versions_of(session, found.id)
        version = _chosen(versions, asked)
        schema = self._schema(form, version, draft=asked.draft)
        reading = read(self.xml(version))
        form_version = session.get_one(FormVersion, version.form_version_id)
        wanted = Wanted(
            asked.language,
            lambda name: self._list(version.form_version_id, name),
            read_asking(forms.version_xml(session, form_version.id), schema),
            computed=asked.computed,
        )
        encrypted = reading.envelope.encrypted
        return Record(
            found,
            version,
            versions,
            form_version,
            schema,
            () if encrypted else _entries(reading.root, schema, wanted, asked.row),
            encrypted,
            submissions.files_of(session, version.id),
            submissions.findings_of(session, found.id) if version.current else (),
            outcome_of(session, found.id) if version.current else None,
        )

    def xml(self, version: SubmissionVersion) -> bytes:
        """The bytes of a version as they came."""
        data, blob = submissions.stored_xml(self._session, version.id)
        if data is not None:
            return data
        with self._blobs.open(blob or "") as handle:
            return handle.read()

    def labels(self, form_version_id: int, name: str) -> Mapping[str, str] | None:
        """Code to label in a file of choices; None where nobody here can say what it holds."""
        found = self._list(form_version_id, name)
        known = found.is_known if isinstance(found, _Served) else bool(found)
        return found if known else None

    def _schema(self, form: Form, version: SubmissionVersion, *, draft: bool) -> Schema:
        shelved = self._shelf.get(version.form_version_id, draft=draft, generation=form.generation)
        return shelved.writer.schema

    def _list(self, form_version_id: int, name: str) -> Mapping[str, str]:
        """The labels of a choice list that comes from a file of that form version."""
        for media in forms.media_of(self._session, form_version_id):
            if media.name == name and media.name.endswith(".csv") and media.size <= LARGEST_LIST:
                return _LISTS.get(media.sha256, self._blobs)
        return _Served(self._session, form_version_id, name)


class _Served(Mapping[str, str]):
    """The labels of a list that the server makes for each phone: looked up one by one, as it is now."""

    def __init__(self, session: Session, form_version_id: int, name: str) -> None:
        self._session = session
        self._name = name
        self._listing: Listing | None = None
        if name.endswith(".csv") and name not in PLACE_FILES:
            project = session.scalar(
                select(Form.project_id)
                .join(FormVersion, FormVersion.form_id == Form.id)
                .where(FormVersion.id == form_version_id)
            )
            list_name = name.removesuffix(".csv")
            self._listing = listings(session, project or 0, [list_name]).get(list_name)

    @property
    def is_known(self) -> bool:
        """Whether the server makes such a list."""
        return self._listing is not None or self._name in PLACE_FILES

    def __getitem__(self, code: str) -> str:
        found: str | None = None
        if self._listing is not None:
            found = label_of(self._session, self._listing, code)
        elif self._name in PLACE_FILES:
            place = self._session.get(Place, code)
            found = place.name if place is not None else None
        if found is None:
            raise KeyError(code)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _entries(root: etree._Element, schema: Schema, wanted: Wanted, row: str) -> tuple[Entry, ...]:
    if not row:
        return read_record(root, schema, wanted)
    found = Filled(root, schema).rows[row]
    return read_record(found.element, schema, wanted, found.table)


def _chosen(versions: Sequence[SubmissionVersion], asked: Asked) -> SubmissionVersion:
    for version in versions:
        if version.current if asked.version is None else version.id == asked.version:
            return version
    raise SubmissionNotFound(instance=asked.instance_id)


class _ListShelf:
    """The last choice lists that were read, by digest: pages of one survey ask for the same few."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    def get(self, sha256: str, blobs: BlobStore) -> Mapping[str, str]:
        """Code to label; empty when the file is gone or no such list."""
        with self._lock:
            if sha256 in self._kept:
                self._kept.move_to_end(sha256)
                return self._kept[sha256]
        try:
            with blobs.open(sha256) as handle:
                found = labels_in(handle.read())
        except KeyError:
            return {}
        with self._lock:
            self._kept[sha256] = found
            while len(self._kept) > _LISTS_KEPT:
                self._kept.popitem(last=False)
        return found


_LISTS = _ListShelf()


def labels_in(data: bytes) -> dict[str, str]:
    """Code to label in a CSV of choices, columns `name` and `label`; empty when it has none of these."""
    text = data.decode("utf-8-sig", "replace")
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return {row["name"]: row["label"] for row in rows if row.get("name") and row.get("label")}
    except csv.Error:
        return {}
