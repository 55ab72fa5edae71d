"""What a phone posts: the multipart body of OkHttp 5, byte for byte, cut into batches as Collect cuts it.

Source: Collect's OkHttpConnection.uploadSubmissionAndFiles; OkHttp's MultipartBody.
"""

from __future__ import annotations

import time
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

Payload = bytes | Path
CHUNK = 1 << 16
MOST_FILES = 101
TYPES = {
    "amr": "audio/amr",
    "oga": "audio/ogg",
    "ogv": "video/ogg",
    "webm": "video/webm",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "csv": "text/comma-separated-values",
    "pdf": "application/pdf",
    "xml": "text/xml",
}


def content_type(name: str) -> str:
    """The type Collect gives a file by its ending."""
    return TYPES.get(name.rpartition(".")[2].lower() if "." in name else "", "application/octet-stream")


def instance_name(title: str, moment: time.struct_time) -> str:
    """`Khảo sát hộ_2026-01-02_03-04-05.xml`: the title's letters and digits, and when the form was begun."""
    kept = "".join(c if unicodedata.category(c)[0] == "L" or c in "0123456789" else " " for c in title)
    return f"{' '.join(kept.split())}_{time.strftime('%Y-%m-%d_%H-%M-%S', moment)}.xml"


def batches(xml: bytes, files: Mapping[str, Payload], limit: int) -> list[list[str]]:
    """The names that go with each post: a new post before the limit is passed, or after 101 files.

    One file over the limit goes alone; the XML, counted too, goes with every post.
    """
    posts: list[list[str]] = [[]]
    held = len(xml)
    for name, payload in files.items():
        if posts[-1] and (len(posts[-1]) >= MOST_FILES or held + size(payload) > limit):
            posts.append([])
            held = len(xml)
        posts[-1].append(name)
        held += size(payload)
    return posts


def size(payload: Payload) -> int:
    """Its length in bytes."""
    return len(payload) if isinstance(payload, bytes) else payload.stat().st_size


class Upload:
    """A multipart body that is read in pieces, so that a long video is never held in memory.

    `incomplete` adds the field that announces further posts.
    """

    def __init__(
        self, xml: bytes, files: Mapping[str, Payload], *, xml_name: str, incomplete: bool = False
    ) -> None:
        self.boundary = str(uuid.uuid4())
        self._segments: list[Payload] = []
        self._part("xml_submission_file", xml, filename=xml_name, kind="text/xml")
        for name, payload in files.items():
            self._part(name, payload, filename=name, kind=content_type(name))
        if incomplete:
            self._part("*isIncomplete*", b"yes")
        self._segments.append(f"--{self.boundary}--\r\n".encode())
        self._pieces = self._read_pieces()
        self._rest = b""
        self._at = 0

    @property
    def content_type(self) -> str:
        """The header of the whole."""
        return f"multipart/form-data; boundary={self.boundary}"

    def _part(self, name: str, payload: Payload, *, filename: str = "", kind: str = "") -> None:
        # OkHttp 5 writes no Content-Length in a part, and names as raw UTF-8.
        disposition = f'form-data; name="{_escaped(name)}"'
        if filename:
            disposition += f'; filename="{_escaped(filename)}"'
        head = f"--{self.boundary}\r\nContent-Disposition: {disposition}\r\n"
        if kind:
            head += f"Content-Type: {kind}\r\n"
        self._segments += [f"{head}\r\n".encode(), payload, b"\r\n"]

    def __len__(self) -> int:
        """The Content-Length: known before the first byte is sent."""
        return sum(size(segment) for segment in self._segments)

    def __iter__(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        while piece := self.read(CHUNK):
            yield piece

    def read(self, count: int = -1) -> bytes:
        """The next `count` bytes, all that is left when negative, none at the end."""
        wanted = count if count >= 0 else len(self)
        while len(self._rest) < wanted and (piece := next(self._pieces, b"")):
            self._rest += piece
        taken, self._rest = self._rest[:wanted], self._rest[wanted:]
        self._at += len(taken)
        return taken

    def tell(self) -> int:
        """How much was read."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Back to the start, for a redirect or a challenge that wants the body again."""
        if (offset, whence) != (0, 0):
            raise ValueError("An upload only rewinds.")
        self._pieces, self._rest, self._at = self._read_pieces(), b"", 0
        return 0

    def _read_pieces(self) -> Iterator[bytes]:
        for segment in self._segments:
            if isinstance(segment, bytes):
                yield from (segment[at : at + CHUNK] for at in range(0, len(segment), CHUNK))
                continue
            with segment.open("rb") as file:
                while piece := file.read(CHUNK):
                    yield piece


def uploads(
    xml: bytes, files: Mapping[str, Payload], *, xml_name: str, limit: int
) -> Sequence[tuple[list[str], Upload]]:
    """Each post with the names of the files in it."""
    posts = batches(xml, files, limit)
    return [
        (names, Upload(xml, {n: files[n] for n in names}, xml_name=xml_name, incomplete=at + 1 < len(posts)))
        for at, names in enumerate(posts)
    ]


def _escaped(name: str) -> str:
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")
