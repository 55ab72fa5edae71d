"""Many records changed at once, a few in each transaction, written down so that all can be taken back.

Whatever a batch does to a record carries the moment of the batch: a record that was touched at any other
moment since has been changed by somebody else, and undoing leaves it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from collector.actions.corrections import Corrections, Officer, Standing, Why
from forms.corrections.amending import Amended
from forms.corrections.filled import Spot
from forms.problems import Problem
from storage import audits
from storage.cells.marks import mark_records
from storage.database import transaction
from storage.entities import outcomes
from storage.groups import in_groups
from storage.models import Batch, BatchItem, Form, Submission
from storage.queries import submissions
from storage.queries.batches import items_of, open_batch, with_ticket
from storage.queries.choosing import held
from storage.snapshot import snapshot

JUDGED, ANSWERED = "record", "answers"
"""The nouns of what a batch changed: the state of a record, its answers."""

AT_ONCE = 200
"""Records judged in one transaction."""

A_FEW = 10
"""Records corrected in one transaction: each is a version with all its rows."""


@dataclass
class Tally:
    """What became of the records of a batch, by why they were left alone."""

    changed: int = 0
    left: Counter[str] = field(default_factory=Counter)

    @property
    def summary(self) -> dict[str, Any]:
        """As the batch keeps it."""
        return {"changed": self.changed, "left": dict(self.left)}


CHANGED_SINCE, SAME, REFUSED, GONE = "changed_since", "same", "refused", "gone"
"""Why a record is left alone."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A record to be corrected: its number, the version that was looked at, and what is typed."""

    number: int
    base: str
    typed: Mapping[Spot, str]


def begin(
    project_id: int, kind: str, officer: Officer, summary: Mapping[str, Any], file_name: str = ""
) -> int:
    """Enter a batch; the same `ticket` in its summary again finds the one that was entered before."""
    with transaction() as session:
        before = with_ticket(session, project_id, kind, summary.get("ticket", ""))
        if before is not None:
            return -before.id
        made = Batch(
            kind=kind,
            project_id=project_id,
            actor_id=officer.actor_id,
            file_name=file_name[:255] or None,
            summary={**summary, "done": False},
            created_at=officer.now,
        )
        session.add(made)
        session.flush()
        return made.id


def finish(number: int, tally: Tally) -> None:
    """Write down what became of a batch."""
    with transaction() as session:
        batch = session.get_one(Batch, number)
        batch.summary = {**batch.summary, **tally.summary, "done": True}


@dataclass(frozen=True, slots=True)
class Task:
    """What a batch works with: on which form, and why."""

    corrections: Corrections
    form_id: int
    why: Why


def correct(task: Task, several: Iterable[Planned], tally: Tally) -> None:
    """Correct records as planned, a few at a time; whoever was changed since is left alone."""
    for some in in_groups(several, A_FEW):
        with snapshot() as session:
            ready = list(_ready(task, session, some, tally))
        settled: list[int] = []
        items: list[BatchItem] = []
        with transaction(noticed=False) as session:
            form = session.get_one(Form, task.form_id)
            numbers = [standing.record.id for standing, _amended in ready]
            states = {one.id: one.review_state for one in held(session, numbers)}
            for standing, amended in ready:
                number = standing.record.id
                try:
                    done = task.corrections.write(session, form, standing, amended, task.why)
                except Problem:
                    tally.left[CHANGED_SINCE] += 1
                    continue
                tally.changed += 1
                settled += [done.outcome] if done.outcome is not None else []
                before = {"version": standing.version.id, "state": states.get(number)}
                items.append(_item(task.why, ANSWERED, number, before))
            session.add_all(items)
        task.corrections.settle(settled, task.why.officer.now)


def _ready(
    task: Task, session: Session, some: Sequence[Planned], tally: Tally
) -> Iterator[tuple[Standing, Amended]]:
    form = session.get_one(Form, task.form_id)
    several = task.corrections.standings(session, form, [one.number for one in some])
    standings = {one.record.id: one for one in several}
    for planned in sorted(some, key=lambda one: one.number):
        standing = standings.get(planned.number)
        if standing is None:
            tally.left[GONE] += 1
            continue
        if standing.version.instance_id != planned.base:
            tally.left[CHANGED_SINCE] += 1
            continue
        amended = task.corrections.amended(standing, planned.typed, task.why.officer)
        if amended.refused or not amended.xml:
            tally.left[REFUSED if amended.refused else SAME] += 1
            continue
        yield standing, amended


def _item(why: Why, noun: str, number: int, before: dict[str, Any]) -> BatchItem:
    return BatchItem(batch_id=why.batch_id or 0, noun=noun, key=str(number), before=before)


def judge(task: Task, several: Sequence[int], change: Change, tally: Tally) -> None:
    """Change the state of records; what changed since `change.as_of` is left alone."""
    now = task.why.officer.now
    for some in in_groups(several, AT_ONCE):
        with transaction(noticed=False) as session:
            touched: list[Submission] = []
            for record in held(session, some):
                if (record.updated_at or record.created_at) >= change.as_of:
                    tally.left[CHANGED_SINCE] += 1
                    continue
                before = {"state": record.review_state, "deleted": _said(record.deleted_at)}
                if not change.apply(record, now):
                    tally.left[SAME] += 1
                    continue
                record.updated_at = now
                touched.append(record)
                tally.changed += 1
                session.add(_item(task.why, JUDGED, record.id, before))
            session.flush()
            mark_records(session, task.form_id, [(one.place_code, one.reported_on) for one in touched])
            _audit(session, change.act, touched, task.why.officer)
            if change.restores:
                for record in touched:
                    outcomes.reopen(session, record.id, now)


