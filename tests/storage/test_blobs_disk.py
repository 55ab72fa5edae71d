"""What only a folder of blobs can get wrong: syncing, and a disk that fails."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from storage.blobs.disk import DiskStore
from storage.problems import StoreFailed
from tests.storage.test_blobs import put


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
