"""Large, slow and broken uploads over a real port: OR-48, OR-55 … OR-58."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from collector import parcels
from storage.database import transaction
from storage.projection.catalogue import hold
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, SUCCESS, new_id
from tests.databases import fresh_postgresql
from tests.kept import files, kept, record, spoil, staged_files, stored_files, versions
from tests.live import Live, serving
from tests.office import GivenPhone, Office
from tests.phone import Phone, SendFailed
from tests.phone_documents import read_message
from tests.phone_upload import Upload

VIDEO = 250_000_000
ROOM = 90_000_000
"""Bytes the server may grow by while it takes the video."""


class Place:
    """A server with a form of a visit, and somebody with a phone."""

    def __init__(self, office: Office, live: Live) -> None:
        self.office = office
        self.live = live
        self.form = office.publish(asked("visit", "1", "head video:binary"), filename="visit.xml")
        self.given: GivenPhone = office.phone()

    @property
    def phone(self) -> Phone:
        """Collect on that phone."""
        return Phone(f"{self.live.address}{self.given.path}")

    def head(self, upload: Upload, *, length: int | None = None) -> bytes:
        """The head of a post, as it goes over the line."""
        return (
            f"POST {self.given.path}/submission HTTP/1.1\r\nHost: localhost\r\nX-OpenRosa-Version: 1.0\r\n"
            f"Content-Type: {upload.content_type}\r\nContent-Length: {length or len(upload)}\r\n\r\n"
        ).encode()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One server for all of them, with two web processes."""
    home = tmp_path_factory.mktemp("home")
    with _database(request.param, home) as url:
        office = Office(home, url)
        with serving(office, workers=2) as live:
            yield Place(office, live)
        office.close()


@contextmanager
def _database(kind: str, home: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{home / 'collector.db'}"
    else:
        with fresh_postgresql() as url:
            yield url


def visit(instance_id: str, video: str = "") -> bytes:
    return answered("visit", "1", f"<head>A</head><video>{video}</video>", instance_id=instance_id)


def nothing_staged(place: Place) -> bool:
    """Whether the server lets go of what did not arrive; it may need a moment to notice."""
    for _ in range(600):
        if not staged_files(place.office):
            return True
        time.sleep(0.05)
    return False


def test_or_48_twenty_posts_at_once_to_two_processes_make_one_record(place: Place) -> None:
    before, instance = kept(place.office), new_id()
    xml = visit(instance, "v.mp4")

    def post(_number: int) -> tuple[int, str]:
        return place.phone.post(Upload(xml, {"v.mp4": JPEG * 50}, xml_name="a.xml"))

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(post, range(20))) == [(201, SUCCESS)] * 20
    after = kept(place.office)
    assert (after.submissions, after.versions, after.files) == (
        before.submissions + 1,
        before.versions + 1,
        before.files + 1,
    )
    assert after.staged == 0


