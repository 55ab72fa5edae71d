"""⑦ Two records of one thing joined: one stays, the other counts nowhere and can still be read.

What hangs on the other follows: the members of lists that name the entity it made name that of the record
that stays, and its own entity leaves its list. All of it is one batch, undone as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions import batches
from collector.actions.batches import ANSWERED, Tally
from collector.actions.corrections import Corrections, Officer, Standing, Why
from forms.corrections.amending import Amended, Difference, differences
from forms.corrections.filled import Spot
from storage import audits
from storage.cells.marks import mark_records
from storage.database import transaction
from storage.entities import by_hand, links, undoing
from storage.entities.links import Member
from storage.entities.writing import Source
from storage.groups import in_groups
from storage.models import Batch, BatchItem, EntityList, Form, Submission, SubmissionVersion
from storage.problems import AnswersRefused, EditSuperseded, NoDuplicate
from storage.queries import submissions
from storage.queries.batches import items_of, with_ticket
from storage.queries.choosing import held

KIND = "merge"
JOINED, LEFT_LIST = "joined", "entity"
"""The nouns of what a joining did: a record that counts nowhere now, an entity that left its list."""

_AT_ONCE = 100
MOST_ALIKE = 10


@dataclass(frozen=True)
class Compared:
    """Two records side by side: what differs, and which of that the one may take from the other."""

    kept: Standing
    other: Standing
    differences: tuple[Difference, ...]
    takeable: frozenset[Spot]


def compare(session: Session, corrections: Corrections, form: Form, kept: str, other: str) -> Compared:
    """Two live records of a form side by side, by instance id.

    Raises NoDuplicate, SubmissionNotFound, RecordEncrypted.
    """
    one, two = (
        corrections.standing(session, form, submissions.get_submission(session, form, instance_id))
        for instance_id in (kept, other)
    )
    if one.record.id == two.record.id or one.record.duplicate_of or two.record.duplicate_of:
        raise NoDuplicate
    found = differences(one.data, two.data, one.logic)
    here, there = one.filled, two.filled
    takeable = frozenset(
        spot
        for spot in (difference.spot for difference in found)
        if spot.path not in one.logic.locked and here.holds(spot) and there.holds(spot)
    )
    return Compared(one, two, found, takeable)


def alike(session: Session, record: Submission) -> Sequence[tuple[str, str]]:
    """Live records of the same form with the same name: id and name, the newest first."""
    mine = select(SubmissionVersion.instance_name).where(
        SubmissionVersion.submission_id == record.id, SubmissionVersion.current.is_(True)
    )
    rows = session.execute(
        select(Submission.instance_id, SubmissionVersion.instance_name)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            Submission.form_id == record.form_id,
            Submission.draft.is_(False),
            Submission.deleted_at.is_(None),
            Submission.duplicate_of.is_(None),
            Submission.id != record.id,
            SubmissionVersion.current.is_(True),
            SubmissionVersion.instance_name == mine.scalar_subquery(),
        )
        .order_by(Submission.id.desc())
        .limit(MOST_ALIKE)
    )
    return [(instance_id, name or instance_id) for instance_id, name in rows]


@dataclass(frozen=True, slots=True)
class Joining:
    """Which record stays, which goes, the versions that were looked at, and the answers that are taken."""

    kept: str
    other: str
    kept_base: str
    other_base: str
    take: tuple[Spot, ...] = ()
    ticket: str = ""


def join(session: Session, corrections: Corrections, form: Form, joining: Joining, why: Why) -> int:
    """Join two records; returns the number of the batch. The same ticket again changes nothing.

    Raises NoDuplicate, EditSuperseded where one changed since it was looked at, AnswersRefused.
    """
    form_id, project_id = form.id, form.project_id
    before = with_ticket(session, project_id, KIND, joining.ticket)
    if before is not None:
        return before.id
    compared = compare(session, corrections, form, joining.kept, joining.other)
    amended = _taken(corrections, compared, joining, why.officer)
    follow = _following(session, project_id, compared)
    for standing in (compared.kept, compared.other):
        session.expunge(standing.record)
        session.expunge(standing.version)
    summary = {
        "form_id": form_id,
        "reason": why.reason,
        "ticket": joining.ticket,
        "kept": joining.kept,
        "other": joining.other,
    }
    number = batches.begin(project_id, KIND, why.officer, summary)
    if number < 0:
        return -number
    done = Why(why.officer, why.reason, number)
    try:
        outcome = _join(corrections, form_id, compared, amended, done)
    except Exception:
        # Whatever it was, it is told on; only the batch that came to nothing must not stay.
        _forget(number)
        raise
    corrections.settle([outcome] if outcome is not None else [], why.officer.now)
    if follow is not None:
        _follow(project_id, follow, done)
    batches.finish(number, Tally(changed=1))
    return number


def _taken(corrections: Corrections, compared: Compared, joining: Joining, officer: Officer) -> Amended:
    """The correction of the record that stays: what it takes from the other."""
    for standing, base in ((compared.kept, joining.kept_base), (compared.other, joining.other_base)):
        if standing.version.instance_id != base:
            raise EditSuperseded(instance=base)
    there = compared.other.filled
    typed = {spot: there.text(spot) for spot in joining.take if spot in compared.takeable}
    amended = corrections.amended(compared.kept, typed, officer) if typed else Amended()
    if amended.refused:
        raise AnswersRefused(amended.refused)
    return amended


def _forget(number: int) -> None:
    with transaction() as session:
        session.delete(session.get_one(Batch, number))


def _join(
    corrections: Corrections, form_id: int, compared: Compared, amended: Amended, why: Why
) -> int | None:
    kept, other = compared.kept.record, compared.other.record
    outcome: int | None = None
    with transaction() as session:
        records = {one.id: one for one in held(session, [kept.id, other.id])}
        for standing in (compared.kept, compared.other):
            record = records.get(standing.record.id)
            current = submissions.current_version_of(session, standing.record.id)
            if record is None or record.deleted_at is not None or record.duplicate_of is not None:
                raise NoDuplicate
            if current.id != standing.version.id:
                raise EditSuperseded(instance=standing.version.instance_id)
        if amended.xml:
            form = session.get_one(Form, form_id)
            before = {"version": compared.kept.version.id, "state": kept.review_state}
            outcome = corrections.write(session, form, compared.kept, amended, why).outcome
            session.add(_item(why, ANSWERED, str(kept.id), before))
        for one in session.scalars(select(Submission).where(Submission.duplicate_of == other.id)):
            # Whatever was joined to it earlier goes along.
            session.add(_item(why, JOINED, str(one.id), {"duplicate_of": other.id, "now": kept.id}))
            one.duplicate_of = kept.id
        record = session.get_one(Submission, other.id)
        record.duplicate_of, record.updated_at = kept.id, why.officer.now
        session.add(_item(why, JOINED, str(other.id), {"duplicate_of": None, "now": kept.id}))
        session.flush()
        mark_records(session, form_id, [(record.place_code, record.reported_on)])
        _audit(session, record, kept.instance_id, why.officer)
    return outcome


def _audit(session: Session, record: Submission, stays: str | None, officer: Officer) -> None:
    """Note that a record repeats another one (`stays`), or that it does not after all."""
    details = {"submissionId": record.id, "instanceId": record.instance_id, "duplicateOf": stays}
    actee = audits.of_record(session, record)
    audits.note(
        session,
        "submission.update",
        actee=actee,
        details=details,
        actor_id=officer.actor_id,
        now=officer.now,
    )


def _item(why: Why, noun: str, key: str, before: Mapping[str, object]) -> BatchItem:
    return BatchItem(batch_id=why.batch_id or 0, noun=noun, key=key, before=dict(before))


# What hangs on it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Follow:
    """The entity of the record that goes, that of the one that stays, and who names the former."""

    gone: Member
    stays: Member
    members: tuple[Member, ...]


def _following(session: Session, project_id: int, compared: Compared) -> _Follow | None:
    """What would follow; nothing where it is not clear which entity is which."""
    for declared in compared.kept.logic.schema.entities:
        if declared.path:
            continue
        gone = links.made_by(session, compared.other.record.id, declared.list)
        stays = links.made_by(session, compared.kept.record.id, declared.list)
        if len(gone) == 1 and len(stays) == 1:
            return _Follow(gone[0], stays[0], tuple(links.naming(session, project_id, gone[0].uuid)))
    return None


def _follow(project_id: int, follow: _Follow, why: Why) -> None:
    source = Source(why.officer.actor_id, why.officer.now, batch_id=why.batch_id)
    for (list_id, name), several in groupby(follow.members, key=lambda one: (one.list_id, one.name)):
        for some in in_groups(several, _AT_ONCE):
            with transaction() as session:
                of = session.get_one(EntityList, list_id)
                if of.project_id != project_id:
                    continue
                written = [by_hand.Written(one.uuid, None, {name: follow.stays.uuid}) for one in some]
                by_hand.update_many(session, of, written, source)
    with transaction() as session:
        by_hand.delete(session, session.get_one(EntityList, follow.gone.list_id), follow.gone.uuid, source)
        before: dict[str, object] = {"list_id": follow.gone.list_id}
        session.add(_item(why, LEFT_LIST, follow.gone.uuid, before))


# Undoing ------------------------------------------------------------------------------------------


def undo(corrections: Corrections, project_id: int, number: int, officer: Officer) -> Tally:
    """Take a joining back: both records count again, the answers taken go, what followed returns.

    What changed since is left alone and counted. Raises BatchNotFound, BatchUndone.
    """
    tally = batches.undo(corrections, project_id, KIND, number, officer)
    source = Source(officer.actor_id, officer.now)
    with transaction() as session:
        form_id = int(session.get_one(Batch, number).summary["form_id"])
        before = {int(one.key): one.before or {} for one in items_of(session, number, JOINED)}
        gone = [(one.key, (one.before or {})["list_id"]) for one in items_of(session, number, LEFT_LIST)]
        touched = undoing.touched(session, number)
        for record in held(session, list(before)):
            if record.duplicate_of != before[record.id]["now"]:
                tally.left[batches.CHANGED_SINCE] += 1
                continue
            record.duplicate_of, record.updated_at = before[record.id]["duplicate_of"], officer.now
            mark_records(session, form_id, [(record.place_code, record.reported_on)])
            _audit(session, record, None, officer)
            tally.changed += 1
    for uuid, list_id in gone:
        with transaction() as session:
            by_hand.restore(session, session.get_one(EntityList, list_id), uuid, source)
    for some in in_groups(touched, _AT_ONCE):
        with transaction() as session:
            taken = undoing.take_back(session, number, some, source)
            tally.left[batches.CHANGED_SINCE] += len(some) - taken
    with transaction() as session:
        batch = session.get_one(Batch, number)
        batch.summary = {
            **batch.summary,
            "taken_back": tally.changed,
            "kept_as_is": sum(tally.left.values()),
        }
    return tally


def batch_of(session: Session, submission_id: int) -> int | None:
    """The joining by which a record counts nowhere, as far as the reader may see it."""
    return session.scalar(
        select(Batch.id)
        .join(BatchItem, BatchItem.batch_id == Batch.id)
        .where(
            BatchItem.noun == JOINED,
            BatchItem.key == str(submission_id),
            Batch.kind == KIND,
            Batch.undone_at.is_(None),
        )
        .order_by(Batch.id.desc())
        .limit(1)
    )


def kept_of(session: Session, record: Submission) -> str | None:
    """The instance id of the record that stays in its place; None where the reader may not see it."""
    with_number = select(Submission.instance_id).where(Submission.id == record.duplicate_of)
    return session.scalar(with_number) if record.duplicate_of is not None else None
