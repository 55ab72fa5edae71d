"""Answers that name their state, so that a program which has it already is sent nothing.

Work the tag out before reading what it names: what is read later can only be newer, and is then asked for
once more. Source: RFC 9110 §8.8.3, §13.1.2; central-api.md §2a, caching headers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.http import quote_etag

from collector.clock import moment
from collector.v1.incoming import extended
from storage.cells.stamps import records_stamp
from storage.models import Form
from storage.scope import current


def records_tag(session: Session, form: Form) -> str:
    """Names what somebody may see of a form's records now: for lists, CSV, OData and maps of them.

    It moves when a live or deleted record of that form comes, goes or changes, files included, and when
    the form does; not with comments, with drafts or with other forms.
    """
    scope = current()
    # What is chosen by the time of day changes by itself.
    passing = moment() if "now" in request.args.get("$filter", "") else None
    stamp = records_stamp(session, form.project_id, form.id, placed=not scope.whole)
    return tag_of(form.id, form.current_id, form.generation, stamp, scope.codes, scope.actor_id, passing)


def tag_of(*said: object) -> str:
    """A tag of 32 letters for what these values name, in the shape this client asks for."""
    return hashlib.sha256(repr((*said, extended())).encode()).hexdigest()[:32]


def weak(tag: str, make: Callable[[], Response]) -> Response:
    """What `make` answers, or 304 without a body where the client has it: the same in meaning."""
    return _answer(tag, make, is_weak=True)


def strong(tag: str, make: Callable[[], Response]) -> Response:
    """The same for what is equal byte for byte."""
    return _answer(tag, make, is_weak=False)


def _answer(tag: str, make: Callable[[], Response], *, is_weak: bool) -> Response:
    # A client may send back either sort: it only wants to know whether anything is new (§13.1.2).
    known = "If-None-Match" in request.headers and request.if_none_match.contains_weak(tag)
    response = Response(status=304) if known else make()
    if known or response.status_code < 300:  # noqa: PLR2004
        response.headers["ETag"] = quote_etag(tag, weak=is_weak)
    return response
