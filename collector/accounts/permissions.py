"""Who may do what: roles to verbs, and every route to the verb it asks for. Unlisted is refused.

Verbs are Central's where Central has one.
"""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC = "public"
"""No right needed: sign-in, health, the static files."""

PHONE = "phone"
"""The right is in the address or in the challenge: the OpenRosa door checks it itself."""

SIGNED_IN = "signed_in"
"""Any account; the route shows only what that account may see."""

ADMINISTRATOR, APP_USER, MANAGER, VIEWER, DATA_COLLECTOR, PUBLIC_LINK, REVIEWER = 1, 2, 5, 6, 8, 9, 20

_READ = frozenset({
    "project.read",
    "form.list",
    "form.read",
    "submission.list",
    "submission.read",
    "indicator.read",
})
_FILL = frozenset({"open_form.list", "open_form.read", "submission.create"})
_MANAGE = (
    _READ
    | _FILL
    | {
        "project.update",
        "form.create",
        "form.update",
        "form.delete",
        "submission.update",
        "submission.delete",
        "field_key.create",
        "field_key.list",
        "field_key.update",
        "session.end",
    }
)

ROLES: Mapping[int, frozenset[str]] = {
    ADMINISTRATOR: _MANAGE | {"project.create", "user.create", "user.list", "user.update"},
    MANAGER: _MANAGE,
    REVIEWER: _READ | _FILL | {"submission.update"},
    VIEWER: _READ,
    DATA_COLLECTOR: frozenset({"project.read"}) | _FILL,
    APP_USER: _FILL,
    PUBLIC_LINK: frozenset({"open_form.read", "submission.create"}),
}
"""Role number (Central's; 20 is ours) to what it may do."""

_OPENROSA_LISTS = ("form_list", "submission_welcome", "submission")
_OPENROSA_FILES = (
    "form_xml",
    "version_xml",
    "manifest",
    "version_manifest",
    "attachment",
    "version_attachment",
)
_OPENROSA_DRAFT = ("draft_xml", "draft_manifest", "draft_attachment")

PERMITS: Mapping[str, str] = {
    "static": PUBLIC,
    "health.healthz": PUBLIC,
    "health.readyz": PUBLIC,
    **{
        f"{door}.{name}": PHONE
        for door in ("key", "test", "project", "root", "root_project")
        for name in _OPENROSA_LISTS
    },
    **{
        f"{door}_files.{name}": PHONE
        for door in ("key", "project", "root_project")
        for name in _OPENROSA_FILES
    },
    **{f"test_files.{name}": PHONE for name in _OPENROSA_DRAFT},
}
"""Endpoint to the verb it asks for."""
