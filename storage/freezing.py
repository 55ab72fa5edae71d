"""What was issued never changes: the last gate in front of the tables of releases.

A release that was issued may be withdrawn, and nothing else; its extracts and their files stay as they are.
Whoever erases a person destroys files of a withdrawn release, and says so with `erasing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from storage.models import Extract, ExtractFile, Release
from storage.release_problems import ReleaseFrozen

ISSUED: Final = "issued"
WITHDRAWN: Final = "withdrawn"
FROZEN: Final = frozenset({ISSUED, WITHDRAWN})
"""States in which nothing changes but the state itself."""

_MAY_CHANGE: Final = frozenset({"state", "withdrawn_by", "withdrawn_at", "reason"})
_ERASING: ContextVar[bool] = ContextVar("erasing", default=False)


@contextmanager
def erasing() -> Iterator[None]:
    """Files of withdrawn releases may go meanwhile: somebody in them asked for it."""
    token = _ERASING.set(True)
    try:
        yield
    finally:
        _ERASING.reset(token)


@event.listens_for(Session, "before_flush")
def _keep(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    for one in session.dirty:
        if isinstance(one, Release | Extract | ExtractFile) and session.is_modified(one):
            _check(session, one, gone=False)
    for one in session.deleted:
        if isinstance(one, Release | Extract | ExtractFile):
            _check(session, one, gone=True)
    for one in session.new:
        if isinstance(one, Extract | ExtractFile):
            _check(session, one, gone=True)


def _check(session: Session, one: Release | Extract | ExtractFile, *, gone: bool) -> None:
    with session.no_autoflush:
        number = _release_of(session, one)
        held = None if number is None else session.connection().execute(_HELD.where(_RELEASES.c.id == number))
        found = held.one_or_none() if held is not None else None
    if found is None or found.state not in FROZEN or (found.state == WITHDRAWN and _ERASING.get()):
        return
    if gone or not isinstance(one, Release) or found.state == WITHDRAWN or not _changed(one) <= _MAY_CHANGE:
        raise ReleaseFrozen(number=found.number)


_RELEASES = Release.__table__
_EXTRACTS = Extract.__table__
# Asked on the plain table: what the session holds of it may be what somebody wants it to become.
_HELD = select(_RELEASES.c.number, _RELEASES.c.state)


def _release_of(session: Session, one: Release | Extract | ExtractFile) -> int | None:
    """The release it belongs to in the database, or is about to belong to."""
    if isinstance(one, Release):
        return one.id
    number = one.extract_id if isinstance(one, ExtractFile) else one.id
    before = (
        session.connection().execute(select(_EXTRACTS.c.release_id).where(_EXTRACTS.c.id == number)).scalar()
    )
    return before if before is not None or isinstance(one, ExtractFile) else one.release_id


def _changed(release: Release) -> set[str]:
    return {one.key for one in inspect(release).attrs if one.history.has_changes()}


@event.listens_for(Session, "do_orm_execute")
def _no_bulk(state: ORMExecuteState) -> None:
    """What changes many rows at once passes by the session, so it is asked which they would be."""
    if not (state.is_update or state.is_delete) or _ERASING.get():
        return
    mapper = state.bind_mapper
    cls = None if mapper is None else mapper.class_
    if cls not in {Release, Extract, ExtractFile}:
        return
    query = select(Release.number).where(Release.state.in_(FROZEN))
    if cls is not Release:
        query = query.join(Extract, Extract.release_id == Release.id)
    if cls is ExtractFile:
        query = query.join(ExtractFile, ExtractFile.extract_id == Extract.id)
    where = getattr(state.statement, "whereclause", None)
    query = query if where is None else query.where(where)
    with state.session.no_autoflush:
        number = state.session.scalars(query.limit(1)).first()
    if number is not None:
        raise ReleaseFrozen(number=number)
