"""Places asked for: by what is typed, by code and day, up and down the tree.

Why: one place decides what lies in what. `subtree` is the only cut that lists, files and figures make.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from forms.place_tree import Link, Span, successor
from forms.places import LEVELS, UNLISTED_ENDING
from forms.vietnamese import folded
from storage.models import Place, PlacePath, PlaceSpan, PlaceWord
from storage.places.closure import links_of, spans_of
from storage.problems import PlaceUnknown

SMALL_SUBTREE = 300
"""Places in a subtree up to which reading all of them is quicker than looking through the words."""

_BEYOND = "zzzz"
"""Past every folded word and code with the same start, in whatever order a database sorts its texts."""


@dataclass(frozen=True, slots=True)
class Known:
    """A place as it was on a day, or is: its code, and what that code was then."""

    code: str
    span: Span


def get_place(session: Session, code: str) -> Place:
    """A place by its code. Raises PlaceUnknown."""
    place = session.get(Place, code)
    if place is None:
        raise PlaceUnknown(code=code)
    return place


# Up and down -----------------------------------------------------------------------------------------


def on_day(valid_from: Any, valid_to: Any, on: date | None) -> ColumnElement[bool]:
    """Whether two columns of days hold a day; without one, whether they hold today."""
    if on is None:
        return cast("ColumnElement[bool]", valid_to.is_(None))
    return and_(or_(valid_from.is_(None), valid_from <= on), or_(valid_to.is_(None), valid_to >= on))


def subtree(codes: Collection[str], on: date | None = None, *, predecessors: bool = True) -> Select[str]:
    """The codes of all that lies in any of these places on a day (today without one), they included.

    With `predecessors` also closed units that became part of what lies there: whoever sees the new
    commune sees what was sent for the old one. For use in an IN; a code may come twice.
    """
    query = select(PlacePath.descendant).where(
        PlacePath.ancestor.in_(sorted(codes)), on_day(PlacePath.valid_from, PlacePath.valid_to, on)
    )
    return query if predecessors else query.where(PlacePath.via == "tree")


def subtree_codes(
    session: Session, codes: Collection[str], on: date | None = None, *, predecessors: bool = True
) -> set[str]:
    """The same, asked."""
    return set(session.scalars(subtree(codes, on, predecessors=predecessors)))


def lies_in(session: Session, code: str, places: Collection[str], on: date | None = None) -> bool:
    """Whether a place lies in one of these places, or is one of them, or was replaced by one."""
    query = select(PlacePath.id).where(
        PlacePath.descendant == code,
        PlacePath.ancestor.in_(sorted(places)),
        on_day(PlacePath.valid_from, PlacePath.valid_to, on),
    )
    return session.scalar(query.limit(1)) is not None


def ancestors(session: Session, code: str, on: date | None = None) -> list[Known]:
    """What a place lay in on a day (today without one), the nearest first, itself not included."""
    query = (
        select(PlacePath.ancestor)
        .where(
            PlacePath.descendant == code,
            PlacePath.depth > 0,
            PlacePath.via == "tree",
            on_day(PlacePath.valid_from, PlacePath.valid_to, on),
        )
        .order_by(PlacePath.depth)
    )
    return [known for one in session.scalars(query) if (known := as_of(session, one, on))]


def children(session: Session, code: str | None, on: date | None = None) -> list[Known]:
    """What lay right in a place on a day (today without one), sorted as in Vietnamese; None: the top."""
    above = PlaceSpan.parent_code.is_(None) if code is None else PlaceSpan.parent_code == code
    query = (
        select(*_SPAN)
        .join(Place, Place.code == PlaceSpan.code)
        .where(above, on_day(PlaceSpan.valid_from, PlaceSpan.valid_to, on))
        .where(~Place.code.endswith(UNLISTED_ENDING))
        .order_by(Place.sort_key, Place.code)
    )
    return [Known(one, Span(*rest)) for one, *rest in session.execute(query)]


def as_of(session: Session, code: str, on: date | None = None) -> Known | None:
    """What a code was on a day (without one: what it is, or was last); None where it was nothing then."""
    spans = spans_of(session, [code]).get(code, [])
    if on is None:
        return Known(code, spans[-1]) if spans else None
    return next((Known(code, span) for span in spans if span.covers(on)), None)


_SPAN = (
    PlaceSpan.code,
    PlaceSpan.level,
    PlaceSpan.name,
    PlaceSpan.parent_code,
    PlaceSpan.valid_from,
    PlaceSpan.valid_to,
    PlaceSpan.attributes,
)


def how_many(session: Session) -> int:
    """How many places are known, those that have ended included."""
    return session.scalar(select(func.count()).select_from(Place)) or 0


def names(session: Session, code: str) -> dict[str, str]:
    """The names of everything a code ever lay in, as they were last."""
    parents = {span.parent for span in spans_of(session, [code]).get(code, []) if span.parent}
    rows = session.execute(select(Place.code, Place.name).where(Place.code.in_(sorted(parents))))
    return {code: name for code, name in rows}  # noqa: C416 - rows are not pairs to the type checker


def became(session: Session, code: str) -> list[tuple[Place, Link]]:
    """What a code became, by operations that were not undone, the earliest first."""
    found = sorted(links_of(session, [code]), key=lambda link: (link.on, link.new))
    several = session.scalars(select(Place).where(Place.code.in_([link.new for link in found])))
    by_code = {place.code: place for place in several}
    return [(by_code[link.new], link) for link in found if link.new in by_code]


# What a code means today -----------------------------------------------------------------------------


def resolve(session: Session, code: str, on: date | None = None) -> str | None:
    """The code of today's unit for a code, or a village's uuid, as it was meant on a day.

    Without a day, what the code was last. A unit that was divided stays the closed one; None where
    nobody knows the code.
    """
    return resolve_all(session, [(code, on)]).get((code, on))


def resolve_all(
    session: Session, sent: Iterable[tuple[str, date | None]]
) -> dict[tuple[str, date | None], str]:
    """`resolve` for many codes and days at once; those nobody knows are left out."""
    asked = set(sent)
    codes = _by_code_or_uuid(session, {code for code, _ in asked})
    links: dict[tuple[str, str, date], Link] = {}
    todo = set(codes.values())
    while todo:
        found = links_of(session, todo)
        links |= {(link.old, link.new, link.on): link for link in found}
        todo = {link.new for link in found} - {link.old for link in links.values()} - todo
    changed = {link.old for link in links.values()}
    last = spans_of(session, changed)
    resolved = {}
    for code, on in asked:
        place = codes.get(code)
        if place is None:
            continue
        if place not in changed:
            resolved[code, on] = place
            continue
        meant = _day_meant(last[place], on)
        resolved[code, on] = successor(place, links.values(), meant)
    return resolved


def _day_meant(spans: Sequence[Span], on: date | None) -> date:
    """The day on which a code was what is asked for: a code sent after its end means what it was last."""
    if on is None:
        return spans[-1].valid_from or date.min
    if any(span.covers(on) for span in spans):
        return on
    ended = [span.valid_to for span in spans if span.valid_to and span.valid_to < on]
    return max(ended, default=on)


def _by_code_or_uuid(session: Session, given: Collection[str]) -> dict[str, str]:
    rows = session.execute(
        select(Place.code, Place.uuid).where(
            or_(Place.code.in_(sorted(given)), Place.uuid.in_(sorted(given)))
        )
    ).all()
    return {uuid: code for code, uuid in rows if uuid} | {code: code for code, _ in rows}


# Search ----------------------------------------------------------------------------------------------


def find(
    session: Session,
    text: str,
    *,
    level: str | None = None,
    within: Collection[str] = (),
    limit: int = 20,
) -> list[Place]:
    """Places in force whose name has a word that starts like the text, or whose code does.

    Accents do not matter. Whole names come first, then names that start so, then from the top of the
    tree down and in Vietnamese order. `within` keeps what lies in any of these places today.
    """
    wanted = folded(text)
    levels = [level] if level else list(LEVELS)
    found: dict[str, Place] = {}
    if text.strip()[:1].isdigit():
        found |= _by_start_of_code(session, text.strip(), levels, within, limit)
    if wanted:
        small = bool(within) and _size(session, within) <= SMALL_SUBTREE
        search = _inside if small else _everywhere
        found |= search(session, wanted, levels, within, limit)
    return sorted(found.values(), key=lambda place: _rank(place, wanted))[:limit]


def _rank(place: Place, wanted: str) -> tuple[Any, ...]:
    name = place.folded
    bare = name.partition(" ")[2]
    exact = wanted in {name, bare, place.code}
    starts = name.startswith(wanted) or bare.startswith(wanted)
    return (not exact, not starts, LEVELS.index(place.level), place.sort_key, place.code)


def _everywhere(
    session: Session, wanted: str, levels: Sequence[str], within: Collection[str], limit: int
) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for level in levels:
        query = (
            select(Place)
            .join(PlaceWord, PlaceWord.code == Place.code)
            .where(
                PlaceWord.level == level,
                PlaceWord.word >= wanted,
                PlaceWord.word < wanted + _BEYOND,
                PlaceWord.word.startswith(wanted, autoescape=True),
                Place.valid_to.is_(None),
            )
            .order_by(PlaceWord.word)
            .limit(limit)
        )
        found |= {place.code: place for place in session.scalars(_cut(query, within))}
    return found


def _inside(
    session: Session, wanted: str, levels: Sequence[str], within: Collection[str], limit: int
) -> dict[str, Place]:
    """The same where few places lie: each of them is looked at."""
    query = (
        select(Place)
        .where(
            Place.code.in_(subtree(within, predecessors=False)),
            Place.level.in_(levels),
            Place.valid_to.is_(None),
            or_(Place.folded.startswith(wanted), Place.folded.contains(f" {wanted}")),
            ~Place.code.endswith(UNLISTED_ENDING),
        )
        .order_by(Place.sort_key)
        .limit(10 * limit)
    )
    return {place.code: place for place in session.scalars(query)}


def _by_start_of_code(
    session: Session, start: str, levels: Sequence[str], within: Collection[str], limit: int
) -> dict[str, Place]:
    query = select(Place).where(
        Place.code >= start,
        Place.code < start + _BEYOND,
        Place.code.startswith(start, autoescape=True),
        Place.level.in_(levels),
        Place.valid_to.is_(None),
        ~Place.code.endswith(UNLISTED_ENDING),
    )
    several = session.scalars(_cut(query.order_by(Place.code).limit(limit), within))
    return {place.code: place for place in several}


def _cut(query: Select[Place], within: Collection[str]) -> Select[Place]:
    if not within:
        return query
    inside = (
        select(PlacePath.id)
        .where(
            PlacePath.descendant == Place.code,
            PlacePath.ancestor.in_(sorted(within)),
            PlacePath.valid_to.is_(None),
        )
        .exists()
    )
    return query.where(inside)


def _size(session: Session, within: Collection[str]) -> int:
    several = subtree(within, predecessors=False).limit(SMALL_SUBTREE + 1).subquery()
    return session.scalar(select(func.count()).select_from(several)) or 0
