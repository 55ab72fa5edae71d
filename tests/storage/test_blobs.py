"""Every blob store keeps the same promise: named by content, written once, there for good once kept."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.blobs import STORES, BlobStore, open_store
from storage.blobs.disk import DiskStore
from storage.problems import BlobStoreUnknown, StoreFailed

ADDRESSES: dict[str, Callable[[Path], str]] = {"file": lambda folder: (folder / "tệp %20").as_uri()}
"""How to reach a store of each kind for a test; a new kind in STORES belongs here."""

SIZES = (0, 1, 65_536, 65_537, 3_000_000)


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty store of each kind."""
    return open_store(ADDRESSES[request.param](tmp_path))


def put(store: BlobStore, *several: bytes) -> list[str]:
    """Keep some bytes; returns their names."""
    staged = []
    for data in several:
        one = store.stage()
        for start in range(0, len(data), 50_000):
            one.write(data[start : start + 50_000])
        staged.append(one)
    store.keep(staged)
    return [one.sha256 for one in staged]


def content(store: BlobStore, name: str) -> bytes:
    with store.open(name) as file:
        return file.read()


def names(store: BlobStore) -> set[str]:
    return {name for name, _written in store.names()}


def test_what_is_kept_is_found_under_its_digest(store: BlobStore) -> None:
    several = [bytes([size % 251]) * size for size in SIZES]
    found = put(store, *several)
    assert found == [hashlib.sha256(data).hexdigest() for data in several]
    assert [content(store, name) for name in found] == several
    assert names(store) == set(found)
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
    assert names(store) == set()
    assert store.sweep_staging(time.time() + 60) == 0


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
        list(pool.map(lambda _: put(store, b"b" * 70_000, b"a" * 70_000), range(8)))
    assert len(names(store)) == 2
    assert store.sweep_staging(time.time() + 60) == 0


def test_what_is_not_there_is_a_key_error_and_no_failure(store: BlobStore) -> None:
    missing = hashlib.sha256(b"missing").hexdigest()
    assert not store.exists(missing)
    with pytest.raises(KeyError):
        store.open(missing)
    store.delete(missing)


def test_what_is_deleted_is_gone_and_may_come_again(store: BlobStore) -> None:
    first, second = put(store, b"1", b"2")
    store.delete(first)
    assert names(store) == {second}
    put(store, b"1")
    assert content(store, first) == b"1"


def test_the_time_of_writing_is_told_and_renewed(store: BlobStore) -> None:
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
    assert names(store) == set()


def test_an_unknown_kind_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(BlobStoreUnknown, match="file://"):
        open_store("ftp://user:secret@example/x")
    with pytest.raises(BlobStoreUnknown) as refused:
        open_store("ftp://user:secret@example/x")
    assert "secret" not in str(refused.value)


# On disk ---------------------------------------------------------------------------------------------


def test_on_disk_a_file_is_synced_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DiskStore(str(tmp_path))
    done: list[str] = []
    sync, replace = os.fsync, os.replace

    def noted_sync(handle: int) -> None:
        sync(handle)
        done.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().relative_to(tmp_path)}")

    def noted_replace(source: Path, target: Path) -> None:
        replace(source, target)
        done.append(f"name {target.relative_to(tmp_path)}")

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    [name] = put(store, b"x" * 100_000)
    assert done[0].startswith("sync incoming/")
    assert done[1:] == [f"name {name[:2]}/{name}", f"sync {name[:2]}"]
    done.clear()
    put(store, b"x" * 100_000)
    assert done == [f"sync {name[:2]}/{name}", f"sync {name[:2]}"]


def test_on_disk_the_folders_are_there_before_the_first_file(tmp_path: Path) -> None:
    DiskStore(str(tmp_path))
    assert len([one for one in tmp_path.iterdir() if one.is_dir()]) == 257
    store = DiskStore(str(tmp_path))
    assert list(store.names()) == []


def test_on_disk_what_is_wanted_again_is_young_again(tmp_path: Path) -> None:
    store = DiskStore(str(tmp_path))
    [name] = put(store, b"x")
    os.utime(tmp_path / name[:2] / name, (0, 0))
    put(store, b"x")
    [(_name, written)] = store.names()
    assert written > time.time() - 60


def test_a_failing_disk_is_said_to_be_one_and_leaves_nothing(tmp_path: Path) -> None:
    store = DiskStore(str(tmp_path))
    small, large = store.stage(), store.stage()
    small.write(b"x")
    (tmp_path / "incoming").rmdir()
    with pytest.raises(StoreFailed):
        large.write(b"x" * 100_000)
    with pytest.raises(StoreFailed):
        store.keep(_either(small))
    for one in (small, large):
        one.discard()
    assert list(store.names()) == []


def _either(*several: object) -> Iterable[object]:
    yield from several


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../../x", "..", ".", "", "a\0b", "A" * 64, "a" * 63, "x" * 5000]
)
def test_only_a_digest_names_anything(store: BlobStore, name: str) -> None:
    assert not store.exists(name)
    with pytest.raises(KeyError):
        store.open(name)
