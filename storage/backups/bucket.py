"""Backups in a bucket, of the same or of another provider than the server's own files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from forms.problems import Problem
from storage.backups.problems import BackupPlaceAway
from storage.blobs.bucket import Bucket, Gone, Known
from storage.problems import StoreFailed

if TYPE_CHECKING:
    from storage.backups.places import Kept

Answer = TypeVar("Answer")

_SEVERAL = 4
"""Files on the way at once: each waits for the line."""
_PAUSES = (2.5, 5.0, 15.0)
"""Seconds before a request that failed is made again: a line at night comes and goes."""
_LARGEST = 1 << 31


class BucketPlace:
    """A bucket, below a prefix, as `endpoint` serves it (AWS unless given)."""

    def __init__(self, bucket: str, prefix: str, endpoint: str | None) -> None:
        self._bucket = Bucket(bucket, endpoint)
        self._prefix = f"{prefix}/" if prefix else ""
        self._pauses: tuple[float, ...] = _PAUSES

    @property
    def where(self) -> str:
        """Its address."""
        return f"s3://{self._bucket.name}/{self._prefix}".rstrip("/")

    def _asked(self, do: Callable[[], Answer]) -> Answer:
        """Ask, and ask again; in the end say what setting would mend it. Raises BackupPlaceAway."""
        for pause in self._pauses:
            try:
                return do()
            except StoreFailed:
                time.sleep(pause)
        try:
            with self._bucket.proving("s3:PutObject, s3:GetObject, s3:ListBucket, s3:DeleteObject"):
                return do()
        except Problem as error:
            raise BackupPlaceAway(where=self.where, reason=str(error).rstrip(".")) from error

    def put(self, several: Mapping[str, bytes]) -> None:
        """Send files, some at once; the provider has each before this returns."""
        if len(several) == 1:
            for item in several.items():
                self._put(item)
            return
        with ThreadPoolExecutor(_SEVERAL) as hands:
            for _done in hands.map(self._put, several.items()):
                pass

    def _put(self, item: tuple[str, bytes]) -> None:
        name, data = item
        digest = sha256(data).hexdigest()
        self._asked(lambda: self._bucket.put(self._prefix + name, data, digest, size=len(data)))

    def get(self, name: str) -> bytes:
        """Fetch a file."""
        return self._asked(lambda: self._got(name))

    def _got(self, name: str) -> bytes:
        try:
            return self._bucket.get(self._prefix + name, 0, _LARGEST)[0]
        except Gone as error:
            # Said as it is: only a missing bucket is somebody's setting.
            raise KeyError(name) from error

    def names(self, folder: str) -> Iterator[Kept]:
        """Every file below."""
        from storage.backups.places import Kept

        found: list[Known] = self._asked(lambda: list(self._bucket.listed(f"{self._prefix}{folder}/")))
        for one in found:
            yield Kept(one.key.removeprefix(self._prefix), one.size, one.written)

    def delete(self, names: Iterable[str]) -> None:
        """Remove files."""
        for name in names:
            self._asked(partial(self._bucket.delete, self._prefix + name))

    def tidy(self) -> None:
        """Nothing: what was not sent whole is not there."""
