"""What one process has lately noted, so that a second time costs no write."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

_MOST = 20_000

Key = TypeVar("Key")


class Remembered(Generic[Key]):
    """The last keys that were added; the oldest leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: OrderedDict[Key, None] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        """Whether it was added lately."""
        with self._lock:
            return key in self._keys

    def add(self, key: Key) -> None:
        """Remember one."""
        with self._lock:
            self._keys[key] = None
            while len(self._keys) > _MOST:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget all, for another database."""
        with self._lock:
            self._keys.clear()
