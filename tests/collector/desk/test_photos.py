"""Photos on the desk: small ones without a word of the camera's, and nothing sent is ever run."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from collector.actions.thumbnails import MOST_POINTS_WHOLE, SIDE, Thumbnails, drawn
from storage.blobs.disk import DiskStore
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

FORM = """
| survey |
| | type | name | label |
| | image | photo | Ảnh |
| settings |
| | form_id | version |
| | anh | 1 |
"""
MAKE, ORIENTATION, GPS = 0x010F, 0x0112, 0x8825
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def photo(width: int = 1200, height: int = 900, kind: str = "JPEG") -> bytes:
    """A photo as a phone takes it: lying on its side, with the place and the maker written beside it."""
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Hãng Điện Thoại", 6
    exif[GPS] = {1: "N", 2: (22.0, 48.0, 12.0), 3: "E", 4: (104.0, 58.0, 42.0)}
    made = io.BytesIO()
    Image.new("RGB", (width, height), (20, 120, 60)).save(made, kind, exif=exif)
    return made.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_small_picture_is_drawn_anew_upright_and_says_nothing_else(kind: str) -> None:
    made = drawn(io.BytesIO(photo(kind=kind))) or b""
    with Image.open(io.BytesIO(made)) as image:
        # It lay on its side; the longer side is the height now.
        assert (image.format, image.size) == ("JPEG", (SIDE * 3 // 4, SIDE))
        assert not image.getexif()
        assert image.getpixel((5, 5)) == pytest.approx((20, 120, 60), abs=6)
    assert b"Exif" not in made
    assert len(made) < len(photo())


BAD = {
    "a drawing that runs": SVG,
    "a page": b"<html><script>alert(1)</script>",
    "nothing": b"",
    "half a photo": photo()[:600],
    "a picture as large as a town": bomb(60_000, 60_000),
    "a picture that fills the memory": bomb(MOST_POINTS_WHOLE // 4000 + 1, 4000),
    "a picture without points": bomb(0, 0),
    "a program": b"MZ" + bytes(200),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_picture_is_not_drawn(case: str) -> None:
    assert drawn(io.BytesIO(BAD[case])) is None


def test_small_pictures_are_kept_in_bounds(tmp_path: Path) -> None:
    blobs = DiskStore(str(tmp_path))
    staged = blobs.stage()
    staged.write(photo())
    blobs.keep([staged])
    kept = Thumbnails()
    made = kept.get(blobs, staged.sha256, "a.jpg")
    assert made is not None
    assert kept.get(blobs, staged.sha256, "A.JPG") is made
    assert kept.get(blobs, staged.sha256, "a.pdf") is None
    assert kept.get(blobs, "0" * 64, "a.jpg") is None


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody with a phone."""
    return Volunteer(office, form=office.publish(FORM))


def test_the_page_shows_small_ones_and_the_sent_bytes_stay_as_they_are(
    office: Office, volunteer: Volunteer
) -> None:
    sent = photo()
    for number, (name, data) in enumerate((("p.jpg", sent), ("h.jpg", SVG))):
        volunteer.send(
            f'<data id="anh" version="1"><photo>{name}</photo>'
            f"<meta><instanceID>uuid:{number}</instanceID></meta></data>".encode(),
            {name: data},
        )
    reader = Reader(office)
    at = "/surveys/anh/submissions/uuid:0/files/p.jpg"
    assert "files/p.jpg?small=1" in reader.get("/surveys/anh/submissions/uuid:0").text
    small = reader.get(f"{at}?small=1")
    assert (small.status_code, small.content_type) == (200, "image/jpeg")
    assert len(small.data) < len(sent)
    assert b"Exif" not in small.data
    assert reader.get(f"{at}?small=1", headers={"If-None-Match": small.headers["ETag"]}).status_code == 304
    assert reader.get(at).data == sent
    # A drawing under the name of a photo: sent as what it is called, and never looked into.
    hidden = reader.get("/surveys/anh/submissions/uuid:1/files/h.jpg")
    assert hidden.content_type == "image/jpeg"
    assert hidden.headers["X-Content-Type-Options"] == "nosniff"
    undrawn = reader.get("/surveys/anh/submissions/uuid:1/files/h.jpg?small=1")
    assert (undrawn.data, undrawn.content_type) == (SVG, "image/jpeg")
    for one in (small, hidden, undrawn):
        assert "sandbox" in one.headers["Content-Security-Policy"]
        assert one.headers["Cache-Control"] == "private, no-cache"
