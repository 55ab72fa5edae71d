"""③ Files on their way to a phone: stored ones as they are, lists made from the places, entity lists."""

from __future__ import annotations

from flask import Response, request
from werkzeug.http import quote_etag
from werkzeug.wsgi import wrap_file

from collector.actions.delivery import Asker, Handed, list_csv, spooled
from collector.fileresponse import blob_response, disposition
from collector.parts import parts
from storage.database import db
from storage.problems import AttachmentNotFound

CSV = "text/csv; charset=utf-8"


def handed_file(asker: Asker, version_id: int, name: str) -> Response:
    """A file of a form version, as that phone gets it. Raises AttachmentNotFound."""
    found = parts().deliveries.file(db.session(), asker, version_id, name)
    if found.sha256 is not None:
        return blob_response(parts().blobs, found.sha256, name)
    if found.listing is None and found.made is None:
        raise AttachmentNotFound(name=name)
    packed = "gzip" in request.headers.get("Accept-Encoding", "") and request.accept_encodings["gzip"] > 0
    response = Response(status=304) if _is_known(found.md5) else _made(found, asker, packed=packed)
    response.headers["ETag"] = quote_etag(f"{found.md5}-gzip" if packed else found.md5)
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _is_known(tag: str) -> bool:
    asked = request.if_none_match
    return asked.contains_weak(tag) or asked.contains_weak(f"{tag}-gzip")


def _made(found: Handed, asker: Asker, *, packed: bool) -> Response:
    if found.listing is None:
        pieces = iter([found.made or b""])
    else:
        reach = parts().deliveries.reach(db.session(), asker, found.listing)
        # A long list is read for a while: the request's own look at the database is let go first.
        db.session.rollback()
        pieces = list_csv(found.listing, reach)
    handle = spooled(pieces, packed=packed)
    size = handle.seek(0, 2)
    handle.seek(0)
    response = Response(wrap_file(request.environ, handle), content_type=CSV, direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = disposition(found.name)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response
