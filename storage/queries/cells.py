"""Figures as they stand worked out, cut to the places of whoever asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.places import PROVINCE
from storage.models import FigureMark, FigureTurn, IndicatorCell, Place
from storage.queries.places import subtree


def cells(
    session: Session,
    project_id: int,
    *,
    codes: Collection[str] = (),
    area: str | None = None,
    level: str | None = None,
    periods: Collection[str] = (),
    splits: Collection[str] | None = ("",),
) -> list[IndicatorCell]:
    """The cells of a project, by code, period, place and split.

    `codes` and `periods`: empty is all. `area`: only places in it, itself included; `level`: only places of
    that level. `splits`: these very ones, None is all. The place "" is the whole country, with records that
    name no place.
    """
    query = select(IndicatorCell).where(IndicatorCell.project_id == project_id)
    if codes:
        query = query.where(IndicatorCell.code.in_(sorted(codes)))
    if periods:
        query = query.where(IndicatorCell.period.in_(sorted(periods)))
    if splits is not None:
        query = query.where(IndicatorCell.split.in_(sorted(splits)))
    if area:
        query = query.where(IndicatorCell.place_code.in_(subtree([area], predecessors=False)))
    if level is not None:
        query = query.join(Place, Place.code == IndicatorCell.place_code).where(Place.level == level)
    by = (IndicatorCell.code, IndicatorCell.period, IndicatorCell.place_code, IndicatorCell.split)
    return list(session.scalars(query.order_by(*by)))


def periods_of(session: Session, project_id: int, codes: Collection[str] = ()) -> list[str]:
    """The periods there are cells for, in order."""
    query = select(IndicatorCell.period).where(IndicatorCell.project_id == project_id)
    if codes:
        query = query.where(IndicatorCell.code.in_(sorted(codes)))
    return sorted(session.scalars(query.distinct()))


def provinces_of(session: Session, project_id: int) -> list[str]:
    """The codes of the provinces there are cells for, in order."""
    query = (
        select(IndicatorCell.place_code)
        .join(Place, Place.code == IndicatorCell.place_code)
        .where(IndicatorCell.project_id == project_id, Place.level == PROVINCE)
    )
    return sorted(session.scalars(query.distinct()))


def pending(session: Session, project_id: int) -> int:
    """How many changes the figures do not show yet."""
    query = select(func.count()).select_from(FigureMark).where(FigureMark.project_id == project_id)
    return session.scalar(query) or 0


def as_of(session: Session, project_id: int, *, now: datetime) -> datetime | None:
    """The moment whose data the figures show: now while nothing is pending, None before the first time."""
    turn = session.get(FigureTurn, project_id)
    if turn is None or turn.refreshed_at is None:
        return None
    return turn.refreshed_at if pending(session, project_id) else now
