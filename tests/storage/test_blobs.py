"""Every blob store keeps the same promise: named by content, written once, there for good once kept."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from storage.blobs import STORES, BlobStore, open_store
from storage.problems import BlobStoreUnknown
from tests.s3 import fresh_bucket

SIZES = (0, 1, 65_536, 65_537, 3_000_000)


def on_disk(folder: Path) -> BlobStore:
    return open_store((folder / "tệp %20").as_uri())


def in_bucket(folder: Path) -> BlobStore:
    settings = fresh_bucket()
    return open_store(
        settings["COLLECTOR_BLOBS_URL"],
        folder=folder / "incoming",
        endpoint=settings["COLLECTOR_S3_ENDPOINT"],
    )


EMPTY: dict[str, Callable[[Path], BlobStore]] = {"file": on_disk, "s3": in_bucket}
"""How to make an empty store of each kind; a new kind in STORES belongs here."""


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty store of each kind."""
    return EMPTY[request.param](tmp_path)


def put(store: BlobStore, *several: bytes) -> list[str]:
    """Keep some bytes; returns their names."""
    staged = [store.stage() for _data in several]
    try:
        for one, data in zip(staged, several, strict=True):
            for start in range(0, len(data), 50_000):
                one.write(data[start : start + 50_000])
        store.keep(staged)
    finally:
        for one in staged:
            one.discard()
    return [one.sha256 for one in staged]


def content(store: BlobStore, name: str) -> bytes:
    with store.open(name) as file:
        return file.read()


def names(store: BlobStore) -> list[str]:
    return [name for name, _written in store.names()]


def test_what_is_kept_is_found_under_its_digest(store: BlobStore) -> None:
    several = [bytes([size % 251]) * size for size in SIZES]
    found = put(store, *several)
    assert found == [hashlib.sha256(data).hexdigest() for data in several]
    assert [content(store, name) for name in found] == several
    assert names(store) == sorted(found)
    assert all(store.exists(name) for name in found)


def test_what_is_staged_can_be_read_and_is_not_there_yet(store: BlobStore) -> None:
    for size in SIZES:
        data = b"\xc4\x83" * (size // 2)
        staged = store.stage()
        staged.write(data)
        staged.seek(0)
        assert (staged.read(), staged.size) == (data, len(data))
        assert staged.sha256 == hashlib.sha256(data).hexdigest()
        assert not store.exists(staged.sha256)
        staged.discard()
        staged.discard()
    assert names(store) == []
    assert store.sweep_staging(time.time() + 60) == 0


def test_any_part_of_a_file_can_be_read_in_any_order(store: BlobStore) -> None:
    data = bytes(number % 253 for number in range(1_500_000))
    [name] = put(store, data)
    with store.open(name) as file:
        assert file.seek(0, io.SEEK_END) == len(data)
        assert file.read(10) == b""
        for start, length in ((0, 10), (65_530, 20), (1_499_990, 100), (700_000, 600_000), (5, 1)):
            file.seek(start)
            assert file.read(length) == data[start : start + length]
            assert file.tell() == min(start + length, len(data))
        file.seek(-4, io.SEEK_END)
        assert file.read() == data[-4:]


def test_a_picture_and_an_archive_are_read_where_they_lie(store: BlobStore) -> None:
    picture, archive = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("nhỏ.txt", "x" * 90_000)
        packed.writestr("cuối.txt", "sau cùng")
    found = put(store, picture.getvalue(), archive.getvalue())
    with store.open(found[0]) as file:
        assert Image.open(file).convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    with store.open(found[1]) as file, zipfile.ZipFile(file) as opened:
        assert opened.read("cuối.txt").decode() == "sau cùng"
        assert len(opened.read("nhỏ.txt")) == 90_000


def test_discarding_after_keeping_does_no_harm(store: BlobStore) -> None:
    staged = store.stage()
    staged.write(b"x" * 100_000)
    store.keep([staged])
    staged.discard()
    assert content(store, staged.sha256) == b"x" * 100_000


def test_the_same_bytes_are_kept_once(store: BlobStore) -> None:
    put(store, b"a" * 70_000, b"a" * 70_000)
    put(store, b"a" * 70_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: put(store, b"b" * 70_000, b"a" * 70_000, b"c"), range(8)))
    assert len(names(store)) == 3
    assert store.sweep_staging(time.time() + 60) == 0


def test_what_is_not_there_is_a_key_error_and_no_failure(store: BlobStore) -> None:
    missing = hashlib.sha256(b"missing").hexdigest()
    assert not store.exists(missing)
    with pytest.raises(KeyError):
        store.open(missing)
    store.delete(missing)
    assert not store.delete_older(missing, time.time())


def test_what_is_deleted_is_gone_and_may_come_again(store: BlobStore) -> None:
    first, second = put(store, b"1", b"2")
    store.delete(first)
    assert names(store) == [second]
    put(store, b"1")
    assert content(store, first) == b"1"


def test_only_what_is_old_goes_when_it_is_asked_to(store: BlobStore) -> None:
    [name] = put(store, b"1")
    assert not store.delete_older(name, time.time() - 3600)
    assert content(store, name) == b"1"
    assert store.delete_older(name, time.time() + 3600)
    assert names(store) == []
    assert put(store, b"1") == names(store)


def test_the_time_of_writing_is_told(store: BlobStore) -> None:
    before = time.time() - 5
    put(store, b"1")
    [(_name, written)] = store.names()
    assert before < written < time.time() + 5


def test_uploads_that_nobody_finished_are_swept_when_they_are_old(store: BlobStore) -> None:
    staged = store.stage()
    staged.write(b"x" * 100_000)
    assert store.sweep_staging(time.time() - 3600) == 0
    swept = store.sweep_staging(time.time() + 3600)
    staged.discard()
    assert swept == 1
    assert names(store) == []


def test_a_store_that_is_set_up_right_proves_it_and_nothing_is_left(store: BlobStore) -> None:
    store.prove()
    assert store.remarks() == ()
    assert names(store) == []


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../../x", "..", ".", "", "a\0b", "A" * 64, "a" * 63, "x" * 5000]
)
def test_only_a_digest_names_anything(store: BlobStore, name: str) -> None:
    assert not store.exists(name)
    with pytest.raises(KeyError):
        store.open(name)


def test_an_unknown_kind_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(BlobStoreUnknown, match="file://, s3://"):
        open_store("ftp://user:secret@example/x")
    with pytest.raises(BlobStoreUnknown) as refused:
        open_store("ftp://user:secret@example/x")
    assert "secret" not in str(refused.value)
