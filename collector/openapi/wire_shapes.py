"""Shapes of Central's wire that are written without a schema, and odd bodies."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow.fields import Boolean, Integer, List, Nested, String

from collector.openapi.operations import JsonSchema
from collector.v1 import schemas
from collector.v1.schemas import Moment

ACTOR = type(schemas.ACTOR)

ROLE = Schema.from_dict(
    {
        "id": Integer(required=True),
        "name": String(required=True),
        "system": String(required=True),
        "verbs": List(String(), required=True),
        "createdAt": Moment(),
        "updatedAt": Moment(),
    },
    name="Role",
)()

ASSIGNMENT = Schema.from_dict(
    {
        "actorId": Integer(required=True),
        "roleId": Integer(required=True),
        "xmlFormId": String(),
        "actor": Nested(ACTOR),
        "places": List(String()),
    },
    name="Assignment",
)()

PUBLIC_LINK = Schema.from_dict(
    {
        **schemas.ACTOR_FIELDS,
        "token": String(),
        "once": Boolean(),
        "places": List(String()),
        "createdBy": Nested(ACTOR),
    },
    name="PublicLink",
)()

COOKIE_SESSION = Schema.from_dict(
    {"createdAt": Moment(required=True), "expiresAt": Moment(required=True), "csrf": String(required=True)},
    name="CookieSession",
)()

PASSPHRASES: JsonSchema = {"type": "object", "additionalProperties": {"type": "string"}}
"""Number of a key to its passphrase; empty here."""

UNREAD: JsonSchema = {}
"""Anything JSON can say."""
