"""Households given to enumerators, and drawn for a second visit; both can be taken back.

Both are properties the server computes (`enumerator`, `recheck`, `recheck_by`): phones see them with the
list, no form writes them, and they are in nobody's way when a household is corrected at the same time.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from forms import sampling
from storage.database import Base
from storage.entities.computing import write_computed
from storage.entities.lists import ensure_properties
from storage.models import AppUser, Batch, EntityList
from storage.problems import NoHouseholds
from storage.queries import households
from storage.queries.households import Household

ASSIGNMENT = "assignment"
SAMPLE = "sample"
HOUSEHOLDS_AT_ONCE = 300
"""Households given out in one transaction."""
VILLAGES_AT_ONCE = 20
"""Villages drawn in one transaction: some thousand households are looked at, some hundred written."""

_ITEMS = Base.metadata.tables["batch_items"]
_ENUMERATOR = ("enumerator", "enumerator_id")
_RECHECK = ("recheck", "recheck_by")


@dataclass(frozen=True, slots=True)
class Task:
    """Who does it, in which project, when."""

    project_id: int
    actor_id: int | None
    now: datetime


def list_of(session: Session, project_id: int) -> EntityList:
    """The list of households. Raises NoHouseholds."""
    found = households.household_list(session, project_id)
    if found is None:
        raise NoHouseholds
    return found


def begin_assignment(session: Session, task: Task, phone: AppUser | None) -> Batch:
    """The batch of an assignment, before any household. Raises NoHouseholds."""
    where = list_of(session, task.project_id)
    ensure_properties(session, where, _ENUMERATOR[:1], computed=True, now=task.now)
    name = phone.actor.display_name if phone else ""
    return _batch(session, task, ASSIGNMENT, {"enumerator": name, "households": 0})


def assign(session: Session, batch: Batch, uuids: Collection[str], phone: AppUser | None) -> None:
    """Give some hundred households to an enumerator, None: to nobody."""
    where = list_of(session, batch.project_id or 0)
    several = households.households_by(session, where.id, uuids)
    name = phone.actor.display_name if phone else ""
    after = {"enumerator": name, "enumerator_id": str(phone.actor_id) if phone else ""}
    _write(session, where, batch, dict.fromkeys(several, after), _ENUMERATOR)
    batch.summary = {**batch.summary, "households": batch.summary["households"] + len(several)}
    session.flush()


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn: in which place, among households surveyed since when, under which seed, for whom."""

    place: str
    since: datetime
    seed: str = ""
    supervisor: AppUser | None = None


def new_seed() -> str:
    """A seed by chance: short enough to be written into the minutes of a meeting."""
    return secrets.token_hex(4)


def begin_draw(session: Session, task: Task, draw: Draw) -> Batch:
    """The batch of a draw, before any village; its seed draws the same households again."""
    name = draw.supervisor.actor.display_name if draw.supervisor else ""
    summary: dict[str, object] = {
        "seed": draw.seed,
        "place": draw.place,
        "since": draw.since.isoformat(),
        "supervisor": name,
        "surveyed": 0,
        "households": 0,
    }
    where = list_of(session, task.project_id)
    # The recheck form asks who the enumerator was: the column has to be there, however blank.
    ensure_properties(session, where, (*_ENUMERATOR[:1], *_RECHECK), computed=True, now=task.now)
    return _batch(session, task, SAMPLE, summary)


def draw_villages(session: Session, batch: Batch, draw: Draw, villages: Sequence[str]) -> None:
    """Draw some villages of the place: what was drawn there before is drawn no longer."""
    where = list_of(session, batch.project_id or 0)
    by_village: defaultdict[str, list[Household]] = defaultdict(list)
    for one in households.households_of(session, where.id, villages, since=draw.since):
        by_village[one.village].append(one)
    after: dict[Household, Mapping[str, str]] = {}
    surveyed = number = 0
    name = draw.supervisor.actor.display_name if draw.supervisor else ""
    for village, several in by_village.items():
        visited = [one for one in several if one.surveyed_at is not None]
        chosen = set(sampling.drawn(draw.seed, village, (one.uuid for one in visited)))
        surveyed, number = surveyed + len(visited), number + len(chosen)
        for one in several:
            if one.uuid in chosen:
                # Who surveyed it may not recheck it; the form asks for him by name.
                enumerator = one.enumerator or one.surveyor
                after[one] = {"recheck": "1", "recheck_by": name, "enumerator": enumerator}
            elif one.to_recheck:
                after[one] = {"recheck": "", "recheck_by": ""}
    _write(session, where, batch, after, (*_ENUMERATOR[:1], *_RECHECK))
    summary = batch.summary
    batch.summary = {
        **summary,
        "surveyed": summary["surveyed"] + surveyed,
        "households": summary["households"] + number,
    }
    session.flush()


def undo(session: Session, batch: Batch, *, actor_id: int | None, now: datetime) -> int:
    """Give the households of a batch back what they had before; returns how many changed."""
    where = list_of(session, batch.project_id or 0)
    batch.undone_at, batch.undone_by = now, actor_id
    before = households.items_of(session, batch)
    if batch.kind == SAMPLE:
        # What was given out since stays given out.
        given = {one.uuid for one in households.households_by(session, where.id, before) if one.enumerator_id}
        before = {
            uuid: {name: text for name, text in values.items() if name in _RECHECK or uuid not in given}
            for uuid, values in before.items()
        }
    return write_computed(session, where, before)


def _batch(session: Session, task: Task, kind: str, summary: dict[str, object]) -> Batch:
    batch = Batch(
        kind=kind,
        project_id=task.project_id,
        actor_id=task.actor_id,
        summary=summary,
        created_at=task.now,
    )
    session.add(batch)
    session.flush()
    return batch


def _write(
    session: Session,
    where: EntityList,
    batch: Batch,
    after: Mapping[Household, Mapping[str, str]],
    names: Sequence[str],
) -> None:
    if not after:
        return
    rows = [
        {
            "batch_id": batch.id,
            "noun": "household",
            "key": one.uuid,
            "before": {name: one.computed.get(name, "") for name in names},
        }
        for one in after
    ]
    session.execute(insert(_ITEMS), rows)
    write_computed(session, where, {one.uuid: values for one, values in after.items()})


@dataclass(slots=True)
class Work:
    """How far somebody, or a village, is: `assigned` households, of which `done`; all he `surveyed`."""

    households: int = 0
    assigned: int = 0
    done: int = 0
    surveyed: int = 0
    rechecks: int = 0


def coverage(several: Sequence[Household]) -> tuple[dict[str, Work], dict[int, Work]]:
    """How far the villages are, and how far the people: by code, and by number of the phone."""
    villages: defaultdict[str, Work] = defaultdict(Work)
    people: defaultdict[int, Work] = defaultdict(Work)
    for one in several:
        village, number = villages[one.village], one.enumerator_id
        village.households += 1
        village.assigned += number is not None
        village.surveyed += one.surveyed_at is not None
        village.rechecks += one.to_recheck
        if number is not None:
            people[number].assigned += 1
            people[number].done += one.surveyed_at is not None
        if one.surveyed_by is not None:
            people[one.surveyed_by].surveyed += 1
    return dict(villages), dict(people)
