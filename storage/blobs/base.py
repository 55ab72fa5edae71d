"""What every blob store promises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol


class Staged(Protocol):
    """Bytes on their way in: written once by the receiver, then kept or discarded."""

    @property
    def size(self) -> int:
        """Bytes written so far."""

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes written so far."""

    def write(self, data: bytes | bytearray) -> int:
        """Append; memory stays flat however much comes."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the reading position."""

    def read(self, size: int = -1) -> bytes:
        """Read from the reading position."""

    def discard(self) -> None:
        """Let the bytes go; harmless after they were kept."""


class BlobStore(Protocol):
    """Files under the SHA-256 of their bytes."""

    def stage(self) -> Staged:
        """A place to write incoming bytes to."""

    def keep(self, staged: Iterable[Staged]) -> None:
        """Make the staged bytes durable under their digests: on return they survive a power cut."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, for reading. Raises KeyError when there are none under that name."""

    def exists(self, sha256: str) -> bool:
        """Whether there are bytes under that name."""

    def delete(self, sha256: str) -> None:
        """Forget the bytes; no error when there are none."""

    def names(self) -> Iterable[tuple[str, float]]:
        """Every stored digest with the time it was written (seconds since 1970)."""

    def sweep_staging(self, before: float) -> int:
        """Remove half-written uploads older than `before` (seconds since 1970); returns how many."""
