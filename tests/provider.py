"""A provider of identities to sign in with: real HTTP, real RS256 signatures, codes that work once, PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "collector", "bi mat cua may chu"


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        provider, parts = self.provider, urlsplit(self.path)
        provider.asked.append(parts.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                self._say(provider.addresses())
            case "/jwks":
                self._say({"keys": [provider.key.as_dict(private=False)]})
            case "/authorize":
                code = secrets.token_urlsafe(16)
                provider.codes[code] = asked
                back = urlencode({"code": code, "state": asked["state"]})
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = {name: values[0] for name, values in parse_qs(sent).items()}
        self.provider.asked.append(self.path)
        asked = self.provider.codes.pop(said.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(said.get("code_verifier", "").encode()).digest())
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_right = (
            asked is not None
            and asked["code_challenge"] == proof.decode().rstrip("=")
            and asked["code_challenge_method"] == "S256"
            and asked["redirect_uri"] == said["redirect_uri"]
            and self.headers["Authorization"] in {f"Basic {basic}", f"Basic {plain}"}
        )
        if asked is None or not is_right:
            self._say({"error": "invalid_grant"}, 400)
            return
        token = self.provider.token(asked["nonce"])
        self._say({"access_token": "not used", "token_type": "Bearer", "id_token": token})

    def _say(self, said: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


class Provider:
    """Somebody is signed in there: `claims` are said of him; `spoil` makes a token what it must not be."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.claims: dict[str, Any] = {"sub": "so-24601"}
        self.spoil: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.unsigned = False
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.more: dict[str, str] = {}
        self.rotate()

    def rotate(self, kid: str | None = None) -> None:
        """Sign with another key from now on."""
        self.key = RSAKey.generate_key(2048, {"kid": kid or secrets.token_hex(4), "use": "sig"})

    def addresses(self) -> dict[str, Any]:
        """What its discovery says."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "none"],
            **self.more,
        }

    def token(self, nonce: str) -> str:
        """The signed token of whoever is signed in."""
        at = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce, **self.claims}
        said = self.spoil(said)
        if self.unsigned:
            head, body = ({"alg": "none"}, said)
            return ".".join(_piece(json.dumps(one).encode()) for one in (head, body)) + "."
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key)

    def visit(self, address: str) -> str:
        """What a browser does there: it is sent back, with a code. Returns path and query of where to."""
        response = requests.get(address, allow_redirects=False, timeout=60)
        assert response.status_code == 302, response.text
        back = urlsplit(response.headers["Location"])
        return f"{back.path}?{back.query}"


def _piece(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def serving() -> Iterator[Provider]:
    """A provider that answers on this machine."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
        handler.provider = provider  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
