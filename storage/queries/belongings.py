"""What belongs to a person or a household: records, rows of them, members of lists, words about them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from forms.rows import Cell
from forms.vietnamese import folded
from storage.models import (
    Audit,
    Campaign,
    Entity,
    EntityList,
    EntityVersion,
    Form,
    FormVersion,
    RecordName,
    RecordView,
    SentBack,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.portable import string
from storage.portable_texts import Folded, PlaceOf
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.forms import GONE

RECORD, ROW, ENTITY = KINDS = ("record", "row", "entity")
MOST = 100
"""Things of a kind that are shown."""
SHORTEST = 3
"""Letters that are searched for at least."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """One thing: `owner` is the form or list, `key` the id it has there, `name` what it is called or says."""

    kind: str
    owner: str
    key: str
    name: str
    place_code: str | None
    at: datetime | None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """How often somebody is named beside answers: in comments, kept views, notes of the log, campaigns."""

    comments: int = 0
    sent_back: int = 0
    views: int = 0
    notes: int = 0
    campaigns: int = 0

    @property
    def to_go(self) -> int:
        """Those that an erasure takes along."""
        return self.comments + self.sent_back + self.views + self.notes


def find(session: Session, project_id: int, said: str, limit: int = MOST) -> list[Belonging]:
    """What holds a name, a telephone number or an id: records and their rows, then members of lists."""
    phrase = folded(" ".join(said.split()))
    if len(phrase) < SHORTEST:
        return []
    return [
        *_records(session, project_id, phrase, said.strip(), limit),
        *_members(session, project_id, said, limit),
    ]


def _records(session: Session, project_id: int, phrase: str, exact: str, limit: int) -> list[Belonging]:
    query = (
        select(
            Submission.id,
            Submission.form_id,
            Form.xml_form_id,
            Submission.instance_id,
            SubmissionVersion.instance_name,
            Submission.place_code,
            Submission.created_at,
            Submission.deleted_at,
        )
        .join(Form, Form.id == Submission.form_id)
        .join(
            SubmissionVersion,
            and_(SubmissionVersion.submission_id == Submission.id, SubmissionVersion.current.is_(True)),
        )
        .outerjoin(RecordName, RecordName.submission_id == Submission.id)
        .where(Form.project_id == project_id, Form.state != GONE, Submission.draft.is_(False))
        .where(or_(PlaceOf(RecordName.searched, f" {phrase}") > 0, Submission.instance_id == exact))
        .order_by(Submission.form_id, Submission.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    found: list[Belonging] = []
    several: dict[int, dict[int, Belonging]] = {}
    for number, form_id, form, key, name, place, at, deleted in rows:
        one = Belonging(RECORD, form, key, name or key, place, at, deleted is not None)
        several.setdefault(form_id, {})[number] = one
    for form_id, records in several.items():
        inside = _rows(session, form_id, records, phrase)
        for number, one in records.items():
            found += [one, *inside.get(number, ())]
    return found


def _rows(
    session: Session, form_id: int, records: Mapping[int, Belonging], phrase: str
) -> dict[int, list[Belonging]]:
    found: dict[int, list[Belonging]] = {}
    for path, table in answer_tables(session, form_id, draft=False).items():
        texts = _texts(table) if path else []
        if not texts:
            continue
        own = table.table.c
        columns = [table.column(one) for one in texts]
        query = (
            select(own.submission_id, own.key, *columns)
            .select_from(table.joined)
            .where(own.submission_id.in_(records), or_(*(named(column, phrase) for column in columns)))
            .order_by(own.submission_id, own.seq)
        )
        for number, key, *answers in session.execute(query):
            record = records[number]
            name = next(text for text in answers if text and phrase in folded(text))
            row = Belonging(ROW, record.owner, key, name, record.place_code, record.at, record.deleted)
            found.setdefault(number, []).append(row)
    return found


def _texts(table: AnswerTable) -> list[str]:
    return [
        path
        for path, one in table.questions.items()
        if one.cell == Cell.TEXT and one.type in {"string", "barcode"} and one.control in {"", "input"}
    ]


def _members(session: Session, project_id: int, said: str, limit: int) -> list[Belonging]:
    phrase, written = folded(" ".join(said.split())), json.dumps(" ".join(said.split()))[1:-1]
    before = select(EntityVersion.entity_id).where(named(EntityVersion.label, phrase))
    query = (
        select(Entity, EntityList.name, EntityList.deleted_name)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(EntityList.project_id == project_id)
        .where(
            or_(
                Entity.uuid == said.strip(),
                named(Entity.label, phrase),
                PlaceOf(cast(Entity.data, Text), string(written)) > 0,
                Entity.id.in_(before),
            )
        )
        .order_by(Entity.list_id, Entity.id)
        .limit(limit)
    )
    return [
        Belonging(
            ENTITY,
            was or name,
            one.uuid,
            one.label,
            one.place_code,
            one.created_at,
            one.deleted_at is not None,
        )
        for one, name, was in session.execute(query)
    ]


def titles(session: Session, project_id: int) -> Mapping[str, str]:
    """What the project's surveys are called, by form id."""
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.name)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
    )
    return {row.xml_form_id: row.name for row in rows}