def _audit(session: Session, act: str, several: Iterable[Submission], officer: Officer) -> None:
    """Note for each record what was done to it; `act` as in `Change`."""
    for record in several:
        details: dict[str, Any] = {"submissionId": record.id, "instanceId": record.instance_id}
        if act not in {"delete", "restore"}:
            details["reviewState"] = record.review_state
        action = f"submission.{act if act in {'delete', 'restore'} else 'update'}"
        actee = audits.of_record(session, record)
        audits.note(session, action, actee=actee, details=details, actor_id=officer.actor_id, now=officer.now)


@dataclass(frozen=True, slots=True)
class Change:
    """A state that records get: a review state ("" takes it back), deleted, or put back."""

    act: str
    as_of: datetime

    @property
    def restores(self) -> bool:
        """Whether deleted records come back."""
        return self.act == "restore"

    def apply(self, record: Submission, now: datetime) -> bool:
        """Change a record; False where it is so already."""
        if self.act in {"delete", "restore"}:
            if (record.deleted_at is not None) is (self.act == "delete"):
                return False
            record.deleted_at = now if self.act == "delete" else None
            return True
        state = self.act or None
        if record.review_state == state or record.deleted_at is not None:
            return False
        record.review_state = state
        return True


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# Undoing ------------------------------------------------------------------------------------------


def undo(corrections: Corrections, project_id: int, kind: str, number: int, officer: Officer) -> Tally:
    """Take a batch back; what changed since is left alone and counted. Raises BatchNotFound, BatchUndone."""
    tally = Tally()
    with transaction() as session:
        batch = open_batch(session, project_id, kind, number)
        form_id, made_at = int(batch.summary["form_id"]), batch.created_at
        judged = [(int(one.key), one.before or {}) for one in items_of(session, number, JUDGED)]
        answered = [(int(one.key), one.before or {}) for one in items_of(session, number, ANSWERED)]
        batch.undone_at, batch.undone_by = officer.now, officer.actor_id
    for some in in_groups(judged, AT_ONCE):
        _unjudge(form_id, dict(some), made_at, officer, tally)
    task = Task(corrections, form_id, Why(officer, f"undone: {number}"))
    for some in in_groups(answered, A_FEW):
        _unanswer(task, dict(some), made_at, tally)
    with transaction() as session:
        batch = session.get_one(Batch, number)
        kept = sum(tally.left.values())
        batch.summary = {**batch.summary, "taken_back": tally.changed, "kept": kept}
    return tally


def _unjudge(
    form_id: int, before: Mapping[int, Mapping[str, Any]], made_at: datetime, officer: Officer, tally: Tally
) -> None:
    acted: dict[int, str] = {}
    with transaction(noticed=False) as session:
        touched: list[Submission] = []
        for record in held(session, list(before)):
            if record.updated_at != made_at:
                tally.left[CHANGED_SINCE] += 1
                continue
            was = before[record.id]
            acted[record.id] = _act_of(record, was)
            record.review_state, record.updated_at = was["state"], officer.now
            record.deleted_at = datetime.fromisoformat(was["deleted"]) if was["deleted"] else None
            touched.append(record)
            tally.changed += 1
        session.flush()
        mark_records(session, form_id, [(one.place_code, one.reported_on) for one in touched])
        for record in touched:
            _audit(session, acted[record.id], [record], officer)


def _act_of(record: Submission, was: Mapping[str, Any]) -> str:
    """What bringing a record back to what it was does to it, as in `Change`."""
    if bool(was["deleted"]) is (record.deleted_at is not None):
        return ""
    return "delete" if was["deleted"] else "restore"


def _unanswer(task: Task, before: Mapping[int, Mapping[str, Any]], made_at: datetime, tally: Tally) -> None:
    ready: list[tuple[Standing, bytes]] = []
    with snapshot() as session:
        form = session.get_one(Form, task.form_id)
        older = submissions.version_bytes(session, [one["version"] for one in before.values()])
        for standing in task.corrections.standings(session, form, list(before)):
            number = standing.record.id
            if standing.record.updated_at == made_at:
                version, packed = older[before[number]["version"]]
                ready.append((standing, task.corrections.bytes_of(form, version, packed)))
        if len(ready) < len(before):
            tally.left[CHANGED_SINCE] += len(before) - len(ready)
    with transaction(noticed=False) as session:
        form = session.get_one(Form, task.form_id)
        list(held(session, [standing.record.id for standing, _data in ready]))
        for standing, data in ready:
            try:
                task.corrections.write_back(session, form, standing, data, task.why)
            except Problem:
                tally.left[CHANGED_SINCE] += 1
                continue
            record = session.get_one(Submission, standing.record.id)
            record.review_state = before[record.id]["state"]
            tally.changed += 1
