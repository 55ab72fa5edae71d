"""⑦ Answers of a stored record corrected at the office: a new version with a reason, made from the last one.

Why not in place: what a phone sent is never changed, and a phone's own edit must not be overwritten. The
new version names the one it corrects, as any edit does; whoever comes second is told.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from collector.actions.entities import Settling
from collector.actions.incoming import Address, Correcting, Delivery, Sender
from collector.actions.receive import Intake
from collector.actions.records import Records
from forms.checks.found import Found
from forms.corrections.amending import Amended, Difference, Names, Typed, amend, renamed
from forms.corrections.checking import Codes
from forms.corrections.comparing import Change, changes
from forms.corrections.filled import Filled, Spot
from forms.corrections.logic import Logic, read_logic
from forms.corrections.problems import NothingToTakeBack
from forms.corrections.rosters import NO_ROWS, Rows
from forms.schema import Node
from forms.submission import read
from forms.values import HOME
from storage.blobs import BlobStore
from storage.compression import unpack
from storage.database import line_of, transaction
from storage.findings.reporting import enter
from storage.models import Form, Submission, SubmissionVersion
from storage.problems import (
    AnswersRefused,
    CorrectionEmpty,
    CorrectionReasonMissing,
    EditSuperseded,
    RecordEncrypted,
    SubmissionNotFound,
)
from storage.projection.shelf import Shelf
from storage.queries import forms, submissions

STALE = "calculation_stale"
"""The check that says: the form worked this out from an answer that was corrected since."""

REASONS = ("typing", "asked", "paper", "place", "twice", "agreed", "checked", "undone", "other")
"""Why an answer is corrected; `other` wants words beside it, `undone` is what undoing says."""

LONGEST_REASON = 1000
_AGENT = "Collector"
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Officer:
    """Who corrects, when, and the codes of the places he works in; none: everywhere."""

    actor_id: int | None
    now: datetime
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """A record as it stands before it is corrected."""

    record: Submission
    version: SubmissionVersion
    data: bytes
    logic: Logic
    codes: Codes

    @property
    def filled(self) -> Filled:
        """Its answers."""
        return Filled(read(self.data).root, self.logic.schema)


@dataclass(frozen=True, slots=True)
class Written:
    """A correction that was written: its differences, what may be stale, and what is to be settled.

    `rows` are the keys of rows that came or went.
    """

    differences: tuple[Difference, ...]
    stale: tuple[Spot, ...]
    outcome: int | None
    rows: tuple[str, ...] = ()


def reason_of(code: str, words: str) -> str:
    """A reason as it is kept: `typing` or `other: …`. Raises CorrectionReasonMissing."""
    said = " ".join(words.split())[:LONGEST_REASON]
    if code not in REASONS or (code == "other" and not said):
        raise CorrectionReasonMissing
    return f"{code}: {said}" if said else code


class Corrections:
    """Corrects records out of a database and a blob store, through the intake."""

    def __init__(self, intake: Intake, blobs: BlobStore, shelf: Shelf) -> None:
        self._intake = intake
        self._blobs = blobs
        self._shelf = shelf
        self._settling = Settling(blobs, shelf)

    @property
    def settling(self) -> Settling:
        """What applies the entities of records."""
        return self._settling

    def standing(self, session: Session, form: Form, record: Submission) -> Standing:
        """A live record as it is. Raises SubmissionNotFound, RecordEncrypted."""
        if record.deleted_at is not None or record.draft:
            raise SubmissionNotFound(instance=record.instance_id)
        for standing in self.standings(session, form, [record.id]):
            return standing
        raise RecordEncrypted(instance=record.instance_id)

    def standings(self, session: Session, form: Form, numbers: Sequence[int]) -> Iterator[Standing]:
        """Some hundred live records as they are, in order; encrypted and deleted ones are left out."""
        codes: dict[int, Codes] = {}
        for record, version, packed in submissions.current_bytes(session, numbers):
            if record.deleted_at is not None or record.draft or record.form_id != form.id:
                continue
            data = self.bytes_of(form, version, packed)
            if read(data).envelope.encrypted:
                continue
            logic = self.logic(session, form, version)
            number = version.form_version_id
            if number not in codes:
                codes[number] = _Known(Records(session, self._blobs, self._shelf), number, logic).codes
            yield Standing(record, version, data, logic, codes[number])

    def bytes_of(self, form: Form, version: SubmissionVersion, packed: bytes | None) -> bytes:
        """The bytes of a version as they came."""
        if packed is not None:
            number = version.form_version_id
            shelved = self._shelf.get(number, draft=False, generation=form.generation)
            return unpack(packed, shelved.dictionary)
        with self._blobs.open(version.xml_blob or "") as handle:
            return handle.read()

    def logic(self, session: Session, form: Form, version: SubmissionVersion) -> Logic:
        """What the form version of a record says of its answers."""
        number = version.form_version_id
        schema = self._shelf.get(number, draft=False, generation=form.generation).writer.schema
        found = _LOGICS.get(number)
        if found is None or found.schema is not schema:
            found = _LOGICS.put(number, read_logic(forms.version_xml(session, number), schema))
        return found

    def amended(
        self, standing: Standing, typed: Mapping[Spot, str], officer: Officer, rows: Rows = NO_ROWS
    ) -> Amended:
        """What a correction would make of a record; nothing is written. Raises RowUnknown."""
        said = Typed(typed, rows)
        return amend(standing.data, standing.logic, said, standing.codes, _names(standing, officer))

    def write(self, session: Session, form: Form, standing: Standing, amended: Amended, why: Why) -> Written:
        """Store a correction inside the transaction of the caller, who settles its `outcome` afterwards.

        Raises EditSuperseded where somebody was faster, and what else an intake refuses.
        """
        outcome = self._enter(session, form, standing, amended.xml, why)
        stale = [
            Found(STALE, (standing.record.id,), one.path, f"{standing.record.instance_id}{one.row}")
            for one in amended.stale
        ]
        if stale:
            enter(session, form.project_id, stale, why.officer.now)
        return Written(amended.differences, amended.stale, outcome, amended.rows)

    def write_back(
        self, session: Session, form: Form, standing: Standing, data: bytes, why: Why
    ) -> int | None:
        """Store what an earlier version said as the next one, in the same way."""
        return self._enter(session, form, standing, renamed(data, _names(standing, why.officer)), why)

    def _enter(self, session: Session, form: Form, standing: Standing, xml: bytes, why: Why) -> int | None:
        record, officer = standing.record, why.officer
        correcting = Correcting(why.reason, record.submitter_id, record.created_at, why.batch_id)
        sender = Sender(officer.actor_id, user_agent=_AGENT, places=officer.places, person=True)
        delivery = Delivery(xml, {}, sender, officer.now, correcting)
        session.flush()
        received = self._intake.enter(
            line_of(session), delivery, Address((form.project_id,), frozenset({form.id}))
        )
        for one in session:
            # Written beside the session: what it remembers of this record is older.
            if isinstance(one, Submission | SubmissionVersion):
                session.expire(one)
        return received.outcome

    def settle(self, outcomes: list[int], now: datetime) -> None:
        """Apply the entities of what was written."""
        for outcome in outcomes:
            self._settling.settle_quietly(outcome, now)

    def correct(self, session: Session, form: Form, wish: Wish, why: Why) -> Written:
        """Correct one record, in a transaction of its own.

        Raises AnswersRefused, CorrectionEmpty, EditSuperseded where `wish.base` is not the version that
        counts any more, SubmissionNotFound, RecordEncrypted.
        """
        standing = self.standing(session, form, submissions.get_submission(session, form, wish.instance_id))
        if standing.version.instance_id != wish.base:
            raise EditSuperseded(instance=wish.base)
        amended = self.amended(standing, wish.typed, why.officer, wish.rows)
        if amended.refused:
            raise AnswersRefused(amended.refused)
        if not amended.xml:
            raise CorrectionEmpty
        form_id = form.id
        session.expunge(standing.record)
        session.expunge(standing.version)
        with transaction() as writing:
            done = self.write(writing, writing.get_one(Form, form_id), standing, amended, why)
        self.settle([done.outcome] if done.outcome is not None else [], why.officer.now)
        return done

    def take_back(self, session: Session, form: Form, instance_id: str, base: str, officer: Officer) -> None:
        """Make what stood before the last correction the version that counts again, in its own transaction.

        Raises EditSuperseded where `base` is not the version that counts any more, NothingToTakeBack where
        it is no correction of the office, SubmissionNotFound, RecordEncrypted.
        """
        standing = self.standing(session, form, submissions.get_submission(session, form, instance_id))
        if standing.version.instance_id != base:
            raise EditSuperseded(instance=base)
        versions = submissions.versions_of(session, standing.record.id)
        older = next((one for one in versions if one.id < standing.version.id), None)
        if standing.version.reason is None or older is None:
            raise NothingToTakeBack
        earlier = Records(session, self._blobs, self._shelf).xml(older)
        form_id, why = form.id, Why(officer, "undone")
        session.expunge(standing.record)
        session.expunge(standing.version)
        with transaction() as writing:
            outcome = self.write_back(writing, writing.get_one(Form, form_id), standing, earlier, why)
        self.settle([outcome] if outcome is not None else [], officer.now)

    def changes(
        self, session: Session, form: Form, older: SubmissionVersion, newer: SubmissionVersion
    ) -> tuple[Change, ...]:
        """What differs between two versions of a record, read with the newer one's form version."""
        records = Records(session, self._blobs, self._shelf)
        before, after = records.xml(older), records.xml(newer)
        if read(after).envelope.encrypted:
            return ()
        return changes(before, after, self.logic(session, form, newer))


