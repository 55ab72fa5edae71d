"""Sending one event to somebody else's server, without letting him reach into ours.

Knows: urllib3. The name is resolved once and the connection goes to that very address, so that no name can
lead to this network after it was looked at; redirects are not followed, proxies not asked, and whoever
answers too slowly is cut off.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

import orjson
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from forms.phrases import Phrase
from storage.auditing.problems import WebhookAddressUnusable

CONNECT, ANSWER, ALTOGETHER = 5.0, 10.0, 15.0
"""Seconds to connect, to wait for the next bytes, and for all of it."""

SIGNATURE = "X-Collector-Signature"
_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
_OK = range(200, 300)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NOBODYS = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "5f00::/16", "fec0::/10"),
    )
)
"""What Python takes for public: of protocols, of translators between the two kinds, sites of old."""

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: whether it was taken, and in a few words."""

    taken: bool
    told: str


def signature(secret: str, body: bytes, at: int) -> str:
    """What proves that this server sent `body` at `at` (seconds since 1970): `t=…,v1=HMAC-SHA256`."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def checked(url: str) -> SplitResult:
    """The parts of an address events may be sent to. Raises WebhookAddressUnusable."""
    if len(url) > _LONGEST or any(letter <= " " or letter == "\x7f" for letter in url):
        raise WebhookAddressUnusable(url=url[:80], reason=Phrase("it is too long or holds spaces"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookAddressUnusable(url=url[:80], reason=Phrase("it is no address")) from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise WebhookAddressUnusable(
            url=url[:80], reason=Phrase("it does not begin with https:// or http://")
        )
    if parts.username is not None or parts.password is not None:
        raise WebhookAddressUnusable(url=url[:80], reason=Phrase("it holds a name or password"))
    return parts


def resolved(parts: SplitResult, *, private: bool) -> str:
    """The network address a name leads to; all it leads to have to be public ones unless `private`.

    Raises WebhookAddressUnusable, OSError.
    """
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise WebhookAddressUnusable(url=host[:80], reason=Phrase("its name is none")) from None
    several = [str(one[4][0]) for one in found]
    if not private and not all(is_public(one) for one in several):
        raise WebhookAddressUnusable(url=host[:80], reason=Phrase("it lies in this server's own network"))
    return several[0]


def is_public(address: str) -> bool:
    """Whether an address is anybody's, and hides none of this machine's or network's."""
    one: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        hidden = one.ipv4_mapped or one.sixtofour or (one.teredo[1] if one.teredo else None)
        if one in _NAT64:
            hidden = ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)
        if hidden is not None:
            one = hidden
    is_nobodys = any(one in network for network in _NOBODYS if network.version == one.version)
    return one.is_global and not one.is_multicast and not is_nobodys


def send(url: str, secret: str, event: Mapping[str, Any], *, at: int, private: bool) -> Answer:
    """Tell one event; never raises what the other side or the network causes."""
    body = orjson.dumps(dict(event))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Collector",
        SIGNATURE: signature(secret, body, at),
    }
    try:
        parts = checked(url)
        return _posted(parts, resolved(parts, private=private), body, headers)
    except WebhookAddressUnusable as refused:
        return Answer(taken=False, told=str(refused.details["reason"]))
    except ssl.SSLCertVerificationError as error:
        return Answer(taken=False, told=f"certificate: {error.verify_message}"[:255])
    except (OSError, HTTPError, ValueError) as error:
        return Answer(taken=False, told=_said(error))


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "no answer in time"
    return f"{type(error).__name__}: {error}"[:255]


def _posted(parts: SplitResult, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = _connection(parts, address)
    over = threading.Event()
    # Whoever sends a byte now and then would hold us for ever: nothing lasts longer than this.
    timer = threading.Timer(ALTOGETHER, _cut, (connection, over))
    timer.start()
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Host": parts.netloc, **headers}, preload_content=False)
        status = connection.getresponse().status
    except Exception as error:
        # A line that was cut from our side breaks in as many ways as there are moments to cut it.
        if over.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        connection.close()
    return Answer(status in _OK, str(status))


def _cut(connection: HTTPConnection, over: threading.Event) -> None:
    over.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _connection(parts: SplitResult, address: str) -> HTTPConnection:
    port = parts.port or _PORTS[parts.scheme]
    if parts.scheme == "http":
        return HTTPConnection(address, port, timeout=CONNECT)
    # The name is what the certificate has to say, whatever address it was found at.
    return HTTPSConnection(
        address,
        port,
        timeout=CONNECT,
        ssl_context=ssl.create_default_context(),
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )
