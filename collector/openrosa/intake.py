"""A multipart body, read in one pass: the XML into memory, files to the blob store's staging place.

Knows: Werkzeug's multipart parser, told not to forgive (a form cut short must not look like an empty one).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from collector.openrosa.problems import (
    FileNameUnsafe,
    SubmissionIncomplete,
    SubmissionPartMissing,
    SubmissionTooLarge,
    WrongContentType,
)
from collector.openrosa.sniff import refuse_disguised
from storage.blobs import BlobStore, Staged

XML_PART = "xml_submission_file"
XML_LIMIT = 32 * 1024 * 1024
"""Bytes an answered form may have; the largest honest one is a hundredth of this."""
BODY_LIMIT = 2 * 1024 * 1024 * 1024
"""Bytes one request may have: several times the longest video a phone of the field makes."""
_PARTS = 1_200
_FIELD_MEMORY = 1024 * 1024


@dataclass(frozen=True)
class Parcel:
    """What one request brought."""

    xml: bytes
    files: dict[str, Staged]


@contextmanager
def unpack(request: Request, blobs: BlobStore) -> Iterator[Parcel]:
    """The parts of a submission; whatever was not kept when the block ends is removed.

    Raises a Problem for a body that is not a whole submission.
    """
    staged: list[Staged] = []
    try:
        yield _read(request, blobs, staged)
    finally:
        for item in staged:
            item.discard()


def _read(request: Request, blobs: BlobStore, staged: list[Staged]) -> Parcel:
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise WrongContentType
    if (request.content_length or 0) > BODY_LIMIT:
        raise SubmissionTooLarge(limit=BODY_LIMIT)

    def stage(*_about: object, **_more: object) -> Staged:
        item = blobs.stage()
        staged.append(item)
        return item

    parser = MultiPartParser(
        stream_factory=cast("type", stage), max_form_memory_size=_FIELD_MEMORY, max_form_parts=_PARTS
    )
    request.max_content_length = BODY_LIMIT
    try:
        fields, files = parser.parse(
            request.stream, boundary.encode("latin-1", "replace"), request.content_length
        )
    except RequestEntityTooLarge as error:
        raise SubmissionTooLarge(limit=BODY_LIMIT) from error
    except (ClientDisconnected, ValueError, OSError) as error:
        raise SubmissionIncomplete from error
    named: dict[str, Staged] = {}
    for name, file in files.items(multi=True):
        named.setdefault(name or "", cast("Staged", file.stream))
    xml = _xml(named.pop(XML_PART, None), fields.get(XML_PART))
    for name, item in named.items():
        _check(name, item)
    return Parcel(xml, named)


def _xml(part: Staged | None, field: str | None) -> bytes:
    if part is None:
        if field is None:
            raise SubmissionPartMissing
        return field.encode()
    if part.size > XML_LIMIT:
        raise SubmissionTooLarge(limit=XML_LIMIT)
    part.seek(0)
    return part.read()


def _check(name: str, item: Staged) -> None:
    if name in {"", ".", ".."} or any(letter in name for letter in "/\\\0") or len(name) > 255:
        raise FileNameUnsafe(name=name[:100])
    item.seek(0)
    refuse_disguised(name, item.read(4096))
