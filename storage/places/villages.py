"""Villages entered from a list, batch by batch, and taken back as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from forms.phrases import Phrase
from forms.place_changes import LONGEST_NAME
from forms.place_problems import VillageImportGone
from forms.place_tree import Span, Unit, day_before
from forms.places import COMMUNE, VILLAGE, is_unlisted
from forms.village_list import Known, Row, compared
from storage.cells.marks import mark_places
from storage.groups import in_groups
from storage.models import Batch, BatchItem, Place, PlacePath, PlaceSpan, PlaceWord, Submission
from storage.places.closure import rebuild, spans_of, write
from storage.places.loading import enter
from storage.places.operations import plain_span, replace_spans, span_of

NOUN = "village"
_HELD = frozenset({"label", "commune_code", "village_code", "name"})
_SEVERAL = 1_000


def known(session: Session) -> Known:
    """What a list of villages is checked against."""
    communes = select(Place.code).where(Place.level == COMMUNE, Place.valid_to.is_(None))
    columns = (Place.code, Place.uuid, Place.valid_to, Place.parent_code, Place.name, Place.attributes)
    rows = session.execute(select(*columns).where(Place.level == VILLAGE)).all()
    names: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.valid_to is None and not is_unlisted(row.code):
            former = (row.attributes or {}).get("legacy_commune_code", "")
            names[row.parent_code or "", compared(row.name)][row.code] = former
    return Known(
        communes=frozenset(session.scalars(communes)),
        villages=frozenset(row.code for row in rows if row.valid_to is None),
        closed=frozenset(row.code for row in rows if row.valid_to is not None),
        uuids={row.uuid: row.code for row in rows if row.uuid},
        names=names,
    )


def units(session: Session, rows: Sequence[Row]) -> list[Unit]:
    """The rows of a clean list as units; codes and uuids are given where the list has none."""
    taken = _last_numbers(session, {row.cells["commune_code"] for row in rows})
    for row in rows:
        commune, _, number = row.cells.get("village_code", "").partition("-")
        if number:
            taken[commune] = max(taken[commune], int(number))
    began = session.execute(select(Place.code, Place.valid_from).where(Place.level == COMMUNE))
    since = {code: day for code, day in began}  # noqa: C416 - rows are not pairs to the type checker
    return [_unit(row, taken, since) for row in rows]


def _unit(row: Row, taken: dict[str, int], since: Mapping[str, date | None]) -> Unit:
    commune = row.cells["commune_code"]
    code = row.cells.get("village_code")
    if not code:
        taken[commune] += 1
        code = f"{commune}-{taken[commune]:03d}"
    attributes = {column: text for column, text in row.cells.items() if column not in _HELD and text}
    name = row.cells["label"][:LONGEST_NAME]
    spans = [Span(VILLAGE, name, commune, since.get(commune), None, attributes)]
    former, began = attributes.get("legacy_commune_code"), since.get(commune)
    if former and began:
        # It lay somewhere else before its commune was made, and old figures count it there.
        spans.insert(0, Span(VILLAGE, name, former, None, day_before(began), {}))
    return Unit(code, spans, row.cells.get("name") or str(uuid4()))


def enter_batch(session: Session, batch_id: int, several: Sequence[Unit]) -> None:
    """Enter some villages of a batch; those that are there get the name, commune and facts of the list.

    What the list says of a village as it is already leaves no trace in the batch.
    """
    there = spans_of(session, [unit.code for unit in several])
    fresh = [unit for unit in several if unit.code not in there]
    enter(session, fresh)
    brought = {unit.code: _brought(there[unit.code], unit) for unit in several if unit.code in there}
    changed = {code: spans for code, spans in brought.items() if spans != there[code]}
    if changed:
        replace_spans(session, changed)
        rebuild(session, changed)
    # Without `before`: a JSON column would keep None as the word null, which is not NULL.
    write(session, BatchItem, [{"batch_id": batch_id, "noun": NOUN, "key": unit.code} for unit in fresh])
    was = {code: {"spans": [*map(plain_span, there[code])]} for code in changed}
    write(
        session,
        BatchItem,
        [{"batch_id": batch_id, "noun": NOUN, "key": code, "before": spans} for code, spans in was.items()],
    )


def _brought(spans: Sequence[Span], unit: Unit) -> list[Span]:
    """What a village was, its last span saying what the list says."""
    now, told = spans[-1], unit.spans[-1]
    facts = {**now.attributes, **told.attributes}
    return [*spans[:-1], replace(now, name=told.name, parent=told.parent, attributes=facts)]


def undo_batches(session: Session, batch_id: int) -> Iterator[Sequence[BatchItem]]:
    """What a batch made or changed, some at a time, the latest first. Raises VillageImportGone."""
    last = None
    while True:
        query = select(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.noun == NOUN)
        if last is not None:
            query = query.where(BatchItem.id < last)
        items = session.scalars(query.order_by(BatchItem.id.desc()).limit(_SEVERAL)).all()
        if not items:
            return
        last = items[-1].id
        yield items


def require_undoable(session: Session, batch: Batch) -> None:
    """Refuse to take away villages that answers name. Raises VillageImportGone."""
    if batch.undone_at is not None:
        raise VillageImportGone(number=batch.id, cause=Phrase("it was undone before"))
    keys = session.scalars(
        select(BatchItem.key).where(BatchItem.batch_id == batch.id, BatchItem.before.is_(None))
    ).all()
    for some in in_groups(sorted(keys)):
        found = session.scalar(select(Submission.place_code).where(Submission.place_code.in_(some)).limit(1))
        if found is not None:
            raise VillageImportGone(
                number=batch.id, cause=Phrase("records of the village {code} arrived since", code=found)
            )


def take_back(session: Session, items: Sequence[tuple[str, dict[str, Any] | None]]) -> None:
    """Restore what some villages were; those that were nothing go."""
    before = {key: [span_of(one) for one in was["spans"]] for key, was in items if was}
    if before:
        replace_spans(session, before)
        rebuild(session, before)
    new = [key for key, was in items if not was]
    for some in in_groups(new):
        for model, column in (
            (PlacePath, PlacePath.descendant),
            (PlaceWord, PlaceWord.code),
            (PlaceSpan, PlaceSpan.code),
            (Place, Place.code),
        ):
            session.execute(delete(model).where(column.in_(some)))
    mark_places(session)


def next_code(session: Session, commune: str) -> str:
    """The code the next village of a commune gets; one that was given once is never given again."""
    return f"{commune}-{_last_numbers(session, {commune})[commune] + 1:03d}"


def _last_numbers(session: Session, communes: set[str]) -> defaultdict[str, int]:
    """The highest number ever given to a village of each commune."""
    last: defaultdict[str, int] = defaultdict(int)
    for some in in_groups(sorted(communes)):
        for commune in some:
            codes = session.scalars(
                select(Place.code).where(Place.code > f"{commune}-", Place.code < f"{commune}-~")
            )
            last[commune] = max((int(code.rpartition("-")[2]) for code in codes), default=0)
    return last
