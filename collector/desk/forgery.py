"""What keeps other sites from sending the desk's forms: a token in each, which only our pages show.

Knows: Flask-WTF, which makes and checks the token. On a page it stands masked, another way each time: a
gzipped page is shorter for what it says twice, and a guess at a token that stays would show in its length
(BREACH). All the forms of one page share a mask, so that they pack well.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from flask import Flask, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from wtforms.validators import ValidationError

FIELD = "csrf_token"
_HEADER = "X-CSRF-Token"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Cookie(SecureCookieSessionInterface):
    """Where the token is kept in the browser; over https it never goes another way."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Whether the cookie is for https only."""
        return request.is_secure


def install(app: Flask) -> None:
    """Give templates `csrf_token()`."""
    app.session_interface = Cookie()
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.jinja_env.globals[FIELD] = page_token


def protect() -> None:
    """Refuse what changes something and does not come from a page of ours. Raises CSRFError."""
    if request.method in _READING:
        return
    said = request.form.get(FIELD) or request.headers.get(_HEADER, "")
    try:
        validate_csrf(unmasked(said))
    except ValidationError as error:
        raise CSRFError(str(error)) from error


def page_token() -> str:
    """The token as this page shows it."""
    if "page_token" not in g:
        g.page_token = masked(generate_csrf())
    return str(g.page_token)


def masked(token: str) -> str:
    """A token under a fresh mask: the mask, then the token with the mask upon it."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(mask + _upon(plain, mask)).decode()


def unmasked(said: str) -> str:
    """The token under a mask, "" for what is none."""
    try:
        both = urlsafe_b64decode(said.encode())
        half = len(both) // 2
        return _upon(both[half:], both[:half]).decode()
    except (NotBase64, ValueError):
        return ""


def _upon(text: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(text, mask, strict=True))
