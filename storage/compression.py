"""Submission XML, packed against the empty form it answers.

Two answers to one form share nearly all their bytes with the form's own instance, so that instance
serves as the dictionary: 4.6 KB of XML take about 1 KB. The dictionary is worked out from the stored
XForm, which never changes, so nothing else has to be kept.

Knows: zstandard (a third of zlib's time for the same size).
"""

from __future__ import annotations

import re

from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor, ZstdDecompressor

_INSTANCE = re.compile(rb"<(?:\w+:)?instance(?:\s[^>]*)?>(.*?)</(?:\w+:)?instance>", re.DOTALL)
_MOST = 64 * 1024
_LEVEL = 3


def dictionary(xform: bytes) -> ZstdCompressionDict:
    """The bytes of an XForm's first instance, at most 64 KB of them, ready to pack against."""
    found = _INSTANCE.search(xform)
    known = ZstdCompressionDict(found.group(1)[:_MOST] if found else b"", dict_type=DICT_TYPE_RAWCONTENT)
    if len(known):
        known.precompute_compress(level=_LEVEL)
    return known


def pack(xml: bytes, known: ZstdCompressionDict) -> bytes:
    """`xml` compressed against `known`."""
    # A compressor serves one thread at a time, and costs little beside the work.
    return ZstdCompressor(level=_LEVEL, dict_data=known, write_dict_id=False).compress(xml)


def unpack(packed: bytes, known: ZstdCompressionDict) -> bytes:
    """The bytes that `pack` was given, with the same `known`."""
    return ZstdDecompressor(dict_data=known).decompress(packed)
