"""What only a bucket can get wrong: it is away, it is old, it is set up wrong, somebody else sweeps."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from forms.problems import Problem
from storage.blobs import BlobStore, bucket, open_store, s3
from storage.bucket_problems import (
    BucketForbids,
    BucketKeysMissing,
    BucketKeysRefused,
    BucketMissing,
    BucketSilent,
)
from storage.problems import StoreFailed
from storage.store_problems import StoreAway
from tests.relay import Relay, relayed
from tests.s3 import BUCKET, READER, client, endpoint, fresh_bucket
from tests.storage.test_blobs import content, names, put

LARGE = b"x" * 100_000
"""More than is sent without asking first."""
FIVE = 5 * 1024 * 1024


@pytest.fixture
def prefix() -> str:
    """Where nobody else keeps anything."""
    return urlsplit(fresh_bucket()["COLLECTOR_BLOBS_URL"]).path.strip("/")


@pytest.fixture
def store(prefix: str, tmp_path: Path) -> BlobStore:
    return open_store(f"s3://{BUCKET}/{prefix}", folder=tmp_path / "incoming", endpoint=endpoint())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the bucket is asked, in order."""
    said: list[str] = []
    for name in ("head", "put", "put_large", "renew", "get", "delete"):
        monkeypatch.setattr(bucket.Bucket, name, _noting(said, name))
    return said


def _noting(said: list[str], name: str) -> Any:
    plain = getattr(bucket.Bucket, name)

    def noted(self: bucket.Bucket, *values: Any, **named: Any) -> Any:
        said.append(name)
        return plain(self, *values, **named)

    return noted


@pytest.fixture
def away(prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BlobStore, Relay]]:
    """A store whose line can be cut."""
    monkeypatch.setattr(bucket, "_REST", 0.0)
    with relayed(endpoint()) as (relay, address):
        yield open_store(f"s3://{BUCKET}/{prefix}", folder=tmp_path / "incoming", endpoint=address), relay


def test_a_small_file_is_one_request_and_what_is_there_is_not_sent_again(
    store: BlobStore, asked: list[str]
) -> None:
    put(store, b"a")
    assert asked == ["put"]
    put(store, LARGE)
    asked.clear()
    put(store, LARGE)
    assert asked == ["head"]


