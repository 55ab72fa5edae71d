"""Where there are figures: in which periods and provinces, of which part of a place, and where on the map."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from forms.places import PROVINCE
from forms.rows import Cell
from forms.values import Point
from storage.cells.tree import attributes_on
from storage.groups import in_groups
from storage.models import (
    Entity,
    Form,
    IndicatorCell,
    Place,
    PlacePath,
    PlaceSpan,
    Submission,
    SubmissionVersion,
)
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.cell_rows import CellRow, Wanted, rows
from storage.queries.counting import counting

RECORDS_LOOKED_AT = 200
"""Records of each form that say where a place is: the middle of so many moves little with more."""

_PART, _BEHIND = "!", "behind"


def periods_at(session: Session, project_id: int, place_code: str) -> list[str]:
    """The periods there are figures for in a place."""
    query = select(IndicatorCell.period).where(
        IndicatorCell.project_id == project_id, IndicatorCell.place_code == place_code
    )
    return sorted(session.scalars(query.distinct()))


def has_late(session: Session, project_id: int, place_code: str, period: str) -> bool:
    """Whether any figure of a place and period is behind its target."""
    query = select(IndicatorCell.id).where(
        IndicatorCell.project_id == project_id,
        IndicatorCell.place_code == place_code,
        IndicatorCell.period == period,
        IndicatorCell.status == _BEHIND,
    )
    return session.scalar(query.limit(1)) is not None


def fullest_province(session: Session, project_id: int) -> str | None:
    """The province that most was sent from, None where there are no figures of any."""
    # Asked by code, so that the cells of all villages are not read for it.
    codes = session.scalars(select(Place.code).where(Place.level == PROVINCE).order_by(Place.code)).all()
    query = (
        select(IndicatorCell.place_code)
        .where(
            IndicatorCell.project_id == project_id,
            IndicatorCell.place_code.in_(codes),
            IndicatorCell.split == "",
        )
        .group_by(IndicatorCell.place_code)
        .order_by(
            func.sum(func.coalesce(IndicatorCell.received, 0)).desc(),
            func.sum(IndicatorCell.counted).desc(),
            IndicatorCell.place_code,
        )
    )
    return session.scalar(query.limit(1))


def parts_at(session: Session, project_id: int, place_code: str, period: str) -> list[CellRow]:
    """The figures of those communes of a place that a target speaks of, in one period."""
    query = select(IndicatorCell.code).where(
        IndicatorCell.project_id == project_id,
        IndicatorCell.place_code == place_code,
        IndicatorCell.period == period,
        func.substr(IndicatorCell.split, 1, 1) == _PART,
    )
    codes = tuple(sorted(set(session.scalars(query))))
    if not codes:
        return []
    found = rows(session, Wanted(project_id, codes, (period,), at=place_code, by=None))
    return [one for one in found if one.split.startswith(_PART)]


def middles(session: Session, project_id: int, places: Collection[str]) -> dict[str, Point]:
    """Where places are, as some of their records say; a place that no record locates is left out."""
    located = list(_located(session, project_id))
    found: dict[str, Point] = {}
    for code in sorted(places):
        points = [
            point for form_id, table, path in located for point in _of(session, form_id, table, path, code)
        ]
        if points:
            found[code] = Point(median(one[0] for one in points), median(one[1] for one in points))
    return found


def communes_on(session: Session, codes: Collection[str], on: date) -> dict[str, dict[str, str]]:
    """What these communes were on a day: border, zone and the like, as text."""
    columns = (PlaceSpan.code, PlaceSpan.valid_from, PlaceSpan.valid_to, PlaceSpan.attributes)
    spans: dict[str, list[tuple[date, date, Mapping[str, Any]]]] = {}
    for some in in_groups(sorted(codes)):
        for code, first, last, said in session.execute(select(*columns).where(PlaceSpan.code.in_(some))):
            spans.setdefault(code, []).append((first or date.min, last or date.max, said))
    ordered = {code: sorted(several, key=lambda one: one[0]) for code, several in spans.items()}
    return {code: attributes_on(ordered, code, on) for code in codes}


def _located(session: Session, project_id: int) -> Iterator[tuple[int, AnswerTable, str]]:
    """The forms that ask where they are filled, and the question."""
    forms = select(Form.id).where(
        Form.project_id == project_id, Form.deleted_at.is_(None), Form.current_id.is_not(None)
    )
    for form_id in session.scalars(forms.order_by(Form.id)).all():
        root = answer_tables(session, form_id, draft=False).get("")
        asked = (path for path, one in root.questions.items() if one.cell is Cell.GEOPOINT) if root else ()
        path = next(iter(asked), None)
        if root is not None and path is not None:
            yield form_id, root, path


def _of(
    session: Session, form_id: int, table: AnswerTable, path: str, place: str
) -> list[tuple[float, float]]:
    query = _points(form_id, table, path, place)
    return [(float(row[0]), float(row[1])) for row in session.execute(query)]


def _points(form_id: int, table: AnswerTable, path: str, place: str) -> Select[Any, Any]:
    latitude, longitude = table.column(path, "_lat"), table.column(path, "_lon")
    inside = select(PlacePath.descendant).where(PlacePath.ancestor == place, PlacePath.valid_to.is_(None))
    return (
        select(latitude, longitude)
        .select_from(table.joined.join(Submission, Submission.id == table.table.c.submission_id))
        .where(
            Submission.form_id == form_id,
            Submission.place_code.in_(inside),
            counting(),
            latitude.is_not(None),
            longitude.is_not(None),
        )
        .limit(RECORDS_LOOKED_AT)
    )


def record_names(session: Session, instance_ids: Collection[str]) -> dict[str, str]:
    """What records call themselves, those that do, by instance id."""
    query = (
        select(Submission.instance_id, SubmissionVersion.instance_name)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(Submission.instance_id.in_(sorted(instance_ids)), SubmissionVersion.current)
    )
    return {row[0]: row[1] for row in session.execute(query) if row[1]}


def member_names(session: Session, uuids: Collection[str]) -> dict[str, str]:
    """The labels of members of lists, by uuid."""
    query = select(Entity.uuid, Entity.label).where(Entity.uuid.in_(sorted(uuids)))
    return {row[0]: row[1] for row in session.execute(query)}
