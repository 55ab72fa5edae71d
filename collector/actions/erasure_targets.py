"""Whom an erasure is about: a record, a row of one, a member of a list, found by the id each has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.corrections.filled import Filled
from forms.corrections.logic import Logic, read_logic
from forms.erasing import called, holds_row, named_directly, row_in_each, traces_of_row
from forms.submission import read
from storage.erasing.problems import NothingToErase
from storage.erasing.rewriting import Held, Rewriting
from storage.models import Entity, EntityList, Form, Submission
from storage.queries import belongings, forms


@dataclass(frozen=True, slots=True)
class Target:
    """What is to go: `kind` record, row or entity; `key` its instance id, KEY, or uuid."""

    kind: str
    key: str


@dataclass(frozen=True)
class Person:
    """A row of a record, found: where it stands in each version, and what names its person."""

    form: Form
    record: Submission
    row: str
    held: tuple[Held, ...]
    logic: Logic
    rows: Mapping[str, str]
    traces: frozenset[str]
    name: str


def person(session: Session, rewriting: Rewriting, project_id: int, key: str) -> Person:
    """The row of that KEY. Raises NothingToErase."""
    form, of, row = _row(session, project_id, key)
    held = tuple(rewriting.held(session, form, of))
    if not held or not held[0].version.current:
        raise NothingToErase(what=key)
    newest = held[0]
    xform = forms.version_xml(session, newest.version.form_version_id)
    logic = read_logic(xform, newest.shelved.writer.schema)
    rows = row_in_each({one.version.instance_id: one.data for one in held}, row, logic)
    if not rows:
        raise NothingToErase(what=key)
    direct = named_directly(
        newest.shelved.writer.schema, forms.marks_of(session, newest.version.form_version_id)
    )
    name = called(newest.data, newest.shelved.writer.schema, row, direct)
    return Person(form, of, row, held, logic, rows, _traces(session, held, rows), name)


def known_person(
    session: Session, rewriting: Rewriting, of: tuple[Form, Submission], rows: Mapping[str, str]
) -> Person | None:
    """A person by the key of his row in each version of a record; None where he is in none that is here."""
    form, found = of
    held = tuple(rewriting.held(session, form, found))
    here = {one.version.instance_id: rows.get(one.version.instance_id, "") for one in held}
    there = {
        one.version.instance_id: here[one.version.instance_id]
        for one in held
        if holds_row(one.data, one.shelved.writer.schema, here[one.version.instance_id])
    }
    if not there:
        return None
    newest = held[0]
    logic = read_logic(
        forms.version_xml(session, newest.version.form_version_id), newest.shelved.writer.schema
    )
    row = next(iter(there.values()))
    return Person(form, found, row, held, logic, there, _traces(session, held, there), row)


def _traces(session: Session, held: Sequence[Held], rows: Mapping[str, str]) -> frozenset[str]:
    found: set[str] = set()
    for one in held:
        key = rows.get(one.version.instance_id)
        if key is not None:
            marks = forms.marks_of(session, one.version.form_version_id)
            schema = one.shelved.writer.schema
            found |= traces_of_row(one.data, schema, key, named_directly(schema, marks))
    return frozenset(found)


def _uuids(one: Held, key: str | None) -> Iterable[str]:
    if key is None:
        return ()
    element = Filled(read(one.data).root, one.shelved.writer.schema).rows[key].element
    return [
        said.removeprefix("uuid:") for found in element.iter("{*}entity") if (said := found.get("id", ""))
    ]


def record(session: Session, project_id: int, instance_id: str) -> tuple[Form, Submission]:
    """The record of that id, deleted or not, and its form. Raises NothingToErase."""
    row = session.execute(
        select(Form, Submission)
        .join(Submission, Submission.form_id == Form.id)
        .where(Form.project_id == project_id, Form.state != forms.GONE)
        .where(Submission.instance_id == instance_id, Submission.draft.is_(False))
        .order_by(Submission.id)
        .limit(1)
    ).first()
    if row is None:
        raise NothingToErase(what=instance_id)
    return row[0], row[1]


def _row(session: Session, project_id: int, key: str) -> tuple[Form, Submission, str]:
    at = key.find("/")
    while at > 0:
        with suppress(NothingToErase):
            return *record(session, project_id, key[:at]), key[at:]
        at = key.find("/", at + 1)
    raise NothingToErase(what=key)


def entity(session: Session, project_id: int, uuid: str) -> tuple[Entity, EntityList]:
    """The member of a list of that id, deleted or not, and its list. Raises NothingToErase."""
    for found in belongings.entities_named(session, project_id, [uuid.removeprefix("uuid:")]):
        return found
    raise NothingToErase(what=uuid)


def members_of(session: Session, person: Person) -> list[tuple[int, int]]:
    """The members of lists that the row made."""
    uuids = {uuid for one in person.held for uuid in _uuids(one, person.rows.get(one.version.instance_id))}
    mine = {
        entity.id for entity, _of in belongings.made_by(session, person.form.id, person.record.instance_id)
    }
    found = belongings.entities_named(session, person.form.project_id, uuids)
    return [(of.id, entity.id) for entity, of in found if entity.id in mine]
