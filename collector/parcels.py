"""A multipart body, read in one pass: the XML into memory, files to the blob store's staging place.

Why: a form cut short must not look like a small one, and the bytes of the XML have to stay as sent;
so the parts are read one by one, and nothing is decoded or forgiven on the way.
Knows: `multipart`, whose parser takes pieces as they come and costs a tenth of the framework's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_content_length, get_input_stream

from collector.actions import incoming
from collector.actions.incoming import Address, Delivery, Received, Sender
from collector.actions.sniffing import refuse_disguised
from collector.clock import moment
from collector.parcel_problems import (
    BodyCompressed,
    FileNameUnsafe,
    FileTwice,
    PartHeaderUnreadable,
    SubmissionIncomplete,
    SubmissionPartMissing,
    SubmissionPartTwice,
    SubmissionTooLarge,
    TooManyParts,
    WrongContentType,
)
from collector.parts import parts
from forms.values import is_file_name
from storage.blobs import BlobStore, Staged
from storage.database import db

if TYPE_CHECKING:
    from collector.visits import Visit

XML_PART = "xml_submission_file"
XML_LIMIT = incoming.XML_LIMIT
ACCEPTS = 100_000_000
"""Bytes a phone may put into one request; it cuts larger submissions into several."""
BODY_LIMIT = 2 * 1024 * 1024 * 1024
"""Bytes one request may have: several times the longest video a phone of the field makes."""
PATIENCE = 60.0
"""Seconds a phone may send nothing in the middle of a form; one that lost its signal never says goodbye."""

SUBMISSION: Mapping[str, int] = {XML_PART: XML_LIMIT}
"""The texts of a submission: the name of each part, and the most bytes it may have."""

_PARTS = 1_200
_PART_HEADER = 128 * 1024
_LONGEST_BOUNDARY = 200
_CHUNK = 64 * 1024
_HEAD = 4096

_Event: TypeAlias = MultipartSegment | bytes | bytearray | None


@dataclass(frozen=True)
class Parcel:
    """What one request brought: texts by the name of their part, files by theirs."""

    texts: Mapping[str, bytes]
    files: dict[str, Staged]

    @property
    def xml(self) -> bytes:
        """The form of a submission. Raises SubmissionPartMissing."""
        found = self.texts.get(XML_PART)
        if found is None:
            raise SubmissionPartMissing
        return found


def take(caller: Visit, environ: WSGIEnvironment, look: Callable[[bytes], None] | None = None) -> Received:
    """Keep the submission a request brings (openrosa.md §5). Raises a Problem that says why not.

    `look` sees the form before it is kept, and may refuse it.
    """
    received_at = moment()
    sender = Sender(
        caller.actor_id,
        _device(environ.get("QUERY_STRING", "")),
        _short(environ.get("HTTP_USER_AGENT")),
        caller.place_codes,
        person=caller.is_person,
        shared=caller.is_link,
    )
    address = Address(caller.project_ids, caller.only, caller.draft[1].draft_token if caller.draft else None)
    # A phone on a weak line sends for minutes: no connection to the database waits for it.
    db.session.remove()
    with unpack(environ, parts().blobs) as parcel:
        if look is not None:
            look(parcel.xml)
            db.session.remove()
        received = parts().intake.receive(Delivery(parcel.xml, parcel.files, sender, received_at), address)
    parts().meters.count("collector_submissions", "new" if received.new else "again")
    return received


def _device(query: str) -> str | None:
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if name == "deviceID":
            return _short(
                unquote_to_bytes(value.replace("+", " ").encode("latin-1")).decode(errors="replace")
            )
    return None


def _short(text: str | None) -> str | None:
    return text[:255].replace("\0", "") if text else None


@contextmanager
def unpack(
    environ: WSGIEnvironment,
    blobs: BlobStore,
    texts: Mapping[str, int] = SUBMISSION,
    limit: int = BODY_LIMIT,
) -> Iterator[Parcel]:
    """The parts of a request of up to `limit` bytes; whatever was not kept when the block ends is removed.

    `texts` names the parts that are no files, with the most bytes of each. Raises a Problem for a body
    that is not whole.
    """
    parts = _Parts(blobs, texts)
    try:
        for event in _events(environ, limit):
            parts.take(event)
        yield parts.parcel()
    finally:
        for item in parts.staged:
            item.discard()


def _events(environ: WSGIEnvironment, limit: int) -> Iterator[_Event]:
    """What the parser finds in the body: a part's head, its bytes piece by piece, None at its end."""
    parser = PushMultipartParser(
        _boundary(environ, limit),
        max_segment_count=_PARTS,
        max_header_size=_PART_HEADER,
        header_charset="utf-8",
    )
    _set_patience(environ)
    stream = _stream(environ)
    received = 0
    while not parser.closed:
        chunk = _receive(stream)
        received += len(chunk)
        if received > limit:
            raise SubmissionTooLarge(limit=limit)
        try:
            yield from parser.parse(chunk)
        except ParserLimitReached as error:
            raise TooManyParts(limit=_PARTS) from error
        except MultipartError as error:
            if isinstance(error.__context__, UnicodeDecodeError):
                raise PartHeaderUnreadable from error
            raise SubmissionIncomplete from error


