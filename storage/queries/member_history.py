"""How an entity came to be what it is: its versions, with the records and files they came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import (
    Actor,
    Audit,
    Batch,
    Entity,
    EntityVersion,
    Form,
    Submission,
    SubmissionVersion,
)
from storage.queries.tallies import actors_by_id

_SEVERAL = ("entity.bulk.create", "entity.bulk.delete", "entity.bulk.restore")


@dataclass(frozen=True, slots=True)
class Record:
    """The record a version came from, as it is now, with its form."""

    xml_form_id: str
    submission: Submission
    current: SubmissionVersion


@dataclass(frozen=True)
class History:
    """The versions of an entity, oldest first.

    `agents` by number of the submission version, `records` and `batches` by number of the entity version;
    `actors` are those who made the versions and sent the records.
    """

    versions: Sequence[EntityVersion]
    actors: Mapping[int, Actor]
    agents: Mapping[int, str | None]
    records: Mapping[int, Record]
    batches: Mapping[int, Batch]


def history(session: Session, entity: Entity) -> History:
    """How an entity came to be what it is."""
    versions = session.scalars(
        select(EntityVersion).where(EntityVersion.entity_id == entity.id).order_by(EntityVersion.version)
    ).all()
    records, agents = _records(session, versions)
    numbers = {one.creator_id for one in versions}
    for record in records.values():
        numbers |= {record.submission.submitter_id, record.current.submitter_id}
    batches = {
        one.id: batch
        for one in versions
        if one.batch_id and (batch := session.get(Batch, one.batch_id)) is not None
    }
    return History(versions, actors_by_id(session, numbers), agents, records, batches)


def _records(
    session: Session, versions: Sequence[EntityVersion]
) -> tuple[dict[int, Record], dict[int, str | None]]:
    of = {one.submission_version_id: one.id for one in versions if one.submission_version_id}
    rows = session.execute(
        select(SubmissionVersion, Submission, Form)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .where(SubmissionVersion.id.in_(of), Submission.deleted_at.is_(None), Form.deleted_at.is_(None))
    ).all()
    agents = {version.id: version.user_agent for version, _one, _form in rows}
    found = {}
    for version, one, form in rows:
        current = version if version.current else _current(session, one)
        found[of[version.id]] = Record(form.xml_form_id, one, current)
    return found, agents


def _current(session: Session, one: Submission) -> SubmissionVersion:
    query = select(SubmissionVersion).where(
        SubmissionVersion.submission_id == one.id, SubmissionVersion.current
    )
    return session.scalars(query).one()


def audits(session: Session, entity: Entity) -> tuple[Sequence[Audit], Mapping[int, Actor]]:
    """What was done to an entity, alone or with others, newest first, and by whom."""
    batches = select(EntityVersion.batch_id).where(
        EntityVersion.entity_id == entity.id, EntityVersion.batch_id.is_not(None)
    )
    numbers = {number for number in session.scalars(batches) if number is not None}
    rows = session.scalars(
        select(Audit)
        .where(
            Audit.actee_kind == "dataset",
            Audit.actee_id == entity.list_id,
            or_(Audit.entity_uuid == entity.uuid, Audit.action.in_(_SEVERAL)),
        )
        .order_by(Audit.id.desc())
    )
    found = [one for one in rows if _is_about(one, entity, numbers)]
    return found, actors_by_id(session, [one.actor_id for one in found])


def _is_about(one: Audit, entity: Entity, batches: Collection[int]) -> bool:
    said = one.details or {}
    if one.action == "entity.bulk.create":
        return said.get("sourceId") in batches
    return one.entity_uuid == entity.uuid or entity.uuid in said.get("entityUuids", ())
