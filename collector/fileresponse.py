"""Stored files on their way out: ETag, ranges, and nothing a browser could run."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import quote_etag
from werkzeug.wsgi import wrap_file

from storage.blobs import BlobStore
from storage.problems import AttachmentNotFound

_RUNS = frozenset({"text/html", "text/css", "text/javascript", "application/javascript"})
"""What a page of ours would take for a part of itself, if it were told to."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""What a workbook is sent as."""

_INLINE = ("image/jpeg", "image/png", "image/gif", "image/webp", "audio/", "video/")


def blob_response(blobs: BlobStore, sha256: str, name: str) -> Response:
    """The file of that digest under that name. Raises AttachmentNotFound when its bytes are gone."""
    if request.if_none_match.contains_weak(sha256):
        return Response(status=304, headers={"ETag": quote_etag(sha256)})
    try:
        handle = blobs.open(sha256)
    except KeyError as error:
        raise AttachmentNotFound(name=name) from error
    handle.seek(0, 2)
    size = handle.tell()
    handle.seek(0)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind in _RUNS:
        kind = "application/octet-stream"
    response = Response(wrap_file(request.environ, handle), content_type=kind, direct_passthrough=True)
    response.content_length = size
    response.set_etag(sha256)
    response.headers["Content-Disposition"] = disposition(name, inline=kind.startswith(_INLINE))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    return response


def made_response(handle: IO[bytes], name: str, content_type: str) -> Response:
    """A file that was just written, under that name; it is closed when the last byte has gone out."""
    size = handle.tell()
    handle.seek(0)
    body = wrap_file(request.environ, handle)
    response = Response(body, content_type=content_type, direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = disposition(name)
    return response


def disposition(name: str, *, inline: bool = False) -> str:
    """A Content-Disposition value for any name, RFC 6266: ASCII for old clients, UTF-8 for the rest."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\/' else "_"
        for letter in PurePosixPath(name).name
    )
    way = "inline" if inline else "attachment"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
