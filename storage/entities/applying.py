"""The entities of one submission into their lists: all of them, or none.

Source: Central's semantics of entity submissions (openrosa.md §7.3). A phone counts the versions of what it
changed offline by itself: `trunk` is the version it last got from the server, `branch` its own line of
changes since, `base` the version on that line a change rests on. The server may meanwhile be elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, select
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
from storage.entities.lists import list_by_name
from storage.entities.problems import (
    EntityActionNotDeclared,
    EntityDeleted,
    EntityListNotFound,
    EntityNotFound,
    EntityVersionNotFound,
    SeveralEntitiesFailed,
)
from storage.entities.writing import Changes, Source, Trace, find
from storage.models import Entity, EntityList, EntityVersion

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


@dataclass
class Applying:
    """Applies the entities of one submission in a transaction that holds their locks."""

    session: Session
    terms: Terms
    source: Source
    _lists: dict[str, EntityList] = field(default_factory=dict)

    def apply(self, several: Sequence[Brought]) -> list[Applied]:
        """Write every change. The transaction has to be undone when this raises.

        Raises a Problem for what can never be applied, NotReady, NeedsApproval; the first of these that is
        true, in this order.
        """
        changes = Changes(self.session, self.source)
        done: list[Applied] = []
        problems: list[tuple[int, Problem]] = []
        awaited: list[Awaited] = []
        unapproved = False
        for number, one in enumerate(several, 1):
            try:
                done.append(self._one(one, changes))
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
        changes.finish()
        return done

    def _one(self, one: Brought, changes: Changes) -> Applied:
        where = self._list(one)
        if not one.update:
            return self._create(where, one, changes)
        try:
            return self._update(where, one, changes)
        except EntityBaseVersionMissing:
            if not one.create:
                raise
        except EntityNotFound:
            if self.terms.force:
                return self._create_of_update(where, one, changes)
            if not one.create:
                raise
        return self._create(where, one, changes)

    def _list(self, one: Brought) -> EntityList:
        if one.list != one.declared.list:
            # Nobody but a forger sends another list than the form declares.
            raise EntityListNotFound(list=one.list[:100])
        if one.create and not one.declared.create:
            raise EntityActionNotDeclared(action="create", list=one.list)
        if one.update and not one.declared.update:
            raise EntityActionNotDeclared(action="update", list=one.list)
        if one.list not in self._lists:
            self._lists[one.list] = list_by_name(self.session, self.terms.project_id, one.list)
        return self._lists[one.list]

    # Creation -------------------------------------------------------------------------------------

    def _create(self, where: EntityList, one: Brought, changes: Changes) -> Applied:
        change = as_creation(one)
        known = find(self.session, where.id, change.uuid)
        if known is not None and known.deleted_at is None and self._made_of_update(known):
            return self._create_over_update(where, known, change, changes)
        self._require_approved(where)
        changes.create(where, replace(change, branch_id=None))
        return Applied(where.id, change.uuid, 1)

    def _require_approved(self, where: EntityList) -> None:
        if where.approval_required and not self.terms.approved:
            raise NeedsApproval

    def _create_of_update(self, where: EntityList, one: Brought, changes: Changes) -> Applied:
        """Make the entity of a change to it, because nobody waits for its creation any longer."""
        change = as_update(replace(one, label=one.label or UNNAMED))
        self._require_approved(where)
        changes.create(where, change, _trace(change, base=None))
        return Applied(where.id, change.uuid, 1, change.branch_id, change.base_version)

    def _made_of_update(self, known: Entity) -> bool:
        first = self._version(known, EntityVersion.version == 1)
        return first is not None and first.branch_base_version is not None

    def _create_over_update(
        self, where: EntityList, known: Entity, change: Change, changes: Changes
    ) -> Applied:
        """The creation comes after the entity had to be made of a change: it is one more change."""
        names = differing(change, State(known.label, known.data))
        trace = Trace(base_version=known.version, conflict=HARD if names else SOFT, conflicting=names)
        changes.update(where, known, change, trace)
        return Applied(where.id, change.uuid, known.version)

    # Update ---------------------------------------------------------------------------------------

    def _update(self, where: EntityList, one: Brought, changes: Changes) -> Applied:
        change = as_update(one)
        known = find(self.session, where.id, change.uuid)
        if known is None:
            if change.branch_id and not self.terms.force:
                raise _Hold(_awaited(where, change))
            raise EntityNotFound(uuid=change.uuid, list=where.name)
        if known.deleted_at is not None:
            raise EntityDeleted(uuid=change.uuid)
        base = self._base(where, known, change)
        conflict, names = self._met(known, base, change)
        changes.update(where, known, change, _trace(change, base.version, conflict, names))
        return Applied(where.id, change.uuid, known.version, change.branch_id, change.base_version)

    def _base(self, where: EntityList, known: Entity, change: Change) -> EntityVersion:
        """The version of the server that the volunteer's change rests on."""
        if change.trunk_version is not None and change.trunk_version > known.version:
            raise EntityVersionNotFound(uuid=known.uuid, list=where.name, version=change.trunk_version)
        if change.branch_id is None or change.base_version in {1, change.trunk_version}:
            found = self._told(known, change.base_version or 0)
        else:
            found = self._version(
                known,
                EntityVersion.branch_id == change.branch_id,
                EntityVersion.branch_base_version == (change.base_version or 0) - 1,
            )
        if found is not None:
            return found
        if change.branch_id is None:
            raise EntityVersionNotFound(uuid=known.uuid, list=where.name, version=change.base_version)
        latest = self._version(known)
        if latest is None or not self.terms.force:
            raise _Hold(_awaited(where, change))
        return latest

    def _told(self, known: Entity, number: int) -> EntityVersion | None:
        """What people had written of an entity when a phone was told it is at that version.

        The server's own results make the number grow and leave no version behind.
        """
        return None if number > known.version else self._version(known, EntityVersion.version <= number)

    def _met(self, known: Entity, base: EntityVersion, change: Change) -> tuple[str | None, list[str]]:
        """The conflict a change is in with what others wrote meanwhile, and over which properties."""
        newer = EntityVersion.version > base.version
        if base.version != known.version and self._version(known, newer) is not None:
            names = conflicting(change, State(base.label, base.data), State(known.label, known.data))
            return HARD if names else SOFT, names
        if change.branch_id is not None and self._interrupted(known, change):
            return SOFT, []
        return None, []

    def _interrupted(self, known: Entity, change: Change) -> bool:
        """Whether somebody else has written since this branch left its trunk."""
        other = (EntityVersion.branch_id != change.branch_id) | EntityVersion.branch_id.is_(None)
        trunk = change.trunk_version or 1
        return self._version(known, EntityVersion.version > trunk, other) is not None

    def _version(self, known: Entity, *conditions: ColumnElement[bool]) -> EntityVersion | None:
        """The newest version of an entity of which all that is true."""
        return self.session.scalars(
            select(EntityVersion)
            .where(EntityVersion.entity_id == known.id, *conditions)
            .order_by(EntityVersion.version.desc())
            .limit(1)
        ).first()


def _awaited(where: EntityList, change: Change) -> Awaited:
    return Awaited(where.id, change.uuid, change.branch_id, change.base_version or 0)


def _trace(change: Change, base: int | None, conflict: str | None = None, names: Sequence[str] = ()) -> Trace:
    branch_base = change.base_version if change.branch_id is not None else None
    return Trace(base, change.trunk_version, change.branch_id, branch_base, conflict, names)
