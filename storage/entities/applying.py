"""The entities of one submission into their lists: all of them, or none.

Source: Central's semantics of entity submissions (openrosa.md §7.3). A phone counts the versions of what it
changed offline by itself: `trunk` is the version it last got from the server, `branch` its own line of
changes since, `base` the version on that line a change rests on. The server may meanwhile be elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from forms.entities import (
    HARD,
    SOFT,
    Brought,
    Change,
    State,
    as_creation,
    as_update,
    conflicting,
    differing,
)
from forms.problems import EntityBaseVersionMissing, Problem
from storage.entities.book import Book, Past
from storage.entities.placing import SendersPlaces
from storage.entities.problems import (
    EntityActionNotDeclared,
    EntityDeleted,
    EntityElsewhere,
    EntityExists,
    EntityListNotFound,
    EntityNotFound,
    EntityVersionNotFound,
    SeveralEntitiesFailed,
)
from storage.entities.writing import Changes, Source, Trace
from storage.models import Entity, EntityList

UNNAMED = "auto generated"
"""The label of an entity that had to be made of a change to it; Central's words, which programs look for."""


class NeedsApproval(Exception):
    """The submission makes an entity of a list that waits for the office's approval."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A change whose predecessor on its branch has not come yet."""

    list_id: int
    uuid: str
    branch_id: str | None
    base_version: int


class NotReady(Exception):
    """The submission has to wait for others; `awaited` says for what."""

    def __init__(self, awaited: Sequence[Awaited]) -> None:
        super().__init__()
        self.awaited = tuple(awaited)


class _Hold(Exception):
    def __init__(self, awaited: Awaited) -> None:
        super().__init__()
        self.awaited = awaited


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was written: what may have waited for it rests on `version` or on its branch."""

    list_id: int
    uuid: str
    version: int
    branch_id: str | None = None
    branch_base_version: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a submission is applied. `force`: without waiting any longer for what it rests on."""

    project_id: int
    approved: bool = False
    force: bool = False


def apply(
    session: Session, several: Sequence[Brought], uuids: Collection[str], terms: Terms, source: Source
) -> list[Applied]:
    """Write every change a submission brought; `uuids` are the entities it names, whose locks are held.

    Nothing is written when this raises, though the session holds what it should forget. Raises a Problem
    for what can never be applied, NotReady, NeedsApproval; the first of these that is true, in this order.
    """
    asked = {"project": terms.project_id, "names": sorted({one.list for one in several})}
    lists = {one.name: one for one in session.scalars(_LISTS, asked)}
    book = Book(session)
    book.read([one.id for one in lists.values()], uuids)
    changes = Changes(session, source)
    with session.no_autoflush:
        done = _all(several, _Applying(lists, book, changes, terms, SendersPlaces(session, source.actor_id)))
    changes.finish()
    return done


_LISTS = select(EntityList).where(
    EntityList.project_id == bindparam("project"), EntityList.name.in_(bindparam("names", expanding=True))
)


def _all(several: Sequence[Brought], applying: _Applying) -> list[Applied]:
    done: list[Applied] = []
    problems: list[tuple[int, Problem]] = []
    awaited: list[Awaited] = []
    unapproved = False
    for number, one in enumerate(several, 1):
        try:
            done.append(applying.one(one))
        except Problem as problem:
            problems.append((number, problem))
        except _Hold as hold:
            awaited.append(hold.awaited)
        except NeedsApproval:
            unapproved = True
    if problems:
        raise problems[0][1] if len(several) == 1 else SeveralEntitiesFailed(len(several), problems)
    if awaited:
        raise NotReady(awaited)
    if unapproved:
        raise NeedsApproval
    return done


