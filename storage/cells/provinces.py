"""Which provinces a project has figures for: those that sent something, or hold members of a list.

Why: the map is that of the whole country, and most servers are one province's.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from storage.cells.tree import ROOT, Tree
from storage.groups import in_groups
from storage.models import Entity, EntityList, Form, IndicatorCell, Submission


def taking_part(session: Session, project_id: int, tree: Tree) -> set[str]:
    """The provinces with a record, or with a member of a list that does not just follow the map."""
    found: set[str] = set()
    for query, _place in _lying(project_id):
        found |= {tree.top(code) for code in session.scalars(query.distinct()) if code in tree.spots}
    return found


def come_new(session: Session, project_id: int, tree: Tree, places: Iterable[str]) -> tuple[set[str], bool]:
    """The provinces of these places that have no cells, and whether one of them takes part by now."""
    tops = {tree.top(code) for code in places if code != ROOT and code in tree.spots}
    known = set(
        session.scalars(
            select(IndicatorCell.place_code)
            .where(IndicatorCell.project_id == project_id, IndicatorCell.place_code.in_(tops))
            .distinct()
        )
    )
    strange = tops - known
    return strange, any(_has_something(session, project_id, tree, top) for top in strange)


def _has_something(session: Session, project_id: int, tree: Tree, top: str) -> bool:
    for some in in_groups(sorted(tree.below(top))):
        for query, place in _lying(project_id):
            if session.scalars(query.where(place.in_(some)).limit(1)).first() is not None:
                return True
    return False


def _lying(project_id: int) -> Iterable[tuple[Select[str | None], ColumnElement[str | None]]]:
    records = (
        select(Submission.place_code)
        .join(Form, Form.id == Submission.form_id)
        .where(Form.project_id == project_id, Submission.draft.is_(False))
    )
    members = (
        select(Entity.place_code)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(EntityList.project_id == project_id, EntityList.follows.is_(None))
    )
    return (records, Submission.place_code), (members, Entity.place_code)  # type: ignore[return-value]
