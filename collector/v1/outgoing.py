"""Answers of the programs' door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from flask import Response, request, stream_with_context

from collector.reading_log import counted

SUCCESS = {"success": True}
_JSON = "application/json; charset=utf-8"
_SAFE = frozenset({"GET", "HEAD"})


def answer(document: Any, status: int = 200) -> Response:
    """JSON, whatever the client says it accepts: ruODK asks for XML and wants this."""
    return Response(orjson.dumps(document), status, content_type=_JSON)


def success() -> Response:
    """Done, and nothing more to say."""
    return answer(SUCCESS)


def stream(documents: Iterable[Iterable[Any]]) -> Response:
    """A JSON list that is made while it is sent, from pages of its elements."""
    return Response(stream_with_context(_array(counted(map(list, documents)))), content_type=_JSON)


def _array(pages: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    before = b"["
    for page in pages:
        listed = b",".join(map(orjson.dumps, page))
        if listed:
            yield before + listed
            before = b","
    yield b"[]" if before == b"[" else b"]"


def add_headers(response: Response) -> Response:
    """What every answer of this door carries."""
    kept = "private, no-cache" if request.method in _SAFE else "no-store"
    response.headers.setdefault("Cache-Control", kept)
    response.vary.update(("Accept-Encoding", "Origin"))
    return response
