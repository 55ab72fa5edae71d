"""Audits of what comes in, made afterwards from what is stored: intake itself writes none.

Every row makes one audit, whatever stops in between: the audit names its row (`source`, unique), and what
was read stands beside it in the same transaction. PostgreSQL commits numbers out of order: there rows are
looked for above a line that only moves up once nobody can commit below it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Text, cast, func, insert, select
from sqlalchemy.orm import Session

from forms.seals import notes_digest
from storage.audits import salt
from storage.cuts import within
from storage.database import Base
from storage.models import Audit, AuditReading
from storage.portable import string
from storage.portable_turns import take_turn, writers
from storage.scope import WHOLE

_TURN = 0x41756469
_SETTLES = timedelta(seconds=5)
"""How long a line is waited with after the largest number was read, beside the writers of that moment."""

_T = Base.metadata.tables
_AUDITS, _VERSIONS, _RECORDS, _FORMS = _T["audits"], _T["submission_versions"], _T["submissions"], _T["forms"]
_CHANGES, _ENTITIES, _LISTS = _T["entity_versions"], _T["entities"], _T["entity_lists"]


@dataclass(frozen=True)
class _Source:
    """Stored rows that make audits: `rows` with columns `number`, `source` and what `audit` needs."""

    name: str
    number: ColumnElement[int]
    named: ColumnElement[str]
    rows: Select[Any]
    audit: Callable[[RowMapping], dict[str, Any]]


def _of_version(row: RowMapping) -> dict[str, Any]:
    first = row["instance_id"] == row["root"]
    details = {"submissionId": row["submission_id"], "instanceId": row["instance_id"]}
    if row["draft"]:
        details["draft"] = True
    return {
        "action": "submission.create" if first else "submission.update.version",
        "actor_id": row["submitter_id"],
        "actee_kind": "form",
        "actee_id": row["form_id"],
        # A draft's record is nobody's: another one may have its id.
        "instance_id": None if row["draft"] else row["root"],
        "details": details,
        "notes": row["reason"],
    }


def _of_change(row: RowMapping) -> dict[str, Any]:
    details = {
        "entityId": row["entity_id"],
        "entityDefId": row["number"],
        "entity": {"uuid": row["uuid"], "dataset": row["dataset"], "version": row["version"]},
        "source": {"submission": {"instanceId": row["root"]}},
    }
    return {
        "action": "entity.create" if row["version"] == 1 else "entity.update.version",
        "actor_id": row["creator_id"],
        "actee_kind": "dataset",
        "actee_id": row["list_id"],
        "instance_id": row["root"],
        "entity_uuid": row["uuid"],
        "details": details,
    }


def _named(kind: str, number: ColumnElement[int], sign: ColumnElement[str]) -> ColumnElement[str]:
    # The number alone would not do: on SQLite what is purged leaves its number to somebody else.
    return string(f"{kind}:").concat(cast(number, Text())).concat(":").concat(sign)


_VERSION = _named("version", _VERSIONS.c.id, func.substr(_VERSIONS.c.xml_sha256, 1, 16, type_=Text()))
_CHANGE = _named("change", _CHANGES.c.id, _ENTITIES.c.uuid)

_SOURCES = (
    _Source(
        "version",
        _VERSIONS.c.id,
        _VERSION,
        select(
            _VERSIONS.c.id.label("number"),
            _VERSION.label("source"),
            _VERSIONS.c.submission_id,
            _VERSIONS.c.instance_id,
            _VERSIONS.c.draft,
            _VERSIONS.c.submitter_id,
            _VERSIONS.c.reason,
            _VERSIONS.c.form_id,
            _FORMS.c.project_id,
            _RECORDS.c.instance_id.label("root"),
            _RECORDS.c.place_code,
            _VERSIONS.c.created_at.label("logged_at"),
        )
        .join(_RECORDS, _RECORDS.c.id == _VERSIONS.c.submission_id)
        .join(_FORMS, _FORMS.c.id == _VERSIONS.c.form_id),
        _of_version,
    ),
    _Source(
        "change",
        _CHANGES.c.id,
        _CHANGE,
        select(
            _CHANGES.c.id.label("number"),
            _CHANGE.label("source"),
            _CHANGES.c.entity_id,
            _CHANGES.c.version,
            _CHANGES.c.creator_id,
            _ENTITIES.c.uuid,
            _ENTITIES.c.list_id,
            _ENTITIES.c.place_code,
            _LISTS.c.name.label("dataset"),
            _LISTS.c.project_id,
            _RECORDS.c.form_id,
            _RECORDS.c.instance_id.label("root"),
            _CHANGES.c.created_at.label("logged_at"),
        )
        # What people change in a list is noted as they do it; here is what their records brought.
        .join(_VERSIONS, _VERSIONS.c.id == _CHANGES.c.submission_version_id)
        .join(_RECORDS, _RECORDS.c.id == _VERSIONS.c.submission_id)
        .join(_ENTITIES, _ENTITIES.c.id == _CHANGES.c.entity_id)
        .join(_LISTS, _LISTS.c.id == _ENTITIES.c.list_id),
        _of_change,
    ),
)


def is_behind(session: Session) -> bool:
    """Whether there are rows above the line, which may have no audit yet."""
    read = {one.source: one.through for one in session.scalars(select(AuditReading))}
    return any((_largest(session, one) or 0) > read.get(one.name, 0) for one in _SOURCES)


def derive(session: Session, now: datetime, limit: int) -> int:
    """Make the audits of up to `limit` rows of each kind; returns how many were made."""
    take_turn(session, _TURN)
    # Everybody's records are audited, whoever's looking at the audits made them be derived.
    with within(WHOLE):
        return sum(_Reader(session, one, now, limit).read() for one in _SOURCES)


def lower(session: Session) -> None:
    """After rows were purged: numbers above those that are left may be given again."""
    for one in _SOURCES:
        held = session.get(AuditReading, one.name)
        if held is not None:
            held.through = min(held.through, _largest(session, one) or 0)


def _largest(session: Session, source: _Source) -> int | None:
    return session.execute(select(func.max(source.number))).scalar()


class _Reader:
    def __init__(self, session: Session, source: _Source, now: datetime, limit: int) -> None:
        self._session = session
        self._source = source
        self._now = now
        self._limit = limit
        held = session.get(AuditReading, source.name)
        self._at = held or AuditReading(source=source.name, through=0)
        if held is None:
            session.add(self._at)

    def read(self) -> int:
        others = writers(self._session)
        if others is None:
            return self._up_to(_largest(self._session, self._source) or 0)
        made = 0
        if self._at.seen is None:
            self._look_up(others.next)
        elif self._is_settled(others.oldest):
            made = self._up_to(self._at.seen)
            if made < self._limit:
                self._look_up(others.next)
        # What is above the line is audited too: only what is below it need not be looked at again.
        return made + self._make(self._source.number > self._at.through, self._limit - made)[0]

    def _is_settled(self, oldest: int) -> bool:
        """Whether nobody can bring a number any more that is below the largest seen."""
        horizon, seen_at = self._at.horizon, self._at.seen_at
        return (
            horizon is not None
            and seen_at is not None
            and (oldest >= horizon and self._now - seen_at >= _SETTLES)
        )

    def _look_up(self, horizon: int) -> None:
        self._at.seen = max(_largest(self._session, self._source) or 0, self._at.through)
        self._at.horizon, self._at.seen_at = horizon, self._now

    def _up_to(self, largest: int) -> int:
        """The rows up to a number below which nothing comes any more; the line moves up."""
        between = (self._source.number > self._at.through) & (self._source.number <= largest)
        made, last = self._make(between, self._limit)
        self._at.through = last if made == self._limit else max(largest, self._at.through)
        return made

    def _make(self, which: ColumnElement[bool], limit: int) -> tuple[int, int]:
        """How many audits were made of those rows, and the number of the last."""
        if limit <= 0:
            return 0, 0
        known = select(_AUDITS.c.id).where(_AUDITS.c.source == self._source.named).exists()
        wanted = self._source.rows.where(which, ~known).order_by(self._source.number).limit(limit)
        rows = self._session.execute(wanted).mappings().all()
        if rows:
            self._session.execute(insert(Audit), [self._audit(row) for row in rows])
        return len(rows), rows[-1]["number"] if rows else 0

    def _audit(self, row: RowMapping) -> dict[str, Any]:
        made = {
            "entity_uuid": None,
            "notes": None,
            "project_id": row["project_id"],
            "form_id": row["form_id"],
            "place_code": row["place_code"],
            "logged_at": row["logged_at"],
            "source": row["source"],
            **self._source.audit(row),
        }
        words = made["notes"] or None
        key = None if words is None else salt()
        return {
            **made,
            "notes": words,
            "notes_salt": key,
            "notes_digest": None if words is None or key is None else notes_digest(key, words),
        }
