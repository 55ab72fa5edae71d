"""④⑤⑥ A submission comes in: read, kept byte for byte, laid into tables, all in one transaction.

The decisions are the table of Central's intake (openrosa.md §5.4): whoever sends the same thing twice
is told yes twice, and there is one record.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from forms.rows import Flat, lay_flat
from forms.submission import Reading, read
from storage.blobs import BlobStore, Staged
from storage.compression import pack
from storage.database import swift_reading, swift_transaction
from storage.problems import (
    DraftGone,
    EditOfUnknown,
    EditSuperseded,
    FormNotFound,
    FormNotOpen,
    InstanceConflict,
    NotAllowed,
    SubmissionDeleted,
)
from storage.projection.shelf import Shelf, Shelved
from storage.projection.writing import remove
from storage.queries import intake
from storage.queries.forms import IntakeTarget, draft_target, intake_target

_BLOB_FROM = 256 * 1024
_ATTEMPTS = 4
_GUESSES = 1000


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and with what."""

    actor_id: int | None = None
    device_id: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Delivery:
    """What one request brought: the XML, and files by the name they were sent under."""

    xml: bytes
    files: Mapping[str, Staged]
    sender: Sender
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery: the record's instance id, and whether anything new was kept."""

    instance_id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a delivery goes: some projects, or a draft by its test token; `only` cuts to these forms."""

    project_ids: tuple[int, ...]
    only: frozenset[int] | None = None
    draft_token: str | None = None


class Intake:
    """Takes deliveries into a blob store and the database."""

    def __init__(self, blobs: BlobStore, shelf: Shelf) -> None:
        self._blobs = blobs
        self._shelf = shelf
        self._guesses: dict[tuple[tuple[int, ...], str, str], IntakeTarget] = {}

    def receive(self, delivery: Delivery, address: Address) -> Received:
        """Keep a delivery, durably. Raises a Problem that says why it cannot be kept."""
        reading = read(delivery.xml)
        entry = _Entry(delivery, reading, reading.envelope.instance_id or f"uuid:{uuid.uuid4()}")
        self._prepare(entry, address)
        for attempt in range(_ATTEMPTS):
            try:
                with swift_transaction() as connection:
                    self._aim(connection, entry, address)
                    return entry.write(connection)
            except IntegrityError:
                # Somebody stored the same record between our look and our write: look again.
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError(entry.instance_id)

    def _prepare(self, entry: _Entry, address: Address) -> None:
        """Do outside the transaction what can be done there: read the answers, store the files."""
        envelope = entry.reading.envelope
        key = (address.project_ids, envelope.form_id, envelope.version)
        guess = self._guesses.get(key)
        with swift_reading() as connection:
            if guess is not None and address.draft_token is None and not entry.is_heavy:
                # Where the last one like it went; the transaction looks again.
                entry.aim(guess, self._shelved(connection, guess, draft=False))
                return
            self._aim(connection, entry, address)
            entry.decide(connection)
        if address.draft_token is None and len(self._guesses) < _GUESSES:
            self._guesses[key] = entry.target
        self._keep_files(entry)

    def _shelved(self, connection: Connection, target: IntakeTarget, *, draft: bool) -> Shelved:
        return self._shelf.get(connection, target.form_version_id, draft=draft, generation=target.generation)

    def _aim(self, connection: Connection, entry: _Entry, address: Address) -> None:
        envelope = entry.reading.envelope
        draft = address.draft_token is not None
        if draft:
            target = _draft_target(connection, envelope.form_id, address)
        else:
            target = intake_target(connection, address.project_ids, envelope.form_id, envelope.version)
        if address.only is not None and target.form_id not in address.only:
            raise NotAllowed
        shelved = self._shelved(connection, target, draft=draft)
        entry.aim(target, shelved)

    def _keep_files(self, entry: _Entry) -> None:
        staged = list(entry.files.values())
        xml = entry.delivery.xml
        if len(xml) > _BLOB_FROM:
            large = self._blobs.stage()
            large.write(xml)
            staged.append(large)
        if staged:
            self._blobs.keep(staged)


def _draft_target(connection: Connection, xml_form_id: str, address: Address) -> IntakeTarget:
    target = draft_target(connection, address.draft_token or "")
    if target is None or target[0] not in address.project_ids:
        raise DraftGone
    if target[1].xml_form_id != xml_form_id:
        raise FormNotFound(form=xml_form_id)
    return target[1]


class _Entry:
    """One delivery on its way into the database; may be written more than once until it holds."""

    def __init__(self, delivery: Delivery, reading: Reading, instance_id: str) -> None:
        self.delivery = delivery
        self.reading = reading
        self.instance_id = instance_id
        self.digest = hashlib.sha256(delivery.xml).hexdigest()
        self.files: dict[str, Staged] = {}
        self._shelved: Shelved | None = None

    def aim(self, target: IntakeTarget, shelved: Shelved) -> None:
        """Read the answers for this form version, unless that was done already."""
        self.target = target
        if shelved is self._shelved:
            return
        self._shelved = self.shelved = shelved
        self.flat = self._lay_flat(self.instance_id)
        self.files = {
            name: self.delivery.files[name] for name in self.flat.files if name in self.delivery.files
        }

    def _lay_flat(self, key: str) -> Flat:
        return lay_flat(self.reading.root, self.shelved.writer.layout, key)

    @property
    def is_heavy(self) -> bool:
        """Whether anything has to go to the blob store, which is not undone with the transaction."""
        return bool(self.delivery.files) or len(self.delivery.xml) > _BLOB_FROM

    def decide(self, connection: Connection) -> tuple[intake.Known | None, intake.Known | None]:
        """What is known of this record: the same delivery before, or the version it edits.

        Raises the refusals of openrosa.md §5.4. What is stored already is never refused for its form's
        state, or the phone would keep it for ever.
        """
        form_id, draft = self.target.form_id, self.shelved.draft
        known = intake.known_version(connection, form_id, self.instance_id, draft=draft)
        if known is not None:
            if known.deleted:
                raise SubmissionDeleted(instance=self.instance_id)
            if known.xml_sha256 != self.digest:
                raise InstanceConflict(instance=self.instance_id)
            return known, None
        if self.target.state == "closed":
            raise FormNotOpen(form=self.target.xml_form_id)
        deprecated = self.reading.envelope.deprecated_id
        return None, self._edited(connection, deprecated) if deprecated else None

    def _edited(self, connection: Connection, deprecated: str) -> intake.Known:
        base = intake.known_version(connection, self.target.form_id, deprecated, draft=self.shelved.draft)
        if base is None:
            raise EditOfUnknown(instance=deprecated)
        if base.deleted:
            raise SubmissionDeleted(instance=deprecated)
        if not base.current:
            raise EditSuperseded(instance=deprecated)
        return base

    def write(self, connection: Connection) -> Received:
        """Store what is new. Raises what `decide` raises."""
        known, base = self.decide(connection)
        if known is not None:
            return self._again(connection, known)
        if base is not None:
            return self._edit(connection, base)
        number = intake.add_submission(connection, self._submission_values())
        self._store(connection, number, self.flat, before={})
        return Received(self.instance_id, new=True)

    def _again(self, connection: Connection, known: intake.Known) -> Received:
        self._enter_blobs(connection)
        digests = {name: staged.sha256 for name, staged in self.files.items()}
        changed = intake.fill_files(connection, known.version_id, digests) if digests else 0
        if changed and known.current:
            intake.count_files(connection, known.submission_id, known.version_id, self.delivery.received_at)
        return Received(known.root_instance_id, new=bool(changed))

    def _edit(self, connection: Connection, base: intake.Known) -> Received:
        before = intake.held_files(connection, base.version_id)
        intake.retire(connection, base.version_id)
        remove(connection, self.shelved.writer.tables, base.submission_id)
        intake.forget_findings(connection, [base.submission_id])
        version = self._store(connection, base.submission_id, self._lay_flat(base.root_instance_id), before)
        intake.mark_edited(connection, base.submission_id)
        intake.count_files(connection, base.submission_id, version, self.delivery.received_at)
        return Received(base.root_instance_id, new=True)

    def _store(
        self, connection: Connection, number: int, flat: Flat, before: Mapping[str, str | None]
    ) -> int:
        self._enter_blobs(connection)
        version = intake.add_version(connection, self._version_values(number))
        files = {
            name: self.files[name].sha256 if name in self.files else before.get(name) for name in flat.files
        }
        intake.add_files(connection, version, files)
        self.shelved.writer.write(connection, number, flat)
        intake.add_findings(connection, number, flat.findings, self.delivery.received_at)
        return version

    def _enter_blobs(self, connection: Connection) -> None:
        sizes = {staged.sha256: staged.size for staged in self.files.values()}
        if len(self.delivery.xml) > _BLOB_FROM:
            sizes[self.digest] = len(self.delivery.xml)
        intake.add_blobs(connection, sizes, self.delivery.received_at)

    def _submission_values(self) -> dict[str, object]:
        sender = self.delivery.sender
        return {
            "form_id": self.target.form_id,
            "draft": self.shelved.draft,
            "instance_id": self.instance_id,
            "form_version_id": self.target.form_version_id,
            "submitter_id": sender.actor_id,
            "device_id": sender.device_id,
            "review_state": None,
            "edits": 0,
            "files_expected": len(self.flat.files),
            "files_present": len(self.files),
            "created_at": self.delivery.received_at,
            "updated_at": None,
            "deleted_at": None,
        }

    def _version_values(self, number: int) -> dict[str, object]:
        delivery, envelope = self.delivery, self.reading.envelope
        large = len(delivery.xml) > _BLOB_FROM
        return {
            "submission_id": number,
            "form_id": self.target.form_id,
            "draft": self.shelved.draft,
            "instance_id": self.instance_id,
            "current": True,
            "deprecated_id": envelope.deprecated_id,
            "instance_name": envelope.instance_name,
            "form_version_id": self.target.form_version_id,
            "xml": None if large else pack(delivery.xml, self.shelved.dictionary),
            "xml_blob": self.digest if large else None,
            "xml_sha256": self.digest,
            "xml_size": len(delivery.xml),
            "submitter_id": delivery.sender.actor_id,
            "device_id": delivery.sender.device_id,
            "user_agent": delivery.sender.user_agent,
            "created_at": delivery.received_at,
        }
