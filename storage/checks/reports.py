"""The records of a form row by row with their places: of forms that come by the hundred, not by household."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select
from sqlalchemy.orm import Session

from forms.checks.comparing import Report
from forms.places import VILLAGE
from forms.rows import Cell
from storage.models import Place, Submission
from storage.portable import Some, number_in
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.computed import form_id_of
from storage.queries.counting import counting

COMMUNE_OF = case((Place.level == VILLAGE, Place.parent_code), else_=Place.code)
"""The commune of a record's place, of records joined with their place."""


def sender_of(submitter: int | None, device: str | None) -> str:
    """Who sent a record, as findings name him."""
    return f"sender:{submitter}" if submitter else f"device:{device}" if device else ""


class Asked:
    """The tables of a published form, its questions by name; `repeat` names a repeat, "" the root."""

    def __init__(self, form_id: int, tables: Mapping[str, AnswerTable]) -> None:
        self.form_id = form_id
        self._tables = {path.rpartition("/")[2]: table for path, table in tables.items()}
        self._paths = {
            name: {path.rpartition("/")[2]: path for path in table.questions}
            for name, table in self._tables.items()
        }

    def has(self, names: Iterable[str], repeat: str = "") -> bool:
        """Whether all of these are asked there."""
        return set(names) <= self._paths.get(repeat, {}).keys()

    def table(self, repeat: str = "") -> AnswerTable:
        """One of its tables."""
        return self._tables[repeat]

    def column(self, name: str, repeat: str = "") -> Some:
        """The column of a question."""
        return self._tables[repeat].column(self._paths[repeat][name])

    def number(self, name: str, repeat: str = "") -> Some:
        """The number it was answered with, 0 where there is none."""
        column = self.column(name, repeat)
        kept = self._tables[repeat].questions[self._paths[repeat][name]].cell
        return func.coalesce(number_in(column) if kept is Cell.TEXT else column, 0)

    @property
    def paths(self) -> dict[str, str]:
        """The path of each question by its name; the root's win."""
        found: dict[str, str] = {}
        for paths in reversed(self._paths.values()):
            found |= paths
        return found

    def source(self, *repeats: str) -> FromClause:
        """Root and repeats side by side, with record and place; records without a place have none."""
        root = self._tables[""]
        source = root.joined
        for name in repeats:
            table = self._tables[name]
            source = source.join(table.joined, table.table.c.submission_id == root.table.c.submission_id)
        source = source.join(Submission.__table__, Submission.id == root.table.c.submission_id)
        return source.outerjoin(Place.__table__, Place.code == Submission.place_code)

    @property
    def counts(self) -> tuple[ColumnElement[bool], ...]:
        """Which records are looked at."""
        return Submission.form_id == self.form_id, counting()


def asked(session: Session, project_id: int, form: str) -> Asked | None:
    """The tables of a published form, None while the project has none."""
    number = form_id_of(session, project_id, form)
    return None if number is None else Asked(number, answer_tables(session, number, draft=False))


def reports(session: Session, known: Asked | None, questions: Sequence[str]) -> list[Report]:
    """The records of a form in the order they came; a question it does not ask is left out."""
    if known is None:
        return []
    names = [name for name in dict.fromkeys(questions) if known.has([name])]
    query: Select[Any] = (
        select(
            Submission.id,
            Submission.place_code,
            COMMUNE_OF,
            Submission.created_at,
            Submission.reported_on,
            Submission.submitter_id,
            Submission.device_id,
            *(known.column(name) for name in names),
        )
        .select_from(known.source())
        .where(*known.counts)
        .order_by(Submission.id)
    )
    return list(_reports(session.execute(query), names))


def _reports(rows: Iterable[Sequence[Any]], names: Sequence[str]) -> Iterator[Report]:
    for number, place, commune, received, day, submitter, device, *answers in rows:
        said = dict(zip(names, answers, strict=True))
        yield Report(number, place or "", commune or "", received, day, sender_of(submitter, device), said)


def within(column: Some, first: date, last: date) -> ColumnElement[bool]:
    """Whether a day lies in a period, both ends included."""
    return column.between(first, last)
