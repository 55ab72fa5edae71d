"""Keys of programs: each opens what its owner may, or less, and is shown when it is made and never again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Blueprint, Response, abort
from marshmallow import ValidationError, validate
from marshmallow.fields import AwareDateTime, Boolean, Integer, List

from collector import bodies
from collector.accounts.guard import identity
from collector.accounts.permissions import ROLES
from collector.actions import keys as actions
from collector.actions.keys import NewKey
from collector.clock import moment
from forms.values import iso_instant
from storage.database import db, transaction
from storage.models import ApiKey
from storage.queries import access

blueprint = Blueprint("api_keys", __name__, url_prefix="/api/keys")
Document = dict[str, Any]


def _in_time(value: datetime) -> None:
    """Refuse a moment that lies outside of all years once it is told in UTC."""
    try:
        value.astimezone(UTC)
    except OverflowError as error:
        raise ValidationError("There is no such moment.") from error


_VERBS = sorted(frozenset[str]().union(*ROLES.values()))
NEW_KEY = bodies.Incoming.from_dict(
    {
        "name": bodies.Text(required=True, validate=validate.Length(min=1, max=255)),
        "roles": List(Integer(strict=True, validate=validate.OneOf(sorted(ROLES))), allow_none=True),
        "verbs": List(bodies.Text(validate=validate.OneOf(_VERBS)), allow_none=True),
        "project": Integer(strict=True, allow_none=True, validate=validate.Range(1, 2**31 - 1)),
        "places": List(
            bodies.Text(validate=validate.Length(min=1, max=40)), validate=validate.Length(max=1000)
        ),
        "readOnly": Boolean(),
        "expiresAt": AwareDateTime(allow_none=True, validate=_in_time),
    },
    name="NewKey",
)()


@blueprint.get("")
def listing() -> Response:
    """The reader's keys, without what opens anything."""
    return _answer([_key(one) for one in access.keys_of(db.session(), identity().actor_id or 0)])


@blueprint.post("")
def make() -> Response:
    """A key with its `token`."""
    said = bodies.document(NEW_KEY)
    with transaction() as session:
        key, token = actions.make(session, identity(), _wanted(said), now=moment())
        return _answer(_key(key) | {"token": token})


def _wanted(said: Mapping[str, Any]) -> NewKey:
    roles, verbs = said.get("roles"), said.get("verbs")
    return NewKey(
        said["name"],
        None if roles is None else tuple(roles),
        None if verbs is None else tuple(verbs),
        said.get("project"),
        tuple(said.get("places", ())),
        said.get("readOnly", True),
        said.get("expiresAt"),
    )


@blueprint.delete("/<int(max=2147483647):number>")
def revoke(number: int) -> Response:
    """Take a key back."""
    with transaction() as session:
        if not actions.revoke(session, identity(), number, now=moment()):
            abort(404)
    return _answer({"success": True})


def _answer(document: object) -> Response:
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _key(one: ApiKey) -> Document:
    return {
        "id": one.id,
        "name": one.name,
        "roles": one.roles,
        "verbs": one.verbs,
        "project": one.project_id,
        "places": list(one.place_codes),
        "readOnly": one.read_only,
        "createdAt": iso_instant(one.created_at),
        "expiresAt": _moment(one.expires_at),
        "lastUsed": _moment(one.last_used_at),
        "revokedAt": _moment(one.revoked_at),
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else iso_instant(value)
