"""⑦ One thing done to many records: previewed with its counts, done with a reason, undone as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions import batches
from collector.actions.batches import CHANGED_SINCE, Change, Planned, Tally, Task
from collector.actions.corrections import Corrections, Officer, Why
from collector.actions.review import STATES
from forms.corrections.amending import Difference
from forms.corrections.checking import Refusal
from forms.corrections.filled import Spot
from storage.groups import in_groups
from storage.models import Form, Submission, SubmissionVersion
from storage.problems import ReviewStateUnknown, TooManyRecords
from storage.queries import choosing
from storage.queries.choosing import Filter
from storage.snapshot import snapshot

KIND = "records"
DELETE, RESTORE, ANSWER = "delete", "restore", "answer"
ACTS = ("approved", "hasIssues", "rejected", "", DELETE, RESTORE, ANSWER)
"""What can be done: a review state ("" takes it back), or one of the others."""

MOST_JUDGED, MOST_CORRECTED = 20_000, 5_000
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done; `path` and `text` are the question and the answer that all are to have."""

    name: str
    path: str = ""
    text: str = ""

    @property
    def answers(self) -> bool:
        """Whether it changes answers."""
        return self.name == ANSWER


@dataclass
class Preview:
    """What would be done to how many: `states` counts the records chosen by review state as they are."""

    states: dict[str, int]
    changing: int = 0
    same: int = 0
    gone: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    refusals: int = 0
    sample: list[tuple[str, str, Difference | None]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many were chosen."""
        return sum(self.states.values())


def require(act: Act, count: int) -> None:
    """Refuse what cannot be done. Raises ReviewStateUnknown, TooManyRecords."""
    if act.name not in ACTS or (act.name and act.name not in {*STATES, DELETE, RESTORE, ANSWER}):
        raise ReviewStateUnknown(value=act.name)
    limit = MOST_CORRECTED if act.answers else MOST_JUDGED
    if count > limit:
        raise TooManyRecords(count=count, limit=limit)


def look(session: Session, corrections: Corrections, form: Form, work: Work) -> Preview:
    """What an act would do to the chosen records; nothing is written. Raises as `require` does."""
    found = Preview(choosing.count(session, work.chosen))
    require(work.act, found.count)
    if work.act.answers:
        _look_at_answers(session, corrections, form, work, found)
        return found
    change = Change(work.act.name, work.officer.now)
    lines = session.execute(
        select(Submission, SubmissionVersion.instance_name)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(work.chosen.condition(), SubmissionVersion.current.is_(True))
        .order_by(Submission.id.desc())
        .execution_options(yield_per=500)
    )
    for record, name in lines:
        if _would(change, record):
            found.changing += 1
            if len(found.sample) < SHOWN:
                found.sample.append((record.instance_id, name or record.instance_id, None))
        else:
            found.same += 1
    return found


def _would(change: Change, record: Submission) -> bool:
    tried = Submission(review_state=record.review_state, deleted_at=record.deleted_at)
    return change.apply(tried, change.as_of)


def _look_at_answers(
    session: Session, corrections: Corrections, form: Form, work: Work, found: Preview
) -> None:
    spot = Spot("", work.act.path)
    found.gone = found.count
    for some in in_groups(choosing.numbers(session, work.chosen), batches.AT_ONCE):
        for standing in corrections.standings(session, form, some):
            found.gone -= 1
            amended = corrections.amended(standing, {spot: work.act.text}, work.officer)
            name = standing.version.instance_name or standing.record.instance_id
            if amended.refused:
                found.refusals += 1
                if len(found.refused) < SHOWN:
                    found.refused += [(name, refusal) for refusal in amended.refused.values()]
            elif amended.xml:
                found.changing += 1
                if len(found.sample) < SHOWN:
                    found.sample.append((standing.record.instance_id, name, amended.differences[0]))
            else:
                found.same += 1


@dataclass(frozen=True, slots=True)
class Work:
    """Who does what to which records; `as_of` is when he looked, `ticket` tells one attempt from another."""

    chosen: Filter
    act: Act
    officer: Officer
    as_of: datetime | None = None
    reason: str = ""
    ticket: str = ""


def run(corrections: Corrections, form: Form, work: Work) -> int:
    """Do it; returns the number of the batch. The same ticket again changes nothing.

    What changed since `work.as_of` is left alone. Raises as `require` does.
    """
    as_of = work.as_of or work.officer.now
    form_id, project_id = form.id, form.project_id
    with snapshot() as session:
        numbers = choosing.numbers(session, work.chosen)
        require(work.act, len(numbers))
    act = {"act": work.act.name, "path": work.act.path, "text": work.act.text}
    summary = {"form_id": form_id, "reason": work.reason, "ticket": work.ticket, **act}
    number = batches.begin(project_id, KIND, work.officer, summary)
    if number < 0:
        return -number
    tally, why = Tally(), Why(work.officer, work.reason, number)
    if work.act.answers:
        typed = {Spot("", work.act.path): work.act.text}
        planned = (Planned(one, base, typed) for one, base in _unchanged(numbers, as_of, tally))
        batches.correct(Task(corrections, form_id, why), planned, tally)
    else:
        batches.judge(Task(corrections, form_id, why), numbers, Change(work.act.name, as_of), tally)
        if work.act.name == "approved":
            corrections.settling.settle_pending(project_id, work.officer.now)
    batches.finish(number, tally)
    return number


def _unchanged(numbers: Sequence[int], as_of: datetime, tally: Tally) -> Iterator[tuple[int, str]]:
    """The records nobody has changed since, with the version that counts."""
    for some in in_groups(numbers, batches.AT_ONCE):
        with snapshot() as session:
            rows = session.execute(
                select(
                    Submission.id,
                    SubmissionVersion.instance_id,
                    Submission.updated_at,
                    Submission.created_at,
                )
                .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
                .where(Submission.id.in_(some), SubmissionVersion.current.is_(True))
                .order_by(Submission.id)
            ).all()
        for number, base, updated, created in rows:
            if (updated or created) >= as_of:
                tally.left[CHANGED_SINCE] += 1
            else:
                yield number, base


def undo(corrections: Corrections, project_id: int, number: int, officer: Officer) -> Tally:
    """Take a batch back; what changed since stays. Raises BatchNotFound, BatchUndone."""
    return batches.undo(corrections, project_id, KIND, number, officer)
