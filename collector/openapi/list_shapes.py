"""Shapes of entity lists, entities, their history, and of audits."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.fields import Boolean, Dict, Integer, List, Nested, String

from collector.openapi.operations import JsonSchema
from collector.openapi.wire_shapes import ACTOR
from collector.v1.schemas import Fields, Moment

_USE = Schema.from_dict({"name": String(), "xmlFormId": String(required=True)}, name="Use")
_USES = List(Nested(_USE), required=True)

_PROPERTY = Schema.from_dict(
    {
        "name": String(required=True),
        "odataName": String(required=True),
        "publishedAt": Moment(),
        "forms": _USES,
    },
    name="Property",
)

_DATASET: Fields = {
    "id": Integer(),
    "name": String(required=True),
    "projectId": Integer(required=True),
    "approvalRequired": Boolean(required=True),
    "ownerOnly": Boolean(required=True),
    "createdAt": Moment(required=True),
    "deletedAt": Moment(),
    "entities": Integer(),
    "lastEntity": Moment(),
    "conflicts": Integer(),
}
DATASET = Schema.from_dict({**_DATASET}, name="Dataset")()
WHOLE_DATASET = Schema.from_dict(
    {
        **_DATASET,
        "lastUpdate": Moment(),
        "properties": List(Nested(_PROPERTY), required=True),
        "linkedForms": _USES,
        "sourceForms": _USES,
        "draftLinkedForms": _USES,
        "draftSourceForms": _USES,
        "accessFilter": Dict(),
    },
    name="DatasetWithProperties",
)()

_VERSION: Fields = {
    "current": Boolean(required=True),
    "label": String(required=True),
    "creatorId": Integer(required=True),
    "creator": Nested(ACTOR),
    "userAgent": String(required=True),
    "version": Integer(required=True),
    "baseVersion": Integer(),
    "conflictingProperties": List(String()),
    "createdAt": Moment(required=True),
    "branchId": String(),
    "trunkVersion": Integer(),
    "branchBaseVersion": Integer(),
    "data": Dict(),
    "dataReceived": Dict(),
}
_CURRENT = Schema.from_dict({**_VERSION}, name="EntityVersion")
ENTITY = Schema.from_dict(
    {
        "uuid": String(required=True),
        "creatorId": Integer(required=True),
        "creator": Nested(ACTOR),
        "conflict": String(),
        "createdAt": Moment(required=True),
        "updatedAt": Moment(),
        "deletedAt": Moment(),
        "currentVersion": Nested(_CURRENT, required=True),
    },
    name="Entity",
)()

ENTITY_VERSION = Schema.from_dict(
    {
        **_VERSION,
        "source": fields.Raw(required=True),
        "conflict": String(),
        "resolved": Boolean(required=True),
        "baseDiff": List(String(), required=True),
        "serverDiff": List(String(), required=True),
        "lastGoodVersion": Boolean(required=True),
        "relevantToConflict": Boolean(required=True),
    },
    name="EntityVersionInHistory",
)()

AUDIT = Schema.from_dict(
    {
        "actorId": Integer(),
        "action": String(required=True),
        "acteeId": String(),
        "details": fields.Raw(),
        "notes": String(),
        "loggedAt": Moment(required=True),
        "actor": Nested(ACTOR),
        "actee": Dict(),
    },
    name="Audit",
)()

_DATA: JsonSchema = {"type": "object", "additionalProperties": {"type": "string"}}
_ONE: JsonSchema = {
    "type": "object",
    "properties": {
        "uuid": {"type": "string", "format": "uuid"},
        "label": {"type": "string"},
        "data": _DATA,
    },
    "required": ["label"],
}
NEW_ENTITIES: JsonSchema = {
    "oneOf": [
        _ONE,
        {
            "type": "object",
            "properties": {
                "entities": {"type": "array", "items": _ONE},
                "source": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                    "required": ["name"],
                },
            },
            "required": ["entities", "source"],
        },
    ]
}
"""One entity, or many at once."""

CHANGE: JsonSchema = {
    "type": "object",
    "properties": {"label": {"type": "string"}, "data": _DATA},
}
IDS: JsonSchema = {
    "type": "object",
    "properties": {"ids": {"type": "array", "items": {"type": "string", "format": "uuid"}}},
    "required": ["ids"],
}
COUNT: JsonSchema = {
    "type": "object",
    "properties": {"count": {"type": "integer"}},
    "required": ["count"],
}
MADE: JsonSchema = {
    "anyOf": [{"$ref": "#/components/schemas/Entity"}, {"$ref": "#/components/schemas/Success"}]
}
"""The entity that was made; of many at once only that they were."""

ENTITY_DIFFS: JsonSchema = {
    "type": "array",
    "items": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "propertyName": {"type": "string"},
                "old": {"type": ["string", "null"]},
                "new": {"type": ["string", "null"]},
            },
            "required": ["propertyName", "old", "new"],
        },
    },
}
"""For each version but the first, what it changed."""

RECORD_DIFFS: JsonSchema = {
    "type": "object",
    "additionalProperties": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"path": {"type": "array"}, "old": {}, "new": {}},
            "required": ["path"],
        },
    },
}
"""Id of a version to what it changed."""
