"""The sheet and the script of all pages: the files of two folders, joined once when the server starts.

A page asks for one sheet and one script, however many parts they are written in. Both are named by what
is in them, so a browser keeps them for a year; each part of the script has its own scope.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as Answer

blueprint = Blueprint("assets", __name__)

_HERE = Path(__file__).parent
_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Bundle:
    """A joined file: its bytes, plain and gzipped, its content type and what names its content."""

    data: bytes
    packed: bytes
    content_type: str
    name: str


@cache
def bundles() -> dict[str, Bundle]:
    """The joined files by their names: `desk.css`, `desk.js`."""
    return {
        "desk.css": _bundle("styles", "css", "{}\n", "text/css; charset=utf-8"),
        "desk.js": _bundle("scripts", "js", "{{\n{}}}\n", "text/javascript; charset=utf-8"),
    }


def addresses() -> dict[str, str]:
    """Where each joined file is read, by its name."""
    return {name: f"/looks/{name}?v={bundle.name}" for name, bundle in bundles().items()}


@blueprint.get("/looks/<name>")
def bundle(name: str) -> Answer:
    """A joined file, gzipped for whoever takes that."""
    found = bundles().get(name)
    if found is None:
        abort(404)
    takes = request.accept_encodings["gzip"] > 0
    response = Response(found.packed if takes else found.data, content_type=found.content_type)
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    if takes:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(found.name, weak=True)
    return response.make_conditional(request)


def _bundle(folder: str, ending: str, shape: str, content_type: str) -> Bundle:
    parts = sorted((_HERE / folder).glob(f"*.{ending}"))
    data = "".join(shape.format(part.read_text(encoding="utf-8")) for part in parts).encode()
    return Bundle(data, gzip.compress(data, mtime=0), content_type, sha256(data).hexdigest()[:12])
