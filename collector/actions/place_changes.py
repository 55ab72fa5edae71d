"""An operation on the map, as somebody asks for it: seen first, then carried out, undone as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy.orm import Session

from collector.actions.place_effects import Effects, effects_of
from forms.place_changes import Part, Plan, Planner
from forms.place_tree import Span
from forms.places import Place
from forms.values import HOME
from storage.database import db, transaction
from storage.models import PlaceChange
from storage.places import operations
from storage.places.members import settle_members
from storage.places.operations import Recorded, affected, known_for
from storage.problems import PlaceUnknown

STOPPED_AFTER = timedelta(minutes=10)
"""After so long an operation that has not settled was stopped: who began it would have been done."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked for. `codes`: the units it is about, for a merge those that end and the one that stays.

    `target`: what they become, where they go, or the level of what is opened; `parts` of a split. `people`:
    accounts, phones and campaigns of what ends follow what it becomes.
    """

    kind: str
    codes: tuple[str, ...]
    on: date
    legal_basis: str = ""
    target: str = ""
    name: str = ""
    level: str = ""
    parts: tuple[Part, ...] = ()
    people: bool = True
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one code: what it was and what it will be; None: nothing, in either."""

    code: str
    before: Span | None
    after: Span


@dataclass(frozen=True, slots=True)
class Preview:
    """What an operation would do: a line for each code, how many records follow, what else it moves."""

    lines: tuple[Line, ...]
    submissions: int
    effects: Effects


def plan(session: Session, operation: Operation, *, now: datetime) -> Plan:
    """Work an operation out. Raises PlaceUnknown and the refusals of `forms.place_problems`."""
    return _planned(session, operation, now)[0]


def preview(
    session: Session, operation: Operation, *, now: datetime, project_id: int | None = None
) -> Preview:
    """What an operation would do; nothing is written. Targets are those of the project. Raises as `plan`."""
    planned, known = _planned(session, operation, now)
    lines = []
    for code, unit in sorted(planned.units.items()):
        before = known.get(code)
        lines.append(Line(code, before[-1] if before else None, unit.spans[-1]))
    follow = affected(session, [link.old for link in planned.links])
    return Preview(tuple(lines), follow, effects_of(session, planned, known, project_id))


def carry_out(
    operation: Operation, *, actor_id: int | None, now: datetime, at_once: int | None = None
) -> int:
    """Do it: the map in one transaction, then the submissions in batches. Returns its number.

    Where more records follow than `at_once`, the worker lets them.
    """
    with transaction() as session:
        planned = plan(session, operation, now=now)
        records = affected(session, [link.old for link in planned.links])
        left = at_once is not None and records > at_once
        details: dict[str, object] = {"codes": list(operation.codes), "target": operation.target}
        details |= {"names": _names(session, operation), "settled": False, "left": left, "records": records}
        recorded = Recorded(
            operation.kind, operation.legal_basis.strip(), details, actor_id, now, operation.people
        )
        number = operations.apply(session, planned, recorded).id
    if not left:
        settle(number)
    return number


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is: `waiting` of `records` have still to follow; `settled`: all have."""

    records: int
    waiting: int
    settled: bool


def progress_of(session: Session, change: PlaceChange) -> Progress:
    """How far the records have followed an operation."""
    settled = change.details.get("settled") is not False
    waiting = 0 if settled else operations.waiting(session, change)
    return Progress(max(int(change.details.get("records", 0)), waiting), waiting, settled)


def undo(number: int, *, actor_id: int | None, now: datetime) -> None:
    """Take an operation back. Raises PlaceChangeUnknown, PlaceChangeDone, PlaceChangeOverlaid."""
    with transaction() as session:
        change = operations.undo(session, number, actor_id=actor_id, now=now)
        change.details = {**change.details, "settled": False, "left": False}
    settle(number)


def settle(number: int, progress: Callable[[int], None] | None = None) -> None:
    """Let the submissions, and the members of lists, follow what an operation touched, a batch at a time."""
    for follow in (operations.settle, settle_members):
        after: int | None = 0
        while after is not None:
            with transaction() as session:
                after = follow(session, operations.get_change(session, number), after)
            if progress is not None and after is not None:
                progress(after)
    with transaction() as session:
        change = operations.get_change(session, number)
        change.details = {**change.details, "settled": True}


def finish_interrupted(now: datetime) -> int:
    """Finish what was left for later, and what a stop of the server interrupted; returns how many."""
    session = db.session()
    numbers = operations.unsettled(session, now - STOPPED_AFTER)
    session.rollback()
    for number in numbers:
        settle(number)
    return len(numbers)


def _planned(session: Session, operation: Operation, now: datetime) -> tuple[Plan, dict[str, list[Span]]]:
    parts = {code for part in operation.parts for code in (part.code, *part.children)}
    wanted = {*operation.codes, operation.target, *parts} - {""}
    known = known_for(session, wanted)
    # A code that is to be opened may be unknown; one that is to change may not.
    for code in operation.codes:
        if operation.kind != "open" and code not in known:
            raise PlaceUnknown(code=code)
    planner = Planner(known, operation.on, now.astimezone(HOME).date())
    if operation.target and operation.kind in {"move", "open"} and operation.target not in known:
        raise PlaceUnknown(code=operation.target)
    return _PLANNED[operation.kind](planner, operation), known


_PLANNED: Mapping[str, Callable[[Planner, Operation], Plan]] = {
    "merge": lambda planner, asked: planner.merge(asked.codes, asked.target, asked.name),
    "split": lambda planner, asked: planner.split(asked.codes[0], asked.parts),
    "rename": lambda planner, asked: planner.rename(asked.codes[0], asked.name),
    "move": lambda planner, asked: planner.move(asked.codes[0], asked.target),
    "open": lambda planner, asked: planner.open(
        Place(asked.codes[0], asked.level, asked.name, asked.target, asked.attributes)
    ),
    "close": lambda planner, asked: planner.close(asked.codes[0]),
}


def _names(session: Session, operation: Operation) -> list[str]:
    known = known_for(session, [*operation.codes, *filter(None, [operation.target])])
    return [known[code][-1].name for code in operation.codes if code in known]