@dataclass(frozen=True, slots=True)
class _Applying:
    lists: Mapping[str, EntityList]
    book: Book
    changes: Changes
    terms: Terms
    places: SendersPlaces

    def one(self, one: Brought) -> Applied:
        where = self._list(one)
        if not one.update:
            return self._create(where, one)
        try:
            return self._update(where, one)
        except EntityBaseVersionMissing:
            if not one.create:
                raise
        except EntityNotFound:
            if self.terms.force:
                return self._create_of_update(where, one)
            if not one.create:
                raise
        return self._create(where, one)

    def _list(self, one: Brought) -> EntityList:
        found = self.lists.get(one.list)
        # Nobody but a forger sends another list than the form declares.
        if found is None or one.list != one.declared.list:
            raise EntityListNotFound(list=one.list[:100])
        if one.create and not one.declared.create:
            raise EntityActionNotDeclared(action="create", list=one.list)
        if one.update and not one.declared.update:
            raise EntityActionNotDeclared(action="update", list=one.list)
        return found

    # Creation -------------------------------------------------------------------------------------

    def _create(self, where: EntityList, one: Brought) -> Applied:
        change = as_creation(one)
        known = self.book.get(where.id, change.uuid)
        if known is not None and known.deleted_at is None and self._made_of_update(known):
            return self._create_over_update(where, known, change)
        self._make(where, known, replace(change, branch_id=None), Trace())
        return Applied(where.id, change.uuid, 1)

    def _make(self, where: EntityList, known: Entity | None, change: Change, trace: Trace) -> None:
        if self.book.is_gone(where.id, change.uuid) or (known is not None and known.deleted_at is not None):
            raise EntityDeleted(uuid=change.uuid)
        if known is not None:
            raise EntityExists(uuid=change.uuid, list=where.name)
        if where.approval_required and not self.terms.approved:
            raise NeedsApproval
        [made] = self.changes.create_many(where, [change], trace)
        self.book.enter(made, trace)

    def _create_of_update(self, where: EntityList, one: Brought) -> Applied:
        """Make the entity of a change to it, because nobody waits for its creation any longer."""
        change = as_update(replace(one, label=one.label or UNNAMED))
        self._make(where, self.book.get(where.id, change.uuid), change, _trace(change, base=None))
        return Applied(where.id, change.uuid, 1, change.branch_id, change.base_version)

    def _made_of_update(self, known: Entity) -> bool:
        return any(past.version == 1 and past.branch_base_version for past in self.book.pasts(known))

    def _create_over_update(self, where: EntityList, known: Entity, change: Change) -> Applied:
        """The creation comes after the entity had to be made of a change: it is one more change."""
        self._require_near(where, known, change)
        names = differing(change, State(known.label, known.data))
        trace = Trace(base_version=known.version, conflict=HARD if names else SOFT, conflicting=names)
        return self._write(where, known, change, trace)

    # Update ---------------------------------------------------------------------------------------

    def _update(self, where: EntityList, one: Brought) -> Applied:
        change = as_update(one)
        known = self.book.get(where.id, change.uuid)
        if known is None:
            if change.branch_id and not self.terms.force:
                raise _Hold(_awaited(where, change))
            raise EntityNotFound(uuid=change.uuid, list=where.name)
        if known.deleted_at is not None:
            raise EntityDeleted(uuid=change.uuid)
        self._require_near(where, known, change)
        base = self._base(where, known, change)
        conflict, names = self._met(known, base, change)
        return self._write(where, known, change, _trace(change, base.version, conflict, names))

    def _require_near(self, where: EntityList, known: Entity, change: Change) -> None:
        """Nobody changes what lies elsewhere, but for what he moved there himself on this very branch."""
        branch = change.branch_id
        if branch is not None and any(past.branch_id == branch for past in self.book.pasts(known)):
            return
        if not self.places.hold(known):
            raise EntityElsewhere(uuid=known.uuid, list=where.name)

    def _write(self, where: EntityList, known: Entity, change: Change, trace: Trace) -> Applied:
        self.changes.update(where, known, change, trace)
        self.book.enter(known, trace)
        return Applied(where.id, change.uuid, known.version, trace.branch_id, trace.branch_base_version)

    def _base(self, where: EntityList, known: Entity, change: Change) -> Past:
        """The version of the server that the volunteer's change rests on."""
        if change.trunk_version is not None and change.trunk_version > known.version:
            raise EntityVersionNotFound(uuid=known.uuid, list=where.name, version=change.trunk_version)
        base = change.base_version or 0
        if change.branch_id is None or base in {1, change.trunk_version}:
            found = self._told(known, base)
        else:
            found = self._on_branch(known, change.branch_id, base - 1)
        if found is not None:
            return found
        if change.branch_id is None:
            raise EntityVersionNotFound(uuid=known.uuid, list=where.name, version=base)
        if not self.terms.force:
            raise _Hold(_awaited(where, change))
        return next(self.book.pasts(known))

    def _told(self, known: Entity, number: int) -> Past | None:
        """What people had written of an entity when a phone was told it is at that version.

        The server's own results make the number grow and leave no version behind.
        """
        if number > known.version:
            return None
        return next((past for past in self.book.pasts(known) if past.version <= number), None)

    def _on_branch(self, known: Entity, branch_id: str, base: int) -> Past | None:
        """The version a branch made of its own version `base`."""
        return next(
            (
                past
                for past in self.book.pasts(known)
                if past.branch_id == branch_id and past.branch_base_version == base
            ),
            None,
        )

    def _met(self, known: Entity, base: Past, change: Change) -> tuple[str | None, list[str]]:
        """The conflict a change is in with what others wrote meanwhile, and over which properties."""
        if any(past.version > base.version for past in self.book.pasts(known)):
            now = State(known.label, known.data)
            names = conflicting(change, self.book.state(known, base), now)
            return HARD if names else SOFT, names
        if change.branch_id is not None and self._interrupted(known, change):
            return SOFT, []
        return None, []

    def _interrupted(self, known: Entity, change: Change) -> bool:
        """Whether somebody else has written since this branch left its trunk."""
        trunk = change.trunk_version or 1
        return any(
            past.version > trunk and past.branch_id != change.branch_id for past in self.book.pasts(known)
        )


def _awaited(where: EntityList, change: Change) -> Awaited:
    return Awaited(where.id, change.uuid, change.branch_id, change.base_version or 0)


def _trace(change: Change, base: int | None, conflict: str | None = None, names: Sequence[str] = ()) -> Trace:
    branch_base = change.base_version if change.branch_id is not None else None
    return Trace(base, change.trunk_version, change.branch_id, branch_base, conflict, names)
