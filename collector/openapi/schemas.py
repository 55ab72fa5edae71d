"""marshmallow's schemas as JSON Schema, each under its name in `components/schemas`.

What goes out may hold null wherever a schema does not say `required`; what comes in may not.
Knows: apispec, marshmallow.
"""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from collector.openapi.operations import Many, Media, Shape
from collector.v1.schemas import Incoming, Moment

Document = dict[str, Any]
OPENAPI = "3.1.0"
JSON = "application/json"


class Shapes:
    """The schemas of one document, gathered as they are referred to."""

    def __init__(self) -> None:
        plugin = MarshmallowPlugin(schema_name_resolver=_name)
        self._spec = APISpec("", "", OPENAPI, plugins=[plugin])
        self._plugin = plugin
        self._incoming: set[str] = set()
        assert plugin.converter is not None  # noqa: S101 - APISpec has just made it
        plugin.converter.add_attribute_function(_moments)

    def of(self, shape: Shape) -> Document:
        """JSON Schema of a shape; a reference where it has a name."""
        if isinstance(shape, Many):
            return {"type": "array", "items": self.of(shape.of)}
        if isinstance(shape, Schema):
            if isinstance(shape, Incoming):
                self._incoming.add(_name(shape))
            assert self._plugin.resolver is not None  # noqa: S101 - APISpec has made it
            found: Document = self._plugin.resolver.resolve_schema_dict(shape)
            return found
        return dict(shape) if not isinstance(shape, Media) else {}

    def content(self, shape: Shape) -> Document:
        """What an answer or a body holds, by its media type."""
        if isinstance(shape, Media):
            return {kind: {} for kind in shape.kinds}
        return {JSON: {"schema": self.of(shape)}}

    def components(self) -> Document:
        """All that were referred to, by name."""
        found: Document = self._spec.to_dict().get("components", {}).get("schemas", {})
        for name, schema in found.items():
            if name not in self._incoming:
                _may_be_null(schema)
        return found


def _name(schema: Any) -> str:
    one = schema if isinstance(schema, type) else type(schema)
    name: str = one.__name__
    return name


def _moments(_converter: Any, field: fields.Field[Any], **_more: Any) -> Document:
    return {"type": "string", "format": "date-time"} if isinstance(field, Moment) else {}


def _may_be_null(schema: Document) -> None:
    sure = schema.get("required", ())
    several = schema.get("properties", {})
    for name, said in several.items():
        if name in sure:
            continue
        if isinstance(said.get("type"), str):
            said["type"] = [said["type"], "null"]
        elif "$ref" in said:
            several[name] = {"anyOf": [said, {"type": "null"}]}
