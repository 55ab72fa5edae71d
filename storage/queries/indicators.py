"""Figures out of the tables of answers: which surveys define some, and the sums behind one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, cast, null, or_, select
from sqlalchemy.orm import Session

from storage.models import Form, FormVersion, Place, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
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
    """The published forms of these projects that define indicators, by form id."""
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
    return [found for found in (Survey(*row) for row in rows) if found.sheets.get("indicators")]


@dataclass(frozen=True, slots=True)
class Sums:
    """What an indicator adds up to in one place and one split; `place` "" = the record names none."""

    place: str
    split: tuple[str | None, ...]
    numerator: float
    denominator: float | None
    counted: int


def sums(form_id: int, indicator: Indicator, *, place_path: str | None, approved: bool) -> list[Sums]:
    """The sums of an indicator over the records that count, a row for each place and split.

    `place_path` is the question that says where a record belongs. With `approved` only records
    that were approved count, else all that were not rejected.
    """
    from storage.figures import COUNTED, DENOMINATOR, NUMERATOR, PLACE, figures, split_name

    with snapshot() as session:
        tables = answer_tables(session, form_id, draft=False)
        root = tables[""]
        place = cast(root.column(place_path), Text) if place_path else cast(null(), Text)
        query = figures(indicator, tables, place=place, live=_live(root, form_id, approved=approved))
        rows = session.execute(query).mappings().all()
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


def _live(root: AnswerTable, form_id: int, *, approved: bool) -> ColumnElement[bool]:
    state = Submission.review_state
    counts = state == "approved" if approved else or_(state.is_(None), state != "rejected")
    mine = select(Submission.id).where(
        Submission.form_id == form_id, Submission.draft.is_(False), Submission.deleted_at.is_(None), counts
    )
    return root.table.c.submission_id.in_(mine)


def places_with_parents(session: Session, codes: Iterable[str]) -> dict[str, Place]:
    """The places of these codes and everything above them, by code."""
    found: dict[str, Place] = {}
    wanted = set(codes)
    while wanted:
        fresh = session.scalars(select(Place).where(Place.code.in_(sorted(wanted)))).all()
        found |= {place.code: place for place in fresh}
        wanted = {place.parent_code for place in fresh if place.parent_code} - found.keys()
    return found
