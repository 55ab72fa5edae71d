"""What goes in and out of `/v1`: Central's names and types, and which keys are always there.

A key that is not in what is dumped stays out: so the shapes of extended metadata are the same ones with
more in them.
Knows: marshmallow. Source: https://docs.getodk.org/central-api/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from marshmallow import Schema, fields, validate
from marshmallow.fields import Boolean, Dict, Integer, List, Nested, String

from collector import bodies
from forms.values import iso_instant

Fields: TypeAlias = dict[str, fields.Field[Any]]


class Moment(fields.Field[datetime]):
    """A point in time: `2026-01-31T02:03:04.567Z`."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else iso_instant(value)


Text = bodies.Text
Incoming = bodies.Incoming


def _filled(longest: int = 255) -> Text:
    return Text(required=True, validate=validate.Length(min=1, max=longest))


SIGN_IN = Incoming.from_dict({"email": _filled(), "password": _filled(1000), "totp": Text()}, name="SignIn")()
"""POST /sessions: the user name travels as `email`, the code of a second step as `totp`."""

FORM_PATCH = Incoming.from_dict({"state": Text(), "webformsEnabled": Boolean()}, name="FormPatch")()
"""PATCH …/forms/<id>."""

ACTOR_FIELDS: Fields = {
    "id": Integer(),
    "type": String(),
    "displayName": String(),
    "createdAt": Moment(),
    "updatedAt": Moment(),
    "deletedAt": Moment(),
}
_Actor = Schema.from_dict(ACTOR_FIELDS, name="Actor")

ACTOR = _Actor()

USER = Schema.from_dict(
    {
        **ACTOR_FIELDS,
        "email": String(),
        "lastLoginAt": Moment(),
        "verbs": List(String()),
        "preferences": Dict(),
    },
    name="User",
)()

SESSION = Schema.from_dict(
    {"token": String(), "csrf": String(), "createdAt": Moment(), "expiresAt": Moment()}, name="Session"
)()

PROJECT = Schema.from_dict(
    {
        "id": Integer(),
        "name": String(),
        "description": String(),
        "archived": Boolean(),
        "keyId": Integer(),
        "createdAt": Moment(),
        "updatedAt": Moment(),
        "deletedAt": Moment(),
        "forms": Integer(),
        "appUsers": Integer(),
        "datasets": Integer(),
        "lastSubmission": Moment(),
        "lastEntity": Moment(),
        "verbs": List(String()),
    },
    name="Project",
)()

_REVIEWS = Schema.from_dict(
    {"received": Integer(), "hasIssues": Integer(), "edited": Integer()}, name="ReviewStates"
)

FORM = Schema.from_dict(
    {
        "projectId": Integer(),
        "xmlFormId": String(),
        "name": String(),
        "version": String(),
        "state": String(),
        "hash": String(),
        "sha": String(),
        "sha256": String(),
        "keyId": Integer(),
        "enketoId": String(),
        "enketoOnceId": String(),
        "draftToken": String(),
        "webformsEnabled": Boolean(),
        "createdAt": Moment(),
        "updatedAt": Moment(),
        "publishedAt": Moment(),
        "submissions": Integer(),
        "reviewStates": Nested(_REVIEWS),
        "lastSubmission": Moment(),
        "createdBy": Nested(_Actor),
        "excelContentType": String(),
        "entityRelated": Boolean(),
        "publicLinks": Integer(),
        "publishedBy": Nested(_Actor),
        "publishNotes": String(),
        "id": Integer(),
        "deletedAt": Moment(),
    },
    name="Form",
)()

FIELD = Schema.from_dict(
    {
        "name": String(),
        "path": String(),
        "type": String(),
        "binary": Boolean(),
        "selectMultiple": Boolean(),
    },
    name="Field",
)()

FORM_ATTACHMENT = Schema.from_dict(
    {
        "name": String(),
        "type": String(),
        "hash": String(),
        "exists": Boolean(),
        "blobExists": Boolean(),
        "datasetExists": Boolean(),
        "updatedAt": Moment(),
        "size": Integer(),
    },
    name="FormAttachment",
)()

SLOT_PATCH = Incoming.from_dict({"dataset": Boolean(required=True)}, name="SlotPatch")()
"""PATCH …/draft/attachments/<name>."""

APP_USER = Schema.from_dict(
    {
        "projectId": Integer(),
        **ACTOR_FIELDS,
        "token": String(),
        "createdBy": Nested(_Actor),
        "lastUsed": Moment(),
    },
    name="AppUser",
)()

_SENT: Fields = {
    "instanceId": String(),
    "submitterId": Integer(),
    "deviceId": String(),
    "userAgent": String(),
    "createdAt": Moment(),
    "submitter": Nested(_Actor),
}
_Version = Schema.from_dict(
    {**_SENT, "instanceName": String(), "current": Boolean(), "formVersion": String()}, name="Version"
)

VERSION = _Version()

SUBMISSION = Schema.from_dict(
    {
        **_SENT,
        "reviewState": String(),
        "updatedAt": Moment(),
        "deletedAt": Moment(),
        "currentVersion": Nested(_Version),
    },
    name="Submission",
)()

SUBMISSION_ATTACHMENT = Schema.from_dict(
    {"name": String(), "exists": Boolean()}, name="SubmissionAttachment"
)()
