"""Many places entered at once: units with all they were, ready to be searched and scoped.

Why: the whole country with 100,000 villages has to be in within a minute, and an entry done twice, or
over the places of an earlier release, must change nothing that is right already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from forms.place_tree import Link, Span, Unit
from forms.places import VILLAGE, is_unlisted, without_kind
from forms.vietnamese import folded, sort_key, word_starts
from storage.cells.marks import mark_places
from storage.groups import in_groups
from storage.models import Place, PlaceChange, PlaceLink, PlaceSpan, PlaceWord
from storage.places.closure import links_of, rebuild, spans_of, write, write_fresh_paths

_LONGEST_WORD = 255


@dataclass(frozen=True, slots=True)
class Reform:
    """Links that one legal act made on one day, to be recorded as an operation that was loaded."""

    on: date
    legal_basis: str
    links: Sequence[Link]


def enter(
    session: Session, units: Sequence[Unit], reforms: Sequence[Reform] = (), *, now: datetime | None = None
) -> list[str]:
    """Enter units, parents before children; returns the codes that were not there, or not like this.

    A span is added where the code had none on those days; what is known already is never overwritten.
    `now` is needed with `reforms`.
    """
    codes = [unit.code for unit in units]
    there = _uuids_there(session, codes)
    known = spans_of(session, there)
    fresh = [unit for unit in units if unit.code not in there]
    write_fresh(session, fresh)
    grown = _grow(session, [unit for unit in units if unit.code in there], known, there)
    linked = {code for reform in reforms for code in _record(session, reform, now)}
    new = [unit.code for unit in fresh]
    if grown or linked:
        rebuild(session, {*new, *grown, *linked})
    else:
        write_fresh_paths(session, fresh)
    return [*new, *sorted(grown)]


def _grow(
    session: Session,
    units: Iterable[Unit],
    known: Mapping[str, Sequence[Span]],
    uuids: Mapping[str, str | None],
) -> set[str]:
    """Give codes that are there the spans they lack."""
    grown: dict[str, list[Span]] = {}
    more: list[dict[str, Any]] = []
    for unit in units:
        had = known.get(unit.code, [])
        lacking = [span for span in unit.spans if not any(_overlap(span, old) for old in had)]
        if lacking:
            more.extend(span_row(unit.code, span) for span in lacking)
            grown[unit.code] = sorted([*had, *lacking], key=lambda span: span.valid_from or date.min)
    write(session, PlaceSpan, more)
    named = {
        unit.code: unit.uuid for unit in units if unit.code in grown and unit.uuid and not uuids[unit.code]
    }
    show_now(session, grown, named)
    return set(grown)


def is_recorded(session: Session, link: Link) -> bool:
    """Whether it is known already what became of a code on that day."""
    return link in links_of(session, [link.old])


def _record(session: Session, reform: Reform, now: datetime | None) -> list[str]:
    """Record what is not recorded yet; returns the old codes it speaks of."""
    known = {(link.old, link.new, link.on) for link in links_of(session, {link.old for link in reform.links})}
    new = [link for link in reform.links if (link.old, link.new, link.on) not in known]
    if not new:
        return []
    details = {"units": len({link.old for link in new})}
    change = PlaceChange(
        kind="load", effective_on=reform.on, legal_basis=reform.legal_basis, details=details, created_at=now
    )
    session.add(change)
    session.flush()
    rows = [
        {"change_id": change.id, "old_code": link.old, "new_code": link.new, "part": link.part}
        for link in new
    ]
    write(session, PlaceLink, rows)
    return [link.old for link in new]


def show_now(session: Session, spans: Mapping[str, Sequence[Span]], uuids: Mapping[str, str]) -> None:
    """Let places say what the last of their spans says; `uuids` are those to be set."""
    if not spans:
        return
    table = Place.__table__
    rows = [place_row(Unit(code, several)) for code, several in spans.items()]
    told = [{f"to_{name}": value for name, value in row.items() if name != "uuid"} for row in rows]
    change = update(table).where(table.c.code == bindparam("to_code"))  # type: ignore[arg-type]
    session.execute(change.values({name: bindparam(f"to_{name}") for name in _COLUMNS}), told)
    if uuids:
        named = [{"to_code": code, "to_uuid": uuid} for code, uuid in uuids.items()]
        session.execute(change.values(uuid=bindparam("to_uuid")), named)
    for some in in_groups(sorted(spans)):
        session.execute(delete(PlaceWord).where(PlaceWord.code.in_(some)))
    words = [row for code, several in spans.items() for row in word_rows(code, several[-1])]
    write(session, PlaceWord, words)
    mark_places(session)


_COLUMNS = (
    "level",
    "name",
    "parent_code",
    "folded",
    "sort_key",
    "valid_from",
    "valid_to",
    "attributes",
)


def place_row(unit: Unit) -> dict[str, Any]:
    """A unit as its row in `places`: the last thing it was."""
    now = unit.spans[-1]
    found, place = _found_and_sorted(now.name, now.level)
    return {
        "code": unit.code,
        "level": now.level,
        "name": now.name,
        "parent_code": now.parent,
        "folded": found,
        "sort_key": place,
        "uuid": unit.uuid,
        "valid_from": now.valid_from,
        "valid_to": now.valid_to,
        "attributes": dict(now.attributes),
    }


def span_row(code: str, span: Span) -> dict[str, Any]:
    """A span as its row."""
    return {
        "code": code,
        "level": span.level,
        "name": span.name,
        "parent_code": span.parent,
        "valid_from": span.valid_from,
        "valid_to": span.valid_to,
        "attributes": dict(span.attributes),
    }


def word_rows(code: str, span: Span) -> list[dict[str, str]]:
    """What a place is found by; «not on the list yet» is no place to be found."""
    if is_unlisted(code):
        return []
    return [{"code": code, "word": word, "level": span.level} for word in _words(span.name)]


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted({word[:_LONGEST_WORD] for word in word_starts(name)}))


@lru_cache(maxsize=4096)
def _found_and_sorted(name: str, level: str) -> tuple[str, str]:
    """A name as it is searched and as it is sorted; there are thousands of «Thôn 1»."""
    listed = name if level == VILLAGE else without_kind(name)
    return folded(name)[:_LONGEST_WORD], sort_key(listed)[:600]


def write_fresh(session: Session, units: Sequence[Unit]) -> None:
    """Write units nobody knew, parents before children; their paths are written apart."""
    write(session, Place, [place_row(unit) for unit in units])
    write(session, PlaceSpan, [span_row(unit.code, span) for unit in units for span in unit.spans])
    write(session, PlaceWord, [row for unit in units for row in word_rows(unit.code, unit.spans[-1])])
    if units:
        mark_places(session)


def _uuids_there(session: Session, codes: Iterable[str]) -> dict[str, str | None]:
    return {
        code: uuid
        for some in in_groups(sorted(codes))
        for code, uuid in session.execute(select(Place.code, Place.uuid).where(Place.code.in_(some)))
    }


def _overlap(one: Span, other: Span) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)
