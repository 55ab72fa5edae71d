"""Long answers of the programs' door, gzipped for whoever takes it: a form's rows shrink to a tenth.

Their ETags are weak: they name what is said, not its bytes. Source: RFC 9110 §§8.4, 12.5.3.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from flask import Response, request

_KINDS = frozenset({"application/json", "application/xml", "application/geo+json", "text/csv"})
_SHORTEST = 2_000
"""Bytes under which packing costs more than it saves."""

_LEVEL = 1
_GZIP = 31
"""What zlib calls its window of 32 KB in a gzip file."""


def packed(response: Response) -> Response:
    """The answer, gzipped piece by piece where the client takes that and it is worth it."""
    if not _is_worth_it(response) or request.accept_encodings["gzip"] <= 0:
        return response
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Content-Length", None)
    etag, weak = response.get_etag()
    if etag and not weak:
        response.set_etag(etag, weak=True)
    response.response = _pieces(response.response)
    return response


def _is_worth_it(response: Response) -> bool:
    if response.status_code != HTTPStatus.OK or response.mimetype not in _KINDS:
        return False
    if response.direct_passthrough or "Content-Encoding" in response.headers or request.method == "HEAD":
        return False
    # What is streamed may be of any length.
    return response.is_streamed or len(response.get_data()) > _SHORTEST


def _pieces(several: Iterable[str | bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    try:
        for one in several:
            if made := packer.compress(one.encode() if isinstance(one, str) else one):
                yield made
        yield packer.flush()
    finally:
        close = getattr(several, "close", None)
        if close is not None:
            close()
