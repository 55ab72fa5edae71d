"""Backups in a folder: a USB disk, a second disk, a mounted NAS."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from storage.backups.problems import BackupPlaceAway, BackupPlaceFull
from storage.blobs.staging import NO_ROOM

if TYPE_CHECKING:
    from storage.backups.places import Kept

_UNDERWAY = "underway"


class FolderPlace:
    """A folder; made if its parent is there, so that a disk that is not plugged in is no empty folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def where(self) -> str:
        """Its path."""
        return str(self._folder)

    def put(self, several: Mapping[str, bytes]) -> None:
        """Write all, sync all, then give them their names."""
        made: dict[Path, Path] = {}
        with self._told():
            self._begin()
            try:
                for name, data in several.items():
                    made[self._write(data)] = self._folder / name
                for path in made:
                    _sync(path)
                for path, target in made.items():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    path.replace(target)
                for folder in {target.parent for target in made.values()}:
                    _sync(folder)
            except BaseException:
                for path in made:
                    path.unlink(missing_ok=True)
                raise

    def _begin(self) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700)
        (self._folder / _UNDERWAY).mkdir(exist_ok=True)

    def _write(self, data: bytes) -> Path:
        path = self._folder / _UNDERWAY / secrets.token_hex(12)
        try:
            path.write_bytes(data)
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        return path

    def get(self, name: str) -> bytes:
        """Read a file, from the disk itself rather than from what the machine still remembers of it."""
        with self._told():
            try:
                with (self._folder / name).open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                    return file.read()
            except (FileNotFoundError, IsADirectoryError) as error:
                raise KeyError(name) from error

    def names(self, folder: str) -> Iterator[Kept]:
        """Every file below, by folder."""
        from storage.backups.places import Kept

        with self._told():
            top = self._folder / folder
            for path, _folders, files in os.walk(top):
                for one in sorted(files):
                    found = Path(path) / one
                    with suppress(FileNotFoundError):
                        state = found.stat()
                        yield Kept(found.relative_to(self._folder).as_posix(), state.st_size, state.st_mtime)

    def delete(self, names: Iterable[str]) -> None:
        """Remove files."""
        with self._told():
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what was not given its name."""
        with self._told():
            for path in (self._folder / _UNDERWAY).glob("*"):
                path.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in NO_ROOM:
                raise BackupPlaceFull(where=self.where) from error
            raise BackupPlaceAway(where=self.where, reason=error.strerror or str(error)) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network disks cannot sync a folder; their files are synced all the same.
        if not path.is_dir() or error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)
