"""Who is asking, by session token (header or cookie) or by name and password."""

from __future__ import annotations

import hashlib
import hmac
import threading
from datetime import datetime, timedelta

from flask import Request
from sqlalchemy.orm import Session

from collector.accounts.identity import NOBODY, Identity, identity_of
from collector.accounts.secrets import Vault, fingerprint
from collector.actions.accounts import REALM, check_password, counted
from storage.models import User
from storage.problems import NotSignedIn
from storage.queries import actors

COOKIE = "collector_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REMEMBER = timedelta(minutes=5)
_MOST_REMEMBERED = 1000


class Authentication:
    """Finds the account behind a request."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._key = vault.derived("remembered passwords")
        self._lock = threading.Lock()
        self._remembered: dict[bytes, tuple[str, datetime]] = {}

    def identify(self, session: Session, request: Request, now: datetime) -> Identity:
        """The account of a request, or nobody. Raises NotSignedIn when it claims one and is wrong."""
        said = request.authorization
        if said is not None and said.type == "bearer":
            return self._by_token(session, said.token or "", now) or _refuse()
        if said is not None and said.type == "basic" and request.is_secure:
            return account_identity(session, self.by_basic(session, request, now, at_phone_door=False))
        return self._by_cookie(session, request, now) or NOBODY

    def _by_token(self, session: Session, token: str, now: datetime) -> Identity | None:
        found = actors.session_by_token(session, fingerprint(token), now)
        return None if found is None else account_identity(session, found[1])

    def _by_cookie(self, session: Session, request: Request, now: datetime) -> Identity | None:
        token = request.cookies.get(COOKIE)
        found = actors.session_by_token(session, fingerprint(token), now) if token else None
        if found is None:
            return None
        if request.method not in SAFE and request.path.startswith(("/v1/", "/api/")):
            # Pages carry a secret of their own; here a browser has to repeat the session's.
            said = request.headers.get("X-CSRF-Token", "")
            if not hmac.compare_digest(said.encode(), found[0].csrf.encode()):
                raise NotSignedIn
        return account_identity(session, found[1])

    def by_basic(self, session: Session, request: Request, now: datetime, *, at_phone_door: bool) -> User:
        """The account of a Basic header; guesses are counted. Raises NotSignedIn, TooManyAttempts.

        The Collect password lies on phones, so it opens the phones' door and no other.
        """
        said = request.authorization
        name, password = (said.username or "", said.password or "") if said is not None else ("", "")
        address = request.remote_addr or ""

        def check() -> User:
            return self._by_password(session, name, password, now, at_phone_door=at_phone_door)

        return counted(name, address, check, now=now)

    def _by_password(
        self, session: Session, username: str, password: str, now: datetime, *, at_phone_door: bool
    ) -> User:
        """The account of a name and password. Raises NotSignedIn.

        A password that was right is remembered for five minutes, as a keyed digest: programs send it
        with every request, and argon2 is slow on purpose.
        """
        user = actors.user_by_name(session, username)
        if user is None:
            return check_password(session, username, password)
        # Whoever gets a new password of either kind is not known by the old one any more.
        shown = f"{at_phone_door}:{user.password_hash}:{user.collect_ha1!r}:{password}".encode(
            errors="replace"
        )
        key = hmac.digest(self._key, shown, "sha256")
        with self._lock:
            known = self._remembered.get(key)
        if known is not None and known[1] > now:
            return user
        if not (at_phone_door and self._is_collect_password(user, password)):
            check_password(session, username, password)
        with self._lock:
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = (user.username, now + _REMEMBER)
        return user

    def _is_collect_password(self, user: User, password: str) -> bool:
        ha1 = self.ha1_of(user)
        said = hashlib.md5(f"{user.username}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()
        return ha1 is not None and hmac.compare_digest(ha1, said)

    def ha1_of(self, user: User) -> str | None:
        """The Digest secret of an account that has a Collect password."""
        return self.vault.open(user.collect_ha1) if user.collect_ha1 else None


def _refuse() -> Identity:
    raise NotSignedIn


def account_identity(session: Session, user: User) -> Identity:
    """The identity of an account that has proved itself."""
    return identity_of(user.actor_id, user.actor.display_name, actors.assignments_of(session, user.actor_id))
