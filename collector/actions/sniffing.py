"""A picture, sound or video is not a program: what a file's first bytes say against its name.

Only what is certain is refused, because a refused file is a form that stays on the phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from collector.problems import FileDisguised

_MEDIA = frozenset(
    {
        ".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".bmp", ".svg",
        ".mp4", ".3gp", ".3gpp", ".mov", ".mkv", ".webm", ".avi", ".ogv",
        ".m4a", ".amr", ".mp3", ".wav", ".ogg", ".oga", ".aac", ".flac",
    }
)  # fmt: skip

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"dex\n", "an Android program"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"#!", "a script"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
)
"""First bytes to what they begin, none of which begins a picture, sound or video."""


def refuse_disguised(name: str, head: bytes) -> None:
    """Raise FileDisguised when `head` (the first bytes) begins what the name denies."""
    if PurePosixPath(name.lower()).suffix not in _MEDIA:
        return
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            raise FileDisguised(name=name, kind=kind)


def undisguised(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same chunks of a file. Raises FileDisguised at the first one."""
    looked = False
    for chunk in chunks:
        if not looked:
            refuse_disguised(name, chunk)
            looked = True
        yield chunk
