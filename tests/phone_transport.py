"""How a phone's requests travel: its answer to a challenge, its cache, a short cut into an app under test.

Source: Collect's OkHttpOpenRosaServerClientProvider; okhttp-digest; OkHttp's CacheStrategy.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import parse_dict_header
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.test import create_environ, run_wsgi_app


class InProcess(HTTPAdapter):
    """Hands requests to a WSGI app in this process: no port, no thread, thousands of requests a second."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """One request, one response; the app's own exceptions pass through."""
        parts = urlsplit(request.url or "")
        environ = create_environ(
            # With its query: werkzeug keeps this whole as RAW_URI, as gunicorn does.
            path=request.path_url,
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=request.method or "GET",
            headers=list(request.headers.items()),
            environ_base={"REMOTE_ADDR": "10.0.0.7"},
        )
        # Like a socket, and unlike a test client's, the body can be read once and not sought.
        environ["wsgi.input"] = _stream(request.body)
        for name in {"Content-Type", "Content-Length"} & request.headers.keys():
            environ[name.upper().replace("-", "_")] = request.headers[name]
        pieces, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        answer = HTTPResponse(
            body=io.BytesIO(b"".join(pieces)),
            headers=HTTPHeaderDict(headers.to_wsgi_list()),
            status=int(status.split(" ", 1)[0]),
            reason=status.partition(" ")[2],
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, answer)


def _stream(body: Any) -> Any:
    if hasattr(body, "read"):
        return body
    return io.BytesIO(body.encode() if isinstance(body, str) else body or b"")


def in_process(app: WSGIApplication) -> requests.Session:
    """A session whose every request, http or https, goes to `app`."""
    session = requests.Session()
    session.mount("http://", InProcess(app))
    session.mount("https://", InProcess(app))
    return session


def as_on_a_phone(session: requests.Session) -> requests.Session:
    """The session without what requests adds by itself: no cookies, proxies, netrc or headers of its own."""
    session.headers.clear()
    session.headers.update({"Accept-Encoding": "gzip", "Connection": "Keep-Alive"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = False
    session.max_redirects = 20
    return session


class CollectAuth(AuthBase):
    """Answers a challenge as Collect does: Digest over http, Basic too over https.

    The first scheme it knows wins. Once challenged, credentials go with every request: one nonce and one
    cnonce with a growing count, until the server says stale.
    """

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._basic = False
        self._digest: dict[str, str] = {}
        self._cnonce = ""
        self._count = 0

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request, with credentials if the server asked for them before."""
        self._sign(r)
        r.register_hook("response", self._answered)  # type: ignore[no-untyped-call]  # types-requests leaves it out
        return r

    def _sign(self, r: requests.PreparedRequest) -> None:
        if self._basic:
            told = base64.b64encode(f"{self._username}:{self._password}".encode("latin-1")).decode()
            r.headers["Authorization"] = f"Basic {told}"
        elif self._digest:
            r.headers["Authorization"] = self._digest_header(r.method or "GET", r.path_url)

    def _answered(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        if r.status_code != requests.codes.unauthorized or len(r.history) > 1 or not self._take_challenge(r):
            return r
        _ = r.content
        r.close()
        request = r.request.copy()
        rewind = getattr(request.body, "seek", None)
        if rewind is not None:
            rewind(0)
        self._sign(request)
        again: requests.Response = r.connection.send(request, **kwargs)
        again.history = [*r.history, r]
        again.request = request
        return self._answered(again, **kwargs)

    def _take_challenge(self, r: requests.Response) -> bool:
        """True when the request is worth sending again, signed for this challenge."""
        known = ("digest", "basic") if (r.request.url or "").startswith("https:") else ("digest",)
        lines: list[str] = r.raw.headers.getlist("www-authenticate")
        scheme, _, rest = next((x for x in lines if x.split(" ", 1)[0].lower() in known), "").partition(" ")
        details: dict[str, str] = parse_dict_header(rest)  # type: ignore[no-untyped-call]  # left out too
        refused = "Authorization" in r.request.headers and details.get("stale", "").lower() != "true"
        if refused or not scheme:
            return False
        if scheme.lower() == "basic":
            self._basic = True
            return True
        # okhttp-digest wants the capital, a realm and a nonce, and cannot hash a body for auth-int.
        qop = {word.strip() for word in details.get("qop", "auth").split(",")}
        if scheme != "Digest" or not {"realm", "nonce"} <= details.keys() or "auth" not in qop:
            return False
        self._digest, self._cnonce, self._count = details, secrets.token_hex(8), 0
        return True

    def _digest_header(self, method: str, uri: str) -> str:
        self._count += 1
        count, realm, nonce = f"{self._count:08x}", self._digest["realm"], self._digest["nonce"]
        who = _md5(f"{self._username}:{realm}:{self._password}")
        what = _md5(f"{method}:{uri}")
        proof = _md5(f"{who}:{nonce}:{count}:{self._cnonce}:auth:{what}")
        if "qop" not in self._digest:
            proof = _md5(f"{who}:{nonce}:{what}")
        header = f'Digest username="{self._username}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        header += f'response="{proof}"'
        if "qop" in self._digest:
            header += f', qop=auth, nc={count}, cnonce="{self._cnonce}"'
        header += ", algorithm=MD5"
        return header + (f', opaque="{self._digest["opaque"]}"' if "opaque" in self._digest else "")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("ascii"), usedforsecurity=False).hexdigest()


@dataclass
class Cache:
    """OkHttp's disk cache: what may be kept is asked for again with If-None-Match or If-Modified-Since."""

    _kept: dict[str, tuple[float, requests.Response]] = field(default_factory=dict)

    def fresh(self, url: str) -> requests.Response | None:
        """A kept response shown without asking: a list sent with max-age goes stale on phones."""
        if url not in self._kept:
            return None
        since, response = self._kept[url]
        control = response.headers.get("Cache-Control", "")
        age = re.search(r"max-age=(\d+)", control)
        current = age is not None and "no-cache" not in control and time.monotonic() - since < int(age[1])
        return response if current else None

    def questions(self, url: str) -> Mapping[str, str]:
        """The headers that ask whether what is kept still holds."""
        if url not in self._kept:
            return {}
        kept = self._kept[url][1].headers
        for ask, said in (
            ("If-None-Match", "ETag"),
            ("If-Modified-Since", "Last-Modified"),
            ("If-Modified-Since", "Date"),
        ):
            if said in kept:
                return {ask: kept[said]}
        return {}

    def settled(self, url: str, response: requests.Response) -> requests.Response:
        """What the app sees: a 304 becomes the kept response with the new headers, a 200 is kept."""
        if response.status_code == requests.codes.not_modified and url in self._kept:
            kept = self._kept[url][1]
            kept.headers.update({
                k: v for k, v in response.headers.items() if not k.lower().startswith("content-")
            })
            self._kept[url] = (time.monotonic(), kept)
            return kept
        if response.status_code == requests.codes.ok and "no-store" not in response.headers.get(
            "Cache-Control", ""
        ):
            self._kept[url] = (time.monotonic(), response)
        return response
