"""What a program's key may do: what its owner may now, and of that no more than the key says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from collector.accounts.identity import Grant, Identity
from collector.accounts.permissions import NO_KEY, ROLES
from storage.models import ApiKey
from storage.queries import access

KEY_PREFIX = "ck_"
"""How a key begins: no token of a session, phone or link holds such a sign."""

_READS = (".read", ".list")
_SHOWS_TOKENS = frozenset({"field_key.list", "public_link.list", "public_link.read"})
"""Reading these brings what others write by: a key that only reads would write in their name."""
_EVERY = frozenset[str]().union(*ROLES.values())


def verbs_of(key: ApiKey) -> frozenset[str]:
    """The verbs a key leaves of its owner's."""
    verbs = _EVERY if key.verbs is None else frozenset(key.verbs)
    if key.read_only:
        verbs = frozenset(verb for verb in verbs if verb.endswith(_READS)) - _SHOWS_TOKENS
    return verbs - NO_KEY


def narrowed(session: Session, owner: Identity, key: ApiKey) -> Identity:
    """The owner as a key lets a program act for him."""
    only = verbs_of(key)
    grants = (
        Grant(grant.role, project_id, place, None, only)
        for grant, project_id in _in_project(owner.grants, key)
        for place in _places(session, grant.place_code, key.place_codes)
    )
    return Identity(owner.actor_id, owner.name, tuple(grants), by_key=True)


def _in_project(grants: Iterable[Grant], key: ApiKey) -> Iterator[tuple[Grant, int | None]]:
    for grant in grants:
        if key.roles is not None and grant.role not in key.roles:
            continue
        if key.project_id is None:
            yield grant, grant.project_id
        elif grant.project_id in {None, key.project_id}:
            yield grant, key.project_id


def _places(session: Session, held: str | None, wanted: list[str]) -> list[str | None]:
    """Where both hold: of two places one of which lies in the other, the narrower one."""
    if not wanted:
        return [held]
    if held is None:
        return [*wanted]
    inside = {inner for inner, _outer in access.held_within(session, wanted, [held])}
    around = bool(access.held_within(session, [held], wanted))
    return [held] if around else [code for code in wanted if code in inside]
