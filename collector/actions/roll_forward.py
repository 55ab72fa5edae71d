"""The yearly roll-forward of a project's lists: looked at first, done in small steps, undone as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from forms import roll_forward as rules
from forms.entities import Change
from forms.roll_forward import NewYear
from storage.database import db, transaction
from storage.entities import computing, reading, undoing
from storage.entities.lists import list_by_name
from storage.entities.problems import EntityListNotFound
from storage.entities.writing import Changes, Source, find_many, lock
from storage.groups import in_groups
from storage.models import Batch, EntityList
from storage.queries.batches import open_batch
from storage.snapshot import snapshot

KIND = "roll_forward"
HOUSEHOLDS, LEARNERS, CLASSES = "households", "learners", "classes"

_TOGETHER = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Step:
    """What would be done: `changes` by list and uuid, `counts` of each kind of change for the preview."""

    changes: Mapping[str, Mapping[str, Mapping[str, str]]]
    counts: Counter[str]

    @property
    def size(self) -> int:
        """How many entities would get a new version."""
        return sum(map(len, self.changes.values()))


def new_year(year: int, begins: date | None = None) -> NewYear:
    """The year from its first day unless said: a school year begins in August of the year before."""
    return NewYear(year, begins or date(year, 1, 1))


def look(session: Session, project_id: int, to: NewYear) -> Step:
    """What the roll-forward would change; a list that is not there counts as empty."""
    counts: Counter[str] = Counter()
    classes = {row.uuid: rules.of_class(row.data, to) for row in _rows(session, project_id, CLASSES)}
    over = {uuid: change for uuid, change in classes.items() if change}
    closed_before = {
        row.uuid for row in _rows(session, project_id, CLASSES) if row.data.get("state") == "closed"
    }
    free: dict[str, dict[str, str]] = {}
    for row in _rows(session, project_id, LEARNERS):
        counts["learners"] += 1
        counts["out_of_age"] += bool(rules.computed_of_learner(row.data, to).get("out_of_age"))
        change = rules.of_learner(row.data, over.keys() | closed_before)
        if change:
            free[row.uuid] = change
    for row in _rows(session, project_id, HOUSEHOLDS):
        counts["households"] += 1
        counts["visit_due"] += bool(rules.computed_of_household(row.data, to)["visit_due"])
    counts["classes_over"], counts["learners_free"] = len(over), len(free)
    return Step({CLASSES: over, LEARNERS: free}, counts)


def _rows(session: Session, project_id: int, name: str) -> Iterator[reading.Row]:
    try:
        of = list_by_name(session, project_id, name)
    except EntityListNotFound:
        return iter(())
    return reading.rows(session, of.id)


def run(
    project_id: int,
    to: NewYear,
    actor_id: int | None,
    *,
    now: datetime,
    progress: Progress = lambda _done, _all: None,
) -> Batch:
    """Do it; the batch's summary holds the counts. Doing it twice changes nothing the second time."""
    with snapshot() as session:
        step = look(session, project_id, to)
    with transaction() as session:
        batch = Batch(
            kind=KIND,
            project_id=project_id,
            actor_id=actor_id,
            summary={"year": to.year, "begins": to.begins.isoformat(), **step.counts},
            created_at=now,
        )
        session.add(batch)
        session.flush()
        source = Source(actor_id, now, batch_id=batch.id)
        session.refresh(batch)
        session.expunge(batch)
    done = 0
    for name, changes in step.changes.items():
        for group in in_groups(changes.items(), _TOGETHER):
            with transaction() as session:
                _write(session, list_by_name(session, project_id, name), dict(group), source)
            done += len(group)
            progress(done, step.size)
    compute(project_id, to)
    return batch


def _write(session: Session, of: EntityList, group: Mapping[str, Mapping[str, str]], source: Source) -> None:
    lock(session, group)
    changes = Changes(session, source)
    for uuid, entity in find_many(session, of.id, group).items():
        if entity.deleted_at is None:
            changes.update(of, entity, Change(uuid, "", group[uuid]))
    changes.finish()


def compute(project_id: int, to: NewYear) -> int:
    """Ages and visits that are due, written where they changed; returns how many entities."""
    written = 0
    for name, rule in ((LEARNERS, rules.computed_of_learner), (HOUSEHOLDS, rules.computed_of_household)):
        try:
            number = list_by_name(db.session(), project_id, name).id
        except EntityListNotFound:
            continue
        with snapshot() as session:
            several = {row.uuid: rule(row.data, to) for row in reading.rows(session, number)}
            due = computing.changed(session, session.get_one(EntityList, number), several)
        for group in in_groups(due, _TOGETHER):
            with transaction() as session:
                computing.write(session, session.get_one(EntityList, number), group)
            written += len(group)
    return written


def undo(project_id: int, number: int, actor_id: int | None, *, now: datetime) -> int:
    """Bring classes and learners back to what they were, ages too; returns how many got a new version.

    Who was changed since stays as he is. Raises BatchNotFound, BatchUndone.
    """
    with transaction() as session:
        batch = open_batch(session, project_id, KIND, number)
        to = NewYear(batch.summary["year"], date.fromisoformat(batch.summary["begins"]))
        several = undoing.touched(session, number)
    taken = 0
    for group in in_groups(several, _TOGETHER):
        with transaction() as session:
            taken += undoing.take_back(session, number, group, Source(actor_id, now))
    compute(project_id, NewYear(to.year - 1, to.begins.replace(year=to.begins.year - 1), to.oldest))
    with transaction() as session:
        done = session.get_one(Batch, number)
        done.undone_at, done.undone_by = now, actor_id
    return taken
