"""Browsers that have signed in to an account before, by a cookie that proves it and says nothing else.

The cookie holds a number of the browser's own and, for each account that signed in there, a keyed digest of
both. Nothing of it is kept on the server; whoever copies it gains a counter of wrong passwords, no right.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import timedelta

from collector.accounts.secrets import Vault

COOKIE = "collector_device"
LIFE = timedelta(days=180)
MOST_ACCOUNTS = 12
"""Accounts one browser is known to: an office shares its computers."""
_SHAPE = re.compile(r"[A-Za-z0-9_-]{22}(?:\.[A-Za-z0-9_-]{22})*")
_BYTES = 16

_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))
_MORE_SYSTEMS = (("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))
_BROWSERS = (
    ("coc_coc", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
)
_MORE_BROWSERS = (("Firefox/", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


class Devices:
    """Makes and reads the cookies of one server."""

    def __init__(self, vault: Vault) -> None:
        self._key = vault.derived("known devices")

    def known(self, cookie: str, username: str) -> str:
        """The browser's number where it has signed in to that account before, else ""."""
        number, tags = _read(cookie)
        tag = self._tag(number, username)
        return number if number and any(hmac.compare_digest(tag, one) for one in tags) else ""

    def after(self, cookie: str, username: str) -> str:
        """The cookie once somebody has signed in to that account there."""
        number, tags = _read(cookie)
        number = number or _short(secrets.token_bytes(_BYTES))
        tag = self._tag(number, username)
        kept = [tag, *(one for one in tags if one != tag)][:MOST_ACCOUNTS]
        return ".".join((number, *kept))

    def _tag(self, number: str, username: str) -> str:
        said = f"{number}\0{username.strip().lower()}".encode(errors="replace")
        return _short(hmac.digest(self._key, said, "sha256")[:_BYTES])


def _read(cookie: str) -> tuple[str, list[str]]:
    if not _SHAPE.fullmatch(cookie):
        return "", []
    number, *tags = cookie.split(".")[: MOST_ACCOUNTS + 1]
    return number, tags


def _short(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def words_of(user_agent: str) -> str:
    """A browser in a few words people know (“Chrome, Windows”), a program by its own first word."""
    system = _first(user_agent, (*_SYSTEMS, *_MORE_SYSTEMS))
    browser = _first(user_agent, (*_BROWSERS, *_MORE_BROWSERS))
    if browser or system:
        return ", ".join(filter(None, (browser, system)))
    return "".join(letter for letter in user_agent[:40].split(" ", maxsplit=1)[0] if letter.isprintable())


def _first(text: str, several: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in several if sign in text), "")
