"""What the addresses of people, phones and projects take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.openapi import wire_shapes as shapes
from collector.openapi.operations import SUCCESS, Many, Operation, gives
from collector.v1 import people_documents as said
from collector.v1 import schemas

_ASSIGNMENTS = gives(Many(shapes.ASSIGNMENT))
_HOLDERS = gives(Many(schemas.ACTOR))
_DONE = gives(SUCCESS)

PEOPLE: Mapping[str, Operation] = {
    "v1_sessions.sign_in": gives(schemas.SESSION, takes=schemas.SIGN_IN),
    "v1_sessions.restore": gives(shapes.COOKIE_SESSION),
    "v1_sessions.sign_out": _DONE,
    "v1_sessions.end": _DONE,
    "v1_sessions.current_user": gives(schemas.USER),
    "v1_users.listing": gives(Many(schemas.USER), "q"),
    "v1_users.create": gives(schemas.USER, takes=said.NEW_USER),
    "v1_users.single": gives(schemas.USER),
    "v1_users.change": gives(schemas.USER, takes=said.USER_PATCH),
    "v1_users.remove": _DONE,
    "v1_users.change_password": gives(SUCCESS, takes=said.PASSWORD),
    "v1_users.ask_reset": gives(SUCCESS, takes=said.RESET_ASKED),
    "v1_users.reset": gives(SUCCESS, takes=said.PASSWORD),
    "v1_roles.listing": gives(Many(shapes.ROLE)),
    "v1_roles.single": gives(shapes.ROLE),
    **dict.fromkeys(
        (
            f"v1_assignments.{name}"
            for name in ("listing", "of_project", "of_form", "matrix", "matrix_of_role")
        ),
        _ASSIGNMENTS,
    ),
    **dict.fromkeys(
        (f"v1_assignments.{name}" for name in ("holders", "holders_in_project", "holders_of_form")), _HOLDERS
    ),
    **dict.fromkeys(
        (f"v1_assignments.{name}" for name in ("give", "give_in_project", "take", "take_in_project")), _DONE
    ),
    "v1_projects.listing": gives(Many(schemas.PROJECT), "forms", "datasets"),
    "v1_projects.create": gives(schemas.PROJECT, takes=said.NEW_PROJECT),
    "v1_projects.single": gives(schemas.PROJECT),
    "v1_projects.change": gives(schemas.PROJECT, takes=said.PROJECT_PATCH),
    "v1_projects.remove": _DONE,
    "v1_app_users.listing": gives(Many(schemas.APP_USER)),
    "v1_app_users.create": gives(schemas.APP_USER, takes=said.NEW_APP_USER),
    "v1_app_users.single": gives(schemas.APP_USER),
    "v1_app_users.change": gives(schemas.APP_USER, takes=said.APP_USER_PATCH),
    "v1_app_users.remove": _DONE,
    "v1_app_users.assign": _DONE,
    "v1_app_users.unassign": _DONE,
    "v1_public_links.listing": gives(Many(shapes.PUBLIC_LINK)),
    "v1_public_links.create": gives(shapes.PUBLIC_LINK, takes=said.NEW_LINK),
    "v1_public_links.single": gives(shapes.PUBLIC_LINK),
    "v1_public_links.change": gives(shapes.PUBLIC_LINK, takes=said.LINK_PATCH),
    "v1_public_links.remove": _DONE,
}
"""Endpoint to operation."""
