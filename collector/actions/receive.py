"""④⑤⑥ A submission comes in: read, kept byte for byte, laid into tables, all in one transaction.

The decisions are the table of Central's intake (openrosa.md §5.4): whoever sends the same thing twice
is told yes twice, and there is one record.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy.exc import DBAPIError

from collector.actions.aiming import Aim
from collector.actions.entities import Settling
from collector.actions.incoming import Address, Delivery, Received
from forms.rows import Flat
from forms.submission import Reading, read
from storage.blobs import BlobStore, Staged
from storage.cells import marks
from storage.compression import pack
from storage.database import is_clash, swift_reading
from storage.entities import outcomes
from storage.erasing.tombstones import is_blinded
from storage.ferry import Ferry
from storage.findings.arriving import examine_one
from storage.findings.records import Record, add, renew
from storage.problems import (
    EditOfUnknown,
    EditSuperseded,
    FormNotOpen,
    InstanceConflict,
    SubmissionDeleted,
)
from storage.projection.shelf import Shelf, Shelved
from storage.projection.whereabouts import Origin, Whereabouts, whereabouts
from storage.queries import intake, placing
from storage.queries.forms import IntakeTarget
from storage.swift import Line

_BLOB_FROM = 256 * 1024
_ATTEMPTS = 10
_GUESSES = 1000
_NAMELESS = uuid.UUID("5b0e2f2e-6f0c-4d5e-9a53-8c1d3f7a2b64")
_AUDIT = "audit.csv"


class Intake:
    """Takes deliveries into a blob store and the database."""

    def __init__(self, blobs: BlobStore, shelf: Shelf) -> None:
        self._blobs = blobs
        self._shelf = shelf
        self._ferry = Ferry()
        self._settling = Settling(blobs, shelf)
        self._guesses: dict[_Question, IntakeTarget] = {}
        self._find = Aim().find

    def receive(self, delivery: Delivery, address: Address) -> Received:
        """Keep a delivery, durably. Raises a Problem that says why it cannot be kept."""
        entry = _Entry(delivery, read(delivery.xml))
        self._prepare(entry, address)
        received = self._write(entry, address, _ATTEMPTS)
        self._remember(entry, address)
        if received.outcome is not None:
            self._settling.settle_quietly(received.outcome, delivery.received_at)
        return received

    def enter(self, line: Line, delivery: Delivery, address: Address) -> Received:
        """Keep a correction inside a transaction of the caller's, who settles its entities afterwards.

        Raises a Problem that says why it cannot be kept; then nothing of it was written.
        """
        entry = _Entry(delivery, read(delivery.xml))
        self._aim(line, entry, address)
        entry.decide(line)
        self._keep_files(entry)
        return entry.write(line)

    def _write(self, entry: _Entry, address: Address, attempts: int) -> Received:
        def write(line: Line) -> Received:
            self._aim(line, entry, address)
            if not entry.kept.issuperset(entry.files):
                # It goes elsewhere than at the first look, to a form that asks for other files.
                self._keep_files(entry)
            return entry.write(line)

        try:
            return self._ferry.carry(write)
        except DBAPIError as error:
            if attempts == 1 or not is_clash(error):
                raise
        # Somebody stored the same record between our look and our write: look again.
        return self._write(entry, address, attempts - 1)

    def _prepare(self, entry: _Entry, address: Address) -> None:
        """Do outside the transaction what can be done there: read the answers, store the files."""
        guess = self._guesses.get(_question(entry, address))
        if guess is not None and not entry.is_heavy:
            # Where the last one like it went; the transaction looks again.
            entry.aim(guess, self._shelved(guess, draft=False))
            return
        with swift_reading() as line:
            self._aim(line, entry, address)
            # Files are not undone with the transaction, so a refusal has to come before them.
            entry.decide(line)
        self._keep_files(entry)

    def _remember(self, entry: _Entry, address: Address) -> None:
        question = _question(entry, address)
        if address.draft_token is None and (question in self._guesses or len(self._guesses) < _GUESSES):
            self._guesses[question] = entry.target

    def _shelved(self, target: IntakeTarget, *, draft: bool) -> Shelved:
        return self._shelf.get(target.form_version_id, draft=draft, generation=target.generation)

    def _aim(self, line: Line, entry: _Entry, address: Address) -> None:
        target = self._find(line, entry.instance_id, entry.reading.envelope, address)
        entry.aim(target, self._shelved(target, draft=address.draft_token is not None))

    def _keep_files(self, entry: _Entry) -> None:
        staged = list(entry.files.values())
        large: Staged | None = None
        try:
            if len(entry.delivery.xml) > _BLOB_FROM and not entry.erased:
                large = self._blobs.stage()
                large.write(entry.delivery.xml)
                staged.append(large)
            if staged:
                self._blobs.keep(staged)
            entry.kept = frozenset(entry.files)
        finally:
            if large is not None:
                large.discard()


_Question: TypeAlias = tuple[tuple[int, ...], str, str, str | None]


def _question(entry: _Entry, address: Address) -> _Question:
    envelope = entry.reading.envelope
    return address.project_ids, envelope.form_id, envelope.version, address.draft_token


class _Entry:
    """One delivery on its way into the database; may be written more than once until it holds."""

    def __init__(self, delivery: Delivery, reading: Reading) -> None:
        self.delivery = delivery
        self.reading = reading
        self.digest = hashlib.sha256(delivery.xml).hexdigest()
        self.instance_id = reading.envelope.instance_id or self._made_id()
        self.files: dict[str, Staged] = {}
        self.kept: frozenset[str] = frozenset()
        self.erased = False
        self._shelved: Shelved | None = None

    def _made_id(self) -> str:
        """An id for a form without one, the same whenever the same phone sends it again."""
        sender = self.delivery.sender
        return f"uuid:{uuid.uuid5(_NAMELESS, f'{self.digest} {sender.actor_id} {sender.device_id}')}"

    def aim(self, target: IntakeTarget, shelved: Shelved) -> None:
        """Read the answers for this form version, unless that was done already."""
        self.target = target
        if shelved is self._shelved:
            return
        self._shelved = self.shelved = shelved
        self.flat = shelved.writer.lay(self.reading, self.instance_id)
        came = {} if self.erased else self.delivery.files
        self.files = {name: came[name] for name in self.flat.files if name in came}

    @property
    def is_heavy(self) -> bool:
        """Whether anything has to go to the blob store, which is not undone with the transaction."""
        return bool(self.delivery.files) or len(self.delivery.xml) > _BLOB_FROM

    def decide(self, line: Line) -> tuple[intake.Known | None, intake.Known | None]:
        """What is known of this record: the same delivery before, or the version it edits.

        Raises the refusals of openrosa.md §5.4. What is stored already is never refused for its form's
        state, or the phone would keep it for ever.
        """
        form_id, draft = self.target.form_id, self.shelved.draft
        known = intake.known_version(line, form_id, self.instance_id, draft=draft)
        if known is not None:
            if known.deleted or known.xml_sha256 != self.digest:
                self._require_erased(line, known)
            return known, None
        # The office corrects what was collected when collecting is over.
        if self.target.state == "closed" and self.delivery.correcting is None:
            raise FormNotOpen(form=self.target.xml_form_id)
        deprecated = self.reading.envelope.deprecated_id
        if not deprecated:
            return None, None
        try:
            return None, self._edited(line, deprecated)
        except EditSuperseded:
            # The same correction, sent twice at once, was stored while this one waited for its record.
            known = intake.known_version(line, form_id, self.instance_id, draft=draft)
            if known is None or known.xml_sha256 != self.digest:
                raise
            return known, None

    def _require_erased(self, line: Line, known: intake.Known) -> None:
        """What was erased and comes again is done; only files still awaited are kept. Raises for the rest."""
        if not is_blinded(known.xml_sha256):
            raise (SubmissionDeleted if known.deleted else InstanceConflict)(instance=self.instance_id)
        self.erased = True
        held = intake.held_files(line, known.version_id)
        self.files = {name: staged for name, staged in self.files.items() if name in held}

    def _edited(self, line: Line, deprecated: str) -> intake.Known:
        base = intake.known_version(line, self.target.form_id, deprecated, draft=self.shelved.draft)
        if base is None:
            raise EditOfUnknown(instance=deprecated)
        if base.deleted:
            raise SubmissionDeleted(instance=deprecated)
        if not base.current:
            raise EditSuperseded(instance=deprecated)
        sender = self.delivery.sender
        if sender.shared:
            raise EditOfUnknown(instance=deprecated)
        # A phone corrects what it sent itself, wherever that lies by now.
        is_his = not sender.person and sender.actor_id == base.submitter_id
        if sender.places and not is_his and not placing.lies_in(line, base.place_code, sender.places):
            raise EditOfUnknown(instance=deprecated)
        return base

    def write(self, line: Line) -> Received:
        """Store what is new. Raises what `decide` raises."""
        known, base = self.decide(line)
        if known is not None:
            return self._again(line, known)
        if base is not None:
            return self._edit(line, base)
        where = self._where(line, self.flat, self.instance_id)
        number = intake.add_submission(line, self._submission_values(where))
        version = self._store(line, number, self.flat, {})
        self._note(line, number, self.flat, where)
        self._mark(line, (where.code, where.day))
        return Received(number, self.instance_id, new=True, outcome=self._outcome(line, number, version))

    def _where(self, line: Line, flat: Flat, key: str) -> Whereabouts:
        sender, correcting = self.delivery.sender, self.delivery.correcting
        origin = Origin(key, sender.actor_id, self.delivery.received_at, sender.places)
        if correcting is not None:
            origin = Origin(key, correcting.author_id, correcting.first_at)
        return whereabouts(line, self.shelved.roles, flat, origin, draft=self.shelved.draft)

    def _again(self, line: Line, known: intake.Known) -> Received:
        self._enter_blobs(line)
        digests = {name: staged.sha256 for name, staged in self.files.items()}
        changed = intake.fill_files(line, known.version_id, digests) if digests else 0
        current = known.version_id
        if changed and not known.current:
            # The edit came first and waits for the same files.
            current = intake.current_version(line, known.submission_id)
            awaited = [name for name, held in intake.held_files(line, current).items() if held is None]
            carried = {name: digests[name] for name in awaited if name in digests and name != _AUDIT}
            intake.fill_files(line, current, carried)
        if changed:
            intake.count_files(line, known.submission_id, current, self.delivery.received_at)
            self._mark_files(line)
        return Received(known.submission_id, known.root_instance_id, new=bool(changed))

    def _edit(self, line: Line, base: intake.Known) -> Received:
        before = intake.held_files(line, base.version_id)
        intake.retire(line, base.version_id)
        self.shelved.writer.remove(line, base.submission_id)
        intake.forget_encrypted(line, base.submission_id)
        # The log of an edit is another one than that of the original.
        before.pop(_AUDIT, None)
        flat = self.shelved.writer.lay(self.reading, base.root_instance_id)
        where = self._where(line, flat, base.root_instance_id)
        version = self._store(line, base.submission_id, flat, before)
        intake.mark_edited(line, base.submission_id)
        intake.put_in_place(line, [(base.submission_id, *where.columns)])
        self._note_again(line, base.submission_id, flat, where)
        self._mark(line, (base.place_code, base.day), (where.code, where.day))
        intake.count_files(line, base.submission_id, version, self.delivery.received_at)
        outcome = self._outcome(line, base.submission_id, version, edit=True)
        return Received(base.submission_id, base.root_instance_id, new=True, outcome=outcome)

    def _mark(self, line: Line, *several: marks.Where) -> None:
        """Figures that rest on these places and days are to be worked out anew; a draft counts nowhere."""
        if not self.shelved.draft:
            marks.mark_records(line, self.target.form_id, several)

    def _mark_files(self, line: Line) -> None:
        if not self.shelved.draft:
            marks.mark_files(line, self.target.form_id)

    def _store(self, line: Line, number: int, flat: Flat, before: Mapping[str, str | None]) -> int:
        self._enter_blobs(line)
        version = intake.add_version(line, self._version_values(number))
        files = {
            name: self.files[name].sha256 if name in self.files else before.get(name) for name in flat.files
        }
        intake.add_files(line, version, files)
        self.shelved.writer.write(line, number, flat)
        if flat.encrypted is not None:
            intake.add_encrypted(line, number, self.target, flat.encrypted)
        return version

    def _record(self, number: int, where: Whereabouts) -> Record:
        return Record(number, self.target.form_id, self.shelved.project_id, where.code)

    def _note(self, line: Line, number: int, flat: Flat, where: Whereabouts) -> None:
        """Enter what is odd in a new record."""
        found = [*flat.findings, *where.findings, *(examine_one(line, self.shelved, number) or ())]
        add(line, self._record(number, where), found, self.delivery.received_at)

    def _note_again(self, line: Line, number: int, flat: Flat, where: Whereabouts) -> None:
        """Bring what is odd in a record in line with its new answers."""
        broken = examine_one(line, self.shelved, number)
        found = [*flat.findings, *where.findings, *(broken or ())]
        # Checks that could not be made say nothing of what they found before.
        made = self.shelved.checks.codes if self.shelved.checks and broken is not None else ()
        renew(line, self._record(number, where), found, self.delivery.received_at, made)

    def _outcome(self, line: Line, number: int, version: int, *, edit: bool = False) -> int | None:
        """Note that there are entities to be settled; most forms have none."""
        if self.shelved.draft or not self.shelved.writer.schema.entities:
            return None
        return outcomes.arrive(line, number, version, self.delivery.received_at, edit=edit)

    def _enter_blobs(self, line: Line) -> None:
        sizes = {staged.sha256: staged.size for staged in self.files.values()}
        if len(self.delivery.xml) > _BLOB_FROM and not self.erased:
            sizes[self.digest] = len(self.delivery.xml)
        intake.add_blobs(line, sizes, self.delivery.received_at)

    def _submission_values(self, where: Whereabouts) -> dict[str, object]:
        sender = self.delivery.sender
        return {
            "form_id": self.target.form_id,
            "draft": self.shelved.draft,
            "instance_id": self.instance_id,
            "form_version_id": self.target.form_version_id,
            "submitter_id": sender.actor_id,
            "device_id": sender.device_id,
            "review_state": None,
            "place_sent": where.sent,
            "place_code": where.code,
            "reported_on": where.day,
            "duplicate_of": None,
            "edits": 0,
            "files_expected": len(self.flat.files),
            "files_present": len(self.files),
            "created_at": self.delivery.received_at,
            "updated_at": None,
            "deleted_at": None,
        }

    def _version_values(self, number: int) -> dict[str, object]:
        delivery, envelope = self.delivery, self.reading.envelope
        correcting = delivery.correcting
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
            "reason": None if correcting is None else correcting.reason,
            "batch_id": None if correcting is None else correcting.batch_id,
            "created_at": delivery.received_at,
        }
