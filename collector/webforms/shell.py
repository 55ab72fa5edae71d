"""The page itself and what belongs to it: files of the front end's build, the same for everybody.

They name nobody, so they may lie anywhere between here and a phone: those with a digest in their name for
ever, the others are asked after each time.
"""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext
from werkzeug.security import safe_join

blueprint = Blueprint("w_shell", __name__, url_prefix="/w")

BUILT = Path(__file__).parent / "built"
"""What `web/build.py` writes."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""As that of other pages, and pictures and sounds a person has just made, which lie in his browser."""

_FOR_EVER = "public, max-age=31536000, immutable"
_EACH_TIME = "no-cache"
_PACKED = (("br", ".br"), ("gzip", ".gz"))
_OURS = frozenset({"me", "key", "test", "v", "assets", "icons"})
"""What no page of the app is called, so that a wrong address there is not answered with a page."""
_KINDS = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml"}


@blueprint.get("/")
@blueprint.get("/l/<token>", endpoint="link")
@blueprint.get("/v/<code>", endpoint="village")
@blueprint.get("/<path:page>", endpoint="page")
def shell(page: str = "", token: str = "", code: str = "") -> Response:  # noqa: ARG001 - the app reads its address
    """The page; what is to be shown it finds out from its address."""
    if page.split("/", 1)[0] in _OURS:
        abort(404)
    if not (BUILT / "index.html").is_file():
        return _unbuilt()
    return _file("index.html", _EACH_TIME)


def _unbuilt() -> Response:
    sentence = gettext(
        "The page for filling forms in a browser has not been built on this server. Whoever keeps the server "
        "runs “make web” in its folder, or installs a release, which has it."
    )
    return Response(render_template("error.html", status=404, sentence=sentence), 404)


@blueprint.get("/sw.js")
def worker() -> Response:
    """What keeps the page when there is no network; it may look after all of /w/."""
    response = _file("sw.js", _EACH_TIME)
    response.headers["Service-Worker-Allowed"] = f"{request.script_root}/w/"
    return response


@blueprint.get("/app.webmanifest")
def manifest() -> Response:
    """What a phone puts on its home screen."""
    return _file("app.webmanifest", _EACH_TIME)


@blueprint.get("/icons/<path:name>")
def icon(name: str) -> Response:
    """A picture of the home screen."""
    return _file(f"icons/{name}", "public, max-age=86400")


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """A part of the page, named by its content."""
    return _file(f"assets/{name}", _FOR_EVER)


def _file(name: str, keep: str) -> Response:
    found = safe_join(str(BUILT), name)
    path = Path(found) if found else None
    if path is None or not path.is_file():
        abort(404)
    packed = next(
        (
            (coding, beside)
            for coding, ending in _PACKED
            if request.accept_encodings[coding] > 0 and (beside := Path(f"{path}{ending}")).is_file()
        ),
        None,
    )
    coding, source = packed or ("", path)
    data, tag = _read(source, source.stat().st_mtime_ns)
    response = Response(data, content_type=_kind(path))
    if coding:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = keep
    response.headers["Content-Security-Policy"] = POLICY
    response.set_etag(tag)
    response.make_conditional(request.environ)
    return response


def _kind(path: Path) -> str:
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


@lru_cache(maxsize=128)
def _read(path: Path, _changed: int) -> tuple[bytes, str]:
    data = path.read_bytes()
    return data, hashlib.sha256(data).hexdigest()[:32]
