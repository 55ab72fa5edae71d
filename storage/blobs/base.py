"""What every blob store promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a file goes to whoever asked for it: its media type, and its Content-Disposition."""

    content_type: str
    disposition: str


class BlobStore(Protocol):
    """Files under the SHA-256 of their bytes.

    Whatever the store itself refuses or does not answer is StoreFailed.
    """

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

    def delete_older(self, sha256: str, before: float) -> bool:
        """Forget the bytes unless they were kept, or kept again, since `before` (seconds since 1970).

        Returns whether they went. What a request has just kept is never removed, whoever came first.
        """

    def names(self) -> Iterable[tuple[str, float]]:
        """Every stored digest, in order, with the time it was kept last (seconds since 1970)."""

    def sweep_staging(self, before: float) -> int:
        """Remove half-written uploads older than `before` (seconds since 1970); returns how many."""

    def address(self, sha256: str, leaving: Leaving) -> str | None:
        """Where others can have the bytes for some minutes; None where there is no such place."""

    def prove(self) -> None:
        """Write a few bytes, read them, remove them.

        Raises StoreFailed when the store does not answer, another Problem when it is not set up right.
        """

    def remarks(self) -> tuple[str, ...]:
        """What whoever keeps the store should know or change, in English sentences."""
