"""Where files lie: content-addressed, written once, never changed.

To add one: a module with a class that keeps the promise of `BlobStore`, and its URL scheme in STORES.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.blobs.base import BlobStore, Leaving, Staged
from storage.blobs.disk import DiskStore
from storage.problems import BlobStoreUnknown


@dataclass(frozen=True, slots=True)
class Where:
    """What an address of files says: host, path; where bytes wait on their way in; who serves the bucket."""

    host: str
    path: str
    folder: Path
    endpoint: str | None = None


def _on_disk(where: Where) -> BlobStore:
    return DiskStore(where.path)


def _in_bucket(where: Where) -> BlobStore:
    # A server whose files lie on its disk is spared boto3.
    from storage.blobs.bucket import Bucket
    from storage.blobs.s3 import S3Store

    return S3Store(Bucket(where.host, where.endpoint), where.path, where.folder)


STORES: dict[str, Callable[[Where], BlobStore]] = {"file": _on_disk, "s3": _in_bucket}


def open_store(url: str, *, folder: Path | None = None, endpoint: str | None = None) -> BlobStore:
    """The store behind `url`: `file:///folder`, or `s3://bucket/prefix` as `endpoint` (or AWS) serves it.

    `folder`: where bytes for a bucket wait until they are kept. Nothing is asked of the bucket yet.
    Raises BlobStoreUnknown for another scheme.
    """
    parts = urlsplit(url)
    factory = STORES.get(parts.scheme)
    if factory is None:
        raise BlobStoreUnknown(url=f"{parts.scheme}://…", known=", ".join(f"{name}://" for name in STORES))
    waiting = folder or Path(tempfile.gettempdir()) / f"collector-incoming-{os.getuid()}"
    return factory(Where(parts.netloc, unquote(parts.path), waiting, endpoint))


__all__ = ["STORES", "BlobStore", "Leaving", "Staged", "open_store"]
