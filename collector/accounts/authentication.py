"""Who is asking: by a link's token, a session, a key, a name and password, or a cookie, in that order."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address

import orjson
from flask import Request
from sqlalchemy.orm import Session

from collector.accounts.identity import NOBODY, Identity, identity_of, sender_identity
from collector.accounts.narrowing import KEY_PREFIX, narrowed
from collector.accounts.permissions import APP_USER, PUBLIC_LINK
from collector.accounts.secrets import Vault, fingerprint
from collector.actions.accounts import REALM, check_password
from collector.actions.attempts import Stand, of_password, within
from collector.actions.entering import is_idle, needs_noting
from collector.actions.second_step import Gate, Step
from storage.access_problems import HttpsOnly, KeyNeeded
from storage.cuts import within as seeing
from storage.database import transaction
from storage.models import ApiKey, User
from storage.problems import NotSignedIn, TokenUnknown
from storage.queries import access, actors
from storage.scope import WHOLE

COOKIE = "collector_session"
STALE = "collector.stale_session"
"""In the environment of a request: the number of its session, where it is time to note that it is used."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SHAPE = re.compile(r"[A-Za-z0-9!$]{64}")
"""What a token of a session, phone or link looks like."""

_REMEMBER = timedelta(minutes=5)
_MOST_REMEMBERED = 1000
_USED_EVERY = timedelta(hours=1)
_CSRF_LIMIT = 250_000
"""Bytes of a body that is looked through for the secret of its session."""

Network = IPv4Network | IPv6Network


class Authentication:
    """Finds who is behind a request. `trusted` are the networks where Basic is taken without https."""

    def __init__(self, vault: Vault, trusted: Sequence[Network] = (), gate: Gate | None = None) -> None:
        self.vault = vault
        self._gate = gate or Gate(vault)
        self._trusted = tuple(trusted)
        self._key = vault.derived("remembered passwords")
        self._lock = threading.Lock()
        self._remembered: dict[bytes, tuple[str, datetime]] = {}

    def identify(self, session: Session, request: Request, now: datetime) -> Identity:
        """Who asks, or nobody.

        Raises NotSignedIn when somebody claims to be known and is not, TokenUnknown for a link's token,
        HttpsOnly, TooManyAttempts.
        """
        link = request.args.get("st") if request.path.startswith("/v1/") else None
        if link is not None:
            return self._by_link(session, link)
        said = request.authorization
        if said is not None and said.type == "bearer":
            return self._by_token(session, said.token or "", now) or _refuse()
        if said is not None and said.type == "basic":
            return self._by_password_or_key(session, request, now)
        if "Authorization" in request.headers:
            raise NotSignedIn
        return self._by_cookie(session, request, now) or NOBODY

    def takes_basic(self, request: Request) -> bool:
        """Whether nobody who must not can listen to a password: on https, or on a trusted network."""
        if request.is_secure:
            return True
        try:
            address = ip_address(request.remote_addr or "")
        except ValueError:
            return False
        return any(address in network for network in self._trusted if network.version == address.version)

    def _by_link(self, session: Session, token: str) -> Identity:
        if not SHAPE.fullmatch(token):
            raise NotSignedIn
        found = _sender(session, token)
        if found is None:
            raise TokenUnknown
        return found

    def _by_token(self, session: Session, token: str, now: datetime) -> Identity | None:
        if token.startswith(KEY_PREFIX):
            return key_identity(session, token, now)
        found = actors.session_by_token(session, fingerprint(token), now)
        return _sender(session, token) if found is None else _signed_in(found)

    def _by_password_or_key(self, session: Session, request: Request, now: datetime) -> Identity:
        said = request.authorization
        password = (said.password or "") if said is not None else ""
        if password.startswith(KEY_PREFIX):
            # A key travels anywhere a Bearer token does: it can be taken back, and opens less.
            return key_identity(session, password, now) or _refuse()
        if not self.takes_basic(request):
            raise HttpsOnly
        return account_identity(session, self.by_basic(session, request, now, at_phone_door=False))

    def _by_cookie(self, session: Session, request: Request, now: datetime) -> Identity | None:
        token = request.cookies.get(COOKIE)
        found = actors.session_by_token(session, fingerprint(token), now) if token else None
        if found is None:
            return None
        # Pages carry a secret of their own; here a browser has to show that the page is ours.
        changes = request.method not in SAFE and request.path.startswith(("/v1/", "/api/", "/w/"))
        if changes and not _is_of_our_page(request, found):
            raise NotSignedIn
        # A form filled far from any line comes when it comes; what is open at the office is not left lying.
        if is_idle(found, now) and not request.path.startswith("/w/"):
            return None
        if needs_noting(found, now):
            request.environ[STALE] = None if is_idle(found, now) else found.id
        return _signed_in(found)

    def by_basic(self, session: Session, request: Request, now: datetime, *, at_phone_door: bool) -> User:
        """The account of a Basic header; guesses are counted. Raises NotSignedIn, TooManyAttempts, KeyNeeded.

        The Collect password lies on phones, so it opens the phones' door and no other.
        """
        said = request.authorization
        name, password = (said.username or "", said.password or "") if said is not None else ("", "")
        address = request.remote_addr or ""
        if at_phone_door:
            # Sixty bits that nobody guesses: whoever tries the name elsewhere keeps no phone out.
            user = actors.open_account(session, name)
            if user is not None and self._is_collect_password(user, password):
                return user

        def check() -> User:
            return self._by_password(session, name, password, now, at_phone_door=at_phone_door)

        return within(of_password(name, Stand(address)), check, now=now)

    def _by_password(
        self, session: Session, username: str, password: str, now: datetime, *, at_phone_door: bool
    ) -> User:
        """The account of a name and password. Raises NotSignedIn, KeyNeeded.

        A password that was right is remembered for five minutes, as a keyed digest: programs send it
        with every request, and argon2 is slow on purpose.
        """
        user = actors.open_account(session, username)
        if user is None:
            return check_password(session, username, password)
        # Whoever gets a new password of either kind is not known by the old one any more.
        stepped = self._gate.step(session, user.actor_id) is not Step.NONE
        shown = f"{at_phone_door}:{stepped}:{user.password_hash}:{user.collect_ha1!r}:{password}".encode(
            errors="replace"
        )
        key = hmac.digest(self._key, shown, "sha256")
        with self._lock:
            known = self._remembered.get(key)
        if known is not None and known[1] > now:
            return user
        if not (at_phone_door and self._is_collect_password(user, password)):
            check_password(session, username, password)
            if stepped:
                # One of the two things that are asked of it is not enough.
                raise KeyNeeded
        with self._lock:
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = (user.username, now + _REMEMBER)
        return user

    def _is_collect_password(self, user: User, password: str) -> bool:
        ha1 = self.ha1_of(user)
        shown = f"{user.username}:{REALM}:{password}".encode(errors="replace")
        said = hashlib.md5(shown, usedforsecurity=False).hexdigest()
        return ha1 is not None and hmac.compare_digest(ha1, said)

    def ha1_of(self, user: User) -> str | None:
        """The Digest secret of an account that has a Collect password."""
        return self.vault.open(user.collect_ha1) if user.collect_ha1 else None


