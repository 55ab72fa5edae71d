"""What every answer says to a browser: run nothing that is not ours, and tell nobody where you came from.

Added below Flask, where it costs nothing: phones ask thousands of times for what only a browser needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Our own files, nothing written into the page, pictures in the sheet; no foreign host is ever asked."""

NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For XML: a browser runs the scripts in it, and ours is whatever a phone or an author has written."""

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    # For browsers that do not read frame-ancestors.
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    # A picture or a file of ours stands in no page of anybody else's.
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # Web forms take photos, sound and positions; nothing else of the machine is ever asked for.
    (
        "Permissions-Policy",
        "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), serial=()",
    ),
    ("X-Permitted-Cross-Domain-Policies", "none"),
]
ON_HTTPS = [*HEADERS, ("Strict-Transport-Security", "max-age=31536000")]


_POLICY = "Content-Security-Policy"


class Guarded:
    """Adds the headers to every answer of an application, its failures included.

    A route that knows better sets a policy of its own.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with the headers added."""
        added = ON_HTTPS if environ.get("wsgi.url_scheme") == "https" else HEADERS

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = [] if _has_policy(headers) else [(_POLICY, NOTHING_RUNS if _is_xml(headers) else POLICY)]
            return start_response(status, [*headers, *added, *own], exc_info)

        return self._application(environ, start)


def _has_policy(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == _POLICY.lower() for name, _ in headers)


def _is_xml(headers: list[tuple[str, str]]) -> bool:
    """Text, picture or page: XML of any kind."""
    return any(name.lower() == "content-type" and "xml" in value.lower() for name, value in headers)
