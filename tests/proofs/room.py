"""A disk that can be full: a small file system of its own, made smaller until nothing more goes in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TRIES = 50


class Disk:
    """A tmpfs that may grow to so many megabytes."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._most = megabytes << 20

    def fill(self, *, leave: int) -> None:
        """From now on only so many bytes more go in. Raises OSError where others fill it faster than that."""
        for _ in range(_TRIES):
            held = os.statvfs(self.folder)
            used = (held.f_blocks - held.f_bfree) * held.f_frsize
            if self._resized(used + leave):
                return
        raise OSError(self.folder)

    def make_room(self) -> None:
        """As much room as before."""
        if not self._resized(self._most):
            raise OSError(self.folder)

    def _resized(self, size: int) -> bool:
        # Below what is used the kernel refuses.
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk | None]:
    """A tmpfs of that size at `folder`, gone afterwards; None where none can be mounted (it takes root)."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m,mode=1777"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield Disk(folder, megabytes)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
