"""How much there is: of a project, of a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from storage.models import (
    Actor,
    AppUser,
    Entity,
    EntityList,
    EntityUse,
    Form,
    FormVersion,
    PublicLink,
    Submission,
)

_DECLARES = b"entities-version"
_REVIEWS = {None: "received", "hasIssues": "hasIssues", "edited": "edited"}


@dataclass(frozen=True, slots=True)
class ProjectTally:
    """Of a project: its forms, phones with access and entity lists; when the last record and entity came."""

    forms: int
    app_users: int
    datasets: int
    last_submission: datetime | None
    last_entity: datetime | None


@dataclass(slots=True)
class FormTally:
    """Of a form: its live submissions, those that wait for a review by state, the last one, its author.

    `entity_related`: the version asked about writes entity lists. `public_links` are those in force.
    """

    created_by: Actor | None
    entity_related: bool = False
    public_links: int = 0
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
    lists = select(func.count()).where(EntityList.project_id == project_id, EntityList.deleted_name.is_(None))
    entity = (
        select(func.max(Entity.created_at))
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(
            EntityList.project_id == project_id,
            EntityList.deleted_name.is_(None),
            Entity.deleted_at.is_(None),
        )
    )
    return ProjectTally(
        forms=session.scalars(forms).one(),
        app_users=session.scalars(phones).one(),
        datasets=session.scalars(lists).one(),
        last_submission=session.scalars(last).one(),
        last_entity=session.scalars(entity).one(),
    )


def form_tallies(
    session: Session, found: Sequence[tuple[Form, FormVersion]], *, draft: bool = False
) -> Mapping[int, FormTally]:
    """What there is of each form, by its number; with `draft` of what was tested on its draft."""
    forms = [form for form, _version in found]
    authors = actors_by_id(session, (form.created_by for form in forms))
    tallies = {form.id: FormTally(authors.get(form.created_by or 0)) for form in forms}
    for form_id in _entity_related(session, [version for _form, version in found]):
        tallies[form_id].entity_related = True
    links = select(PublicLink.form_id, func.count()).where(
        PublicLink.form_id.in_(tallies), PublicLink.token_hash.is_not(None)
    )
    for form_id, count in session.execute(links.group_by(PublicLink.form_id)):
        tallies[form_id].public_links = count
    rows: Sequence[Row[int, str | None, int, datetime | None]] = session.execute(
        select(Submission.form_id, Submission.review_state, func.count(), func.max(Submission.created_at))
        .where(Submission.form_id.in_(tallies), Submission.draft.is_(draft), Submission.deleted_at.is_(None))
        .group_by(Submission.form_id, Submission.review_state)
    ).all()
    for form_id, state, count, last in rows:
        tally = tallies[form_id]
        tally.submissions += count
        tally.last_submission = max(filter(None, (tally.last_submission, last)), default=None)
        if state in _REVIEWS:
            tally.reviews[_REVIEWS[state]] = count
    return tallies


def _entity_related(session: Session, versions: Sequence[FormVersion]) -> Iterator[int]:
    """The forms whose version writes entity lists; a draft has noted nothing yet, so it is read."""
    noted = select(EntityUse.form_version_id).where(
        EntityUse.form_version_id.in_([one.id for one in versions])
    )
    known = set(session.scalars(noted))
    for version in versions:
        if version.id in known or (version.published_at is None and _DECLARES in version.xml):
            yield version.form_id


def actors_by_id(session: Session, numbers: Iterable[int | None]) -> Mapping[int, Actor]:
    """The actors of these numbers, deleted ones too."""
    wanted = {number for number in numbers if number is not None}
    return {actor.id: actor for actor in session.scalars(select(Actor).where(Actor.id.in_(wanted)))}


def _live() -> tuple[ColumnElement[bool], ...]:
    return Submission.draft.is_(False), Submission.deleted_at.is_(None)
