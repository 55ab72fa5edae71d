"""JSON that programs send, at whichever door: read once, held to a schema, refused in words.

Knows: marshmallow, orjson.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow.fields import String
from werkzeug.exceptions import ClientDisconnected, HTTPException

from collector.problems import BodyUnreadable, ParametersMissing, ParameterWrong
from forms.problems import Problem

JSON_LIMIT = 250_000
"""Bytes of a JSON body, as in Central."""


class Text(String):
    """Text a database can hold: without NUL, and whole letters only."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ValidationError("It holds a character that is none.")
        return text


class Incoming(Schema):
    """What a client sends; names nobody knows are ignored, as in Central."""

    class Meta:
        """How marshmallow reads it."""

        unknown = EXCLUDE


@contextmanager
def arriving() -> Iterator[None]:
    """While a body is read: a line that goes dead or talks nonsense is no mistake of ours.

    Raises ClientDisconnected, and what refuses the body for its size.
    """
    try:
        yield
    except HTTPException:
        raise
    except Exception as error:
        # Each server has its own way to say so, gunicorn of chunks that are none.
        raise ClientDisconnected from error


def document(schema: Schema) -> dict[str, Any]:
    """The JSON body. Raises BodyUnreadable, ParametersMissing, ParameterWrong."""
    request.max_content_length = JSON_LIMIT
    with arriving():
        data = request.get_data(cache=False)
    try:
        said = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable from error
    if not isinstance(said, dict):
        raise BodyUnreadable
    try:
        loaded: dict[str, Any] = schema.load(said)
    except ValidationError as error:
        raise _refusal(schema, said, error) from error
    return loaded


def _refusal(schema: Schema, said: dict[str, Any], error: ValidationError) -> Problem:
    wrong: dict[str, list[str]] = error.normalized_messages()
    missing = [name for name in wrong if said.get(name) is None or said[name] == ""]
    if missing:
        got = sorted(name for name in said if name in schema.fields)
        return ParametersMissing(expected=", ".join(missing), got=got)
    name, told = next(iter(wrong.items()))
    return ParameterWrong(field=name, reason=" ".join(map(str, told)).rstrip("."))
