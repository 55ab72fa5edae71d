"""How often a source of figures has changed, as one number: what tells a program that nothing is new.

Why not the latest moment or the highest number: two who write at once commit in another order than they
began, so a reader between them would miss the second. Every change leaves a mark in its own transaction
already, and whoever removes marks counts them here in the same one: open and settled marks together only
ever grow, and by each change exactly when it can be seen. So nobody who writes pays or waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.cells.marks import PLACES, files_source, form_source
from storage.models import FigureMark, SettledMarks


def settle(session: Session, project_id: int, sources: Mapping[str, int]) -> None:
    """Count marks that are removed in this transaction: source to how many."""
    for source, count in sorted(sources.items()):
        known = session.execute(
            update(SettledMarks)
            .where(SettledMarks.project_id == project_id, SettledMarks.source == source)
            .values(count=SettledMarks.count + count)
        )
        if not known.rowcount:  # type: ignore[attr-defined]
            session.add(SettledMarks(project_id=project_id, source=source, count=count))


def stamp(session: Session, project_id: int, sources: Collection[str]) -> int:
    """How many changes of these sources can be seen now; ask before reading what they are about."""
    settled = select(func.coalesce(func.sum(SettledMarks.count), 0)).where(
        SettledMarks.project_id == project_id, SettledMarks.source.in_(sorted(sources))
    )
    open_ones = select(func.count(FigureMark.id)).where(
        FigureMark.project_id == project_id, FigureMark.source.in_(sorted(sources))
    )
    # In one statement, which sees one moment: between two a mark could be counted twice or not at all.
    return int(session.scalar(select(settled.scalar_subquery() + open_ones.scalar_subquery())) or 0)


def records_stamp(session: Session, project_id: int, form_id: int, *, placed: bool) -> int:
    """The changes of a form's live and deleted records and their files, drafts and comments apart.

    `placed`: of the map as well, for who sees certain places only.
    """
    sources = [form_source(form_id), files_source(form_id)]
    return stamp(session, project_id, [*sources, PLACES] if placed else sources)
