"""Problem → status → OpenRosa XML, JSON or a page: one table, three voices."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from collector.asked import number
from collector.logs import tell
from collector.openrosa import documents
from collector.openrosa import routes as openrosa
from collector.openrosa.visit import Challenge
from collector.parts import parts
from collector.statuses import STATUS
from collector.wording import fill
from forms.problems import Problem
from storage.database import is_full
from storage.store_problems import StoreFull

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Answer every refusal and every failure in the voice of the door it happened at."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(InterfaceError, _unavailable)
    app.register_error_handler(Exception, _bug)


def _problem(problem: Problem) -> Response:
    code = STATUS[type(problem)]
    answer = _say(code.status, code.central, say(problem), dict(problem.details))
    if code.wait is not None:
        answer.headers["Retry-After"] = str(code.wait)
    return answer


def say(problem: Problem) -> str:
    """The sentence of a problem in the language of whoever asks."""
    return fill(problem.sentence, problem.details)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    sentences = {
        400: gettext("The request cannot be understood."),
        401: gettext("Sign in first."),
        403: gettext("You have no right to do this. Ask an administrator of this server."),
        404: gettext("There is nothing at this address."),
        405: gettext("This address does not work that way."),
        413: gettext("This is larger than the server takes at once."),
        429: gettext("Too many attempts. Wait a minute and try again."),
    }
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status=status, headers=dict(error.get_headers()))
    answer = _say(status, float(f"{status}.1"), sentences.get(status, error.name), {})
    if isinstance(error, Challenge):
        for way in error.ways:
            answer.headers.add("WWW-Authenticate", way)
    for name in ("Allow", "Retry-After"):
        value = dict(error.get_headers()).get(name)
        if value:
            answer.headers[name] = value
    return answer


def _unavailable(error: Exception) -> Response:
    if is_full(error):
        tell(log, "the database has no room", error)
        parts().meters.count("collector_database_errors")
        return _problem(StoreFull())
    tell(log, "the database does not answer", error)
    parts().meters.count("collector_database_errors")
    answer = _say(
        503, 503.1, gettext("The server's database does not answer just now. Try again in a few minutes."), {}
    )
    # Without seconds to wait: a client that is told 0 sends everything again at once (openrosa.md §0.10).
    answer.headers["Retry-After"] = "60"
    return answer


def _bug(error: Exception) -> Response:
    tell(log, f"unexpected failure at {request.endpoint}", error)
    parts().meters.count("collector_failures")
    return _say(
        500,
        500.1,
        gettext("The server made a mistake; it has been noted. Try again, and tell the office if it stays."),
        {},
    )


def _say(status: int, central: float, sentence: str, details: dict[str, object]) -> Response:
    if _at_openrosa():
        body = documents.response(sentence, "error")
        return openrosa.add_headers(Response(body, status, content_type="text/xml; charset=utf-8"))
    if request.path.startswith(("/v1/", "/api/", "/w/")):
        answer = jsonify({"message": sentence, "code": central, "details": details})
        answer.status_code = status
        return answer
    if status == HTTPStatus.UNAUTHORIZED:
        return Response(status=303, headers={"Location": f"/signin?{urlencode({'next': _page_asked_for()})}"})
    return Response(render_template("error.html", status=status, sentence=sentence, number=number()), status)


def _page_asked_for() -> str:
    """The page to come back to after signing in; the one with the button, where a button was pressed."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.removesuffix("?")
    return (request.referrer or "").removeprefix(request.host_url.rstrip("/")) or "/"


def _at_openrosa() -> bool:
    if openrosa.speaks_openrosa(request.endpoint or ""):
        return True
    # No route matched: a phone is told in its own format what happened at its address.
    return request.endpoint is None and (
        request.path.startswith(("/v1/key/", "/v1/test/")) or "X-OpenRosa-Version" in request.headers
    )


__all__ = ["STATUS", "install", "say"]
