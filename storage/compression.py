"""Submission XML, packed against the empty form it answers.

Two answers to one form share nearly all their bytes with the form's own instance, so that instance
serves as the dictionary: 3.4 KB of XML take well under 1 KB. The dictionary is worked out from the
stored XForm, which never changes, so nothing else has to be kept.
"""

from __future__ import annotations

import re
import zlib

_INSTANCE = re.compile(rb"<(?:\w+:)?instance(?:\s[^>]*)?>(.*?)</(?:\w+:)?instance>", re.DOTALL)
_WINDOW = 32 * 1024
_LEVEL = 6


def dictionary(xform: bytes) -> bytes:
    """The bytes of an XForm's first instance, at most what zlib can look back on (32 KB)."""
    found = _INSTANCE.search(xform)
    return found.group(1)[-_WINDOW:] if found else b""


def pack(xml: bytes, known: bytes) -> bytes:
    """`xml` compressed against `known`."""
    packer = zlib.compressobj(_LEVEL, zdict=known) if known else zlib.compressobj(_LEVEL)
    return packer.compress(xml) + packer.flush()


def unpack(packed: bytes, known: bytes) -> bytes:
    """The bytes that `pack` was given, with the same `known`."""
    opener = zlib.decompressobj(zdict=known) if known else zlib.decompressobj()
    return opener.decompress(packed) + opener.flush()
