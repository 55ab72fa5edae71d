"""① A form's author hands in a definition: what to warn of, and what may not be there twice."""

from __future__ import annotations

from dataclasses import replace as replace_field
from typing import Any

from sqlalchemy.orm import Session

from collector.actions.publish import Author, Prepared, publish, save_draft
from forms.compare import compare
from forms.remarks import Weight
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.models import Form
from storage.problems import DraftOfOtherForm, FormExists, FormNotFound, FormWarned
from storage.queries import forms


def create(
    session: Session,
    project_id: int,
    prepared: Prepared,
    author: Author,
    blobs: BlobStore,
    *,
    warned: bool = True,
    live: bool = False,
) -> Form:
    """A new form, as a draft or `live` at once.

    Raises FormExists, and FormWarned when it `warned` and there is something to warn of.
    """
    form_id = prepared.schema.form_id
    try:
        forms.get_form(session, project_id, form_id)
    except FormNotFound:
        if warned:
            deleted = forms.has_deleted(session, project_id, form_id)
            _refuse_warned(warnings(prepared, deleted=form_id if deleted else None))
        form = save_draft(session, project_id, _named(prepared), author, blobs)
        if live:
            publish(session, form, author)
            form.updated_at = None
        return form
    raise form_exists(project_id, form_id)


def form_exists(project_id: int, form_id: str) -> FormExists:
    """That a project has a form of that id, with what Central's clients look for in it."""
    taken = [str(project_id), form_id]
    return FormExists(form=form_id, fields=["projectId", "xmlFormId"], values=taken, table="forms")


def replace(
    session: Session, form: Form, prepared: Prepared, author: Author, blobs: BlobStore, *, warned: bool = True
) -> None:
    """A new draft for a form that is there. Raises DraftOfOtherForm, FormWarned."""
    if prepared.schema.form_id != form.xml_form_id:
        other = prepared.schema.form_id
        raise DraftOfOtherForm(
            form=form.xml_form_id, other=other, field="xmlFormId", value=other, reason="another form id"
        )
    if warned:
        removed: tuple[str, ...] = ()
        if form.current_id is not None:
            before = read_schema(forms.version_xml(session, form.current_id))
            removed = compare(before, prepared.schema).structure_changed
        _refuse_warned(warnings(prepared, removed))
    save_draft(session, form.project_id, _named(prepared), author, blobs)


def _named(prepared: Prepared) -> Prepared:
    """A definition that came without a file name gets one, by which its kind is known later."""
    definition = prepared.definition
    if definition.filename:
        return prepared
    ending = ".xlsx" if definition.data.startswith(b"PK") else ".xls"
    named = replace_field(definition, filename=f"{prepared.schema.form_id}{ending}")
    return replace_field(prepared, definition=named)


def warnings(
    prepared: Prepared, removed: tuple[str, ...] = (), *, deleted: str | None = None
) -> dict[str, list[Any]]:
    """What to warn of, in Central's shape: the converter's sentences, and questions no longer asked.

    `deleted`: the id of a form that lies in the trash and that this one would stand in for.
    """
    told: list[Any] = [str(remark) for remark in prepared.remarks if remark.weight is Weight.WARNING]
    found = {"xlsFormWarnings": told} if told else {}
    of_work: list[Any] = []
    if deleted is not None:
        of_work.append({"type": "deletedFormExists", "details": {"xmlFormId": deleted}})
    if removed:
        of_work.append({"type": "structureChanged", "details": list(removed)})
    if of_work:
        found["workflowWarnings"] = of_work
    return found


def _refuse_warned(found: dict[str, list[Any]]) -> None:
    if found:
        raise FormWarned(warnings=found)
