"""Small pictures of photos: drawn anew from the points, so that nothing of the sent file goes along.

Why: a list must not cost a phone's month of data, and what a camera writes beside a picture (the place where
it was taken, the owner's name) is nobody's who only looks.
Knows: Pillow, and that a few bytes can claim to be a picture as large as a town.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import IO

from storage.blobs import BlobStore

SIDE = 352
"""Points of the longer side: twice what a page shows, for screens that have them."""

MOST_POINTS = 80_000_000
"""Of a JPEG, which is drawn at an eighth while it is read."""

MOST_POINTS_WHOLE = 24_000_000
"""Of other pictures, which have to be unpacked whole."""

KIND = "image/jpeg"
"""What small pictures are sent as."""

_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp")
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_KEPT = 4 * 1024 * 1024
_AT_ONCE = 2


def drawn(source: IO[bytes]) -> bytes | None:
    """A JPEG of at most SIDE points, upright, without anything beside its points; None of no picture."""
    from PIL import Image, ImageOps

    try:
        with Image.open(source, formats=_FORMATS) as image:
            points = image.width * image.height
            if points > (MOST_POINTS if image.format == "JPEG" else MOST_POINTS_WHOLE):
                return None
            image.draft("RGB", (SIDE * 2, SIDE * 2))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((SIDE, SIDE))
            # On white, for what is transparent in a drawing.
            plain = Image.new("RGB", upright.size, "white")
            plain.paste(upright, mask=upright.getchannel("A") if upright.mode in {"RGBA", "LA"} else None)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    made = io.BytesIO()
    plain.save(made, "JPEG", quality=72, optimize=True)
    return made.getvalue()


def is_called_picture(name: str) -> bool:
    """Whether a file goes by the name of one."""
    return name.lower().endswith(_ENDINGS)


class Thumbnails:
    """Small pictures by the digest of the file: the last few megabytes are at hand, none is stored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._few = threading.Semaphore(_AT_ONCE)
        self._kept: OrderedDict[str, bytes | None] = OrderedDict()
        self._size = 0

    def get(self, blobs: BlobStore, sha256: str, name: str) -> bytes | None:
        """That of a stored file; None where it is no picture, too large, or gone."""
        if not is_called_picture(name):
            return None
        with self._lock:
            if sha256 in self._kept:
                self._kept.move_to_end(sha256)
                return self._kept[sha256]
        # Pictures take memory while they are drawn; a page asks for ten at once.
        with self._few:
            try:
                with blobs.open(sha256) as source:
                    made = drawn(source)
            except KeyError:
                return None
        self._keep(sha256, made)
        return made

    def _keep(self, sha256: str, made: bytes | None) -> None:
        with self._lock:
            if sha256 in self._kept:
                return
            self._kept[sha256] = made
            self._size += len(made or b"")
            while self._size > _KEPT:
                _sha256, gone = self._kept.popitem(last=False)
                self._size -= len(gone or b"")


THUMBNAILS = Thumbnails()
"""Those of this process."""
