"""Who is asking: found once a request, from its address, its headers or its cookie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from collector.accounts.permissions import ROLES
from storage.models import Assignment
from storage.scope import NOTHING, Scope

_ANY_OTHER = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held: everywhere (`project_id` None) or in one project; in the whole tree or in a place."""

    role: int
    project_id: int | None
    place_code: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An account with the roles it holds. `actor_id` None is nobody."""

    actor_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()

    def may(self, verb: str, project_id: int | None = None) -> bool:
        """Whether one of the roles allows `verb`, in the project if one is named."""
        return any(self._granting((verb,), project_id))

    def projects(self, verb: str, all_projects: Iterable[int]) -> list[int]:
        """The projects in which `verb` is allowed."""
        return [project_id for project_id in all_projects if self.may(verb, project_id)]

    def scope(self, verbs: Iterable[str] | None, project_id: int | None = None) -> Scope:
        """The places in which one of `verbs` (None: whatever the roles allow) may be done.

        Where no project is named and the places differ from one project to the other, there are none:
        whoever goes through several has to ask for each.
        """
        wanted = None if verbs is None else tuple(verbs)
        # A role held everywhere counts for the projects nobody names, too.
        every = {grant.project_id or _ANY_OTHER for grant in self.grants}
        several = {self._scope(wanted, one) for one in (every if project_id is None else (project_id,))}
        return several.pop() if len(several) == 1 else Scope(NOTHING.codes, self.actor_id)

    def _scope(self, verbs: tuple[str, ...] | None, project_id: int | None) -> Scope:
        held = (
            Scope(None if grant.place_code is None else (grant.place_code,), self.actor_id)
            for grant in self._granting(verbs, project_id)
        )
        return reduce(Scope.joined, held, Scope(NOTHING.codes, self.actor_id))

    def _granting(self, verbs: tuple[str, ...] | None, project_id: int | None) -> Iterator[Grant]:
        for grant in self.grants:
            here = grant.project_id is None or project_id is None or grant.project_id == project_id
            if here and (verbs is None or not ROLES.get(grant.role, frozenset()).isdisjoint(verbs)):
                yield grant


NOBODY = Identity()


def identity_of(actor_id: int, name: str, assignments: Iterable[Assignment]) -> Identity:
    """The identity of an account from the roles it is assigned."""
    grants = tuple(
        Grant(one.role, one.project_id, one.place_code) for one in assignments if one.form_id is None
    )
    return Identity(actor_id, name, grants)
