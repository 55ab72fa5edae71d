"""Outlines of places, as an office sent them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant


class OutlineFile(Base):
    """A file of outlines: where it is from, under which licence, who sent it; in force once `done_at`.

    `area` is the province whose communes it shows, None for the provinces of the country. `summary`
    counts what it held: outlines, unmatched, missing, points.
    """

    __tablename__ = "outline_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    area: Mapped[str | None] = mapped_column(ForeignKey("places.code"))
    source: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(String(255), default="")
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))


class PlaceOutline(Base):
    """The shape of a place in one file: rings of [degrees east, degrees north], simplified.

    Of several files the newest that was not taken back counts.
    """

    __tablename__ = "place_outlines"
    __table_args__ = (Index("ix_place_outlines_code", "code"),)

    file_id: Mapped[int] = mapped_column(ForeignKey("outline_files.id"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("places.code"), primary_key=True)
    rings: Mapped[list[list[list[float]]]] = mapped_column(JSON)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
