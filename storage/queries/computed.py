"""What the server works out of the answers, for entities: sums of a village's households, phases finished.

One question to the database each, over the tables of answers. A household counts once, with its latest
visit; which records count is said in `storage.queries.counting`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, FromClause, Select, case, func, literal, select
from sqlalchemy.orm import Session

from forms.rows import Cell
from storage.models import Form, Submission
from storage.portable import Some, number_in
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.counting import counting

_LONG_AGO = date(1970, 1, 1)


def form_id_of(session: Session, project_id: int, xml_form_id: str) -> int | None:
    """The number of a form that is published in a project."""
    return session.scalar(
        select(Form.id).where(
            Form.project_id == project_id,
            Form.xml_form_id == xml_form_id,
            Form.deleted_at.is_(None),
            Form.current_id.is_not(None),
        )
    )


class _Asked:
    """The questions of a form by name, wherever in it they stand."""

    def __init__(self, tables: Mapping[str, AnswerTable]) -> None:
        self.root = tables[""]
        self._places = {
            path.rpartition("/")[2]: (table, path) for table in tables.values() for path in table.questions
        }

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def column(self, name: str) -> Some:
        """The column of a question."""
        table, path = self._places[name]
        return table.column(path)

    def number(self, name: str) -> Some:
        """The number it was answered with, 0 where there is none."""
        table, path = self._places[name]
        column = table.column(path)
        found = number_in(column) if table.questions[path].cell is Cell.TEXT else column
        return func.coalesce(found, 0)

    def table(self, name: str) -> AnswerTable:
        """The table a question lies in."""
        return self._places[name][0]


def _records(asked: _Asked) -> FromClause:
    root = asked.root
    return root.joined.join(Submission.__table__, Submission.id == root.table.c.submission_id)


def household_sums(
    session: Session, form_id: int, names: Sequence[str]
) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Of each village (by its id) how many households were surveyed, and the sums of those answers.

    Empty while the form does not ask what it takes.
    """
    asked = _Asked(answer_tables(session, form_id, draft=False))
    if any(name not in asked for name in ("village", "hh_id", "consent", "today", *names)):
        return {}
    latest = func.row_number().over(
        partition_by=asked.column("hh_id"),
        order_by=[
            func.coalesce(asked.column("today"), literal(_LONG_AGO, Date())).desc(),
            Submission.id.desc(),
        ],
    )
    visits = (
        select(
            asked.column("village").label("village"),
            *(asked.number(name).label(f"n{at}") for at, name in enumerate(names)),
            latest.label("latest"),
        )
        .select_from(_records(asked))
        .where(counting(), asked.column("consent") == "1")
        .subquery("visits")
    )
    sums: Select[Any] = (
        select(
            visits.c.village,
            func.count(),
            *(func.sum(visits.c[f"n{at}"]) for at in range(len(names))),
        )
        .where(visits.c.latest == 1, visits.c.village.is_not(None))
        .group_by(visits.c.village)
    )
    return {
        str(village): (households, tuple(int(one or 0) for one in several))
        for village, households, *several in session.execute(sums)
    }


def phases_done(session: Session, form_id: int, person: str, phase: str) -> dict[str, int]:
    """Of each person (by id) the furthest literacy phase a form says is finished: 1 or 2."""
    asked = _Asked(answer_tables(session, form_id, draft=False))
    if person not in asked or phase not in asked or asked.table(person) is not asked.table(phase):
        return {}
    table = asked.table(person)
    said = asked.column(phase)
    furthest = func.max(case((said == "2", 2), (said == "1", 1), else_=0))
    rows = session.execute(
        select(asked.column(person), furthest)
        .select_from(table.joined.join(Submission.__table__, Submission.id == table.table.c.submission_id))
        .where(counting(), asked.column(person).is_not(None))
        .group_by(asked.column(person))
    )
    return {str(one): done for one, done in rows if done}
