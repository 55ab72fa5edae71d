"""What a page lists: the surveys of a project, the records of a survey, what each phone has sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from forms.vietnamese import sort_key
from storage.entities.following import served_files
from storage.models import (
    Actor,
    AppUser,
    Blob,
    Form,
    FormAttachment,
    FormVersion,
    Place,
    Submission,
)


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """A form with the title and version it has now: the published one, else the draft's."""

    form: Form
    title: str
    version: str


def survey_lines(session: Session, project_id: int) -> list[SurveyLine]:
    """The forms of a project, by title."""
    rows = session.execute(
        select(Form, FormVersion.name, FormVersion.version)
        .join(FormVersion, FormVersion.id == func.coalesce(Form.current_id, Form.draft_id))
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
    )
    lines = [SurveyLine(form, title or form.xml_form_id, version) for form, title, version in rows]
    return sorted(lines, key=lambda line: sort_key(line.title))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records there are, of which how many since a moment, and when the last one came."""

    records: int = 0
    recent: int = 0
    last_at: datetime | None = None


def tallies(session: Session, form_ids: Collection[int], *, since: datetime) -> dict[int, Tally]:
    """A tally of the live records of each form."""
    recent = func.sum(case((Submission.created_at >= since, 1), else_=0))
    rows = session.execute(
        select(Submission.form_id, func.count(), recent, func.max(Submission.created_at))
        .where(Submission.form_id.in_(form_ids), Submission.draft.is_(False), Submission.deleted_at.is_(None))
        .group_by(Submission.form_id)
    )
    return {form_id: Tally(records, fresh or 0, last) for form_id, records, fresh, last in rows}


def draft_records(session: Session, form_id: int) -> int:
    """How many records were sent to test the draft."""
    query = select(func.count()).where(Submission.form_id == form_id, Submission.draft.is_(True))
    return session.scalars(query).one()


def deleted_records(session: Session, form_id: int) -> int:
    """How many records of a form lie deleted."""
    query = select(func.count()).where(
        Submission.form_id == form_id, Submission.draft.is_(False), Submission.deleted_at.is_not(None)
    )
    return session.scalars(query).one()


def sent_by(session: Session, actor_ids: Collection[int]) -> dict[int, int]:
    """How many live records each of these sent."""
    rows = session.execute(
        select(Submission.submitter_id, func.count())
        .where(Submission.submitter_id.in_(actor_ids), Submission.draft.is_(False))
        .where(Submission.deleted_at.is_(None))
        .group_by(Submission.submitter_id)
    )
    return {actor_id: number for actor_id, number in rows if actor_id is not None}


def names_of(session: Session, actor_ids: Collection[int]) -> dict[int, str]:
    """What actors are called."""
    rows = session.execute(select(Actor.id, Actor.display_name).where(Actor.id.in_(actor_ids)))
    return {row.id: row.display_name for row in rows}


def place_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """What places are called."""
    rows = session.execute(select(Place.code, Place.name).where(Place.code.in_(codes)))
    return {row.code: row.name for row in rows}


def places_of_level(session: Session, level: str) -> Sequence[Place]:
    """The places of a level that are in force, in the order of the alphabet."""
    query = select(Place).where(Place.level == level, Place.valid_to.is_(None))
    return session.scalars(query.order_by(Place.sort_key, Place.name)).all()


def phones_in_use(session: Session, project_id: int) -> Sequence[AppUser]:
    """The phones of a project that are not revoked."""
    query = select(AppUser).where(AppUser.project_id == project_id, AppUser.token_hash.is_not(None))
    return session.scalars(query.order_by(AppUser.actor_id)).all()


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file a form version asks for; without content `size` is None.

    `served`: nobody has to fill it, for the server makes it for each phone.
    """

    name: str
    type: str
    size: int | None
    updated_at: datetime | None
    served: bool = False


def files(session: Session, version_id: int) -> list[FileLine]:
    """The files of a form version, by name."""
    rows = session.execute(
        select(FormAttachment.name, FormAttachment.type, Blob.size, FormAttachment.updated_at)
        .outerjoin(Blob, Blob.sha256 == FormAttachment.blob_sha256)
        .where(FormAttachment.form_version_id == version_id)
        .order_by(FormAttachment.name)
    )
    project_id = session.scalar(
        select(Form.project_id)
        .join(FormVersion, FormVersion.form_id == Form.id)
        .where(FormVersion.id == version_id)
    )
    served = served_files(session, project_id or 0)
    return [FileLine(*row, row.size is None and row.name in served) for row in rows]
