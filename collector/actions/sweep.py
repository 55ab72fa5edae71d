"""The house-keeping of stored files: what an upload left behind, and what nothing names any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from storage.blobs import BlobStore
from storage.database import db
from storage.models import Blob

ORPHAN_AGE = timedelta(days=7)
STAGING_AGE = timedelta(hours=24)
_CHUNK = 500


def sweep(blobs: BlobStore, *, now: datetime) -> int:
    """Remove half-written uploads older than a day and files older than a week without an entry.

    Returns how many files went. A file is written before its entry, so a young one may be on its way.
    """
    removed = blobs.sweep_staging((now - STAGING_AGE).timestamp())
    before = (now - ORPHAN_AGE).timestamp()
    chunk: list[str] = []
    for name, written in blobs.names():
        if written < before:
            chunk.append(name)
        if len(chunk) == _CHUNK:
            removed += _remove_unknown(blobs, chunk, before)
            chunk = []
    return removed + _remove_unknown(blobs, chunk, before)


def _remove_unknown(blobs: BlobStore, names: list[str], before: float) -> int:
    session = db.session()
    known = set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(names))))
    session.rollback()
    # A request may want one of them again this very moment: then the store keeps it.
    return sum(blobs.delete_older(name, before) for name in names if name not in known)
