"""Blobs in a folder: `ab/abcdef…`, written to `incoming/`, synced, then renamed into place.

The 256 folders are there from the start, so that no upload depends on one that another upload has
just made and not synced yet.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from storage.problems import StoreFailed

log = logging.getLogger(__name__)

_IN_MEMORY = 64 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDERS = [f"{number:02x}" for number in range(256)]


class StagedFile:
    """Incoming bytes: in memory while small, in `incoming/` beyond that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hash = hashlib.sha256(usedforsecurity=False)
        self._file: BinaryIO = BytesIO()
        self._path: Path | None = None
        self.size = 0

    @property
    def sha256(self) -> str:
        """Hex digest of what was written."""
        return self._hash.hexdigest()

    def write(self, data: bytes | bytearray) -> int:
        """Append `data`. Raises StoreFailed when the disk does not take it."""
        self.size += len(data)
        self._hash.update(data)
        with _told():
            if self._path is None and self.size > _IN_MEMORY:
                self._spill()
            return self._file.write(data)

    def _spill(self) -> None:
        memory = self._file
        self._path = self._folder / f"{secrets.token_hex(16)}.part"
        self._file = self._path.open("w+b")
        memory.seek(0)
        self._file.write(memory.read())

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the reading position."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read or write happens."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Read from the reading position."""
        return self._file.read(size)

    def settle(self, target: Path) -> None:
        """Sync the bytes and put them at `target`; its folder is synced by the caller."""
        if self._path is None:
            self._spill()
        if self._path is None:  # pragma: no cover - _spill has just set it
            raise RuntimeError(target)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._path.replace(target)
        self._path = None
        self._file.close()

    def discard(self) -> None:
        """Close, and remove what lies in `incoming/`; where a failing disk hinders it, the sweeper will."""
        with contextlib.suppress(OSError):
            self._file.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._path = None

    def close(self) -> None:
        """What the multipart reader calls when it gives up."""
        self.discard()


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
        with _told():
            folders = {self._put(item).parent for item in staged}
            for folder in folders:
                _sync(folder)

    def _put(self, item: StagedFile) -> Path:
        target = self._path(item.sha256)
        try:
            # The sweeper looks at the age; what is wanted again is young again.
            os.utime(target)
        except FileNotFoundError:
            item.settle(target)
        else:
            # Another request may have put it there this very moment and not synced it yet.
            _sync(target)
            item.discard()
        return target

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

    def names(self) -> Iterator[tuple[str, float]]:
        """Every digest with the time it was written."""
        for folder in sorted(self._root.glob("??")):
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    yield path.name, path.stat().st_mtime

    def sweep_staging(self, before: float) -> int:
        """Remove half-written uploads that nobody will finish."""
        swept = 0
        for path in self._incoming.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """A disk that is full or failing is the server's trouble: noted, and said as such."""
    try:
        yield
    except OSError as error:
        log.exception("a file cannot be stored")
        raise StoreFailed from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
