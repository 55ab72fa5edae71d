"""Accounts, roles and links in the shapes Central's clients know, and what they send of them.

Source: central-api.md §2b. Ours beside Central's keys: `places`, the codes a role or link is cut to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Boolean, List

from collector.accounts.permissions import (
    ADMINISTRATOR,
    APP_USER,
    DATA_COLLECTOR,
    MANAGER,
    PUBLIC_LINK,
    REVIEWER,
    ROLES,
    VIEWER,
)
from collector.accounts.secrets import Vault
from collector.v1.documents import Document, actor
from collector.v1.schemas import Incoming, Text
from forms.values import iso_instant
from storage.models import Actor, PublicLink
from storage.queries.people import Holder

SYSTEM: Mapping[int, tuple[str, str]] = {
    ADMINISTRATOR: ("admin", "Administrator"),
    APP_USER: ("app-user", "App User"),
    MANAGER: ("manager", "Project Manager"),
    VIEWER: ("viewer", "Project Viewer"),
    DATA_COLLECTOR: ("formfill", "Data Collector"),
    PUBLIC_LINK: ("pub-link", "Public Link"),
    REVIEWER: ("reviewer", "Reviewer"),
}
"""Role number to its name in addresses and its name for people, both Central's but for the reviewer's."""

_MOST_PLACES = 1000
_Name = Text(validate=validate.Length(min=1, max=255))
_PLACES = List(Text(validate=validate.Length(min=1, max=40)), validate=validate.Length(max=_MOST_PLACES))


def _named(name: str, *, required: bool, **more: Any) -> Schema:
    wanted = Text(required=required, validate=validate.Length(min=1, max=255))
    return Incoming.from_dict({"displayName": wanted, "places": _PLACES, **more}, name=name)()


NEW_USER = Incoming.from_dict(
    {
        "email": Text(required=True, validate=validate.Length(min=1, max=100)),
        "password": Text(validate=validate.Length(min=1, max=1000), allow_none=True),
        "displayName": _Name,
    },
    name="NewUser",
)()
USER_PATCH = Incoming.from_dict(
    {"email": Text(validate=validate.Length(min=1, max=100)), "displayName": _Name}, name="UserPatch"
)()
PASSWORD = Incoming.from_dict(
    {
        "old": Text(validate=validate.Length(max=1000)),
        "new": Text(required=True, validate=validate.Length(min=1, max=1000)),
    },
    name="Password",
)()
RESET_ASKED = Incoming.from_dict(
    {"email": Text(required=True, validate=validate.Length(min=1))}, name="ResetAsked"
)()
NEW_APP_USER = _named("NewAppUserAndPlaces", required=True)
APP_USER_PATCH = _named("AppUserPatch", required=False)
NEW_LINK = _named("NewLink", required=True, once=Boolean())
LINK_PATCH = _named("LinkPatch", required=False, once=Boolean())
NEW_PROJECT = Incoming.from_dict(
    {
        "name": Text(required=True, validate=validate.Length(min=1, max=255)),
        "description": Text(allow_none=True, validate=validate.Length(max=100_000)),
    },
    name="NewProject",
)()
PROJECT_PATCH = Incoming.from_dict(
    {
        "name": _Name,
        "description": Text(allow_none=True, validate=validate.Length(max=100_000)),
        "archived": Boolean(allow_none=True),
    },
    name="ProjectPatch",
)()


def role(number: int) -> Document:
    """A role with what it may here. It was there from the beginning, so no moment is told."""
    system, name = SYSTEM[number]
    verbs = sorted(ROLES[number])
    return {
        "id": number,
        "name": name,
        "system": system,
        "verbs": verbs,
        "createdAt": None,
        "updatedAt": None,
    }


def role_number(said: str) -> int | None:
    """The role an address names, by number or by its name there; None where there is none."""
    if said.isascii() and said.isdigit():
        return int(said) if len(said) < 4 and int(said) in SYSTEM else None  # noqa: PLR2004 - no role has more
    return next((number for number, (system, _name) in SYSTEM.items() if system == said), None)


def assignment(one: Holder, *, extended: bool) -> Document:
    """A role somebody holds; extended with the somebody and his places."""
    made: Document = {"actorId": one.actor.id, "roleId": one.role}
    if one.form is not None:
        made["xmlFormId"] = one.form
    if extended:
        made |= {"actor": actor(one.actor), "places": list(one.places)}
    return made


def actors(several: Iterable[Holder]) -> list[Document]:
    """Those who hold a role."""
    return [actor(one.actor) for one in several]


def public_link(link: PublicLink, vault: Vault, *, by: Mapping[int, Actor] | None = None) -> Document:
    """A link with its token, None when it was revoked; with `by` (actors) the extended shape."""
    made = actor(link.actor) | {
        "token": vault.open(link.token_sealed) if link.token_sealed else None,
        "once": link.once,
        "places": list(link.place_codes),
    }
    if by is not None:
        author = by.get(link.created_by or 0)
        made["createdBy"] = actor(author) if author else None
    return made


def session(created_at: Any, expires_at: Any, csrf: str) -> Document:
    """The session a cookie holds: its token stays in the cookie."""
    return {"createdAt": iso_instant(created_at), "expiresAt": iso_instant(expires_at), "csrf": csrf}
