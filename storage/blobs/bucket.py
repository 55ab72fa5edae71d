"""One bucket of an S3 service: the requests a store needs, and what their failures mean.

Knows: boto3. Each process has a client of its own, made when it is first used: connections must not be shared
by processes that parted. Keys and region come from the usual AWS_… variables, which boto3 reads itself.
"""

from __future__ import annotations

import base64
import io
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as Unreachable

from storage.blobs.base import Leaving
from storage.bucket_problems import (
    BucketElsewhere,
    BucketForbids,
    BucketKeysMissing,
    BucketKeysRefused,
    BucketMissing,
    BucketSilent,
)
from storage.problems import StoreFailed
from storage.store_problems import StoreAway, StoreFull

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

log = logging.getLogger(__name__)

WHOLE = 16 * 1024 * 1024
"""Bytes a file may have to go in one request; larger ones go in parts of that size."""
LIVES = 300
"""Seconds an address given to somebody else works."""

_REST = 2.0
"""Seconds a bucket that did not answer is not asked again: phones whose forms need no file must not wait."""
_KIND = "application/octet-stream"
_GONE = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}
_TAKEN = {"412", "PreconditionFailed", "ConditionalRequestConflict"}
_FULL = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507"}
_BUSY = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "500", "502", "503", "504"}
_STRANGERS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"}
_ELSEWHERE = {
    "301",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}


class Gone(Exception):
    """There is no such object."""


class Taken(Exception):
    """There is one already."""


@dataclass(frozen=True, slots=True)
class Known:
    """An object: its key, size, when it was written, and what time it was at the bucket when asked."""

    key: str
    size: int
    written: float
    asked: float = 0.0

    @property
    def age(self) -> float:
        """Seconds since it was written, by the bucket's clock."""
        return self.asked - self.written


