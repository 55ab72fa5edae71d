"""Form lists as they were last rendered: most phones of a project are shown the same one.

Why: three thousand phones ask every quarter of an hour, and forms change once a month. What differs
from phone to phone is the address at the front of each URL, so that is filled in last.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import md5
from xml.sax.saxutils import escape

BASE = "\0"
"""Stands in a rendered document for the address a phone came by; no XML can hold it otherwise."""

_ROOM = 128


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document with gaps where the address goes, and the digest of its bytes."""

    text: bytes
    digest: bytes

    def tag(self, base: str) -> str:
        """What names the document of this phone: changes whenever a byte of it does."""
        return md5(self.digest + base.encode(), usedforsecurity=False).hexdigest()

    def at(self, base: str) -> bytes:
        """The document for a phone that came by the address `base`."""
        return self.text.replace(BASE.encode(), escape(base).encode())


class FormLists:
    """Rendered documents by what decides their contents; the longest unused one leaves first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Rendered] = OrderedDict()

    def get(self, key: Hashable, render: Callable[[], bytes]) -> Rendered:
        """The document of that key, rendered when it is not at hand."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = rendered(render())
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _ROOM:
                self._kept.popitem(last=False)
        return made


def rendered(text: bytes) -> Rendered:
    """A document that was just rendered."""
    return Rendered(text, md5(text, usedforsecurity=False).digest())
