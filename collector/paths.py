"""Addresses as clients write them, made fit for routing.

Form ids and file names may hold a slash, sent as `%2F`; WSGI decodes it before routing, which would
cut the id in two. It travels as an unprintable letter between the middleware and the converter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.routing import BaseConverter, Rule

_SLASH = "\x1f"
_MANY = re.compile(r"/{2,}")
_PROGRAMS = ("/v1/", "/api/")
_BY_LINK = re.compile(r"/v1/key/([^/]+)(/projects/[0-9]+/forms/[^/]+/submissions(?:/.*)?)")
_NOT_A_LETTER = "\N{REPLACEMENT CHARACTER}"
_IN_PATH = str.maketrans(dict.fromkeys("\0\x1f", _NOT_A_LETTER.encode().decode("latin-1")))


class Segment(BaseConverter):
    """One step of a path, which may hold any letter, a slash too."""

    regex = r"[^/]+?"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """The step as its author wrote it."""
        return value.replace(_SLASH, "/")

    def to_url(self, value: object) -> str:
        """Percent-encoded, slashes too."""
        return quote(str(value), safe="")


class LateRule(Rule):
    """A route whose address is worked out how to be written when it first is.

    Of 800 routes a process writes the addresses of a few; Werkzeug prepares them all, two thirds of a start.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - Werkzeug's own
        prepare = super()._compile_builder
        ready: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not ready:
                ready.append(prepare(append_unknown))
            return ready[0](rule, **values)

        return build


class ForgivingPaths:
    """Makes addresses that routes and databases can work with.

    Keeps encoded slashes apart from real ones, folds `//` (Collect adds one, openrosa.md §2.9), and takes
    out NUL, which PostgreSQL refuses with an error where it should only find nothing. Single records under
    the token of a phone or link are those of programs, asked for with that token beside the address.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with the path mended."""
        path: str = environ.get("PATH_INFO", "")
        if not path.isprintable():
            path = path.translate(_IN_PATH)
        raw: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        if "%2f" in raw.lower():
            step = raw.split("?", 1)[0]
            if "://" in step:
                step = "/" + step.split("://", 1)[1].partition("/")[2]
            path = "/".join(
                unquote_to_bytes(part).decode("latin-1").translate(_IN_PATH).replace("/", _SLASH)
                for part in step.split("/")
            )
        if "//" in path:
            path = _MANY.sub("/", path)
        if path.startswith(_PROGRAMS):
            # Programs end an address with a slash or not, as they like.
            path = path.rstrip("/")
        query: str = environ.get("QUERY_STRING", "")
        by_link = _BY_LINK.fullmatch(path)
        if by_link is not None:
            path, query = f"/v1{by_link[2]}", f"st={quote(by_link[1])}&{query}"
        environ["PATH_INFO"] = path
        environ["QUERY_STRING"] = query.replace("%00", quote(_NOT_A_LETTER))
        return self._application(environ, start_response)
