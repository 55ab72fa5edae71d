"""Every request is numbered and counted before anything else sees it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from collector.asked import Asked, begin, note
from collector.metering.meters import Meters

log = logging.getLogger("collector.requests")

_PHONES: Final = ("/formList", "/submission", "/manifest")
_PREFIXES: Final = (
    ("/v1/key/", "phones"),
    ("/v1/test/", "phones"),
    ("/w/", "webforms"),
    ("/v1/", "v1"),
    ("/api/", "api"),
    ("/static/", "files"),
    ("/healthz", "health"),
    ("/readyz", "health"),
    ("/metrics", "health"),
)
_CLASSES: Final = {str(one): f"{one}xx" for one in range(1, 6)}
_UNAVAILABLE: Final = "503"


def install(app: Flask) -> None:
    """Note at which route a request arrives."""
    app.before_request(_note_endpoint)


def _note_endpoint() -> None:
    note(endpoint=request.endpoint)


def door_of(path: str) -> str:
    """Which door an address belongs to: one of a handful of words, whatever stands in it."""
    for prefix, door in _PREFIXES:
        if path.startswith(prefix):
            return "phones" if door == "v1" and path.endswith(_PHONES) else door
    return "phones" if path.endswith(_PHONES) else "desk"


class Numbered:
    """Stands before everything else: gives requests their numbers, and counts them.

    `proxied`: whether a trusted proxy stands in front; what contradicts that is counted for
    `collector doctor`. `told`: each request leaves a line in the log.
    """

    def __init__(self, application: WSGIApplication, meters: Meters, *, proxied: bool, told: bool) -> None:
        self._application = application
        self._meters = meters
        self._proxied = proxied
        self._told = told

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, with the number added."""
        path: str = environ["PATH_INFO"]
        # Not a secret, and found again within a day's lines: 32 bits, of a generator that forks renew.
        chance = f"{random.getrandbits(32):08x}"
        one = Asked(f"{chance[:4]}-{chance[4:]}", door_of(path))
        begin(one)
        began = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            one.status = int(status[:3])
            return start_response(status, [*headers, ("X-Request-Id", one.number)], exc_info)

        try:
            return self._application(environ, start)
        finally:
            self._note(environ, one, path, time.perf_counter() - began)

    def _note(self, environ: WSGIEnvironment, one: Asked, path: str, seconds: float) -> None:
        meters, status = self._meters, str(one.status or 500)
        meters.request(one.door, _UNAVAILABLE if status == _UNAVAILABLE else _CLASSES[status[0]], seconds)
        if environ["REQUEST_METHOD"] != "GET":
            length = environ.get("CONTENT_LENGTH") or ""
            if length.isdigit():
                meters.count("collector_received_bytes", one.door, float(length))
            if status[0] in "45" and path.endswith("/submission"):
                meters.count("collector_submissions", "refused" if status[0] == "4" else "failed")
        if ("HTTP_X_FORWARDED_FOR" in environ) is not self._proxied and one.door != "health":
            meters.count("collector_missing_proxies" if self._proxied else "collector_strange_proxies")
        if self._told:
            one.milliseconds = seconds * 1000
            log.info("%s %s %s %.1f ms", one.door, one.endpoint or "-", status, one.milliseconds)
