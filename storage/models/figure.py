"""Figures as they were last worked out, the marks that say which are stale, and who signed for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class IndicatorCell(Base):
    """One indicator in one place, period and split, with what it rests on.

    `split` is "" for all together, else `name=value` (`m_sex=2`, `@border=1` for a class of communes,
    `!<target>` for the part of the place a target speaks of). `value` is None where it divides by nothing.
    `expected` and `received` count the units that report; `target_key` names the target nearest ahead,
    `status` how the figure stands to it: met, on_way, behind, no_data.
    """

    __tablename__ = "indicator_cells"
    __table_args__ = (
        UniqueConstraint("project_id", "code", "period", "place_code", "split"),
        Index("ix_indicator_cells_project_id_place_code_period", "project_id", "place_code", "period"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    code: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20))
    place_code: Mapped[str] = mapped_column(String(40))
    split: Mapped[str] = mapped_column(String(200), default="")
    numerator: Mapped[float]
    denominator: Mapped[float | None]
    counted: Mapped[int] = mapped_column(default=0)
    value: Mapped[float | None]
    expected: Mapped[int | None]
    received: Mapped[int | None]
    target_key: Mapped[str | None] = mapped_column(String(120))
    target_value: Mapped[float | None]
    to_reach: Mapped[float | None]
    status: Mapped[str | None] = mapped_column(String(10))
    computed_at: Mapped[datetime] = mapped_column(Instant)


class FigureMark(Base):
    """Something changed that figures rest on.

    `source`: `form:<id>` (its number), `files:<id>` (only files came or went, which no figure counts),
    `entities:<list>`, `places`, `definitions`, `period:<period>`. None in `place_code` or `day` means all
    of them; "" is what has no place.
    """

    __tablename__ = "figure_marks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    source: Mapped[str] = mapped_column(String(120))
    place_code: Mapped[str | None] = mapped_column(String(40))
    day: Mapped[date | None]


class SettledMarks(Base):
    """How many marks of a source have been removed so far: with those still there, all that ever were.

    So that sum grows with every change of the source and never otherwise (`storage.cells.stamps`).
    """

    __tablename__ = "settled_marks"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)


class FigureTurn(Base):
    """Whose turn it is to work out a project's figures, and until when; one at a time.

    `refreshed_at`: the moment whose data the figures show, but for what open marks name.
    """

    __tablename__ = "figure_turns"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(40))
    until: Mapped[datetime | None] = mapped_column(Instant)
    refreshed_at: Mapped[datetime | None] = mapped_column(Instant)


class FigureUnit(Base):
    """Which unit a live record is about, for figures that take each unit's last record of a period.

    `by` names form and expression. Kept so that a change in one place finds the unit's other records.
    """

    __tablename__ = "figure_units"
    __table_args__ = (Index("ix_figure_units_by_place_code", "by", "place_code"),)

    by: Mapped[str] = mapped_column(String(32), primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place_code: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(Instant)


class Approval(Base):
    """Who signed for the figures of a place in a period; the newest row holds.

    `state`: confirmed (by the commune), locked (by the province), open (taken back, with a reason).
    `changed_at`: when what the figures rest on last changed while they were locked.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        Index("ix_approvals_project_id_place_code_period", "project_id", "place_code", "period"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    place_code: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime | None] = mapped_column(Instant)


class Programme(Base):
    """One version of a programme's definitions: what its workbook said. The newest of a project holds."""

    __tablename__ = "programmes"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    workbook_sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    workbook_name: Mapped[str] = mapped_column(String(255))
    sheets: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Decision(Base):
    """A choice the plans leave open, as this project made it (`forms.indicators.decisions`)."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("project_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    code: Mapped[str] = mapped_column(String(60))
    chosen: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
