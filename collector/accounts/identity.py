"""Who is asking: found once a request, from its address, its headers or its cookie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from collector.accounts.permissions import APP_USER, ROLES, SERVER, SHARED
from storage.models import Assignment
from storage.queries.actors import Held
from storage.scope import NOTHING, Scope

_ANY_OTHER = 0


USER, PHONE_USER, LINK = "user", "field_key", "public_link"
"""Who may ask, as actors are typed."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held: everywhere (`project_id` None) or in one project; in the whole tree or in a place.

    `form_id` (as phones call the form) cuts it to one form; `only` leaves of its verbs those.
    """

    role: int
    project_id: int | None
    place_code: str | None = None
    form_id: str | None = None
    only: frozenset[str] | None = None

    @property
    def whole(self) -> frozenset[str]:
        """What the role may where it is held on the whole server."""
        verbs = ROLES.get(self.role, frozenset())
        return verbs if self.only is None else verbs & self.only

    @property
    def verbs(self) -> frozenset[str]:
        """What may be done by it. Verbs of the whole server come with no part, shared ones with no place."""
        if self.place_code is not None:
            return self.whole - SERVER - SHARED
        return self.whole if self.project_id is None else self.whole - SERVER


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, with the roles he holds. `actor_id` None is nobody.

    `kind` is a user, a phone or a link; `by_key` says that a program's key asks, not its owner himself.
    """

    actor_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    kind: str = USER
    by_key: bool = False

    @property
    def is_person(self) -> bool:
        """Whether somebody proved himself by his password or a session of his."""
        return self.actor_id is not None and self.kind == USER and not self.by_key

    def may(self, verb: str, project_id: int | None = None, form_id: str | None = None) -> bool:
        """Whether one of the roles allows `verb`, in the project and form if they are named."""
        return any(self._granting((verb,), project_id, form_id))

    def may_everywhere(self, verb: str) -> bool:
        """Whether a role that is held in all projects allows `verb`."""
        return any(grant.project_id is None for grant in self._granting((verb,), None, None))

    def verbs(self, project_id: int | None) -> list[str]:
        """What may be done in a project; with None what may be done in every one."""
        return sorted({
            verb
            for grant in self._granting(None, project_id, None)
            if project_id is not None or grant.project_id is None
            for verb in grant.verbs
        })

    def projects(self, verb: str, all_projects: Iterable[int]) -> list[int]:
        """The projects in which `verb` is allowed."""
        return [project_id for project_id in all_projects if self.may(verb, project_id)]

    def scope(
        self, verbs: Iterable[str] | None, project_id: int | None = None, form_id: str | None = None
    ) -> Scope:
        """The places in which one of `verbs` (None: whatever the roles allow) may be done.

        Where no project is named and the places differ from one project to the other, there are none:
        whoever goes through several has to ask for each.
        """
        wanted = None if verbs is None else tuple(verbs)
        # A role held everywhere counts for the projects nobody names, too.
        every = {grant.project_id or _ANY_OTHER for grant in self.grants}
        projects = every if project_id is None else (project_id,)
        several = {self._scope(wanted, one, form_id) for one in projects}
        return several.pop() if len(several) == 1 else Scope(NOTHING.codes, self.actor_id)

    def giving(self, verb: str, role: int, project_id: int | None) -> Scope | None:
        """Where this one may give or take away `role` in the right of `verb`; None: nowhere.

        Only what one of his own roles holds in full, in all projects if the role is to be: nobody gives
        rights he lacks.
        """
        wanted = ROLES.get(role, frozenset())
        found = [
            grant
            for grant in self._granting((verb,), project_id, None)
            # In a project only an administrator makes others, though there he may no more than a manager.
            if (wanted <= grant.whole if project_id else grant.project_id is None and wanted <= grant.verbs)
        ]
        return self._joined(found) if found else None

    def _scope(self, verbs: tuple[str, ...] | None, project_id: int | None, form_id: str | None) -> Scope:
        return self._joined(self._granting(verbs, project_id, form_id))

    def _joined(self, grants: Iterable[Grant]) -> Scope:
        held = (
            Scope(None if grant.place_code is None else (grant.place_code,), self.actor_id)
            for grant in grants
        )
        return reduce(Scope.joined, held, Scope(NOTHING.codes, self.actor_id))

    def _granting(
        self, verbs: tuple[str, ...] | None, project_id: int | None, form_id: str | None
    ) -> Iterator[Grant]:
        for grant in self.grants:
            here = grant.project_id is None or project_id is None or grant.project_id == project_id
            here = here and grant.form_id in {None, form_id}
            if here and (verbs is None or not grant.verbs.isdisjoint(verbs)):
                yield grant


NOBODY = Identity()


def identity_of(actor_id: int, name: str, assignments: Iterable[Assignment | Held]) -> Identity:
    """The identity of an account from the roles it is assigned."""
    grants = tuple(
        Grant(one.role, one.project_id, one.place_code) for one in assignments if one.form_id is None
    )
    return Identity(actor_id, name, grants)


def sender_identity(
    actor_id: int, name: str, project_id: int, forms: Iterable[str | None], codes: Iterable[str], *, role: int
) -> Identity:
    """A phone or a link: what its role may, in those forms (None: all) and places (none: everywhere)."""
    places = tuple(codes) or (None,)
    grants = tuple(Grant(role, project_id, place, form) for form in forms for place in places)
    return Identity(actor_id, name, grants, PHONE_USER if role == APP_USER else LINK)
