"""Where backups lie: files by name in a folder or a bucket.

To add one: a class that keeps the promise of `Place`, and how its address begins in `open_place`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from storage.backups.folder import FolderPlace
from storage.backups.problems import BackupPlaceUnknown


class Kept(NamedTuple):
    """A file in a place: its name, its bytes, and when it was written (seconds since 1970)."""

    name: str
    size: int
    written: float


class Place(Protocol):
    """Files under names like `pieces/ab/…`. Raises BackupPlaceAway, BackupPlaceFull."""

    @property
    def where(self) -> str:
        """How people call it, without any secret."""

    def put(self, several: Mapping[str, bytes]) -> None:
        """Keep these files: each is there whole and survives a power cut, or it is not there."""

    def get(self, name: str) -> bytes:
        """The bytes of a file as the disk holds them. Raises KeyError."""

    def names(self, folder: str) -> Iterator[Kept]:
        """Every file in a folder and below."""

    def delete(self, names: Iterable[str]) -> None:
        """Let files go; no error where there is none."""

    def tidy(self) -> None:
        """Remove what an interrupted `put` left."""


def open_place(address: str, endpoint: str | None = None) -> Place:
    """The place behind a folder's path, `file:///…` or `s3://bucket/prefix` as `endpoint` serves it.

    Raises BackupPlaceUnknown.
    """
    parts = urlsplit(address)
    if parts.scheme == "s3" and parts.netloc:
        from storage.backups.bucket import BucketPlace

        return BucketPlace(parts.netloc, unquote(parts.path).strip("/"), endpoint)
    if parts.scheme == "file" and parts.path:
        return FolderPlace(Path(unquote(parts.path)))
    if "://" in address or not address.strip():
        raise BackupPlaceUnknown(where=f"{parts.scheme}://…" if parts.scheme else address)
    return FolderPlace(Path(address).expanduser().resolve())