def _boundary(environ: WSGIEnvironment, limit: int) -> bytes:
    kind, options = parse_options_header(environ.get("CONTENT_TYPE"))
    boundary = options.get("boundary", "")
    usable = boundary.isascii() and boundary.isprintable() and 0 < len(boundary) <= _LONGEST_BOUNDARY
    if kind.lower() != "multipart/form-data" or not usable:
        raise WrongContentType
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise BodyCompressed
    if (get_content_length(environ) or 0) > limit:
        raise SubmissionTooLarge(limit=limit)
    return boundary.encode()


def _stream(environ: WSGIEnvironment) -> Any:
    """The body, which ends where it should; whoever reads on later finds the same one."""
    stream = environ["wsgi.input"] = get_input_stream(environ)
    environ["wsgi.input_terminated"] = True
    return stream


class _Socket(Protocol):
    def settimeout(self, seconds: float) -> None: ...


def _set_patience(environ: WSGIEnvironment) -> None:
    socket: _Socket | None = environ.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(PATIENCE)


def _receive(stream: Any) -> bytes:
    try:
        chunk: bytes = stream.read(_CHUNK)
    except Exception as error:
        # Each server has its own way to say that the line went dead; none of them is our mistake.
        raise SubmissionIncomplete from error
    return chunk


@dataclass
class _Parts:
    """The parts that came so far."""

    blobs: BlobStore
    texts: Mapping[str, int]
    staged: list[Staged] = field(default_factory=list)
    _texts: dict[str, bytearray] = field(default_factory=dict)
    _files: dict[str, Staged] = field(default_factory=dict)
    _name: str = ""
    _open: Staged | bytearray | None = None

    def take(self, event: _Event) -> None:
        """Note what a part is, and keep its bytes."""
        into = self._open
        if isinstance(event, MultipartSegment):
            self._begin(event.name or "", is_file=event.filename is not None)
        elif into is None:
            return
        elif isinstance(into, bytearray):
            into += event or b""
            if len(into) > self.texts[self._name]:
                raise SubmissionTooLarge(limit=self.texts[self._name])
        elif event is None:
            self._end(into)
        else:
            into.write(event)

    def _begin(self, name: str, *, is_file: bool) -> None:
        self._name, self._open = name, None
        if name in self.texts:
            if name in self._texts:
                raise SubmissionPartTwice(part=name)
            self._open = self._texts[name] = bytearray()
            return
        if not is_file:
            return  # `*isIncomplete*`, or what a browser's form holds besides
        if not is_file_name(name):
            raise FileNameUnsafe(name=name[:100])
        self._open = item = self.blobs.stage()
        self.staged.append(item)

    def _end(self, item: Staged) -> None:
        item.seek(0)
        refuse_disguised(self._name, item.read(_HEAD))
        if self._files.setdefault(self._name, item).sha256 != item.sha256:
            raise FileTwice(name=self._name)

    def parcel(self) -> Parcel:
        """All of them."""
        return Parcel({name: bytes(text) for name, text in self._texts.items()}, self._files)
