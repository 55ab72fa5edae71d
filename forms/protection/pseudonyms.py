"""⑨ Names and ids replaced by a word nobody can undo, the same one for the same person in every year.

Why keyed: whoever knows all names of a commune could try them one by one against a plain hash.
Source: RFC 2104 (HMAC), RFC 4648 §6 (base32).
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from base64 import b32encode
from collections.abc import Callable

import pyarrow as pa

_BYTES = 10
_UUID = re.compile(r"(?:uuid:)?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})", re.IGNORECASE)


class Pseudonyms:
    """Gives pseudonyms under one key: 16 letters and digits, 80 bits of HMAC-SHA-256."""

    def __init__(self, key: bytes) -> None:
        self._hmac = hmac.new(key, digestmod="sha256")

    def of(self, text: str) -> str:
        """The pseudonym of a name or an id; case, spaces and the prefix `uuid:` make no difference."""
        found = _UUID.fullmatch(text.strip())
        plain = found[1] if found else " ".join(unicodedata.normalize("NFC", text).split())
        mine = self._hmac.copy()
        mine.update(plain.casefold().encode(errors="replace"))
        return b32encode(mine.digest()[:_BYTES]).decode().lower()

    def key(self, key: str) -> str:
        """The pseudonym of a KEY: `uuid:…/member[2]` keeps what stands behind the record's id."""
        record, slash, rest = key.partition("/")
        return self.of(record) + slash + rest

    def keys(self, column: pa.Array) -> pa.Array:
        """Those of a column of KEYs."""
        met: dict[str, str] = {}
        made: list[str | None] = []
        for text in column.to_pylist():
            if text is None:
                made.append(None)
                continue
            record, slash, rest = text.partition("/")
            word = met.get(record)
            if word is None:
                word = met[record] = self.of(record)
            made.append(word + slash + rest)
        return pa.array(made, pa.string())


def each(column: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    """A column of texts with every different text changed once."""
    coded = column.cast(pa.string()).dictionary_encode()
    changed = [None if text is None else change(text) for text in coded.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(coded.indices)
