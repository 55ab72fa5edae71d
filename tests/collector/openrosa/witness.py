"""Somebody between the phone and the server who looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and its answer; `signed`: whether it carried an Authorization."""

    method: str
    host: str
    path: str
    signed: bool
    status: int


class Witness:
    """Hands everything on, and notes it in `seen`."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self.seen: list[Seen] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""

        def start(status: str, *rest: Any) -> Callable[[bytes], object]:
            signed = "HTTP_AUTHORIZATION" in environ
            where = (environ["REQUEST_METHOD"], environ["HTTP_HOST"], environ["PATH_INFO"])
            self.seen.append(Seen(*where, signed, int(status[:3])))
            return start_response(status, *rest)

        return self._application(environ, start)
