"""What became of backups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant


class BackupRun(Base):
    """A backup that was asked for, is made, was made or failed.

    `state`: waiting, running, done, failed. `asked`: time, desk, command. `beat_at` is the last sign of life
    of one that runs, `stage` (rows, files, end) and `done` of `total` how far it is. `place` is where it
    goes, without any secret, `name` what it is called there. `size` and `new_size` are bytes there, in all
    and of this one alone; `missing` counts files that were not there any more; `problem` says why it failed.
    """

    __tablename__ = "backup_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    asked: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    beat_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    stage: Mapped[str] = mapped_column(String(20), default="")
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    place: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(String(20), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    new_size: Mapped[int] = mapped_column(BigInteger, default=0)
    missing: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(Text)
