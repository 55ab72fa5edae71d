"""Records of another ODK server come in with the ids they had there: looked at first, undone as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from zipfile import ZipInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from collector.actions.incoming import Address, Delivery, Sender
from collector.actions.instances import DAMAGED, Archive, Instance
from collector.actions.receive import Intake
from forms.problems import Problem
from storage.blobs import BlobStore, Staged
from storage.cells.marks import mark_records
from storage.database import db, transaction
from storage.groups import in_groups
from storage.models import Batch, BatchItem, Form, FormVersion, Submission, SubmissionVersion
from storage.queries.batches import items_of, open_batch

KIND, NOUN = "submissions", "submission"
SOURCE = "import"
"""What stands for the phone in records that were moved in."""

FAILED = "failed"
_TOGETHER = 200
_PIECE = 1024 * 1024


class Verdict(Enum):
    """What would become of a filled form: it would come in, is here, or why it cannot."""

    NEW = "new"
    KNOWN = "known"
    DIFFERENT = "different"
    TWICE = "twice"
    NO_FORM = "no_form"
    NO_VERSION = "no_version"
    CLOSED = "closed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Judged:
    """A filled form and what would become of it."""

    instance: Instance
    verdict: Verdict

    @property
    def form_id(self) -> str:
        """The form it answers, "" where that cannot be read."""
        return self.instance.reading.envelope.form_id if self.instance.reading else ""

    @property
    def version(self) -> str:
        """The version it answers."""
        return self.instance.reading.envelope.version if self.instance.reading else ""

    @property
    def corrects(self) -> bool:
        """Whether it is a later version of another one."""
        return bool(self.instance.reading and self.instance.reading.envelope.deprecated_id)

    @property
    def instance_id(self) -> str:
        """Its id."""
        return (self.instance.reading.envelope.instance_id or "") if self.instance.reading else ""


@dataclass(frozen=True)
class Preview:
    """An archive looked through: how many of each form would come in, and what would not."""

    counts: Counter[Verdict]
    by_form: Counter[str]
    refused: Sequence[Judged]


def judge(session: Session, project_id: int, archive: Archive) -> Iterator[Judged]:
    """What would become of each filled form of an archive."""
    versions, states = _published(session, project_id)
    seen: set[tuple[str, str]] = set()
    for several in in_groups(archive.instances(), _TOGETHER):
        known = _known(session, project_id, several)
        # What was read would be held while records are written.
        session.rollback()
        for one in several:
            yield Judged(one, _verdict(one, versions, states, known, seen))


def preview(
    session: Session,
    project_id: int,
    archive: Archive,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Preview:
    """An archive looked through, nothing written; the first hundred it cannot take are told one by one."""
    counts: Counter[Verdict] = Counter()
    by_form: Counter[str] = Counter()
    refused: list[Judged] = []
    for done, one in enumerate(judge(session, project_id, archive), start=1):
        counts[one.verdict] += 1
        if one.verdict is Verdict.NEW:
            by_form[one.form_id] += 1
        elif one.verdict is not Verdict.KNOWN and len(refused) < 100:  # noqa: PLR2004 - enough to read
            refused.append(one)
        progress(done, len(archive))
    return Preview(counts, by_form, refused)


def _published(session: Session, project_id: int) -> tuple[set[tuple[str, str]], dict[str, str]]:
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.version, Form.state)
        .join(FormVersion, FormVersion.form_id == Form.id)
        .where(
            Form.project_id == project_id, Form.deleted_at.is_(None), FormVersion.published_at.is_not(None)
        )
    ).all()
    return {(row[0], row[1]) for row in rows}, {row[0]: row[2] for row in rows}


def _known(session: Session, project_id: int, several: Sequence[Instance]) -> dict[tuple[str, str], str]:
    ids = [one.reading.envelope.instance_id for one in several if one.reading]
    rows = session.execute(
        select(Form.xml_form_id, SubmissionVersion.instance_id, SubmissionVersion.xml_sha256)
        .join(Form, Form.id == SubmissionVersion.form_id)
        .where(
            Form.project_id == project_id,
            SubmissionVersion.draft.is_(False),
            SubmissionVersion.instance_id.in_([one for one in ids if one]),
        )
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _verdict(
    one: Instance,
    versions: set[tuple[str, str]],
    states: dict[str, str],
    known: dict[tuple[str, str], str],
    seen: set[tuple[str, str]],
) -> Verdict:
    envelope = one.reading.envelope if one.reading else None
    if envelope is None or not envelope.instance_id:
        return Verdict.UNREADABLE
    key = (envelope.form_id, envelope.instance_id)
    if key in known:
        return Verdict.KNOWN if known[key] == sha256(one.xml).hexdigest() else Verdict.DIFFERENT
    if (envelope.form_id, envelope.version) not in versions:
        return Verdict.NO_VERSION if envelope.form_id in states else Verdict.NO_FORM
    if key in seen:
        return Verdict.TWICE
    seen.add(key)
    return Verdict.CLOSED if states[envelope.form_id] == "closed" else Verdict.NEW


@dataclass(frozen=True)
class Mover:
    """Who brings records in, where to."""

    project_id: int
    actor_id: int | None
    file_name: str
    now: datetime


def move_in(
    archive: Archive,
    mover: Mover,
    intake: Intake,
    blobs: BlobStore,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Batch:
    """Bring in what is new. Each record goes the way a phone's does; the batch names them all.

    What fails on the way is left out and counted; what was brought in stays, to be undone or gone on with
    by doing the same again. A record keeps the moment the other server received it.
    """
    with transaction() as session:
        batch = Batch(
            kind=KIND,
            project_id=mover.project_id,
            actor_id=mover.actor_id,
            file_name=mover.file_name[:255],
            created_at=mover.now,
        )
        session.add(batch)
        session.flush()
        number = batch.id
    counts: Counter[str] = Counter()
    corrections: list[Judged] = []
    done = 0
    for several in in_groups(judge(db.session(), mover.project_id, archive), _TOGETHER):
        wanted = [one for one in several if one.verdict is Verdict.NEW]
        originals = [one for one in wanted if not one.corrects]
        corrections += [one for one in wanted if one.corrects]
        _note(number, wanted)
        counts.update(_bring(one.instance, archive, mover, intake, blobs) for one in originals)
        done += len(several)
        progress(done, len(archive))
    counts.update(_bring_corrections(corrections, archive, mover, intake, blobs))
    with transaction() as session:
        kept = session.get_one(Batch, number)
        kept.summary = dict(counts)
        session.flush()
        session.refresh(kept)
        session.expunge(kept)
    return kept


def _bring_corrections(
    corrections: Sequence[Judged], archive: Archive, mover: Mover, intake: Intake, blobs: BlobStore
) -> Counter[str]:
    """Each after what it corrects, in whatever order they lie in the archive; what fits nothing fails."""
    counts: Counter[str] = Counter()
    while corrections:
        outcomes = [(one, _bring(one.instance, archive, mover, intake, blobs)) for one in corrections]
        left = [one for one, outcome in outcomes if outcome == FAILED]
        counts.update(outcome for _one, outcome in outcomes if outcome != FAILED)
        if len(left) == len(corrections):
            counts[FAILED] += len(left)
            break
        corrections = left
    return counts


def _note(number: int, wanted: Sequence[Judged]) -> None:
    # Before they come, so that none can be here that undoing does not know of.
    with transaction() as session:
        session.add_all(
            BatchItem(batch_id=number, noun=NOUN, key=one.instance_id, before={"form": one.form_id})
            for one in wanted
        )


def _bring(one: Instance, archive: Archive, mover: Mover, intake: Intake, blobs: BlobStore) -> str:
    staged: dict[str, Staged] = {}
    try:
        for name, entry in one.files.items():
            if entry.filename != one.path:
                staged[name] = blobs.stage()
                _unpack(archive, one.files[name], staged[name])
        sender = Sender(mover.actor_id, SOURCE, mover.file_name[:255])
        delivery = Delivery(one.xml, staged, sender, one.received_at or mover.now)
        received = intake.receive(delivery, Address((mover.project_id,)))
    except (Problem, *DAMAGED):
        return FAILED
    finally:
        for item in staged.values():
            item.discard()
    return "new" if received.new else "known"


def _unpack(archive: Archive, entry: ZipInfo, item: Staged) -> None:
    with archive.open(entry) as handle:
        while piece := handle.read(_PIECE):
            item.write(piece)


def undo(project_id: int, number: int, actor_id: int | None, *, now: datetime) -> int:
    """Take the records of a batch out again; returns how many. Corrected and deleted ones stay as they are.

    They can be put back one by one. Raises BatchNotFound, BatchUndone.
    """
    with transaction() as session:
        open_batch(session, project_id, KIND, number)
        items = [(item.key, (item.before or {}).get("form", "")) for item in items_of(session, number, NOUN)]
    taken = 0
    for several in in_groups(items, _TOGETHER):
        with transaction() as session:
            for instance_id, form_id in several:
                taken += _take_out(session, project_id, form_id, instance_id, now)
    with transaction() as session:
        batch = session.get_one(Batch, number)
        batch.undone_at, batch.undone_by = now, actor_id
    return taken


def _take_out(session: Session, project_id: int, form_id: str, instance_id: str, now: datetime) -> int:
    found = session.scalars(
        select(Submission)
        .join(Form, Form.id == Submission.form_id)
        .where(
            Form.project_id == project_id,
            Form.xml_form_id == form_id,
            Submission.draft.is_(False),
            Submission.instance_id == instance_id,
            Submission.deleted_at.is_(None),
            ~exists().where(
                SubmissionVersion.submission_id == Submission.id,
                or_(SubmissionVersion.device_id.is_(None), SubmissionVersion.device_id != SOURCE),
            ),
        )
    ).one_or_none()
    if found is None:
        return 0
    found.deleted_at = found.updated_at = now
    mark_records(session, found.form_id, [(found.place_code, found.reported_on)])
    return 1
