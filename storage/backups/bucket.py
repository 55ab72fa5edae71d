"""Backups in a bucket, of the same or of another provider than the server's own files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from storage.backups.problems import BackupPlaceAway

if TYPE_CHECKING:
    from storage.backups.places import Kept

_SEVERAL = 8
"""Files on the way at once: each waits for the line."""
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_DELETED_AT_ONCE = 1000
ENDPOINT = ""
"""Where the buckets are, unless AWS_ENDPOINT_URL says it; set once from the settings."""


def use_endpoint(address: str) -> None:
    """From here on buckets of backups are asked for there; "" is the provider's own."""
    global ENDPOINT  # noqa: PLW0603 - one for a process, set before the first is opened
    ENDPOINT = address


class BucketPlace:
    """A bucket, below a prefix."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        patience = Config(
            connect_timeout=10,
            read_timeout=60,
            retries={"max_attempts": 5, "mode": "standard"},
            max_pool_connections=_SEVERAL,
        )
        with self._told():
            self._client: Any = boto3.client("s3", endpoint_url=ENDPOINT or None, config=patience)

    @property
    def where(self) -> str:
        """Its address."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put(self, several: Mapping[str, bytes]) -> None:
        """Send files, several at once; the provider has each before this returns."""
        if len(several) == 1:
            for item in several.items():
                self._put(item)
            return
        with ThreadPoolExecutor(_SEVERAL) as hands:
            for _done in hands.map(self._put, several.items()):
                pass

    def _put(self, item: tuple[str, bytes]) -> None:
        name, data = item
        with self._told():
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=data)

    def get(self, name: str) -> bytes:
        """Fetch a file."""
        with self._told():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
            except ClientError as error:
                if error.response["Error"]["Code"] in _MISSING:
                    raise KeyError(name) from error
                raise
            data: bytes = answer["Body"].read()
            return data

    def names(self, folder: str) -> Iterator[Kept]:
        """Every file below, a page at a time."""
        from storage.backups.places import Kept

        with self._told():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"{self._prefix}{folder}/"):
                for one in page.get("Contents", ()):
                    name = one["Key"].removeprefix(self._prefix)
                    yield Kept(name, one["Size"], one["LastModified"].timestamp())

    def delete(self, names: Iterable[str]) -> None:
        """Remove files."""
        keys = [{"Key": self._prefix + name} for name in names]
        with self._told():
            for at in range(0, len(keys), _DELETED_AT_ONCE):
                self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": keys[at : at + _DELETED_AT_ONCE], "Quiet": True}
                )

    def tidy(self) -> None:
        """Nothing: what was not sent whole is not there."""

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            reason = error.response["Error"].get("Message") or error.response["Error"].get("Code", "")
            raise BackupPlaceAway(where=self.where, reason=reason.rstrip(".")) from error
        except BotoCoreError as error:
            raise BackupPlaceAway(where=self.where, reason=str(error).rstrip(".")) from error
