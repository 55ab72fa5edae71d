"""Small true files to send beside a form: the same name of the same record always gives the same bytes."""

from __future__ import annotations

import base64
import hashlib

# A grey 8×8 baseline JPEG; what makes it one of a kind is a comment put after its start marker.
_PICTURE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71"
    "////m8H////6/+b9//j/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEA"
    "AD8AP//Z"
)


def content(name: str, *, of: str = "", size: int = 0) -> bytes:
    """The file of that name sent with the record `of` (its instance id); at least `size` bytes.

    A .jpg opens in any viewer, audit.csv reads as Collect's; no two files share their bytes.
    """
    if name == "audit.csv":
        return _audit(of)
    seed = hashlib.sha256(f"{of}/{name}".encode()).digest()
    filler = seed * (size // len(seed) + 1)
    if name.lower().endswith((".jpg", ".jpeg")):
        return _picture(filler)
    return b"%PDF-1.4\n% " + filler.hex().encode() if name.endswith(".pdf") else filler


def _picture(filler: bytes) -> bytes:
    # A comment segment holds at most 65 533 bytes.
    comments = b"".join(
        b"\xff\xfe" + (len(part) + 2).to_bytes(2, "big") + part
        for part in (filler[at : at + 65_533] for at in range(0, len(filler), 65_533))
    )
    return _PICTURE[:2] + comments + _PICTURE[2:]


def _audit(of: str) -> bytes:
    start = 1_767_225_600_000 + int(hashlib.sha256(of.encode()).hexdigest()[:7], 16)
    place = "22.3364,103.8438,4.2"
    lines = (
        "event,node,start,end,latitude,longitude,accuracy",
        f"form start,,{start},,,,",
        f"question,/data/name,{start + 500},{start + 4000},{place}",
        f"question,/data/member[2]/age,{start + 4000},{start + 6000},{place}",
        f"end screen,,{start + 6000},{start + 8000},{place}",
        f"form finalize,,{start + 8000},,,,",
    )
    return "".join(f"{line}\n" for line in lines).encode()
