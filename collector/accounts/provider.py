"""A provider of identities that speaks OpenID Connect (VNeID, the province's single sign-on).

Knows: authlib and joserfc, which do the protocol: code flow with PKCE, signatures, claims. Only what lies at
the issuer's own host is ever asked, and no redirection is followed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from collector.actions.outside_identities import Known, usable
from collector.logs import tell
from storage.access_problems import ProviderSilent

log = logging.getLogger(__name__)

TIMEOUT = (3.05, 10.0)
"""Seconds until a provider answers the line, and until it says something."""
LEEWAY = 60
"""Seconds two clocks may differ."""
_KEPT = 3600.0
_NEW_KEYS_EVERY = 30.0
_LARGEST = 256 * 1024
_AT_ONCE = 4
_SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures only the provider can make; "none", and those made with a shared secret, are no proof."""
_STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "iris", "vbm", "pop"})
"""Words of `amr` (RFC 8176) for more than a password."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-in that was begun: where the browser goes, and what only it knows until it is back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Client:
    """What this server is to a provider. `claim` is the one an account is tied to."""

    issuer: str
    client_id: str
    secret: str
    claim: str
    name: str


class Provider:
    """Asks one provider; its addresses and keys are kept an hour, new keys fetched when one is unknown."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._found: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, Mapping[str, Any]] | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.client.name

    def ask(self, redirect: str) -> Asked:
        """Begin a sign-in that comes back to `redirect`. Raises ProviderSilent."""
        from authlib.common.security import generate_token

        with self._asking() as line:
            found = self._addresses(line)
            verifier, nonce = generate_token(64), generate_token(32)
            address, state = line.create_authorization_url(
                found["authorization_endpoint"],
                redirect_uri=redirect,
                scope="openid profile email" if self.client.claim == "email" else "openid profile",
                state=generate_token(32),
                code_verifier=verifier,
                nonce=nonce,
            )
            return Asked(address, state, nonce, verifier)

    def answer(self, code: str, redirect: str, *, nonce: str, verifier: str) -> Known:
        """Whom the provider means by a code. Raises ProviderSilent."""
        with self._asking() as line:
            found = self._addresses(line)
            token = line.fetch_token(
                found["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect,
                code_verifier=verifier,
            )
            return self._known(self._claims(line, token, nonce))

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """A line to the provider; whatever goes wrong on it is one refusal, and one line in the log."""
        from authlib.integrations.requests_client import OAuth2Session

        if not self._places.acquire(blocking=False):
            # A provider that answers nobody must not take all the threads there are.
            raise ProviderSilent(provider=self.name)
        try:
            with OAuth2Session(
                self.client.client_id,
                self.client.secret,
                token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the name of a way
                code_challenge_method="S256",
                default_timeout=TIMEOUT,
            ) as line:
                line.max_redirects = 0
                yield line
        except ProviderSilent:
            raise
        except Exception as error:
            # The libraries raise what they like; none of it lets anybody in.
            tell(log, "the provider of identities", error)
            raise ProviderSilent(provider=self.name) from error
        finally:
            self._places.release()

    def _addresses(self, line: Any) -> Mapping[str, Any]:
        with self._lock:
            kept = self._found
        if kept is not None and time.monotonic() - kept[0] < _KEPT:
            return kept[1]
        found = self._fetch(line, f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.client.issuer:
            raise ValueError("the issuer calls itself otherwise")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._require_own(str(found.get(name)))
        with self._lock:
            self._found = (time.monotonic(), found)
        return found

    def _require_own(self, address: str) -> None:
        if urlsplit(address)[:2] != urlsplit(self.client.issuer)[:2]:
            raise ValueError("an address that is not the issuer's own")

    def _fetch(self, line: Any, address: str) -> Mapping[str, Any]:
        with line.request("GET", address, withhold_token=True, stream=True, timeout=TIMEOUT) as response:
            response.raise_for_status()
            data = response.raw.read(_LARGEST + 1, decode_content=True)
        if response.is_redirect or len(data) > _LARGEST:
            raise ValueError("an answer that is none")
        said = orjson.loads(data)
        if not isinstance(said, dict):
            raise TypeError("an answer that is no object")
        return said

    def _key_set(self, line: Any, *, anew: bool = False) -> Any:
        from joserfc.jwk import KeySet

        with self._lock:
            kept = self._keys
        age = _KEPT if kept is None else time.monotonic() - kept[0]
        if kept is None or age >= (_NEW_KEYS_EVERY if anew else _KEPT):
            kept = (time.monotonic(), self._fetch(line, self._addresses(line)["jwks_uri"]))
            with self._lock:
                self._keys = kept
        return KeySet.import_key_set(dict(kept[1]))  # type: ignore[arg-type]

    def _claims(self, line: Any, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """What the signed token says, once everything about it is as it has to be."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, InvalidKeyIdError, MissingKeyError
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=list(_SIGNED_WITH), strict_check_header=False)
        text = token["id_token"]
        try:
            said = jwt.decode(text, self._key_set(line), registry=registry)
        except (BadSignatureError, InvalidKeyIdError, MissingKeyError):
            # The provider may have changed its keys.
            said = jwt.decode(text, self._key_set(line, anew=True), registry=registry)
        claims = CodeIDToken(
            said.claims,
            said.header,
            {
                "iss": {"essential": True, "value": self.client.issuer},
                "aud": {"essential": True, "value": self.client.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            {
                "nonce": nonce,
                "client_id": self.client.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY)
        return dict(claims)

    def _known(self, claims: Mapping[str, Any]) -> Known:
        value = claims.get(self.client.claim)
        if not isinstance(value, str) or not usable(value):
            raise ValueError("the claim is missing")
        if self.client.claim == "email" and claims.get("email_verified") is not True:
            raise ValueError("the e-mail address is not verified")
        ways = claims.get("amr") or []
        return Known(self.client.issuer, self.client.claim, value, not _STRONG.isdisjoint(ways))
