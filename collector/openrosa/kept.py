"""Form lists answered from memory, as long as nothing on the server has changed.

Why: three thousand phones ask every quarter of an hour, and forms change once a month. A request that
was answered before, byte for byte the same, needs neither the database nor the framework again; whoever
revokes a phone or publishes a form changes the pulse, and the next request is looked at anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from collector.asked import note
from collector.visits import LIFETIME
from storage.pulse import Kept, Pulse

_ROOM = 2000
_LARGEST = 64 * 1024
_ASKED = (
    "PATH_INFO",
    "QUERY_STRING",
    "RAW_URI",
    "REQUEST_URI",
    "SCRIPT_NAME",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_IF_NONE_MATCH",
)
"""All that the answer to a phone with its token in the address depends on."""


@dataclass(slots=True)
class _Answer:
    """A whole answer, ready to be given again."""

    status: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def may_be_kept(self) -> bool:
        """Only what every such request would get: no refusal, nothing for one browser alone."""
        return (
            self.status.startswith("200 ")
            and len(self.body) <= _LARGEST
            and not any(name.lower() == "set-cookie" for name, _ in self.headers)
        )


class KeptLists:
    """Stands before an application and gives its form lists again."""

    def __init__(self, application: WSGIApplication, pulse: Pulse) -> None:
        self._application = application
        self._pulse = pulse
        self._kept: Kept[_Answer] = Kept(_ROOM, LIFETIME)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from memory, else as the application does."""
        path: str = environ["PATH_INFO"]
        if (
            not path.endswith("/formList")
            or not path.startswith("/v1/key/")
            or environ["REQUEST_METHOD"] != "GET"
        ):
            return self._application(environ, start_response)
        key = tuple(map(environ.get, _ASKED))
        pulse = self._pulse.read()
        answer = self._kept.get(key, pulse)
        note(endpoint="key.form_list")
        if answer is None:
            answer = _asked(self._application, environ)
            if answer.may_be_kept:
                self._kept.keep(key, pulse, answer)
        start_response(answer.status, list(answer.headers))
        return [answer.body]


def _asked(application: WSGIApplication, environ: WSGIEnvironment) -> _Answer:
    answer = _Answer()

    def start(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
        answer.status, answer.headers = status, tuple(headers)

    pieces = application(environ, start)
    try:
        answer.body = b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    return answer
