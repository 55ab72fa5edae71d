"""Blobs in a folder: `ab/abcdef…`, written to `incoming/`, synced, then renamed into place.

The 256 folders are there from the start, so that no upload depends on one that another upload has
just made and not synced yet.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from storage.blobs.base import Leaving
from storage.blobs.staging import StagedFile, sweep_parts, told

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDERS = [f"{number:02x}" for number in range(256)]


class DiskStore:
    """A folder of blobs."""

    def __init__(self, folder: str) -> None:
        self._root = Path(folder)
        self._incoming = self._root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        if not (self._root / _FOLDERS[-1]).exists():
            for name in _FOLDERS:
                (self._root / name).mkdir(exist_ok=True)
            _sync(self._root)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    def stage(self) -> StagedFile:
        """A place for incoming bytes."""
        return StagedFile(self._incoming)

    def keep(self, staged: Iterable[Any]) -> None:
        """Sync every file of `stage`, then every folder that changed, once each. Raises StoreFailed."""
        with told():
            folders = {self._put(item).parent for item in staged}
            for folder in folders:
                _sync(folder)

    def _put(self, item: StagedFile) -> Path:
        target = self._path(item.sha256)
        try:
            # The sweeper looks at the age; what is wanted again is young again.
            with self._turn(fcntl.LOCK_SH):
                os.utime(target)
        except FileNotFoundError:
            path, handle = item.on_disk()
            os.fsync(handle.fileno())
            path.replace(target)
            item.let_go()
        else:
            # Another request may have put it there this very moment and not synced it yet.
            _sync(target)
            item.discard()
        return target

    @contextlib.contextmanager
    def _turn(self, way: int) -> Iterator[None]:
        """Nobody removes what is old while somebody else makes it young."""
        handle = os.open(self._incoming, os.O_RDONLY)
        try:
            fcntl.flock(handle, way)
            yield
        finally:
            os.close(handle)

    def open(self, sha256: str) -> BinaryIO:
        """The stored file. Raises KeyError when it is not there."""
        if _DIGEST.fullmatch(sha256) is None:
            # A name from outside may be a path, and lead anywhere.
            raise KeyError(sha256)
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as error:
            raise KeyError(sha256) from error

    def exists(self, sha256: str) -> bool:
        """Whether the file is there."""
        return _DIGEST.fullmatch(sha256) is not None and self._path(sha256).exists()

    def delete(self, sha256: str) -> None:
        """Remove the file if it is there."""
        self._path(sha256).unlink(missing_ok=True)

    def delete_older(self, sha256: str, before: float) -> bool:
        """Remove the file if it was not wanted since `before`; whether it went."""
        path = self._path(sha256)
        with contextlib.suppress(FileNotFoundError), self._turn(fcntl.LOCK_EX):
            if path.stat().st_mtime < before:
                path.unlink()
                return True
        return False

    def names(self) -> Iterator[tuple[str, float]]:
        """Every digest with the time it was written."""
        for folder in sorted(self._root.glob("??")):
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    yield path.name, path.stat().st_mtime

    def sweep_staging(self, before: float) -> int:
        """Remove half-written uploads that nobody will finish."""
        return sweep_parts(self._incoming, before)

    def address(self, sha256: str, leaving: Leaving) -> None:  # noqa: ARG002 - the promise of every store
        """A folder has no address for others."""
        return

    def prove(self) -> None:
        """Write a few bytes and remove them. Raises StoreFailed."""
        item = self.stage()
        with told():
            item.write(b"collector")
            _path, handle = item.on_disk()
            os.fsync(handle.fileno())
            item.discard()

    def remarks(self) -> tuple[str, ...]:
        """A folder needs no advice."""
        return ()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
