"""Rows of a form's table with the version of their record: for a sheet that is corrected by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import Submission, SubmissionVersion
from storage.projection.tables import AnswerTable

_QUESTIONS_AT_ONCE = 400
"""No database answers with the thousands of columns of a large form at once."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A row as its table holds it: number and key of the record, what the row adds to that key, answers."""

    number: int
    record: str
    row: str
    version: str
    name: str
    answers: Mapping[str, Any]


def rows_of(
    session: Session, table: AnswerTable, paths: Sequence[str], numbers: Sequence[int]
) -> Iterator[Laid]:
    """The rows of some hundred records, in order; only of those the reader may see."""
    yield from _laid(session, table, paths, Submission.id.in_(numbers))


def rows_by_record(
    session: Session, table: AnswerTable, paths: Sequence[str], form_id: int, records: Sequence[str]
) -> Iterator[Laid]:
    """The rows of some hundred live records of a form, named by their instance ids."""
    mine = (Submission.form_id == form_id, Submission.draft.is_(False), Submission.deleted_at.is_(None))
    yield from _laid(session, table, paths, Submission.instance_id.in_(records), *mine)


def _laid(session: Session, table: AnswerTable, paths: Sequence[str], *where: Any) -> Iterator[Laid]:
    known = [path for path in paths if path in table.questions]
    known.sort(key=lambda path: table.questions[path].piece)
    first, *others = in_groups(known, _QUESTIONS_AT_ONCE) if known else [known]
    rows = _some(session, table, first, *where)
    if not others:
        yield from rows
        return
    found = {(one.number, one.row): one for one in rows}
    told = {key: dict(one.answers) for key, one in found.items()}
    for paths_more in others:
        for one in _some(session, table, paths_more, *where):
            told.get((one.number, one.row), {}).update(one.answers)
    yield from (replace(one, answers=told[key]) for key, one in found.items())


def _some(session: Session, table: AnswerTable, known: Sequence[str], *where: Any) -> Iterator[Laid]:
    first = table.table
    query = (
        select(
            Submission.id,
            Submission.instance_id,
            first.c.key,
            SubmissionVersion.instance_id,
            SubmissionVersion.instance_name,
            first.c.as_sent,
            *(table.column(path) for path in known),
        )
        .select_from(Submission)
        .join(table.holding(known), first.c.submission_id == Submission.id)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .where(*where)
        .order_by(Submission.id, *((first.c.seq,) if table.path else ()))
    )
    names = {table.questions[path].name: path for path in known}
    for number, record, key, version, name, sent, *answers in session.execute(query):
        told = dict(zip(known, answers, strict=True))
        if sent is not None:
            told |= {names[column]: text for column, text in orjson.loads(sent).items() if column in names}
        yield Laid(number, record, key[len(record) :], version, name or record, told)
