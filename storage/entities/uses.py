"""Which forms write an entity list and which read it, as published and as drafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from forms.xform import read_schema
from storage.models import EntityList, EntityUse, Form, FormAttachment, FormTable, FormVersion
from storage.queries.forms import version_xml


@dataclass(frozen=True, slots=True)
class Use:
    """A form that uses a list; `repeat` is the path of the repeat that makes its entities, "" elsewhere."""

    xml_form_id: str
    name: str
    repeat: str = ""


@dataclass(frozen=True, slots=True)
class Uses:
    """Forms that make or change entities of a list, and forms that read its file."""

    writers: tuple[Use, ...]
    readers: tuple[Use, ...]
    draft_writers: tuple[Use, ...]
    draft_readers: tuple[Use, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """The form ids of all of them, each once."""
        every = (*self.writers, *self.readers, *self.draft_writers, *self.draft_readers)
        return tuple(sorted({one.xml_form_id for one in every}))


def uses_of(session: Session, of: EntityList) -> Uses:
    """Which forms use a list, by form id."""
    published, drafts = FormVersion.id == Form.current_id, FormVersion.id == Form.draft_id
    return Uses(
        tuple(_writers(session, of)),
        tuple(_readers(session, of, published)),
        tuple(_draft_writers(session, of, drafts)),
        tuple(_readers(session, of, drafts)),
    )


def _writers(session: Session, of: EntityList) -> Iterator[Use]:
    repeats = (
        select(FormTable.id)
        .where(FormTable.form_id == Form.id, FormTable.draft.is_(False), FormTable.path == EntityUse.path)
        .exists()
    )
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.name, EntityUse.path, repeats)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .join(EntityUse, EntityUse.form_version_id == FormVersion.id)
        .where(EntityUse.list_id == of.id, Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id, EntityUse.path)
    )
    for form_id, name, path, repeated in rows:
        yield Use(form_id, name or form_id, path if repeated else "")


def _readers(session: Session, of: EntityList, which: ColumnElement[bool]) -> Iterator[Use]:
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.name)
        .join(FormVersion, which)
        .join(FormAttachment, FormAttachment.form_version_id == FormVersion.id)
        .where(
            Form.project_id == of.project_id,
            Form.deleted_at.is_(None),
            FormAttachment.name == f"{of.name}.csv",
            FormAttachment.blob_sha256.is_(None),
            FormAttachment.linked,
        )
        .order_by(Form.xml_form_id)
    )
    for form_id, name in rows:
        yield Use(form_id, name or form_id)


def _draft_writers(session: Session, of: EntityList, which: ColumnElement[bool]) -> Iterator[Use]:
    # Lists are made by publishing, so what a draft declares stands nowhere but in its XForm.
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.name, FormVersion.id)
        .join(FormVersion, which)
        .where(Form.project_id == of.project_id, Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id)
    ).all()
    for form_id, name, number in rows:
        schema = read_schema(version_xml(session, number))
        repeats = {one.path for one in schema.repeats}
        for declared in schema.entities:
            if declared.list == of.name:
                yield Use(form_id, name or form_id, declared.path if declared.path in repeats else "")


def property_writers(session: Session, of: EntityList) -> dict[str, list[Use]]:
    """The published forms that write each property, by its name; one nobody writes is left out."""
    rows = session.execute(
        select(Form.xml_form_id, FormVersion.name, EntityUse.properties)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .join(EntityUse, EntityUse.form_version_id == FormVersion.id)
        .where(EntityUse.list_id == of.id, Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id)
    )
    found: dict[str, list[Use]] = {}
    for form_id, name, saved in rows:
        for written in dict.fromkeys(saved.values()):
            known = found.setdefault(written, [])
            if form_id not in {one.xml_form_id for one in known}:
                known.append(Use(form_id, name or form_id))
    return found
