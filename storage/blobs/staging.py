"""Bytes on their way in, before any store has them for good."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from storage.problems import StoreFailed
from storage.store_problems import StoreFull

log = logging.getLogger(__name__)

IN_MEMORY = 64 * 1024
"""Bytes of a file that need no file of their own while they come."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""How the system says that a disk takes no more."""


class StagedFile:
    """Incoming bytes: in memory while small, in a folder beyond that."""

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
        with told():
            if self._path is None and self.size > IN_MEMORY:
                self._spill()
            return self._file.write(data)

    def _spill(self) -> Path:
        memory = self._file
        self._path = path = self._folder / f"{secrets.token_hex(16)}.part"
        self._file = path.open("w+b")
        memory.seek(0)
        self._file.write(memory.read())
        return path

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the reading position."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read or write happens."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Read from the reading position."""
        return self._file.read(size)

    def whole(self) -> BinaryIO:
        """All the bytes from the first one, for whoever sends them on."""
        self._file.flush()
        self._file.seek(0)
        return self._file

    def on_disk(self) -> tuple[Path, BinaryIO]:
        """The bytes as a file that may be renamed, and the handle they were written by."""
        path = self._path or self._spill()
        self._file.flush()
        return path, self._file

    def let_go(self) -> None:
        """The file has another name now: nothing is left to remove."""
        self._path = None
        self._file.close()

    def discard(self) -> None:
        """Close, and remove what lies in the folder; where a failing disk hinders it, the sweeper will."""
        with contextlib.suppress(OSError):
            self._file.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._path = None

    def close(self) -> None:
        """What the multipart reader calls when it gives up."""
        self.discard()


def sweep_parts(folder: Path, before: float) -> int:
    """Remove half-written uploads that nobody will finish; returns how many."""
    swept = 0
    for path in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                swept += 1
    return swept


@contextlib.contextmanager
def told() -> Iterator[None]:
    """A disk that is full or failing is the server's trouble: noted, and said as what it is."""
    try:
        yield
    except OSError as error:
        log.exception("a file cannot be stored")
        raise (StoreFull if error.errno in NO_ROOM else StoreFailed) from error
