"""The pairs of places that lay one in the other, made again for what an operation touched.

Why: every list, file and figure is cut to a subtree, so a subtree has to be one look into an index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from forms.place_tree import TREE, Above, Link, Span, Tree, Unit
from storage.database import line_of
from storage.groups import in_groups
from storage.models import PlaceChange, PlaceLink, PlacePath, PlaceSpan
from storage.swift import Swift

AT_ONCE = 5_000
"""Codes named in one statement."""


def rebuild(session: Session, codes: Collection[str]) -> int:
    """Make the closure of these places, of all that lies in them and of their predecessors again.

    Returns how many pairs there are now. Call it after spans and links were written.
    """
    touched = touched_by(session, codes)
    for some in in_groups(sorted(touched), AT_ONCE):
        session.execute(delete(PlacePath.__table__).where(PlacePath.descendant.in_(some)))  # type: ignore[arg-type]
    return write_paths(session, tree_of(session, touched), touched)


def write_paths(session: Session, tree: Tree, codes: Iterable[str]) -> int:
    """Write the pairs whose descendants are `codes`; there are none of them yet. Returns how many."""
    rows = [path._asdict() for code in codes for path in tree.paths(code)]
    write(session, PlacePath, rows)
    return len(rows)


def write_fresh_paths(session: Session, units: Sequence[Unit]) -> int:
    """Write the pairs of units nobody knew and no link names; what they lie in has its own. Returns how many.

    Cheaper than `write_paths`, which works out anew what those above lay in.
    """
    spans = {unit.code: unit.spans for unit in units}
    parents = {span.parent for unit in units for span in unit.spans if span.parent} - spans.keys()
    return write_paths(session, Tree(spans, above=_above(session, parents)), spans)


def _above(session: Session, codes: Collection[str]) -> dict[str, list[Above]]:
    """What these places lay in, as the closure has it."""
    columns = (PlacePath.ancestor, PlacePath.depth, PlacePath.valid_from, PlacePath.valid_to)
    found: dict[str, list[Above]] = {code: [] for code in codes}
    for some in in_groups(sorted(codes), AT_ONCE):
        rows = session.execute(
            select(PlacePath.descendant, *columns).where(
                PlacePath.descendant.in_(some), PlacePath.via == TREE
            )
        )
        for code, ancestor, depth, first, last in rows:
            found[code].append((ancestor, depth, (first or date.min, last or date.max)))
    return found


def write(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows of one table, all with the same columns."""
    if rows:
        # The country has a million of them: SQLAlchemy's own way to the driver takes twice as long.
        _insert(model.__table__, tuple(rows[0])).many(line_of(session), rows)


@cache
def _insert(table: Table, columns: tuple[str, ...]) -> Swift:
    return Swift(insert(table).values({name: bindparam(name) for name in columns}))


def touched_by(session: Session, codes: Collection[str]) -> set[str]:
    """These places, all that ever lay in them or was replaced by them, and what those replaced."""
    touched = set(codes)
    for some in in_groups(sorted(codes), AT_ONCE):
        touched.update(session.scalars(select(PlacePath.descendant).where(PlacePath.ancestor.in_(some))))
        touched.update(session.scalars(select(PlaceSpan.code).where(PlaceSpan.parent_code.in_(some))))
    todo = set(touched)
    while todo:
        before: set[str] = set()
        for some in in_groups(sorted(todo), AT_ONCE):
            before.update(
                session.scalars(_live(select(PlaceLink.old_code)).where(PlaceLink.new_code.in_(some)))
            )
        todo = before - touched
        touched |= todo
    return touched


def tree_of(session: Session, codes: Collection[str]) -> Tree:
    """What is needed to say where these places lay: their spans and links, and those above and after."""
    links: dict[tuple[str, str, Any], Link] = {}
    wanted = set(codes)
    spans: dict[str, list[Span]] = {}
    while wanted:
        found = spans_of(session, wanted)
        spans |= {code: found.get(code, []) for code in wanted}
        onward = {(link.old, link.new, link.on): link for link in links_of(session, wanted)}
        links |= onward
        parents = {span.parent for several in found.values() for span in several if span.parent}
        wanted = (parents | {link.new for link in onward.values()}) - spans.keys()
    return Tree(spans, links.values())


def spans_of(session: Session, codes: Collection[str]) -> dict[str, list[Span]]:
    """Everything these codes were, in the order of days; codes nobody knows are left out."""
    columns = (
        PlaceSpan.code,
        PlaceSpan.level,
        PlaceSpan.name,
        PlaceSpan.parent_code,
        PlaceSpan.valid_from,
        PlaceSpan.valid_to,
        PlaceSpan.attributes,
    )
    spans: dict[str, list[Span]] = {}
    for some in in_groups(sorted(codes), AT_ONCE):
        for code, *rest in session.execute(
            select(*columns).where(PlaceSpan.code.in_(some)).order_by(PlaceSpan.id)
        ):
            spans.setdefault(code, []).append(Span(*rest))
    return {
        code: sorted(several, key=lambda span: str(span.valid_from or "")) for code, several in spans.items()
    }


def links_of(session: Session, codes: Collection[str]) -> list[Link]:
    """What these codes became, by operations that were not undone."""
    query = _live(select(PlaceLink.old_code, PlaceLink.new_code, PlaceChange.effective_on, PlaceLink.part))
    links: list[Link] = []
    for some in in_groups(sorted(codes), AT_ONCE):
        rows = session.execute(query.where(PlaceLink.old_code.in_(some)).order_by(PlaceLink.id))
        links.extend(Link(*row) for row in rows)
    return links


def _live(query: Any) -> Any:
    return query.join(PlaceChange, PlaceChange.id == PlaceLink.change_id).where(
        PlaceChange.undone_at.is_(None)
    )
