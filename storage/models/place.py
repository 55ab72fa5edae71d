"""Places of the administrative map, what they were before, and the operations that changed them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant

_Plain = String(600).with_variant(String(600, collation="C"), "postgresql")
"""Text sorted sign by sign, whatever the database's language."""


class Place(Base):
    """A unit under its official code (text: leading zeros count), as it is now or was last.

    `level`: province, district, commune, village. `valid_to` is the last day it was in force, None while
    it is. `folded` is the name as it is searched, `sort_key` as it is sorted in Vietnamese. A code lives
    on when its unit swallows others, so what it meant on a day is told by `place_spans`.
    """

    __tablename__ = "places"
    __table_args__ = (
        Index("ix_places_level_folded", "level", "folded"),
        Index("uq_places_uuid", "uuid", unique=True),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    level: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(String(255))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("places.code"), index=True)
    folded: Mapped[str] = mapped_column(String(255), default="")
    sort_key: Mapped[str] = mapped_column(_Plain, default="")
    uuid: Mapped[str | None] = mapped_column(String(36))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PlaceSpan(Base):
    """What a place was between two days, both included: name, level, parent, attributes."""

    __tablename__ = "place_spans"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("places.code"), index=True)
    level: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(255))
    parent_code: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PlaceChange(Base):
    """A recorded operation. `kind`: load, open, close, merge, split, rename, move.

    `before` holds the rows it changed, as they were, so that it can be undone.
    """

    __tablename__ = "place_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    effective_on: Mapped[date]
    legal_basis: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))


class PlaceLink(Base):
    """An old code and what it became. `part`: only some of the old unit went there."""

    __tablename__ = "place_links"
    __table_args__ = (Index("ix_place_links_new_code", "new_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("place_changes.id"), index=True)
    old_code: Mapped[str] = mapped_column(ForeignKey("places.code"), index=True)
    new_code: Mapped[str] = mapped_column(ForeignKey("places.code"))
    part: Mapped[bool] = mapped_column(default=False)


class PlacePath(Base):
    """A pair of the closure: `descendant` lay in `ancestor` (itself included) between two days.

    `via`: tree, or link for a predecessor that an operation closed, seen by whoever sees its successor.
    """

    __tablename__ = "place_paths"
    __table_args__ = (
        Index("ix_place_paths_descendant_ancestor", "descendant", "ancestor"),
        Index("ix_place_paths_ancestor_valid_to", "ancestor", "valid_to"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ancestor: Mapped[str] = mapped_column(ForeignKey("places.code"))
    descendant: Mapped[str] = mapped_column(ForeignKey("places.code"))
    depth: Mapped[int]
    via: Mapped[str] = mapped_column(String(4), default="tree")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class PlaceWord(Base):
    """A place's folded name from one of its words on, so that the start of any word finds it."""

    __tablename__ = "place_words"
    __table_args__ = (Index("ix_place_words_level_word", "level", "word"),)

    code: Mapped[str] = mapped_column(ForeignKey("places.code"), primary_key=True)
    word: Mapped[str] = mapped_column(_Plain, primary_key=True)
    level: Mapped[str] = mapped_column(String(20))