class Bucket:
    """Requests to one bucket. Raises StoreFailed when it does not answer or answers what it should not."""

    def __init__(self, name: str, endpoint: str | None) -> None:
        self.name, self.endpoint = name, endpoint
        self._rests_until = 0.0

    @property
    def _client(self) -> S3Client:
        return _client(os.getpid(), self.endpoint)

    @contextmanager
    def _asking(self) -> Iterator[S3Client]:
        """A client; its failures are Gone, Taken or StoreFailed."""
        if time.monotonic() < self._rests_until:
            raise StoreAway
        try:
            yield self._client
        except ClientError as error:
            code = _code(error)
            if code in _GONE:
                raise Gone from error
            if code in _TAKEN:
                raise Taken from error
            log.exception("the bucket refused: %s", code)
            raise _meant(code) from error
        except BotoCoreError as error:
            if isinstance(error, HTTPClientError | Unreachable):
                self._rests_until = time.monotonic() + _REST
            # Its own words may hold an address with keys in it.
            log.error("the bucket does not answer: %s", type(error).__name__)  # noqa: TRY400
            raise StoreAway from error

    def head(self, key: str) -> Known | None:
        """What is there under a key."""
        try:
            with self._asking() as client:
                found = client.head_object(Bucket=self.name, Key=key)
        except Gone:
            return None
        asked = _date(found)
        written = found["LastModified"].timestamp()
        return Known(key, found["ContentLength"], written, written if asked is None else asked)

    def put(self, key: str, body: BinaryIO | bytes, sha256: str, *, size: int, new: bool = False) -> None:
        """Write an object whole; the service compares what came with the digest. With `new` raises Taken."""
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        given: Any = {"IfNoneMatch": "*"} if new else {}
        with self._asking() as client:
            made = client.put_object(
                Bucket=self.name,
                Key=key,
                Body=body,
                ContentLength=size,
                ContentType=_KIND,
                ChecksumSHA256=digest,
                **given,
            )
        if made.get("ChecksumSHA256") != digest:
            self._weigh(key, size)

    def put_large(self, key: str, body: BinaryIO, size: int) -> None:
        """Write an object in parts; nothing of it is there until the last one is."""
        with self._asking() as client:
            upload = client.create_multipart_upload(Bucket=self.name, Key=key, ContentType=_KIND)["UploadId"]
            try:
                parts: list[Any] = []
                for number, start in enumerate(range(0, size, WHOLE), 1):
                    length = min(WHOLE, size - start)
                    sent = client.upload_part(
                        Bucket=self.name,
                        Key=key,
                        UploadId=upload,
                        PartNumber=number,
                        Body=cast("BinaryIO", _Piece(body, start, length)),
                        ContentLength=length,
                    )
                    parts.append({"PartNumber": number, "ETag": sent["ETag"]})
                client.complete_multipart_upload(
                    Bucket=self.name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
                )
            except BaseException:
                with suppress(BotoCoreError, ClientError):
                    client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload)
                raise
        self._weigh(key, size)

    def _weigh(self, key: str, size: int) -> None:
        found = self.head(key)
        if found is None or found.size != size:
            log.error("the bucket holds %s of %s bytes", found and found.size, size)
            raise StoreFailed

    def renew(self, key: str) -> None:
        """Write an object over itself, so that it is young. Raises Gone."""
        with self._asking() as client:
            client.copy_object(
                Bucket=self.name,
                Key=key,
                CopySource={"Bucket": self.name, "Key": key},
                ContentType=_KIND,
                MetadataDirective="REPLACE",
            )

    def get(self, key: str, start: int, length: int) -> tuple[bytes, int]:
        """Some bytes of an object, fewer where it ends, and how many it has in all. Raises Gone."""
        span = f"bytes={start}-{start + length - 1}"
        try:
            with self._asking() as client:
                found = client.get_object(Bucket=self.name, Key=key, Range=span)
                data = found["Body"].read()
        except StoreFailed as error:
            # A range of nothing cannot be had.
            if isinstance(error.__cause__, ClientError) and _code(error.__cause__) in {"InvalidRange", "416"}:
                return b"", start
            raise
        told = found.get("ContentRange", "").rpartition("/")[2]
        return data, int(told) if told.isdigit() else len(data)

    def delete(self, key: str) -> None:
        """Remove an object; where the bucket keeps versions, each of them."""
        with suppress(Gone), self._asking() as client:
            done = client.delete_object(Bucket=self.name, Key=key)
            if not done.get("DeleteMarker") and not done.get("VersionId"):
                return
            for page in client.get_paginator("list_object_versions").paginate(Bucket=self.name, Prefix=key):
                for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if one["Key"] == key:
                        client.delete_object(Bucket=self.name, Key=key, VersionId=one["VersionId"])

    def listed(self, prefix: str) -> Iterator[Known]:
        """Every object whose key begins so, in the order of keys."""
        after: dict[str, Any] = {}
        while True:
            with self._asking() as client:
                page = client.list_objects_v2(Bucket=self.name, Prefix=prefix, **after)
            for one in page.get("Contents", ()):
                yield Known(one["Key"], one["Size"], one["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            after = {"ContinuationToken": page["NextContinuationToken"]}

    def abort_uploads(self, prefix: str, before: float) -> int:
        """End uploads in parts that were begun before and never completed; returns how many."""
        ended = 0
        with self._asking() as client:
            pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name, Prefix=prefix)
            for page in pages:
                for one in page.get("Uploads", ()):
                    if one["Initiated"].timestamp() < before:
                        with suppress(client.exceptions.NoSuchUpload):
                            client.abort_multipart_upload(
                                Bucket=self.name, Key=one["Key"], UploadId=one["UploadId"]
                            )
                        ended += 1
        return ended

    def address(self, key: str, leaving: Leaving) -> str:
        """An address that gives the object to whoever holds it, for `LIVES` seconds."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.name,
                "Key": key,
                "ResponseContentType": leaving.content_type,
                "ResponseContentDisposition": leaving.disposition,
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=LIVES,
        )

    def keeps_versions(self) -> bool | None:
        """Whether the bucket keeps what was deleted or written over; None where that may not be asked."""
        try:
            with self._asking() as client:
                return client.get_bucket_versioning(Bucket=self.name).get("Status") == "Enabled"
        except (Gone, StoreFailed):
            return None

    @contextmanager
    def proving(self, action: str) -> Iterator[None]:
        """What fails inside is said by the setting that mends it."""
        where = self.endpoint or "AWS"
        try:
            yield
        except (StoreFailed, Gone) as error:
            cause = error.__cause__
            if isinstance(cause, NoCredentialsError):
                raise BucketKeysMissing(bucket=self.name) from error
            if not isinstance(cause, ClientError):
                raise BucketSilent(bucket=self.name, endpoint=where) from error
            code = _code(cause)
            if code == "NoSuchBucket" or isinstance(error, Gone):
                raise BucketMissing(bucket=self.name, endpoint=where) from error
            if code in _STRANGERS:
                raise BucketKeysRefused(bucket=self.name) from error
            if code in _ELSEWHERE:
                raise BucketElsewhere(bucket=self.name) from error
            if code in {"403", "AccessDenied"}:
                raise BucketForbids(bucket=self.name, action=action) from error
            raise


class _Piece(io.RawIOBase):
    """A part of a file, as if it were one."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        super().__init__()
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is: what was cut off is sent again."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the reading position."""
        self._at = offset + (0, self._at, self._length)[whence]
        return self._at

    def tell(self) -> int:
        """The reading position."""
        return self._at

    def readinto(self, into: Any) -> int:
        """Read what fits."""
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(into), self._length - self._at)))
        into[: len(data)] = data
        self._at += len(data)
        return len(data)


_MAKING = Lock()


def _client(process: int, endpoint: str | None) -> S3Client:
    with _MAKING:
        return _made(process, endpoint)


@lru_cache(maxsize=8)
def _made(process: int, endpoint: str | None) -> S3Client:  # noqa: ARG001 - what the cache goes by
    session = boto3.session.Session()
    return session.client(
        "s3",
        endpoint_url=endpoint,
        region_name=session.region_name or "us-east-1",
        config=Config(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=15,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=32,
            tcp_keepalive=True,
            # The service compares each body with its digest; older ones know no other checksum.
            s3={"addressing_style": "path" if endpoint else "auto", "payload_signing_enabled": True},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _meant(code: str) -> StoreFailed:
    """What a refusal of the service's means to whoever sends or fetches a file."""
    if code in _FULL:
        return StoreFull()
    return StoreAway() if code in _BUSY else StoreFailed()


def _date(answer: Any) -> float | None:
    told = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    if not told:
        return None
    try:
        found: datetime = parsedate_to_datetime(told)
    except ValueError:
        return None
    return found.timestamp()