def made_by(session: Session, form_id: int, instance_id: str) -> Sequence[tuple[Entity, EntityList]]:
    """The members of lists that a record made; those it only changed are others' too."""
    rows = session.execute(
        select(Entity, EntityList)
        .join(EntityList, EntityList.id == Entity.list_id)
        .join(EntityVersion, EntityVersion.entity_id == Entity.id)
        .join(SubmissionVersion, SubmissionVersion.id == EntityVersion.submission_version_id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(Submission.form_id == form_id, Submission.instance_id == instance_id)
        .where(EntityVersion.version == 1)
        .order_by(Entity.id)
    )
    return [(entity, of) for entity, of in rows]


def entities_named(
    session: Session, project_id: int, uuids: Collection[str]
) -> Sequence[tuple[Entity, EntityList]]:
    """The members of the project's lists that have one of these ids, deleted or not."""
    rows = session.execute(
        select(Entity, EntityList)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(EntityList.project_id == project_id, Entity.uuid.in_(uuids))
        .order_by(Entity.id)
    )
    return [(entity, of) for entity, of in rows]


def words(session: Session, project_id: int, said: str) -> Words:
    """How often a name stands in what people wrote beside answers."""
    phrase = folded(" ".join(said.split()))
    if len(phrase) < SHORTEST:
        return Words()
    mine = select(Form.id).where(Form.project_id == project_id)
    records = select(Submission.id).where(Submission.form_id.in_(mine))

    def count(*where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).where(*where)) or 0

    return Words(
        count(SubmissionComment.submission_id.in_(records), named(SubmissionComment.body, phrase)),
        count(SentBack.submission_id.in_(records), named(SentBack.reason, phrase)),
        count(RecordView.form_id.in_(mine), view_holds(said)),
        count(Audit.project_id == project_id, Audit.notes.is_not(None), named(Audit.notes, phrase)),
        count(Campaign.project_id == project_id, named(Campaign.name, phrase)),
    )


def view_holds(said: str) -> ColumnElement[bool]:
    """Whether a kept view names somebody, in what it is called or in what it searches for."""
    plain = " ".join(said.split())
    return or_(
        named(RecordView.name, folded(plain)),
        named(RecordView.address, folded(plain)),
        PlaceOf(RecordView.address, string(quote(plain))) > 0,
        PlaceOf(RecordView.address, string(quote_plus(plain))) > 0,
    )


def named(column: SQLColumnExpression[Any], phrase: str) -> ColumnElement[bool]:
    """Whether a text, as it is searched, holds a folded phrase."""
    return PlaceOf(Folded(column), string(phrase)) > 0
