"""A file kept once, named by its SHA-256."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant


class Blob(Base):
    """What is known of a stored file. Its bytes lie in the blob store under the same name.

    `md5` is worked out for what phones compare by MD5 (form media), not for answers.
    """

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    md5: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant)
