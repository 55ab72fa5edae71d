"""What an address takes and gives, in the words of the tables that describe the doors.

The rest is known elsewhere: its steps to the map of addresses, its right to PERMITS, its sentence to the
route's own docstring. Knows: marshmallow, whose schemas are what is described.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from marshmallow import Schema

JsonSchema: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Many:
    """A list of what a schema, or a piece of JSON Schema, says."""

    of: Schema | JsonSchema


@dataclass(frozen=True)
class Media:
    """Bytes of one of several kinds: a file, an XML document, a table."""

    kinds: tuple[str, ...]


Shape: TypeAlias = Schema | JsonSchema | Many | Media
"""A JSON object, anything JSON Schema can say, a list, or bytes."""


@dataclass(frozen=True)
class Operation:
    """What one method of one address takes and gives.

    `query` are names of `queries.QUERY`; `gives` is None where there is no body; `status` is that of success.
    """

    gives: Shape | None
    query: tuple[str, ...] = ()
    takes: Shape | None = None
    status: int = 200


def gives(shape: Shape | None, *query: str, takes: Shape | None = None, status: int = 200) -> Operation:
    """An operation, written as a line of a table."""
    return Operation(shape, query, takes, status)


SUCCESS: JsonSchema = {"$ref": "#/components/schemas/Success"}
"""Done, and nothing more to say."""

XML, CSV, ZIP = (Media((kind,)) for kind in ("application/xml", "text/csv", "application/zip"))
TEXT_XML = Media(("text/xml",))
FILE = Media(("application/octet-stream",))
"""A file; its own kind is said with it."""

EXCEL = Media(("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",))
OLD_EXCEL = Media(("application/vnd.ms-excel",))
DEFINITION = Media((*XML.kinds, *EXCEL.kinds, *OLD_EXCEL.kinds))
"""A form: an XForm or a workbook."""

PAGE = Media(("text/html",))

JSON_DOCUMENT: JsonSchema = {
    "type": "object",
    "properties": {"openapi": {"type": "string"}, "paths": {"type": "object"}},
    "required": ["openapi", "info", "paths"],
}
"""An OpenAPI document."""

GEOJSON: JsonSchema = {
    "type": "object",
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": "string"},
                    "geometry": {"type": ["object", "null"]},
                    "properties": {"type": ["object", "null"]},
                },
            },
        },
    },
    "required": ["type", "features"],
}
"""Places of records or entities (RFC 7946)."""

ODATA_TABLE: JsonSchema = {
    "type": "object",
    "properties": {
        "@odata.context": {"type": "string"},
        "@odata.nextLink": {"type": "string"},
        "@odata.count": {"type": "integer"},
        "value": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    },
    "required": ["@odata.context", "value"],
}
"""Rows of a table; their keys are those of the form, in `$metadata`."""

ODATA_SERVICE: JsonSchema = {
    "type": "object",
    "properties": {
        "@odata.context": {"type": "string"},
        "value": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("name", "kind", "url")},
                "required": ["name", "kind", "url"],
            },
        },
    },
    "required": ["@odata.context", "value"],
}
"""The tables there are."""