def test_what_is_old_is_made_young_before_anybody_relies_on_it(
    store: BlobStore, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [name] = put(store, LARGE)
    monkeypatch.setattr(s3, "YOUNG", -1)
    asked.clear()
    put(store, LARGE)
    assert asked == ["head", "renew", "head", "head"]
    assert content(store, name) == LARGE


def test_a_request_never_relies_on_what_a_sweep_is_about_to_take(
    store: BlobStore, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the worst moment: after the sweep has seen that the file is old, before it deletes it."""
    [name] = put(store, LARGE)
    monkeypatch.setattr(s3, "YOUNG", -1)
    plain = bucket.Bucket.delete
    refused: list[str] = []

    def delete(self: bucket.Bucket, key: str) -> None:
        if key.endswith(f"{name[:2]}/{name}") and not refused:
            with pytest.raises(StoreFailed):
                put(store, LARGE)
            refused.append(key)
        plain(self, key)

    monkeypatch.setattr(bucket.Bucket, "delete", delete)
    assert store.delete_older(name, time.time() + 60)
    assert len(refused) == 1
    put(store, LARGE)
    assert content(store, name) == LARGE
    found = client(endpoint()).list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/doomed/")
    assert found.get("Contents", []) == []


def test_the_mark_of_a_sweep_that_died_hinders_nobody_for_long(
    store: BlobStore, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [name] = put(store, LARGE)
    client(endpoint()).put_object(Bucket=BUCKET, Key=f"{prefix}/doomed/{name}", Body=b"")
    monkeypatch.setattr(s3, "YOUNG", -1)
    assert not store.delete_older(name, time.time() + 60)
    with pytest.raises(StoreFailed):
        put(store, LARGE)
    monkeypatch.setattr(s3, "_DOOMED", -1)
    put(store, LARGE)
    assert store.delete_older(name, time.time() + 60)


def test_a_large_file_goes_in_parts_and_what_breaks_off_leaves_nothing(
    store: BlobStore, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "WHOLE", FIVE)
    monkeypatch.setattr(s3, "WHOLE", FIVE)
    data = os.urandom(FIVE) + b"the second part"
    [name] = put(store, data)
    assert hashlib.sha256(content(store, name)).hexdigest() == name
    broken = store.stage()
    broken.write(b"y" * (FIVE + 1))
    monkeypatch.setattr(bucket._Piece, "readinto", _failing)
    with pytest.raises(StoreFailed):
        store.keep([broken])
    broken.discard()
    assert names(store) == [name]
    assert client(endpoint()).list_multipart_uploads(Bucket=BUCKET, Prefix=prefix).get("Uploads", []) == []


def _failing(_self: object, _into: object) -> int:
    raise OSError


def test_parts_of_a_server_that_died_are_swept_when_they_are_old(store: BlobStore, prefix: str) -> None:
    client(endpoint()).create_multipart_upload(Bucket=BUCKET, Key=f"{prefix}/ab/cd")
    assert store.sweep_staging(time.time() - 3600) == 0
    assert store.sweep_staging(time.time() + 3600) == 1
    assert store.sweep_staging(time.time() + 3600) == 0


def test_reading_on_asks_for_blocks_and_reading_here_and_there_for_little(
    store: BlobStore, asked: list[str]
) -> None:
    [name] = put(store, b"z" * 3_000_000)
    asked.clear()
    with store.open(name) as file:
        while file.read(8192):
            pass
    assert 2 < len(asked) < 9
    assert set(asked) == {"get"}


def test_a_bucket_that_is_away_is_a_failure_and_no_missing_file_and_it_recovers_by_itself(
    away: tuple[BlobStore, Relay],
) -> None:
    store, relay = away
    [name] = put(store, LARGE)
    relay.cut()
    for fails in (lambda: put(store, b"b"), lambda: store.open(name), lambda: store.exists(name)):
        with pytest.raises(StoreAway):
            fails()
    relay.mend()
    assert content(store, name) == LARGE
    [other] = put(store, b"b")
    assert names(store) == sorted([name, other])


def test_while_a_bucket_rests_nobody_waits_for_it(
    away: tuple[BlobStore, Relay], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, relay = away
    monkeypatch.setattr(bucket, "_REST", 3600.0)
    put(store, b"a")
    relay.cut()
    with pytest.raises(StoreFailed):
        store.exists("0" * 64)
    relay.mend()
    with pytest.raises(StoreFailed):
        store.exists("0" * 64)
    assert asked[-2:] == ["head", "head"]


def test_a_process_that_parts_has_a_client_of_its_own(store: BlobStore) -> None:
    put(store, b"parent")
    child = os.fork()
    if child == 0:
        try:
            put(store, b"child", LARGE)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    put(store, b"parent again")
    assert len(names(store)) == 4


def test_of_a_bucket_that_keeps_versions_nothing_deleted_is_left(tmp_path: Path) -> None:
    name, service = f"versions-{uuid4().hex}", client(endpoint())
    fresh_bucket()
    service.create_bucket(Bucket=name)
    service.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    store = open_store(f"s3://{name}", folder=tmp_path, endpoint=endpoint())
    [first, second] = put(store, b"erased", b"kept")
    store.delete(first)
    found = service.list_object_versions(Bucket=name)
    assert {one["Key"] for one in found["Versions"]} == {f"{second[:2]}/{second}"}
    assert found.get("DeleteMarkers", []) == []
    assert "versions" in " ".join(store.remarks())


WRONG = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
NONE = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.mark.parametrize(
    ("address", "keys", "problem", "setting"),
    [
        (("no-such-bucket", None), {}, BucketMissing, "COLLECTOR_BLOBS_URL"),
        ((BUCKET, None), WRONG, BucketKeysRefused, "AWS_ACCESS_KEY_ID"),
        ((BUCKET, None), NONE, BucketKeysMissing, "AWS_ACCESS_KEY_ID"),
        ((BUCKET, None), READER, BucketForbids, "Files in S3"),
        ((BUCKET, "http://127.0.0.1:9"), {}, BucketSilent, "COLLECTOR_S3_ENDPOINT"),
    ],
)
def test_what_is_set_up_wrong_is_said_by_the_setting_that_mends_it(
    set_up: SetUp, address: tuple[str, str | None], keys: dict[str, str], problem: type[Problem], setting: str
) -> None:
    with pytest.raises(problem, match=setting):
        set_up(*address, keys).prove()


SetUp = Callable[[str, str | None, dict[str, str]], BlobStore]


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    """A store with other keys than those of the tests."""
    fresh_bucket()
    bucket._made.cache_clear()
    monkeypatch.setenv("HOME", str(tmp_path))

    def opened(name: str, where: str | None, keys: dict[str, str]) -> BlobStore:
        for variable, value in keys.items():
            monkeypatch.setenv(variable, value)
        return open_store(f"s3://{name}/x", folder=tmp_path, endpoint=where or endpoint())

    yield opened
    bucket._made.cache_clear()