def _refuse() -> Identity:
    raise NotSignedIn


def _is_of_our_page(request: Request, signed: actors.Signed) -> bool:
    """Whether the request repeats the secret of its session, or has a header no foreign page can send."""
    if request.headers.get("X-Requested-With", "").lower() == "xmlhttprequest":
        return True
    said = request.headers.get("X-CSRF-Token") or _csrf_in_body(request)
    return hmac.compare_digest(said.encode(errors="replace"), signed.csrf.encode())


def _csrf_in_body(request: Request) -> str:
    """`__csrf` of a JSON body or a form, as Central's pages send it; "" where there is none."""
    if (request.content_length or _CSRF_LIMIT + 1) > _CSRF_LIMIT:
        return ""
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.get("__csrf", "")
    if request.mimetype != "application/json":
        return ""
    try:
        said = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        return ""
    token = said.get("__csrf") if isinstance(said, dict) else None
    return token if isinstance(token, str) else ""


def key_identity(session: Session, token: str, now: datetime) -> Identity | None:
    """Whom a program's key lets it act for, None where it holds no more."""
    # Nobody is known yet, so nothing is cut: places are looked up to cut by.
    with seeing(WHOLE):
        found = access.key_by_token(session, fingerprint(token), now)
        if found is None:
            return None
        key, user = found
        known = narrowed(session, account_identity(session, user), key)
        if key.last_used_at is None or key.last_used_at < now - _USED_EVERY:
            _note_use(key.id, now)
        return known


def _note_use(key_id: int, now: datetime) -> None:
    with transaction(noticed=False) as session:
        session.get_one(ApiKey, key_id).last_used_at = now


def _sender(session: Session, token: str) -> Identity | None:
    """The phone or link of a token."""
    with seeing(WHOLE):
        phone = access.phone_of_token(session, fingerprint(token))
        if phone is not None:
            forms: Sequence[str | None] = [None] if phone.all_forms else actors.form_names_of(session, phone)
            name, codes = phone.actor.display_name, phone.place_codes
            return sender_identity(phone.actor_id, name, phone.project_id, forms, codes, role=APP_USER)
        found = access.link_of_token(session, fingerprint(token))
        if found is None:
            return None
        link, form, project = found
        name, codes = link.actor.display_name, link.place_codes
        forms = [form.xml_form_id]
        return sender_identity(link.actor_id, name, project.id, forms, codes, role=PUBLIC_LINK)


def _signed_in(signed: actors.Signed) -> Identity:
    return identity_of(signed.actor_id, signed.name, signed.roles)


def account_identity(session: Session, user: User) -> Identity:
    """The identity of an account that has proved itself."""
    return identity_of(user.actor_id, user.actor.display_name, actors.assignments_of(session, user.actor_id))
