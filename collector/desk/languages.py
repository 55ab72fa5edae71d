"""The reader chooses a language; a cookie keeps it for a year."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from collector.desk.language import COOKIE, LANGUAGES
from collector.desk.page import local_target

blueprint = Blueprint("languages", __name__)

_YEAR = 365 * 24 * 3600


@blueprint.post("/language")
def choose() -> Response:
    """Read on in the language chosen."""
    response = redirect(local_target(request.form.get("next", "/")), 303)
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return response
