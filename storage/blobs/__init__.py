"""Where files lie: content-addressed, written once, never changed.

To add one: a module with a class that keeps the promise of `BlobStore`, and its URL scheme in STORES.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from storage.blobs.base import BlobStore, Staged
from storage.blobs.disk import DiskStore
from storage.problems import BlobStoreUnknown

STORES: dict[str, Callable[[str], BlobStore]] = {"file": DiskStore}


def open_store(url: str) -> BlobStore:
    """The store behind `url` (`file:///folder`). Raises BlobStoreUnknown for another scheme."""
    parts = urlsplit(url)
    factory = STORES.get(parts.scheme)
    if factory is None:
        raise BlobStoreUnknown(url=f"{parts.scheme}://…", known=", ".join(f"{name}://" for name in STORES))
    return factory(unquote(parts.path))


__all__ = ["STORES", "BlobStore", "Staged", "open_store"]
