"""Long answers, gzipped for whoever takes it: a page shrinks to a seventh, a form's rows to a tenth.

Their ETags are weak: they name what is said, not its bytes. Source: RFC 9110 §§8.4, 12.5.3.

Why a page with secrets may be packed, though its length then tells what it repeats (BREACH): what guards its
forms looks different on every page (`collector.desk.forgery`), no other site can ask for a page in somebody's
name unseen (the session's cookie is SameSite), and the length of what is packed whole varies by chance.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Iterator
from gzip import GzipFile
from http import HTTPStatus
from io import BytesIO

from flask import Response, request

_PAGE = "text/html"
_KINDS = frozenset({
    _PAGE,
    "application/json",
    "application/xml",
    "application/geo+json",
    "image/svg+xml",
    "text/csv",
})
_SHORTEST = 2_000
"""Bytes under which packing costs more than it saves."""

_STREAMED_LEVEL, _WHOLE_LEVEL = 1, 6
_GZIP = 31
"""What zlib calls its window of 32 KB in a gzip file."""

_CHANCE = 64
"""Up to so many bytes are added to what is packed whole, so that its length tells less of what it says."""

_NOTHING_INSIDE = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED})


def packed(response: Response) -> Response:
    """The answer, gzipped where the client takes that and it is worth it: whole, or piece by piece."""
    if not _may_be_packed(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    response.headers["Content-Encoding"] = "gzip"
    etag, weak = response.get_etag()
    if etag and not weak:
        response.set_etag(etag, weak=True)
    if response.is_streamed:
        response.headers.pop("Content-Length", None)
        response.response = _pieces(response.response)
    else:
        response.set_data(_whole(response.get_data()))
    return response


def _may_be_packed(response: Response) -> bool:
    if response.status_code in _NOTHING_INSIDE or response.mimetype not in _KINDS:
        return False
    if response.direct_passthrough or "Content-Encoding" in response.headers or request.method == "HEAD":
        return False
    # What is streamed may be of any length.
    return response.is_streamed or len(response.get_data()) > _SHORTEST


def _whole(data: bytes) -> bytes:
    """Gzipped, under a file name of any length, which nobody reads."""
    out = BytesIO()
    name = "x" * secrets.randbelow(_CHANCE)
    with GzipFile(name, "wb", _WHOLE_LEVEL, out, mtime=0) as packer:
        packer.write(data)
    return out.getvalue()


def _pieces(several: Iterable[str | bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_STREAMED_LEVEL, zlib.DEFLATED, _GZIP)
    try:
        for one in several:
            if made := packer.compress(one.encode() if isinstance(one, str) else one):
                yield made
        yield packer.flush()
    finally:
        close = getattr(several, "close", None)
        if close is not None:
            close()
