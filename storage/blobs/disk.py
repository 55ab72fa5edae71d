"""Blobs in a folder: `ab/abcdef…`, written to `incoming/`, synced, then renamed into place."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

_IN_MEMORY = 64 * 1024


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

    def write(self, data: bytes) -> int:
        """Append `data`."""
        self.size += len(data)
        self._hash.update(data)
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
        """Close, and remove what lies in `incoming/`."""
        self._file.close()
        if self._path is not None:
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

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    def stage(self) -> StagedFile:
        """A place for incoming bytes."""
        return StagedFile(self._incoming)

    def keep(self, staged: Iterable[StagedFile]) -> None:
        """Sync every file, then every folder that changed, once each."""
        folders: set[Path] = set()
        for item in staged:
            target = self._path(item.sha256)
            if not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                folders.add(self._root)
            folders.add(target.parent)
            if target.exists():
                # Another request may have put it there this very moment and not synced it yet.
                _sync(target)
                # The sweeper looks at the age; what is wanted again is young again.
                os.utime(target)
                item.discard()
            else:
                item.settle(target)
        for folder in folders:
            _sync(folder)

    def open(self, sha256: str) -> BinaryIO:
        """The stored file. Raises KeyError when it is not there."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as error:
            raise KeyError(sha256) from error

    def exists(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self._path(sha256).exists()

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


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