@dataclass(frozen=True, slots=True)
class Why:
    """By whom and why something is corrected, and with what else."""

    officer: Officer
    reason: str
    batch_id: int | None = None


@dataclass(frozen=True)
class Wish:
    """A record, the version its corrector saw (its instance id), what he typed, and rows that come and go."""

    instance_id: str
    base: str
    typed: Mapping[Spot, str]
    rows: Rows = NO_ROWS


class _Known:
    """What select questions of a form version know; of each list it is looked up once."""

    def __init__(self, records: Records, form_version_id: int, logic: Logic) -> None:
        self._records = records
        self._form_version_id = form_version_id
        self._logic = logic
        self._lists: dict[str, Mapping[str, str] | None] = {}

    def codes(self, node: Node) -> Mapping[str, str] | None:
        """The codes of a question; None where nobody can say."""
        name = node.choices
        if name not in self._lists:
            inside = self._logic.schema.choices.get(name)
            self._lists[name] = (
                self._records.labels(self._form_version_id, name)
                if inside is None
                else {choice.name: choice.name for choice in inside}
            )
        return self._lists[name]


def _names(standing: Standing, officer: Officer) -> Names:
    day = officer.now.astimezone(HOME).date()
    return Names(f"uuid:{uuid.uuid4()}", standing.version.instance_id, day)


class _Logics:
    """What the last few form versions say of their answers: reading a form takes milliseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Logic] = OrderedDict()

    def get(self, number: int) -> Logic | None:
        with self._lock:
            return self._kept.get(number)

    def put(self, number: int, logic: Logic) -> Logic:
        with self._lock:
            self._kept[number] = logic
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return logic


_LOGICS = _Logics()
