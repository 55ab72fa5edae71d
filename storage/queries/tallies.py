"""How much there is: of a project, of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from storage.models import Actor, AppUser, Form, Submission

_REVIEWS = {None: "received", "hasIssues": "hasIssues", "edited": "edited"}


@dataclass(frozen=True, slots=True)
class ProjectTally:
    """Of a project: its forms, its phones with access, and when the last submission came."""

    forms: int
    app_users: int
    last_submission: datetime | None


@dataclass(slots=True)
class FormTally:
    """Of a form: its live submissions, those that wait for a review by state, the last one, its author."""

    created_by: Actor | None
    submissions: int = 0
    last_submission: datetime | None = None
    reviews: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_REVIEWS.values(), 0))


def project_tally(session: Session, project_id: int) -> ProjectTally:
    """What there is in a project."""
    forms = select(func.count()).where(Form.project_id == project_id, Form.deleted_at.is_(None))
    phones = select(func.count()).where(AppUser.project_id == project_id, AppUser.token_hash.is_not(None))
    last = (
        select(func.max(Submission.created_at))
        .join(Form, Form.id == Submission.form_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None), *_live())
    )
    return ProjectTally(
        session.scalars(forms).one(), session.scalars(phones).one(), session.scalars(last).one()
    )


def form_tallies(session: Session, forms: Sequence[Form]) -> Mapping[int, FormTally]:
    """What there is of each form, by its number."""
    authors = actors_by_id(session, (form.created_by for form in forms))
    tallies = {form.id: FormTally(authors.get(form.created_by or 0)) for form in forms}
    rows: Sequence[Row[int, str | None, int, datetime | None]] = session.execute(
        select(Submission.form_id, Submission.review_state, func.count(), func.max(Submission.created_at))
        .where(Submission.form_id.in_(tallies), *_live())
        .group_by(Submission.form_id, Submission.review_state)
    ).all()
    for form_id, state, count, last in rows:
        tally = tallies[form_id]
        tally.submissions += count
        tally.last_submission = max(filter(None, (tally.last_submission, last)), default=None)
        if state in _REVIEWS:
            tally.reviews[_REVIEWS[state]] = count
    return tallies


def actors_by_id(session: Session, numbers: Iterable[int | None]) -> Mapping[int, Actor]:
    """The actors of these numbers, deleted ones too."""
    wanted = {number for number in numbers if number is not None}
    return {actor.id: actor for actor in session.scalars(select(Actor).where(Actor.id.in_(wanted)))}


def _live() -> tuple[ColumnElement[bool], ...]:
    return Submission.draft.is_(False), Submission.deleted_at.is_(None)
