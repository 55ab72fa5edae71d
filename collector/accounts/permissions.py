"""Who may do what: roles to verbs. `permits` says which verb a route asks for.

Verbs are Central's where Central has one.
"""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC = "public"
"""No right needed: sign-in, health, the static files."""

PHONE = "phone"
"""The right is in the address or in the challenge: the OpenRosa door checks it itself."""

SIGNED_IN = "signed_in"
"""Whoever is known: an account, a program's key, a phone, a link. The route shows only what he may see."""

PERSON = "person"
"""An account that proved itself by password or session: what no key of it may do."""

ADMINISTRATOR, APP_USER, MANAGER, VIEWER, DATA_COLLECTOR, PUBLIC_LINK, REVIEWER = 1, 2, 5, 6, 8, 9, 20

_LOOK = frozenset({
    "project.read",
    "form.list",
    "form.read",
    "indicator.read",
    "campaign.read",
    "place.read",
    # Who may not read records gets files without the people in them: the actions look.
    "extract.create",
    "release.read",
})
_READ = (
    _LOOK
    | {"submission.list", "submission.read", "dataset.list", "dataset.read"}
    | {
        "entity.list",
        "entity.read",
    }
)
_FILL = frozenset({"open_form.list", "open_form.read", "submission.create"})
_MANAGE = (
    _READ
    | _FILL
    | {
        "project.update",
        "form.create",
        "form.update",
        "form.delete",
        "form.restore",
        "submission.update",
        "submission.delete",
        "submission.restore",
        "field_key.create",
        "field_key.list",
        "field_key.update",
        "field_key.delete",
        "public_link.create",
        "public_link.list",
        "public_link.read",
        "public_link.update",
        "public_link.delete",
        "project.delete",
        "assignment.list",
        "assignment.create",
        "assignment.delete",
        "session.end",
        "dataset.create",
        "entity.update",
        "dataset.update",
        "dataset.delete",
        "entity.create",
        "entity.delete",
        "entity.restore",
        "campaign.update",
        "submission.import",
        "project.roll_forward",
        "place.update",
        "programme.update",
        "figure.confirm",
        "figure.lock",
        "audit.read",
        "release.create",
    }
)

SERVER = frozenset({
    "project.create",
    "user.create",
    "user.list",
    "user.read",
    "user.update",
    "user.delete",
    "user.password.invalidate",
    "trash.purge",
    "erasure.create",
    "backup.ask",
})
"""What concerns the whole server: a role that is held in one project or place does not bring it."""

SHARED = frozenset({
    "project.update",
    "project.delete",
    "form.create",
    "form.update",
    "form.delete",
    "form.restore",
    "dataset.create",
    "dataset.update",
    "dataset.delete",
    "submission.import",
    "project.roll_forward",
    "place.update",
    "programme.update",
})
"""What changes a project for everybody in it: a role that is held in one place does not bring it."""

NO_KEY = frozenset({"user.password.invalidate", "trash.purge", "erasure.create", "backup.ask"})
"""What no key may do: it would become an account, or destroy what cannot be made again."""

ROLES: Mapping[int, frozenset[str]] = {
    ADMINISTRATOR: _MANAGE | SERVER,
    MANAGER: _MANAGE,
    REVIEWER: _READ | _FILL | {"submission.update", "entity.update", "figure.confirm"},
    # A leader sees figures, and takes away records without the people in them.
    VIEWER: _LOOK,
    DATA_COLLECTOR: frozenset({"project.read"}) | _FILL,
    APP_USER: _FILL,
    PUBLIC_LINK: frozenset({"open_form.read", "submission.create"}),
}
"""Role number (Central's; 20 is ours) to what it may do."""
