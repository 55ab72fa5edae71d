"""What was reported, row by row, for figures that are added up outside the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from forms.commune_figures import Read, Row, Sources
from forms.places import COMMUNE, PROVINCE, UNLISTED_ENDING, VILLAGE
from storage.models import Entity, EntityList, Form, Place, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.campaigns import CENTRES
from storage.queries.counting import counting
from storage.queries.places import subtree


def provinces_in_force(session: Session) -> list[str]:
    """The codes of today's provinces."""
    return list(
        session.scalars(
            select(Place.code).where(Place.level == PROVINCE, Place.valid_to.is_(None)).order_by(Place.code)
        )
    )


def sources_of(session: Session, project_id: int, reads: Mapping[str, Read], province: str) -> Sources:
    """All there is to add up in a project and province; rows in the order they were received.

    Counts are the records that count (`storage.queries.counting`), of a commune that is known. A form
    or a question a project has not got gives nothing. Run it inside a snapshot.
    """
    return Sources(
        {name: list(_rows(session, project_id, read, province)) for name, read in reads.items()},
        _villages(session, province),
        _centres(session, project_id, province),
    )


def _rows(session: Session, project_id: int, read: Read, province: str) -> Iterator[Row]:
    form_id = session.scalar(
        select(Form.id).where(
            Form.project_id == project_id, Form.xml_form_id == read.form_id, Form.deleted_at.is_(None)
        )
    )
    if form_id is None:
        return
    tables = answer_tables(session, form_id, draft=False)
    table = next((one for path, one in tables.items() if path.rpartition("/")[2] == read.repeat), None)
    if table is None:
        return
    columns = dict(_columns((tables[""], table), read.questions))
    query = _query(form_id, tables[""], table, columns).where(Submission.place_code.in_(subtree([province])))
    for commune, place, *answers in session.execute(query):
        yield Row(commune, place, dict(zip(columns, answers, strict=True)))


def _columns(tables: Iterable[AnswerTable], names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The columns of these questions; one that is asked in the inner table too is read there."""
    wanted = set(names)
    for table in tables:
        for path in table.questions:
            name = path.rpartition("/")[2]
            if name in wanted:
                yield name, table.column(path)


def _query(form_id: int, root: AnswerTable, table: AnswerTable, columns: Mapping[str, Any]) -> Select[Any]:
    source = root.joined
    if table is not root:
        source = source.join(table.joined, table.table.c.submission_id == root.table.c.submission_id)
    commune = case((Place.level == VILLAGE, Place.parent_code), else_=Place.code)
    query = (
        select(commune, Submission.place_code, *columns.values())
        .select_from(source.join(Submission.__table__, Submission.id == root.table.c.submission_id))
        .join(Place, Place.code == Submission.place_code)
        .where(
            Submission.form_id == form_id,
            counting(),
            Place.level.in_((VILLAGE, COMMUNE)),
        )
        .order_by(Submission.id)
    )
    return query if table is root else query.order_by(table.table.c.seq)


def _villages(session: Session, province: str) -> dict[str, int]:
    rows = session.execute(
        select(Place.parent_code, func.count())
        .where(Place.level == VILLAGE, Place.valid_to.is_(None), ~Place.code.endswith(UNLISTED_ENDING))
        .where(Place.code.in_(subtree([province])))
        .group_by(Place.parent_code)
    )
    return {code: number for code, number in rows if code}


def _centres(session: Session, project_id: int, province: str) -> dict[str, list[dict[str, str]]]:
    rows = session.execute(
        select(case((Place.level == VILLAGE, Place.parent_code), else_=Place.code), Entity.data)
        .join(EntityList, EntityList.id == Entity.list_id)
        .join(Place, Place.code == Entity.place_code)
        .where(EntityList.project_id == project_id, EntityList.name == CENTRES)
        .where(Entity.deleted_at.is_(None), Entity.place_code.in_(subtree([province])))
        .order_by(Entity.id)
    )
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for code, data in rows:
        found[code].append(data)
    return dict(found)
