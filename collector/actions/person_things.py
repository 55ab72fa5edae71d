"""What a person is told of each thing that is about him: its versions in words, and all that hangs on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from collector.actions.erasure_targets import Person, Target, entity, members_of, person, record
from collector.actions.reading import Answer, Kind, answers
from collector.actions.records import Asked, Record, Records
from forms.corrections.filled import Filled
from forms.erasing import names_him, without_row
from forms.exports.csv_text import safe_name
from forms.submission import read
from forms.values import HOME, Point, iso_instant
from storage.audits import Actee, of_entity, of_record
from storage.blobs import BlobStore
from storage.erasing.rewriting import Held, Rewriting
from storage.models import (
    Audit,
    Entity,
    EntityList,
    Finding,
    Form,
    SentBack,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.projection.shelf import Shelf
from storage.queries import belongings, lists, person_traces, submissions
from storage.queries.belongings import ENTITY, RECORD, ROW

_FILES = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.FILE})


@dataclass(frozen=True, slots=True)
class File:
    """Bytes that go along: a stored file by its digest, or `data`."""

    path: str
    sha256: str | None = None
    data: bytes = b""


class Things:
    """Reads them, one after the other: `told` is what programs read, `files` the bytes beside it.

    `told` names people who worked on it and places in words; `actees` says of each what it is.
    """

    def __init__(
        self, session: Session, blobs: BlobStore, shelf: Shelf, project_id: int, language: str
    ) -> None:
        self._session, self._project_id, self._language = session, project_id, language
        self._records = Records(session, blobs, shelf)
        self._rewriting = Rewriting(blobs, shelf)
        self._titles = belongings.titles(session, project_id)
        self._people: dict[int, str] = {}
        self._members: set[int] = set()
        self.told: list[dict[str, Any]] = []
        self.actees: list[Actee] = []
        self.files: list[File] = []
        self.forms: set[int] = set()

    def add(self, target: Target) -> None:
        """One thing, with the members of lists it made. Raises NothingToErase where it is not there."""
        if target.kind == RECORD:
            self._record(*record(self._session, self._project_id, target.key))
        elif target.kind == ENTITY:
            self._entity(*entity(self._session, self._project_id, target.key))
        else:
            self._row(person(self._session, self._rewriting, self._project_id, target.key), target.key)

    def name(self, actor_id: int | None) -> str:
        """What somebody is called who worked on it; "" for the server itself."""
        if actor_id is None:
            return ""
        if actor_id not in self._people:
            self._people |= {actor_id: "", **lists.names_of(self._session, [actor_id])}
        return self._people[actor_id]

    # A record ---------------------------------------------------------------------------------------

    def _record(self, form: Form, found: Submission) -> None:
        folder = self._begin(RECORD, form, found, found.instance_id)
        for number, version in enumerate(reversed(submissions.versions_of(self._session, found.id)), 1):
            asked = Asked(found.instance_id, self._language, version=version.id, computed=True)
            one = self._records.read(form, asked)
            self._version(version, one, f"{folder}/{number}", self._records.xml(version))
            self._photos(f"{folder}/{number}", one.files)
        self._beside(form, found)
        for member, of in belongings.made_by(self._session, form.id, found.instance_id):
            self._entity(member, of)

    def _begin(self, kind: str, form: Form, found: Submission, key: str) -> str:
        """The folder of its bytes; its facts are told from here on."""
        self.forms.add(form.id)
        self.actees.append(of_record(self._session, found))
        code = found.place_code or ""
        self.told.append({
            "kind": kind,
            "what": self._titles.get(form.xml_form_id) or form.xml_form_id,
            "key": key,
            "place": lists.place_names(self._session, [code]).get(code, code),
            "received": _at(found.created_at),
            "deleted": _at(found.deleted_at),
            "versions": [],
            "findings": [],
            "words": [],
            "opened": [],
            "log": [],
        })
        return f"{len(self.told)}-{safe_name(form.xml_form_id)}"

    def _version(self, version: SubmissionVersion, read_: Record, folder: str, data: bytes) -> None:
        self.files.append(File(f"{folder}/{'answers' if read_.encrypted else 'submission'}.xml", data=data))
        self.told[-1]["versions"].append({
            "id": version.instance_id,
            "at": _at(version.created_at),
            "by": self.name(version.submitter_id),
            "reason": version.reason or "",
            "encrypted": read_.encrypted,
            "answers": [_said(one) for one in answers(read_.entries) if one.value is not None],
            "bytes": folder,
        })

    def _photos(self, folder: str, files: Mapping[str, str | None]) -> None:
        here = {safe_name(name): sha256 for name, sha256 in files.items() if sha256 is not None}
        self.files += [File(f"{folder}/{name}", sha256) for name, sha256 in here.items()]

    def _beside(
        self, form: Form, found: Submission, traces: Collection[str] | None = None, row: str = ""
    ) -> None:
        """What hangs on a record; with `traces` only words that name him, and findings of his row."""
        thing, session = self.told[-1], self._session

        def his(*texts: object) -> bool:
            return traces is None or any(names_him(str(text), traces) for text in texts if text)

        thing["findings"] = [
            self._finding(one)
            for one in person_traces.findings(session, form.project_id, found.id)
            if (row and one.key == row) or his(one.value, one.expected, one.reason, *one.details.values())
        ]
        written = person_traces.comments(session, found.id)
        thing["words"] = [self.word(one) for one in written if his(text_of(one))]
        thing["opened"] = [
            {"at": _at(one.first_at), "by": self.name(one.actor_id)}
            for one in person_traces.looks(session, found.id)
        ]
        thing["log"] = [
            self._audit(one, told=his(one.notes))
            for one in person_traces.audits_of_record(session, form.id, found.instance_id)
        ]

    def _finding(self, one: Finding) -> dict[str, Any]:
        return {
            "at": _at(one.created_at),
            "check": one.check,
            "value": one.value,
            "expected": one.expected,
            "state": one.state,
            "reason": one.reason or "",
        }

    def word(self, one: SubmissionComment | SentBack | Audit) -> dict[str, Any]:
        """Something somebody wrote."""
        at = one.logged_at if isinstance(one, Audit) else one.created_at
        return {"at": _at(at), "by": self.name(one.actor_id), "text": text_of(one)}

    def _audit(self, one: Audit, *, told: bool) -> dict[str, Any]:
        return {
            "at": _at(one.logged_at),
            "by": self.name(one.actor_id),
            "action": one.action,
            "notes": (one.notes or "") if told else "",
        }

    # A person in a record -----------------------------------------------------------------------------

    def _row(self, one: Person, key: str) -> None:
        folder = self._begin(ROW, one.form, one.record, key)
        here = [held for held in one.held if held.version.instance_id in one.rows]
        for number, held in enumerate(reversed(here), 1):
            version, row = held.version, one.rows[held.version.instance_id]
            asked = Asked(one.record.instance_id, self._language, version=version.id, computed=True, row=row)
            read_ = self._records.read(one.form, asked)
            filled = Filled(read(held.data).root, held.shelved.writer.schema)
            self._version(
                version,
                read_,
                f"{folder}/{number}",
                etree.tostring(filled.rows[row].element, encoding="UTF-8", with_tail=False),
            )
            self.told[-1]["versions"][-1]["answers"] += _around(held, row, one.traces)
            named = {one.value for one in answers(read_.entries) if one.kind in _FILES}
            self._photos(
                f"{folder}/{number}", {name: read_.files.get(name) for name in sorted(named - {None})}
            )
        self._beside(one.form, one.record, one.traces, key)
        for list_id, number in members_of(self._session, one):
            of = self._session.get_one(EntityList, list_id)
            self._entity(self._session.get_one(Entity, number), of)

    # A member of a list -------------------------------------------------------------------------------

    def _entity(self, found: Entity, of: EntityList) -> None:
        if found.id in self._members:
            return
        self._members.add(found.id)
        self.actees.append(of_entity(of, found))
        code, session = found.place_code or "", self._session
        self.told.append({
            "kind": ENTITY,
            "what": of.deleted_name or of.name,
            "key": found.uuid,
            "place": lists.place_names(session, [code]).get(code, code),
            "received": _at(found.created_at),
            "deleted": _at(found.deleted_at),
            "versions": [
                {
                    "id": str(one.version),
                    "at": _at(one.created_at),
                    "by": self.name(one.creator_id),
                    "reason": "",
                    "encrypted": False,
                    "answers": _properties({"label": one.label, **one.data}),
                    "bytes": "",
                }
                for one in person_traces.entity_versions(session, found.id)
            ],
            "worked_out": _properties(found.computed),
            "findings": [],
            "words": [],
            "opened": [],
            "log": [
                self._audit(one, told=True) for one in person_traces.audits_of_entity(session, found.uuid)
            ],
        })


def text_of(one: SubmissionComment | SentBack | Audit) -> str:
    """What somebody wrote."""
    if isinstance(one, SubmissionComment):
        return one.body
    return one.reason if isinstance(one, SentBack) else one.notes or ""


def _around(held: Held, row: str, traces: Collection[str]) -> list[dict[str, str]]:
    """The answers in the rest of a record that name him: those an erasure would empty."""
    schema = held.shelved.writer.schema
    filled = Filled(read(held.data).root, schema)
    paths = without_row(held.data, schema, row, traces).blanked
    return [
        {"path": path, "question": _label(held, path), "answer": text}
        for path in paths
        for one in filled.rows.values()
        if (text := one.text(path)) and names_him(text, traces)
    ]


def _label(held: Held, path: str) -> str:
    node = held.shelved.writer.schema.by_path.get(path)
    return next(iter(node.labels.values()), path) if node is not None else path


def _properties(data: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"path": name, "question": name, "answer": str(text)} for name, text in data.items()]


def _said(one: Answer) -> dict[str, str]:
    return {"path": one.path, "question": one.label, "answer": _text(one.value)}


def _text(value: object) -> str:
    """An answer in words and signs everybody can read."""
    if isinstance(value, Point):
        return f"{value.latitude}, {value.longitude}"
    if isinstance(value, tuple):
        several: Iterable[object] = value
        return "; ".join(_text(one) for one in several)
    if isinstance(value, datetime):
        return value.astimezone(HOME).strftime("%d/%m/%Y %H:%M")
    return "✓" if value is True else str(value)


def _at(moment: datetime | None) -> str:
    return "" if moment is None else iso_instant(moment)