def test_or_55_a_video_of_250_megabytes_is_taken_in_little_memory(place: Place, tmp_path: Path) -> None:
    instance, video = new_id(), tmp_path / "v.mp4"
    with video.open("wb") as file:
        file.truncate(VIDEO)
    place.phone.send(visit(new_id(), "w.mp4"), {"w.mp4": bytes(1_000_000)})
    before, seen, done = place.live.memory(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(place.live.memory())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        sent = place.phone.send(visit(instance, "v.mp4"), {"v.mp4": video}, limit=10_000_000)
    finally:
        done.set()
        watching.join()
    assert sent.posts == 1
    assert len(seen) > 5
    assert max(seen) - before < ROOM
    [version] = versions(place.office, record(place.office, instance).id)
    digest = hashlib.sha256(bytes(VIDEO)).hexdigest()
    assert digest in stored_files(place.office)
    with place.office.parts.blobs.open(digest) as stored:
        assert stored.seek(0, 2) == VIDEO
    spoil(place.office, digest, b"")
    assert list(files(place.office, version.id)) == ["v.mp4"]


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_or_56_a_line_that_breaks_leaves_nothing_and_a_retry_works(place: Place, share: float) -> None:
    before, instance = kept(place.office), new_id()
    xml, sent = visit(instance, "v.mp4"), {"v.mp4": bytes(range(256)) * 20_000}
    upload = Upload(xml, sent, xml_name="a.xml")
    with place.live.connect() as line:
        line.sendall(place.head(upload))
        line.sendall(upload.read(int(len(upload) * share)))
        if share == 0.5:
            _until(lambda: bool(staged_files(place.office)))
    assert nothing_staged(place)
    assert kept(place.office) == before
    assert place.phone.send(xml, sent).status == 201
    assert kept(place.office).submissions == before.submissions + 1


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it does not come about")


def test_or_57_a_form_that_arrives_drop_by_drop_is_one_record(place: Place) -> None:
    before, instance = kept(place.office), new_id()
    xml, sent = visit(instance, "v.mp4"), {"v.mp4": JPEG * 100}
    upload = Upload(xml, sent, xml_name="a.xml")
    with place.live.connect() as line:
        line.sendall(place.head(upload))
        drop = len(upload) // 20 + 1
        while piece := upload.read(drop):
            line.sendall(piece)
            time.sleep(0.1)
            if upload.tell() < 2 * drop:
                # Others do not wait for it.
                assert place.phone.send(visit(new_id())).status == 201
        assert line.recv(65536).startswith(b"HTTP/1.1 201 ")
    assert place.phone.send(xml, sent).status == 201
    assert kept(place.office).submissions == before.submissions + 2


def test_or_57_a_server_that_answers_too_late_has_one_record_after_the_re_send(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.phone.TIMEOUTS", (5, 0.7))
    before, instance = kept(place.office), new_id()
    xml, sent = visit(instance, "v.mp4"), {"v.mp4": JPEG * 100}
    with place.office.app.app_context(), transaction() as session:
        hold(session, place.form.id)
        for _ in range(3):
            with pytest.raises(requests.ReadTimeout):
                place.phone.post(Upload(xml, sent, xml_name="a.xml"))
    monkeypatch.undo()
    assert place.phone.send(xml, sent).message == SUCCESS
    _until(lambda: kept(place.office).staged == 0)
    assert kept(place.office).submissions == before.submissions + 1
    [version] = versions(place.office, record(place.office, instance).id)
    assert files(place.office, version.id) == sent


def test_or_58_what_is_too_large_is_told_in_the_phones_own_words(place: Place) -> None:
    offered = place.phone.head_submission()
    assert offered >= 10_000_000
    upload = Upload(visit(new_id()), {}, xml_name="a.xml")
    assert offered + parcels.XML_LIMIT + 65_536 < parcels.BODY_LIMIT
    with place.live.connect() as line:
        line.sendall(place.head(upload, length=3_000_000_000))
        head, _, body = line.recv(65536).partition(b"\r\n\r\n")
        if not body:
            body = line.recv(65536)
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"text/xml" in head
    assert read_message(body)


CHUNKED = (
    b"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
)
HARDLY_HTTP = {
    "a length that is no number": b"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    "a negative length": b"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "a header of a megabyte": b"POST {path} HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n",
    "a chunk without a length": CHUNKED + b"zz\r\n--b\r\n\r\n0\r\n\r\n",
    "chunks cut short": CHUNKED + b"5\r\n--b\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("what", HARDLY_HTTP)
def test_what_is_hardly_http_does_not_hurt(place: Place, what: str) -> None:
    before, broken = kept(place.office), HARDLY_HTTP[what]
    with place.live.connect() as line:
        line.sendall(broken.replace(b"{path}", f"{place.given.path}/submission".encode()))
        try:
            answer = line.recv(65536)
        except ConnectionResetError:
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert kept(place.office) == before
    with pytest.raises(SendFailed):
        place.phone.send(b"<a/>")
