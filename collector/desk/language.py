"""The language of a page: as chosen in the cookie, else Vietnamese."""

from __future__ import annotations

from flask import has_request_context, request

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "collector_language"


def chosen_language() -> str:
    """A code of LANGUAGES. Programs under /v1 and /api get English, phones and people Vietnamese first."""
    if not has_request_context():
        return "vi"
    path = request.path
    if path.startswith("/api/") or (
        path.startswith("/v1/") and not path.startswith(("/v1/key/", "/v1/test/"))
    ):
        return "en"
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else "vi"
