"""Operations on the map as they are written down: applied in one transaction, undone from what was.

Why: a unit that is wrong on the map is wrong in every list and figure; so every operation keeps the spans
it replaced, and taking it back restores them to the letter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from forms.phrases import Phrase
from forms.place_changes import Plan
from forms.place_problems import PlaceChangeDone, PlaceChangeOverlaid, PlaceChangeUnknown
from forms.place_tree import Span, Unit
from forms.places import UNLISTED_ENDING, VILLAGE
from storage.cells.marks import Where, mark_places, mark_records
from storage.groups import in_groups
from storage.models import (
    Batch,
    BatchItem,
    Finding,
    Place,
    PlaceChange,
    PlaceLink,
    PlacePath,
    PlaceSpan,
    PlaceWord,
    Submission,
)
from storage.places import holders
from storage.places.closure import rebuild, spans_of, touched_by, write
from storage.places.loading import show_now, span_row, write_fresh
from storage.queries.places import resolve_all

LISTED = ("village", "commune")
"""The nouns of what lists change on the map."""

A_BATCH = 500
"""Submissions looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Why an operation was made, and by whom. `people`: accounts, phones and campaigns follow what ends."""

    kind: str
    legal_basis: str
    details: Mapping[str, Any]
    actor_id: int | None
    now: datetime
    people: bool = True


def known_for(session: Session, codes: Collection[str]) -> dict[str, list[Span]]:
    """What is known of these codes, of what they lie in, and of all that lies right in them."""
    inside = session.scalars(
        select(Place.code).where(Place.parent_code.in_(sorted(codes)), Place.valid_to.is_(None))
    )
    wanted = {*codes, *(f"{code}{UNLISTED_ENDING}" for code in codes), *inside}
    spans = spans_of(session, wanted)
    parents = {several[-1].parent for several in spans.values()} - {None} - spans.keys()
    return spans | spans_of(session, {code for code in parents if code})


def apply(session: Session, plan: Plan, recorded: Recorded) -> PlaceChange:
    """Write a plan down; call `settle` afterwards, so that submissions follow. Returns the operation."""
    there = _there(session, plan.units)
    before = spans_of(session, there)
    change = PlaceChange(
        kind=recorded.kind,
        effective_on=plan.on,
        legal_basis=recorded.legal_basis or None,
        details=dict(recorded.details),
        before={
            "spans": {code: [plain_span(span) for span in several] for code, several in before.items()},
            "opened": sorted(plan.units.keys() - there),
            "moved": {},
        },
        actor_id=recorded.actor_id,
        created_at=recorded.now,
    )
    session.add(change)
    session.flush()
    write_fresh(session, [_answerable(unit) for code, unit in plan.units.items() if code not in there])
    replace_spans(session, {code: unit.spans for code, unit in plan.units.items() if code in there})
    rows = [
        {"change_id": change.id, "old_code": link.old, "new_code": link.new, "part": link.part}
        for link in plan.links
    ]
    write(session, PlaceLink, rows)
    rebuild(session, plan.units.keys())
    if recorded.people:
        holders.follow(session, change, became_of(plan))
    return change


def became_of(plan: Plan) -> dict[str, list[str]]:
    """The units a plan ends with what each becomes; one that ends without a successor is left out."""
    became: dict[str, list[str]] = {}
    for link in plan.links:
        if plan.now(link.old).valid_to is not None:
            became.setdefault(link.old, []).append(link.new)
    return became


def _answerable(unit: Unit) -> Unit:
    # Phones answer a village by its uuid: one without it is on no list of theirs.
    if unit.uuid or unit.spans[-1].level != VILLAGE:
        return unit
    return replace(unit, uuid=str(uuid4()))


def undo(session: Session, number: int, *, actor_id: int | None, now: datetime) -> PlaceChange:
    """Restore what an operation changed; call `settle` afterwards.

    Raises PlaceChangeUnknown, PlaceChangeDone, PlaceChangeOverlaid.
    """
    change = get_change(session, number)
    if change.undone_at is not None:
        raise PlaceChangeDone(number=number, cause=Phrase("it was undone before"))
    if change.kind == "load":
        raise PlaceChangeDone(number=number, cause=Phrase("it came with the map"))
    before, opened = change.before["spans"], change.before["opened"]
    _require_last(session, change, {*before, *opened})
    touched = touched_by(session, {*before, *opened})
    change.undone_at, change.undone_by = now, actor_id
    session.flush()
    replace_spans(session, {code: [span_of(one) for one in several] for code, several in before.items()})
    _remove(session, opened, number)
    rebuild(session, touched - set(opened))
    holders.bring_back(session, change)
    mark_places(session)
    return change


def get_change(session: Session, number: int) -> PlaceChange:
    """An operation by its number. Raises PlaceChangeUnknown."""
    change = session.get(PlaceChange, number)
    if change is None:
        raise PlaceChangeUnknown(number=number)
    return change


def codes_of(change: PlaceChange) -> set[str]:
    """The codes an operation touched."""
    return {*change.before.get("spans", {}), *change.before.get("opened", [])}


_FOLLOWING = (
    Submission.id,
    Submission.form_id,
    Submission.draft,
    Submission.place_sent,
    Submission.place_code,
    Submission.reported_on,
)


def settle(session: Session, change: PlaceChange, after: int = 0) -> int | None:
    """Let a batch of submissions after a number count in the units of today; None once all were looked at.

    Answers that name a place follow its code; the others, which got their place from their sender, are
    remembered by number, so that undoing brings them back.
    """
    codes = touched_codes(session, change)
    rows = session.execute(
        select(*_FOLLOWING).where(Submission.id > after, _of(codes)).order_by(Submission.id).limit(A_BATCH)
    ).all()
    moved = {code: list(numbers) for code, numbers in change.before.get("moved", {}).items()}
    back = {number: code for code, numbers in moved.items() for number in numbers} if change.undone_at else {}
    asked = {(row.place_sent or row.place_code, row.reported_on) for row in rows}
    meant = resolve_all(session, asked)
    told: dict[str, list[int]] = {}
    places: dict[int, set[Where]] = {}
    for row in rows:
        code = back.get(row.id) or meant.get((row.place_sent or row.place_code, row.reported_on))
        if code is None or code == row.place_code:
            continue
        told.setdefault(code, []).append(row.id)
        if not row.draft:
            both = {(row.place_code, row.reported_on), (code, row.reported_on)}
            places.setdefault(row.form_id, set()).update(both)
        if row.place_sent is None and change.undone_at is None:
            moved.setdefault(row.place_code, []).append(row.id)
    for code, numbers in told.items():
        session.execute(update(Submission).where(Submission.id.in_(numbers)).values(place_code=code))
        session.execute(update(Finding).where(Finding.submission_id.in_(numbers)).values(place_code=code))
    for form_id, where in places.items():
        mark_records(session, form_id, where)
    change.before = {**change.before, "moved": moved}
    return rows[-1].id if len(rows) == A_BATCH else None


def touched_codes(session: Session, change: PlaceChange) -> list[str]:
    """The codes an operation touched, and those that others became by it: records may count in either."""
    became = session.scalars(select(PlaceLink.new_code).where(PlaceLink.change_id == change.id))
    return sorted({*codes_of(change), *became})


def affected(session: Session, codes: Collection[str]) -> int:
    """How many submissions count in these units."""
    return session.scalar(select(func.count()).select_from(Submission).where(_of(sorted(codes)))) or 0


def waiting(session: Session, change: PlaceChange) -> int:
    """How many submissions count still in units that an operation made others of."""
    links = session.scalars(select(PlaceLink.old_code).where(PlaceLink.change_id == change.id))
    return affected(session, set(links))


def unsettled(session: Session, begun_before: datetime) -> list[int]:
    """Operations whose submissions have not all followed: left for later, or begun before and stopped."""
    columns = PlaceChange.id, PlaceChange.details, PlaceChange.created_at
    rows = session.execute(select(*columns).where(PlaceChange.kind != "load").order_by(PlaceChange.id))
    return [
        row.id
        for row in rows
        if row.details.get("settled") is False and (row.details.get("left") or row.created_at < begun_before)
    ]


def changes_of(session: Session, code: str | None = None, limit: int = 100) -> list[PlaceChange]:
    """The operations that touched a code, or all of them, the latest first."""
    query = select(PlaceChange).order_by(PlaceChange.id.desc())
    if code is None:
        return list(session.scalars(query.where(PlaceChange.kind != "load").limit(limit)))
    linked = select(PlaceLink.change_id).where(or_(PlaceLink.old_code == code, PlaceLink.new_code == code))
    loaded = list(session.scalars(query.where(PlaceChange.kind == "load", PlaceChange.id.in_(linked))))
    later = session.scalars(query.where(PlaceChange.kind != "load"))
    # The unit that swallows others stays as it was: only the links name it.
    into = set(session.scalars(linked))
    named = [change for change in later if change.id in into or code in codes_of(change)]
    return [*named, *loaded][:limit]


def _of(codes: Sequence[str]) -> ColumnElement[bool]:
    return Submission.place_code.in_(codes)


def _there(session: Session, codes: Iterable[str]) -> set[str]:
    return {
        code
        for some in in_groups(sorted(codes))
        for code in session.scalars(select(Place.code).where(Place.code.in_(some)).with_for_update())
    }


def replace_spans(session: Session, spans: Mapping[str, Sequence[Span]]) -> None:
    """Let codes have been just this; the closure is made again apart."""
    for some in in_groups(sorted(spans)):
        session.execute(delete(PlaceSpan).where(PlaceSpan.code.in_(some)))
    write(session, PlaceSpan, [span_row(code, span) for code, several in spans.items() for span in several])
    show_now(session, spans, {})


def _remove(session: Session, codes: Sequence[str], number: int) -> None:
    """Take codes away that an operation opened, unless something has come to rest on them."""
    resting = session.scalar(
        select(Place.name).where(Place.parent_code.in_(codes), ~Place.code.in_(codes)).limit(1)
    )
    if resting is not None:
        raise PlaceChangeOverlaid(number=number, cause=Phrase("{name} lies in what it opened", name=resting))
    if session.scalar(select(Submission.id).where(Submission.place_sent.in_(codes)).limit(1)) is not None:
        raise PlaceChangeOverlaid(number=number, cause=Phrase("records for what it opened arrived"))
    for some in in_groups(codes):
        session.execute(
            delete(PlacePath).where(or_(PlacePath.descendant.in_(some), PlacePath.ancestor.in_(some)))
        )
        session.execute(
            delete(PlaceLink).where(or_(PlaceLink.new_code.in_(some), PlaceLink.old_code.in_(some)))
        )
        session.execute(delete(PlaceWord).where(PlaceWord.code.in_(some)))
        session.execute(delete(PlaceSpan).where(PlaceSpan.code.in_(some)))
        session.execute(update(Place).where(Place.code.in_(some)).values(parent_code=None))
        session.execute(delete(Place).where(Place.code.in_(some)))


def _require_last(session: Session, change: PlaceChange, codes: set[str]) -> None:
    later = session.scalars(
        select(PlaceChange).where(PlaceChange.id > change.id, PlaceChange.undone_at.is_(None))
    )
    for one in later:
        if codes & codes_of(one):
            cause = Phrase("operation {other} touched the same places", other=one.id)
            raise PlaceChangeOverlaid(number=change.id, cause=cause)
    listed = select(BatchItem.batch_id).join(Batch, Batch.id == BatchItem.batch_id)
    after = Batch.undone_at.is_(None), Batch.created_at > change.created_at
    for some in in_groups(sorted(codes)):
        here = BatchItem.noun.in_(LISTED), BatchItem.key.in_(some)
        number = session.scalar(listed.where(*after, *here).limit(1))
        if number is not None:
            cause = Phrase("list {other} changed the same places", other=number)
            raise PlaceChangeOverlaid(number=change.id, cause=cause)


def change_since(session: Session, since: datetime, codes: Collection[str]) -> int | None:
    """The number of an operation that touched one of these places after that moment."""
    later = session.scalars(
        select(PlaceChange).where(PlaceChange.created_at > since, PlaceChange.undone_at.is_(None))
    )
    return next((one.id for one in later if not codes_of(one).isdisjoint(codes)), None)


def plain_span(span: Span) -> dict[str, Any]:
    """A span as JSON keeps it."""
    return {
        "level": span.level,
        "name": span.name,
        "parent": span.parent,
        "valid_from": span.valid_from.isoformat() if span.valid_from else None,
        "valid_to": span.valid_to.isoformat() if span.valid_to else None,
        "attributes": dict(span.attributes),
    }


def span_of(plain: Mapping[str, Any]) -> Span:
    """The span JSON kept."""
    first, last = (
        date.fromisoformat(plain[key]) if plain[key] else None for key in ("valid_from", "valid_to")
    )
    return Span(plain["level"], plain["name"], plain["parent"], first, last, plain["attributes"])
