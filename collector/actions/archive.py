"""A ZIP archive that is sent while it is made, from memory that does not grow with it.

Every entry bears the same date, so that the same answers make the same bytes.
Knows: that a reader of a stream wants entries deflated, those that gain nothing by it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

LEVEL = 2
"""Of deflate: text shrinks to a sixth at three times the speed of the default."""

_PIECE = 64 * 1024
_ZIP64_FROM = 1 << 30


class ZipStream:
    """Entries go in one after the other; what comes out is sent as it comes."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        self._zip = ZipFile(self._outlet, "w", ZIP_DEFLATED)

    def entry(
        self, name: str, chunks: Iterable[bytes], *, size: int, packed: bool = False
    ) -> Iterator[bytes]:
        """An entry, piece by piece; `size` in bytes is at least about what will come.

        `packed`: compressed already, as pictures are. A name may come twice, as in Central.
        """
        self._zip.compresslevel = 0 if packed else LEVEL
        self._zip.NameToInfo.pop(name, None)
        with self._zip.open(name, "w", force_zip64=size > _ZIP64_FROM) as member:
            for chunk in chunks:
                member.write(chunk)
                if self._outlet.size > _PIECE:
                    yield self._outlet.take()

    def end(self) -> bytes:
        """The table of contents."""
        self._zip.close()
        return self._outlet.take()


class _Outlet:
    """What `ZipFile` takes for a file that cannot be rewound."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        """Hold until taken."""
        self._pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing lies elsewhere."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        """What was written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return taken
