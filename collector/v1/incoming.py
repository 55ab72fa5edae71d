"""What a request says, read once: switches, numbers, JSON, a form, a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from flask import request
from marshmallow import Schema

from collector import bodies
from collector.actions.publish import Definition
from collector.problems import ParameterWrong
from forms.spreadsheet import LARGEST_FILE

JSON_LIMIT = bodies.JSON_LIMIT
FILE_LIMIT = 512 * 1024 * 1024
"""Bytes of a file for a form: several times the longest film a phone would load."""

_CHUNK = 64 * 1024
_LONGEST_NOTE = 2_000
_LARGEST = 2**31 - 1
_WORKBOOKS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
}


def switched(name: str, *, default: bool = False) -> bool:
    """A switch in the address, however it is written: pyodk sends True, ruODK true."""
    said = request.args.get(name, "").lower()
    return said == "true" if said in {"true", "false"} else default


def extended() -> bool:
    """Whether the client wants the longer shapes."""
    return request.headers.get("X-Extended-Metadata", "").lower() == "true"


def notes() -> str | None:
    """What the client noted for the audits with this request."""
    said = unquote(request.headers.get("X-Action-Notes", "")).strip()
    return said[:_LONGEST_NOTE] or None


def number(name: str) -> int | None:
    """A whole number in the address, None where there is none. Raises ParameterWrong."""
    said = request.args.get(name, "")
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > len(str(_LARGEST)) or int(said) > _LARGEST:
        raise ParameterWrong(field=name, value=said[:40], reason="it has to be a whole number")
    return int(said)


def document(schema: Schema) -> dict[str, Any]:
    """The JSON body. Raises BodyUnreadable, ParametersMissing, ParameterWrong."""
    return bodies.document(schema)


def body(limit: int) -> bytes:
    """The whole body, chunked or not. Raises RequestEntityTooLarge past `limit` bytes."""
    request.max_content_length = limit
    with bodies.arriving():
        return request.get_data(cache=False)


def chunks(limit: int) -> Iterator[bytes]:
    """The body as it comes; as sent, whatever Content-Encoding says of it."""
    request.max_content_length = limit
    while chunk := _next_chunk():
        yield chunk


def _next_chunk() -> bytes:
    with bodies.arriving():
        return request.stream.read(_CHUNK)


def definition() -> Definition | None:
    """The form in the body, an XForm or a workbook by its content type; None for an empty body."""
    data = body(LARGEST_FILE)
    if not data:
        return None
    fallback = unquote(request.headers.get("X-XlsForm-FormId-Fallback", ""))[:255]
    ending = _WORKBOOKS.get(request.mimetype, ".xml")
    # Without a name of its own, a workbook has to say its form id itself.
    filename = f"{fallback}{ending}" if fallback or ending == ".xml" else ""
    return Definition(data, filename, fallback)
