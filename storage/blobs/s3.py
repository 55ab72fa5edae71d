"""Blobs in a bucket: `prefix/ab/abcdef…`, the same tree as in a folder.

What comes in stays on this machine until it is kept. A file that is there already is not sent again, but made
young where it is old: what nothing names any more is swept by its age.

A sweep never takes what a request has just relied on. That rests on the bucket showing everybody what was
written last, and on steps in opposite order. Whoever relies on an old object makes it young, then looks for
the mark of a sweep (`doomed/…`), then whether the object is still there. Whoever sweeps leaves the mark, then
looks at the age, then deletes, then takes the mark away. See decision 0034.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256 as sha256_of
from pathlib import Path
from typing import Any, BinaryIO, cast

from forms.phrases import template
from storage.blobs.base import Leaving
from storage.blobs.bucket import WHOLE, Bucket, Gone, Taken
from storage.blobs.staging import IN_MEMORY, StagedFile, sweep_parts, told
from storage.problems import StoreFailed

YOUNG = 24 * 3600
"""Seconds an object need not be made young again: no sweep takes what is that new."""
AT_ONCE = 8
"""Files of all requests of a process that are sent at a time."""

_DOOMED = 900
"""Seconds after which the mark of a sweep is that of one that died."""
_HURRY = 60
"""Seconds a sweep may take from its mark to the deletion."""
_FIRST = 64 * 1024
_BLOCK = 512 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class S3Store:
    """Files in a bucket, below a prefix; `folder` takes what is on its way in."""

    def __init__(self, bucket: Bucket, prefix: str, folder: Path) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/".lstrip("/")
        self._incoming = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256[:2]}/{sha256}"

    def _mark(self, sha256: str) -> str:
        return f"{self._prefix}doomed/{sha256}"

    def stage(self) -> StagedFile:
        """A place for incoming bytes."""
        return StagedFile(self._incoming)

    def keep(self, staged: Iterable[Any]) -> None:
        """Send what the bucket has not got, several at a time. Raises StoreFailed."""
        several: list[StagedFile] = list(staged)
        different = list({item.sha256: item for item in several}.values())
        if len(different) == 1:
            self._put(different[0])
        else:
            sent = [_hands(os.getpid()).submit(self._put, item) for item in different]
            # None may still be read when the caller lets all of them go.
            wait(sent)
            for one in sent:
                one.result()
        for item in several:
            item.discard()

    def _put(self, item: StagedFile) -> None:
        key = self._key(item.sha256)
        if item.size <= IN_MEMORY:
            with suppress(Taken):
                self._send(key, item, new=True)
                return
        found = self._bucket.head(key)
        if found is None or found.size != item.size:
            self._send(key, item)
        elif found.age > YOUNG:
            self._rely(key, item)

    def _send(self, key: str, item: StagedFile, *, new: bool = False) -> None:
        with told():
            if item.size > WHOLE:
                self._bucket.put_large(key, item.whole(), item.size)
            else:
                self._bucket.put(key, item.whole(), item.sha256, size=item.size, new=new)

    def _rely(self, key: str, item: StagedFile) -> None:
        """Make an old object young, and be sure that no sweep takes it. Raises StoreFailed where one may."""
        try:
            self._bucket.renew(key)
        except Gone:
            self._send(key, item)
            return
        mark = self._bucket.head(self._mark(item.sha256))
        if mark is not None and mark.age < _DOOMED:
            raise StoreFailed
        if mark is not None:
            self._bucket.delete(mark.key)
        if self._bucket.head(key) is None:
            self._send(key, item)

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, had in blocks as they are read. Raises KeyError when there are none."""
        if _DIGEST.fullmatch(sha256) is None:
            raise KeyError(sha256)
        key = self._key(sha256)
        try:
            first, size = self._bucket.get(key, 0, _FIRST)
        except Gone as error:
            raise KeyError(sha256) from error
        raw = _Remote(self._bucket, key, first, size)
        return cast("BinaryIO", io.BufferedReader(raw, min(_BLOCK, max(size, 1))))

    def exists(self, sha256: str) -> bool:
        """Whether there is an object under that name."""
        return _DIGEST.fullmatch(sha256) is not None and self._bucket.head(self._key(sha256)) is not None

    def delete(self, sha256: str) -> None:
        """Remove the object with all its versions; no error when there is none."""
        self._bucket.delete(self._key(sha256))

    def delete_older(self, sha256: str, before: float) -> bool:
        """Remove the object if it was not kept since `before`; whether it went."""
        mark = self._mark(sha256)
        try:
            self._bucket.put(mark, b"", sha256_of(b"").hexdigest(), size=0, new=True)
        except Taken:
            self._wipe(mark)
            return False
        # A sweep that fails in between leaves its mark: its deletion may still be on the way.
        began = time.monotonic()
        found = self._bucket.head(self._key(sha256))
        goes = found is not None and found.written < before and time.monotonic() - began < _HURRY
        if goes:
            self.delete(sha256)
        self._bucket.delete(mark)
        return goes

    def _wipe(self, mark: str) -> None:
        """Take away the mark of a sweep that died."""
        found = self._bucket.head(mark)
        if found is not None and found.age >= _DOOMED:
            self._bucket.delete(mark)

    def names(self) -> Iterator[tuple[str, float]]:
        """Every digest, in order, with the time it was kept last."""
        for found in self._bucket.listed(self._prefix):
            folder, _, name = found.key.removeprefix(self._prefix).partition("/")
            if _DIGEST.fullmatch(name) and folder == name[:2]:
                yield name, found.written

    def sweep_staging(self, before: float) -> int:
        """Remove half-written uploads that nobody will finish, here and in the bucket."""
        return sweep_parts(self._incoming, before) + self._bucket.abort_uploads(self._prefix, before)

    def address(self, sha256: str, leaving: Leaving) -> str:
        """Where the bucket gives the bytes to whoever holds the address, for five minutes."""
        return self._bucket.address(self._key(sha256), leaving)

    def prove(self) -> None:
        """Write an object, read it, list and remove it. Raises StoreFailed, or what names the setting."""
        bucket = self._bucket
        key = f"{self._prefix}proof/{secrets.token_hex(8)}"
        said = b"collector"
        with bucket.proving("s3:PutObject"):
            bucket.put(key, said, sha256_of(said).hexdigest(), size=len(said))
        with bucket.proving("s3:GetObject"):
            found, _size = bucket.get(key, 0, 100)
        with bucket.proving("s3:ListBucket"):
            listed = [one.key for one in bucket.listed(key)]
        with bucket.proving("s3:DeleteObject"):
            bucket.delete(key)
        if found != said or listed != [key]:
            raise StoreFailed

    def remarks(self) -> tuple[str, ...]:
        """What the bucket's keeper should know."""
        return (*self._of_versions(), *self._of_conditions())

    def _of_versions(self) -> tuple[str, ...]:
        if not self._bucket.keeps_versions():
            return ()
        return (
            template(
                "The bucket keeps versions: let a lifecycle rule remove those no longer current "
                "after some days."
            ),
        )

    def _of_conditions(self) -> tuple[str, ...]:
        key = f"{self._prefix}proof/{secrets.token_hex(8)}"
        empty = sha256_of(b"").hexdigest()
        self._bucket.put(key, b"", empty, size=0)
        try:
            self._bucket.put(key, b"", empty, size=0, new=True)
        except Taken:
            return ()
        else:
            return (
                template(
                    "The bucket overwrites what it is asked to keep (If-None-Match): renew its software."
                ),
            )
        finally:
            self._bucket.delete(key)


class _Remote(io.RawIOBase):
    """An object, read where it is asked for."""

    def __init__(self, bucket: Bucket, key: str, first: bytes, size: int) -> None:
        super().__init__()
        self._bucket, self._key, self._first, self._size, self._at = bucket, key, first, size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, at no cost."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the reading position."""
        to = offset + (0, self._at, self._size)[whence]
        if to < 0:
            raise ValueError(to)
        self._at = to
        return to

    def tell(self) -> int:
        """The reading position."""
        return self._at

    def readinto(self, into: Any) -> int:
        """Read what fits."""
        data = self._read(min(len(into), self._size - self._at))
        into[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """All that is left."""
        pieces = []
        while data := self._read(self._size - self._at):
            pieces.append(data)
        return b"".join(pieces)

    def _read(self, length: int) -> bytes:
        if length <= 0:
            return b""
        data = self._first[self._at : self._at + length]
        if not data:
            try:
                data, _size = self._bucket.get(self._key, self._at, length)
            except Gone as error:
                # It was there when it was opened: somebody has just erased it.
                raise StoreFailed from error
            if not data:
                raise StoreFailed
        self._at += len(data)
        return data


@lru_cache(maxsize=1)
def _hands(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"bucket-{process}")
