"""A place of the administrative map: province, commune, village."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Place(Base):
    """An administrative unit under its official code (text: leading zeros count)."""

    __tablename__ = "places"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    level: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(String(255))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("places.code"), index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
