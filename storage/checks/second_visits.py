"""Second visits beside the first ones: what both heard of the same household."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from forms.checks.back_checks import Compared
from forms.checks.ranges import as_number
from storage.checks.surveys import Checked
from storage.models import Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.counting import counting

ROLE, CHECKED_FORM = "back_check", "checked_form"


@dataclass(frozen=True)
class Pairing:
    """A survey of second visits, the survey it checks, and the questions both ask, each with its kind."""

    second: Checked
    first: Checked
    questions: Sequence[tuple[str, str, int]]


def pairings(several: Sequence[Checked]) -> Iterator[Pairing]:
    """The surveys that check another one of the project."""
    by_form = {one.form: one for one in several}
    for second in several:
        said = second.survey.roles.said.get(CHECKED_FORM, ())
        first = by_form.get(next(iter(said), ""))
        if first is None:
            continue
        names = {node.name: node.path for node in first.survey.schema.questions if not node.table}
        questions = [
            (path, names[name], int(kind) if kind.isdigit() else 1)
            for path, name, kind in second.survey.roles.pairs(ROLE)
            if name in names
        ]
        if questions and second.survey.roles.path("household") and first.survey.roles.path("household"):
            yield Pairing(second, first, questions)


def compared(session: Session, pairing: Pairing) -> Iterator[Compared]:
    """Each household visited again, beside the last first visit before that one."""
    best: dict[int, tuple[Any, ...]] = {}
    for row in _rows(session, pairing):
        if row.first_at <= row.second_at or row.second not in best:
            best[row.second] = tuple(row)
    width = len(pairing.questions)
    for _second, _second_at, _first_at, submitter, *answers in best.values():
        pairs = zip(answers[:width], answers[width:], pairing.questions, strict=True)
        heard = [
            (kind, _same(again, before))
            for again, before, (_, _, kind) in pairs
            if None not in (again, before)
        ]
        if heard:
            yield Compared(f"sender:{submitter}" if submitter else "", heard)


def _rows(session: Session, pairing: Pairing) -> Any:
    second, first = aliased(Submission), aliased(Submission)
    again, before = _root(session, pairing.second), _root(session, pairing.first)
    left, right = again.joined, before.joined
    household = again.column(pairing.second.survey.roles.path("household") or "")
    visited = before.column(pairing.first.survey.roles.path("household") or "")
    answers = [again.column(path) for path, _other, _kind in pairing.questions]
    answers += [before.column(other) for _path, other, _kind in pairing.questions]
    return session.execute(
        select(
            second.id.label("second"),
            second.created_at.label("second_at"),
            first.created_at.label("first_at"),
            first.submitter_id,
            *answers,
        )
        .select_from(left)
        .join(second, second.id == again.table.c.submission_id)
        .join(right, visited == household)
        .join(first, first.id == before.table.c.submission_id)
        .where(
            second.form_id == pairing.second.reading.form_id,
            counting(second),
            first.form_id == pairing.first.reading.form_id,
            counting(first),
        )
        .order_by(second.id, first.created_at)
    )


def _root(session: Session, one: Checked) -> AnswerTable:
    return answer_tables(session, one.reading.form_id, draft=False)[""]


def _same(one: object, other: object) -> bool:
    left, right = as_number(one), as_number(other)
    return left == right if left is not None and right is not None else str(one) == str(other)


def surveyed(session: Session, one: Checked) -> Counter[str]:
    """How many records each enumerator sent."""
    rows = session.execute(
        select(Submission.submitter_id, func.count())
        .where(Submission.form_id == one.reading.form_id, counting())
        .group_by(Submission.submitter_id)
    )
    return Counter({f"sender:{number}": count for number, count in rows if number})
