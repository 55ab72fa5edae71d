"""Stored files on their way out: ETag, ranges, and nothing a browser could run.

Where the operator wants it (COLLECTOR_S3_PRESIGNED), whoever may have a large file is sent on to the bucket:
the server is spared the bytes, not the question whether he may.
"""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import quote_etag
from werkzeug.wsgi import wrap_file

from collector.parts import parts
from storage.blobs import BlobStore, Leaving
from storage.problems import AttachmentNotFound

_RUNS = frozenset({"text/html", "text/css", "text/javascript", "application/javascript"})
"""What a page of ours would take for a part of itself, if it were told to."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""What a workbook is sent as."""

SENT_ON = 1 << 20
"""Bytes from which on a file may be fetched from the bucket: below, a second request costs more."""

_INLINE = ("image/jpeg", "image/png", "image/gif", "image/webp", "audio/", "video/")


def blob_response(blobs: BlobStore, sha256: str, name: str) -> Response:
    """The file of that digest under that name. Raises AttachmentNotFound when its bytes are gone.

    Only for bytes that may go out exactly as they are stored, asked for by somebody who may have them: the
    answer may be an address where they can be had.
    """
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
    leaving = Leaving(kind, disposition(name, inline=kind.startswith(_INLINE)))
    if size >= SENT_ON and _may_be_sent_on():
        address = blobs.address(sha256, leaving)
        if address is not None:
            handle.close()
            headers = {"Location": address, "Cache-Control": "private, no-store"}
            return Response(status=307, headers=headers)
    response = Response(wrap_file(request.environ, handle), content_type=kind, direct_passthrough=True)
    response.content_length = size
    response.set_etag(sha256)
    response.headers["Content-Disposition"] = leaving.disposition
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    return response


def _may_be_sent_on() -> bool:
    """Whether whoever asks can follow to another host.

    What a page shows or fetches stays here, where its policy lets it; so does a part of a file.
    """
    if not parts().settings.s3_presigned or request.method != "GET" or "Range" in request.headers:
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    # Browsers of before 2023 do not say it; they come with a cookie, programs with a key.
    return mode == "navigate" if mode else not request.cookies


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
