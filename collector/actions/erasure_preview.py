"""What exactly an erasure would take: counted, and nothing touched."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from collector.actions.erasure_targets import Person, Target, entity, members_of, person, record
from collector.actions.web_drafts import WebDrafts
from forms.erasing import without_row
from storage.erasing import leavings, withdrawing
from storage.erasing.rewriting import Rewriting
from storage.groups import in_groups
from storage.models import (
    Entity,
    EntityVersion,
    Finding,
    Form,
    Submission,
    SubmissionComment,
    SubmissionFile,
    SubmissionVersion,
)
from storage.queries import belongings
from storage.queries.belongings import ENTITY, RECORD, Words


@dataclass
class Preview:
    """What would go, in numbers; `names` are what is chosen, `blanked` questions emptied beside a row."""

    names: list[str] = field(default_factory=list)
    records: int = 0
    rows: int = 0
    versions: int = 0
    files: int = 0
    findings: int = 0
    comments: int = 0
    entities: int = 0
    entity_versions: int = 0
    drafts: int = 0
    extracts: int = 0
    releases: int = 0
    blanked: tuple[str, ...] = ()
    beside: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which project, and the name that was searched for."""

    project_id: int
    said: str = ""


class Looking:
    """Adds up what would go, without touching anything."""

    def __init__(
        self, session: Session, rewriting: Rewriting, drafts: WebDrafts | None, asked: Asked
    ) -> None:
        self._session, self._rewriting, self._drafts = session, rewriting, drafts
        self._project_id, self._said = asked.project_id, asked.said
        self._found = Preview()
        self._forms: set[int] = set()
        self._entities: dict[int, str] = {}

    def look(self, target: Target) -> None:
        """Add one thing."""
        if target.kind == RECORD:
            self._record(*record(self._session, self._project_id, target.key))
        elif target.kind == ENTITY:
            found, _of = entity(self._session, self._project_id, target.key)
            self._entities[found.id] = found.label
        else:
            self._row(person(self._session, self._rewriting, self._project_id, target.key))

    def finish(self) -> Preview:
        """All of it."""
        found = self._found
        found.names += self._entities.values()
        found.entities = len(self._entities)
        found.entity_versions = sum(
            self._count(EntityVersion.entity_id.in_(some)) for some in in_groups(self._entities)
        )
        stands = withdrawing.standing(self._session, self._forms)
        found.extracts, found.releases = len(stands.extracts), len(stands.releases)
        found.beside = belongings.words(self._session, self._project_id, self._said)
        return found

    def _record(self, form: Form, one: Submission) -> None:
        found, number = self._found, one.id
        self._forms.add(form.id)
        versions = self._session.execute(
            select(SubmissionVersion.id, SubmissionVersion.instance_name, SubmissionVersion.current).where(
                SubmissionVersion.submission_id == number
            )
        ).all()
        found.names += [row.instance_name or one.instance_id for row in versions if row.current]
        found.records += 1
        found.versions += len(versions)
        found.files += self._count(
            SubmissionFile.version_id.in_([row.id for row in versions]),
            SubmissionFile.blob_sha256.is_not(None),
        )
        found.findings += self._count(Finding.submission_id == number)
        found.findings += len(leavings.beside_others(self._session, form.project_id, number))
        found.comments += self._count(SubmissionComment.submission_id == number)
        found.drafts += self._unfinished(form.id, {one.instance_id}, frozenset())
        for member, _of in belongings.made_by(self._session, form.id, one.instance_id):
            self._entities[member.id] = member.label

    def _row(self, one: Person) -> None:
        found = self._found
        self._forms.add(one.form.id)
        found.names.append(one.name)
        found.rows += 1
        found.versions += len(one.held)
        newest = one.held[0]
        schema = newest.shelved.writer.schema
        redacted = without_row(newest.data, schema, one.row, one.traces)
        labels = [
            next(iter(schema.by_path[path].labels.values()), path) if path in schema.by_path else path
            for path in redacted.blanked
        ]
        found.blanked = tuple(dict.fromkeys((*found.blanked, *labels)))
        ids = {held.version.instance_id for held in one.held}
        found.drafts += self._unfinished(one.form.id, ids, one.traces)
        for _list, number in members_of(self._session, one):
            self._entities[number] = self._session.get_one(Entity, number).label

    def _unfinished(self, form_id: int, ids: set[str], traces: frozenset[str]) -> int:
        return 0 if self._drafts is None else len(self._drafts.holding(form_id, ids, traces))

    def _count(self, *where: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).where(*where)) or 0
