"""Who is asking: found once a request, from its address, its headers or its cookie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collector.accounts.permissions import ROLES
from storage.models import Assignment


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held: everywhere (`project_id` None) or in one project."""

    role: int
    project_id: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """An account with the roles it holds. `actor_id` None is nobody."""

    actor_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()

    def may(self, verb: str, project_id: int | None = None) -> bool:
        """Whether one of the roles allows `verb`, in the project if one is named."""
        return any(
            verb in ROLES.get(grant.role, ())
            for grant in self.grants
            if grant.project_id is None or project_id is None or grant.project_id == project_id
        )

    def projects(self, verb: str, all_projects: Iterable[int]) -> list[int]:
        """The projects in which `verb` is allowed."""
        return [project_id for project_id in all_projects if self.may(verb, project_id)]


NOBODY = Identity()


def identity_of(actor_id: int, name: str, assignments: Iterable[Assignment]) -> Identity:
    """The identity of an account from the roles it is assigned."""
    grants = tuple(Grant(one.role, one.project_id) for one in assignments if one.form_id is None)
    return Identity(actor_id, name, grants)
