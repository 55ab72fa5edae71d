"""An import or another change of many things at once, which can be undone as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class Batch(Base):
    """What was done at once and by whom.

    `kind`: villages, place_facts, volunteers, entities, register, submissions, roll_forward, sample,
    assignment.
    """

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    file_name: Mapped[str | None] = mapped_column(String(255))
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))


class BatchItem(Base):
    """One thing a batch made or changed: `noun` and `key` name it, `before` is what it was (None: new)."""

    __tablename__ = "batch_items"
    __table_args__ = (Index("ix_batch_items_batch_id_noun", "batch_id", "noun"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    noun: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(255))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
