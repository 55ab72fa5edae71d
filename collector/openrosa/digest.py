"""HTTP Digest for a Collect that was set up by hand (RFC 7616, MD5, qop auth).

Collect refuses Basic over plain http, so this is the only way in there. Nonces are signed, not
stored: any process can check one. A nonce may be used again and its count may come out of order,
because phones retry and send in parallel (openrosa.md §1.4).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from werkzeug.datastructures import Authorization

LIFETIME = 1800
"""Seconds a nonce is good for."""


class Digest:
    """Makes challenges and checks answers to them."""

    def __init__(self, realm: str, key: bytes) -> None:
        self._realm = realm
        self._signer = TimestampSigner(key, salt="digest nonce")

    def challenge(self, *, stale: bool = False) -> str:
        """The value of a WWW-Authenticate header."""
        nonce = self._signer.sign(secrets.token_hex(8)).decode()
        tail = ", stale=true" if stale else ""
        return f'Digest realm="{self._realm}", qop="auth", nonce="{nonce}", algorithm=MD5{tail}'

    def is_stale(self, answer: Authorization) -> bool:
        """Whether the answer uses a nonce of ours that has run out."""
        try:
            self._signer.unsign(answer.get("nonce") or "", max_age=LIFETIME)
        except SignatureExpired:
            return True
        except BadSignature:
            return False
        return False

    def username(
        self, answer: Authorization, method: str, uri: str, ha1_of: Callable[[str], str | None]
    ) -> str | None:
        """The user name an answer proves, or None. `uri` is path and query as they arrived.

        The proof is over the letters the phone signed. A proxy may have written them another way
        (`%3a` for `%3A`), so what arrived has to mean the same, no more.
        """
        name, signed, said = answer.get("username"), answer.get("uri") or "", answer.get("response")
        if not name or not said or answer.get("realm") != self._realm:
            return None
        if unquote_to_bytes(signed) != unquote_to_bytes(uri) or not self._is_ours(answer.get("nonce") or ""):
            return None
        ha1 = ha1_of(name)
        expected = None if ha1 is None else _proof(answer, ha1, _md5(f"{method}:{signed}"))
        if expected is None:
            return None
        # Bytes, because a header may hold any letter and compare_digest takes only ASCII text.
        return name if hmac.compare_digest(expected.encode(), said.lower().encode()) else None

    def _is_ours(self, nonce: str) -> bool:
        try:
            self._signer.unsign(nonce, max_age=LIFETIME)
        except BadSignature:
            return False
        return True


def _proof(answer: Authorization, ha1: str, ha2: str) -> str | None:
    """What the response has to be; None for a quality of protection we never offered."""
    nonce, qop = answer.get("nonce"), answer.get("qop")
    if not qop:
        return _md5(f"{ha1}:{nonce}:{ha2}")
    if qop == "auth":
        return _md5(f"{ha1}:{nonce}:{answer.get('nc')}:{answer.get('cnonce')}:{qop}:{ha2}")
    return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
