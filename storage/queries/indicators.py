"""Figures out of the tables of answers: which surveys define some, and the sums behind one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, select, true
from sqlalchemy.orm import Session

from forms.periods import Period
from storage.cuts import visible
from storage.models import Form, FormVersion, Place, Submission
from storage.projection.catalogue import answer_tables
from storage.queries.counting import counting
from storage.scope import current
from storage.snapshot import snapshot

if TYPE_CHECKING:
    from forms.indicators.definition import Indicator


@dataclass(frozen=True, slots=True)
class Survey:
    """A published form with what its workbook says beyond the form."""

    project_id: int
    form_id: int
    xml_form_id: str
    version_id: int
    version: str
    md5: str
    sheets: Mapping[str, Any]


def surveys(session: Session, project_ids: Collection[int]) -> list[Survey]:
    """The published forms of these projects, by form id."""
    rows = session.execute(
        select(
            Form.project_id,
            Form.id,
            Form.xml_form_id,
            FormVersion.id,
            FormVersion.version,
            FormVersion.md5,
            FormVersion.sheets,
        )
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.project_id.in_(project_ids), Form.deleted_at.is_(None))
        .order_by(Form.project_id, Form.xml_form_id)
    )
    return [Survey(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Counted:
    """Which records a figure counts, and where.

    `approved`: only those that were approved, else all that count (`storage.queries.counting`). `period`:
    only those that count for a day of it. `as_sent`: at the code their answers named then, else at its
    unit of today.
    """

    approved: bool = False
    period: Period | None = None
    as_sent: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """What an indicator adds up to in one place and one split; `place` "" = the record has none."""

    place: str
    split: tuple[str | None, ...]
    numerator: float
    denominator: float | None
    counted: int


def sums(form_id: int, indicator: Indicator, wanted: Counted) -> list[Sums]:
    """The sums of an indicator over the records that count, a row for each place and split."""
    from storage.figures import COUNTED, DENOMINATOR, NUMERATOR, PLACE, figures, split_name

    with snapshot() as session:
        tables = answer_tables(session, form_id, draft=False)
        rows = (
            session
            .execute(
                figures(
                    indicator,
                    tables,
                    place=_place(as_sent=wanted.as_sent),
                    live=_live(form_id, wanted),
                    records=_RECORDS,
                )
            )
            .mappings()
            .all()
        )
    names = [split_name(number) for number in range(len(indicator.disaggregate))]
    return [
        Sums(
            place=(row[PLACE] or "").strip(),
            split=tuple(None if row[name] is None else str(row[name]) for name in names),
            numerator=float(row[NUMERATOR]),
            denominator=None if row[DENOMINATOR] is None else float(row[DENOMINATOR]),
            counted=int(row[COUNTED]),
        )
        for row in rows
    ]


_RECORDS = Submission.__table__
_SUBMISSIONS = _RECORDS.c


def _place(*, as_sent: bool) -> ColumnElement[Any]:
    now, then = _SUBMISSIONS.place_code, _SUBMISSIONS.place_sent
    # A code nobody knows still names where the record comes from.
    today = func.coalesce(now, then)
    known = then.in_(select(Place.__table__.c.code))
    return cast(case((known, then), else_=today) if as_sent else today, Text)


def _live(form_id: int, wanted: Counted) -> ColumnElement[bool]:
    day = _SUBMISSIONS.reported_on
    return and_(
        _SUBMISSIONS.form_id == form_id,
        counting(_RECORDS, approved=wanted.approved),
        true() if wanted.period is None else day.between(wanted.period.first, wanted.period.last),
        visible(_SUBMISSIONS.place_code, current()),
    )
