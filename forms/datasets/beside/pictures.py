"""⑨ Photos and recordings beside a dataset: where each lies in their archive, and the archive itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

import orjson

from forms.datasets.formats.archive import archive

CODE: Final = "photos"
"""What the format of the archive is called."""

_PLAIN: Final = re.compile(r"[0-9a-z-]{1,64}")
_ODD: Final = re.compile(r"[^0-9A-Za-z-]")
_LONGEST, _SUM = 40, 12
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """What is in an archive: files, their bytes, and how many are not stored any more."""

    files: int
    size: int
    lost: int


def folder_of(key: str) -> str:
    """The folder of a record in the archive: its key, made fit for every system, and of no other record's."""
    plain = key.removeprefix("uuid:")
    if plain != key and _PLAIN.fullmatch(plain):
        return plain
    # Windows tells no capital from a small letter.
    return f"{_ODD.sub('-', plain)[:_LONGEST]}_{sha256(key.encode()).hexdigest()[:_SUM]}"


def line_of(path: str, digest: str, size: int) -> bytes:
    """A file as the list for `pack` names it."""
    return orjson.dumps([path, digest, size]) + b"\n"


def pack(
    listed: Path,
    stored: Callable[[str], AbstractContextManager[IO[bytes]]],
    to: Path,
    progress: Callable[[int, int], None],
) -> Packed:
    """Put the files `listed` into an archive, one after the other; `stored` opens one by its digest.

    What was erased meanwhile is left out.
    """
    with listed.open("rb") as lines:
        total = sum(1 for _line in lines)
    files = size = lost = 0
    with archive(to) as packed, listed.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            path, digest, length = orjson.loads(line)
            try:
                with stored(digest) as source, packed.entry(path, packed=False) as entry:
                    while piece := source.read(_PIECE):
                        entry.write(piece)
            except KeyError:
                lost += 1
                continue
            files, size = files + 1, size + length
            progress(number, total)
    return Packed(files, size, lost)
