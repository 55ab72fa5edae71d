"""Files kept under the server's key: sealed piece by piece, so that memory stays flat.

Each piece is sealed by itself with its number and whether it is the last, so that none can be left out,
added or exchanged (the STREAM construction). Knows: cryptography's AES-GCM.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 64 * 1024
"""Bytes of a piece before it is sealed."""
_PREFIX, _NUMBER, _TAG = 7, 4, 16


class Readable(Protocol):
    """What is read piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes; none at the end."""


class Sealer:
    """Seals and opens under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._box = AESGCM(key)

    def sealed(self, source: Readable) -> Iterator[bytes]:
        """The bytes of `source`, sealed, in pieces."""
        prefix = secrets.token_bytes(_PREFIX)
        yield prefix
        piece, number = source.read(PIECE), 0
        while True:
            following = source.read(PIECE)
            yield self._box.encrypt(_nonce(prefix, number, last=not following), piece, None)
            if not following:
                return
            piece, number = following, number + 1

    def opened(self, source: Readable) -> Iterator[bytes]:
        """What `sealed` made, opened, in pieces.

        Raises cryptography's InvalidTag where it was changed, cut short, or sealed under another key.
        """
        prefix = source.read(_PREFIX)
        piece, number = source.read(PIECE + _TAG), 0
        while True:
            following = source.read(PIECE + _TAG)
            yield self._box.decrypt(_nonce(prefix, number, last=not following), piece, None)
            if not following:
                return
            piece, number = following, number + 1


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(_NUMBER, "big") + (b"\1" if last else b"\0")


def whole(pieces: Iterable[bytes]) -> bytes:
    """All the pieces together, where they are few."""
    return b"".join(pieces)
