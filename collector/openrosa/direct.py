"""The shortest way for what phones send most: a form to their own address, taken without the framework.

Why: routing, context, hooks and session of the framework cost a third of an intake that succeeds. What
does not succeed goes the long way all the same: the refusal is handed to the route, raised there, and
told, logged and translated as every other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from collector import visits
from collector.asked import note
from collector.openrosa import documents
from collector.parcels import ACCEPTS, take
from storage.cuts import within
from storage.scope import WHOLE

if TYPE_CHECKING:
    from flask import Flask


HEADERS = {
    "X-OpenRosa-Version": "1.0",
    "X-OpenRosa-Accept-Content-Length": str(ACCEPTS),
    "Content-Language": "vi",
    "Cache-Control": "private, no-cache",
}
"""What every answer of this door carries (openrosa.md §0)."""

TEXT_XML = "text/xml; charset=utf-8"
TAKEN = documents.response(documents.SUCCESS, "submit_success")
REFUSAL = "collector.refusal"
"""Where the environment holds what the short way ended with."""

_OWN_ADDRESS = re.compile(r"/v1/key/([^/]+)/projects/([0-9]{1,18})/submission")
_STARTED = [("Content-Type", TEXT_XML), ("Content-Length", str(len(TAKEN))), *HEADERS.items()]


class ShortWay:
    """Stands before an application and takes submissions of phones with their token in the address."""

    def __init__(self, flask: Flask, application: WSGIApplication) -> None:
        self._flask = flask
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Take a submission, or hand the request on."""
        if environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        found = _OWN_ADDRESS.fullmatch(environ["PATH_INFO"])
        if found is None:
            return self._application(environ, start_response)
        try:
            # Intake has to find every record and form, as it does behind the guard.
            with self._flask.app_context(), within(WHOLE):
                caller = visits.by_key(found[1], int(found[2]))
                note(account=caller.actor_id, endpoint="key.submission")
                take(caller, environ)
        except Exception as error:  # noqa: BLE001 - the route raises it again, where all are answered
            environ[REFUSAL] = error
            return self._application(environ, start_response)
        start_response("201 CREATED", _STARTED.copy())
        return [TAKEN]
