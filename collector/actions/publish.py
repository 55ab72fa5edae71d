"""①② A form from its author's file to the phones: draft, files, published version."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from collector.accounts.secrets import new_token
from collector.actions.form_files import Upload, keep_bytes, put_attachment
from collector.actions.form_notes import note_form
from collector.actions.web_forms import prepared as for_browsers
from forms.compare import compare, merged
from forms.decrypting import key_remark
from forms.problems import FieldTypeConflict, FormRefused
from forms.remarks import Remark, Weight
from forms.schema import Schema
from forms.validate import validate
from forms.workbook import Extras, read_extras
from forms.xform import open_xform, read_schema, with_version
from forms.xform.entities import require_usable
from forms.xlsform import Converted, convert
from storage.blobs import BlobStore
from storage.cells.marks import mark_definitions
from storage.entities import lists
from storage.entities.figures import ensure_figures
from storage.entities.following import ensure_followed, served_files
from storage.models import Form, FormVersion
from storage.problems import FormNotFound, StateUnknown, VersionExists
from storage.projection import catalogue
from storage.queries import attachments, drafts, forms, projects, web_forms

STATES = ("open", "closing", "closed")


@dataclass(frozen=True)
class Definition:
    """A form as its author sends it: the bytes of a file, and the file's name."""

    data: bytes
    filename: str
    form_id_fallback: str = ""


@dataclass(frozen=True)
class Prepared:
    """A form that was converted and checked, ready to be stored; `web` is what browsers are given of it."""

    definition: Definition
    xform: bytes
    schema: Schema
    extras: Extras
    itemsets: bytes
    remarks: tuple[Remark, ...]
    web: web_forms.Kept | None = None


def prepare(definition: Definition, *, check: bool = True) -> Prepared:
    """Convert and check a form; takes seconds, and needs no database.

    Raises FormRefused, or another Problem that says what the author has to change. `check` runs the
    form engine over it, when Java is there.
    """
    converted: Converted = convert(
        definition.data, definition.filename, form_id_fallback=definition.form_id_fallback
    )
    schema = read_schema(converted.xform)
    require_usable(open_xform(converted.xform), schema.nodes)
    extras = read_extras(converted.workbook, schema) if converted.workbook else Extras()
    if any(extras.definitions.values()):
        # Its parser takes a while to import, and most forms define nothing.
        from collector.actions.definitions import require_right

        require_right(extras, schema)
    _refuse_wrong_checks(extras, schema)
    key = key_remark(schema.encryption_key)
    if key is not None and key.weight is Weight.ERROR:
        raise FormRefused([key])
    checked = validate(converted.xform, java=shutil.which("java") or "") if check else ()
    web, lacks = for_browsers(converted.xform, schema)
    remarks = (*converted.warnings, *([key] if key else ()), *checked, *(lack.remark() for lack in lacks))
    return Prepared(definition, converted.xform, schema, extras, converted.itemsets, remarks, web)


def _refuse_wrong_checks(extras: Extras, schema: Schema) -> None:
    """Raise FormRefused for checks, and numbers of checks, that the form cannot serve."""
    if extras.checks or extras.thresholds:
        from forms.checks.row_checks import read_row_checks
        from forms.checks.thresholds import read_thresholds

        read_row_checks(extras.checks, schema)
        read_thresholds(extras.thresholds, schema.form_id)


@dataclass(frozen=True, slots=True)
class Author:
    """Who does it, when, and what he noted."""

    actor_id: int | None
    now: datetime
    notes: str | None = None


def save_draft(
    session: Session, project_id: int, prepared: Prepared, author: Author, blobs: BlobStore
) -> Form:
    """Make a prepared form the draft of its form id, which is created when it is new.

    Raises FieldTypeConflict when a question changes its type in a way earlier answers cannot follow.
    What phones were testing with the draft before is removed with it; its address stays.
    """
    projects.get_project(session, project_id)
    form = _form(session, project_id, prepared.schema.form_id, author)
    refuse_conflicts(session, form, prepared.schema)
    token = _clear_draft(session, form) or new_token()
    version = FormVersion(
        form_id=form.id,
        version=prepared.schema.version,
        name=prepared.schema.title,
        xml=prepared.xform,
        **_digests(prepared.xform),
        workbook_sha256=_keep_workbook(session, prepared, blobs, author.now),
        workbook_name=prepared.definition.filename[:255],
        draft_token=token,
        remarks=[kept(remark) for remark in prepared.remarks],
        sheets=prepared.extras.plain(),
        created_by=author.actor_id,
        created_at=author.now,
    )
    _make_draft(session, form, version, prepared.schema, author)
    if prepared.web:
        web_forms.keep(session, version.id, prepared.web, author.now)
    if prepared.itemsets:
        put_attachment(
            session, form, version, Upload("itemsets.csv", prepared.itemsets), blobs, now=author.now
        )
    return form


def copy_published(session: Session, form: Form, author: Author) -> None:
    """Make a draft of the published version, so that its files or its version can change.

    Raises FormNotFound while the form was never published.
    """
    live = forms.current_version(session, form)
    xml = forms.version_xml(session, live.id)
    same = (
        "version",
        "name",
        "md5",
        "sha1",
        "sha256",
        "workbook_sha256",
        "workbook_name",
        "remarks",
        "sheets",
    )
    token = _clear_draft(session, form) or new_token()
    draft = FormVersion(
        form_id=form.id,
        xml=xml,
        draft_token=token,
        created_by=author.actor_id,
        created_at=author.now,
        **{name: getattr(live, name) for name in same},
    )
    _make_draft(session, form, draft, read_schema(xml), author)


def _make_draft(session: Session, form: Form, version: FormVersion, schema: Schema, author: Author) -> None:
    session.add(version)
    session.flush()
    attachments.open_slots(session, version.id, schema.media, before=_before(session, form, version))
    if form.draft_id is None and form.current_id is None:
        note_form(session, "form.create", form, author)
    else:
        form.updated_at = author.now
        said = {"oldDraftDefId": form.draft_id, "newDraftDefId": version.id}
        note_form(session, "form.update.draft.set", form, author, **said)
    form.draft_id = version.id
    catalogue.extend(session, form.id, schema, draft=True)
    session.flush()


def kept(remark: Remark) -> dict[str, Any]:
    """A remark as a version keeps it: in English for programs, and what it takes to say it otherwise."""
    return remark.plain() | {"templates": [remark.cause, remark.remedy], "details": dict(remark.details)}


def recalled(plain: Mapping[str, Any]) -> Remark:
    """The remark that was kept."""
    cause, remedy = plain["templates"]
    return Remark(
        cause,
        remedy,
        sheet=plain["sheet"],
        row=plain["row"],
        column=plain["column"],
        details=plain["details"],
        weight=Weight(plain["weight"]),
    )


def _form(session: Session, project_id: int, xml_form_id: str, author: Author) -> Form:
    try:
        return forms.get_form(session, project_id, xml_form_id)
    except FormNotFound:
        form = Form(
            project_id=project_id,
            xml_form_id=xml_form_id,
            created_by=author.actor_id,
            created_at=author.now,
        )
        session.add(form)
        session.flush()
        return form


def _before(session: Session, form: Form, version: FormVersion) -> tuple[attachments.Earlier, ...]:
    """The versions whose files a new draft takes over, the nearest first.

    A list the server makes itself stays filled by hand only within one version: the next one gets the
    server's again.
    """
    same = drafts.published_as(session, form.id, version.version)
    # Who turns back to an older version means it as it was, files and all.
    turned_back = same.id if same is not None and same.md5 == version.md5 else None
    served = served_files(session, form.project_id)
    before = []
    for number in (turned_back, form.draft_id, form.current_id):
        earlier = session.get(FormVersion, number) if number is not None else None
        if earlier is not None:
            without = frozenset[str]() if earlier.version == version.version else served
            before.append(attachments.Earlier(earlier.id, without))
    return tuple(before)


def refuse_conflicts(session: Session, form: Form, schema: Schema) -> None:
    """Raise FieldTypeConflict when `schema` gives a published question a type its answers cannot take."""
    published = [read_schema(version.xml) for version in forms.published_versions(session, form.id)]
    for change in compare(merged(published), schema).conflicts:
        raise FieldTypeConflict(path=change.path, old=change.old, new=change.new, type=change.old)


def _keep_workbook(session: Session, prepared: Prepared, blobs: BlobStore, now: datetime) -> str:
    stored = keep_bytes(blobs, [prepared.definition.data])
    attachments.enter_blob(session, stored.sha256, stored.size, stored.md5, now)
    return stored.sha256


def publish(
    session: Session, form: Form, author: Author, *, version: str | None = None, again: bool = True
) -> bool:
    """Give the draft to the phones; `version` overrides the one in the form.

    Publishing `again` what was published before makes that version current again. Returns True when
    answers have to be rebuilt because a question became text. Raises NoDraft, VersionExists, FormRefused
    for figures and targets that do not fit the programme's and the places, and what `lists.declare` raises
    for entity lists that differ from known ones only in capital letters.
    """
    draft = forms.draft_version(session, form)
    if draft.sheets.get("indicators") or draft.sheets.get("targets"):
        from collector.actions.definitions import require_fitting

        require_fitting(session, form, draft.sheets)
    xml = forms.version_xml(session, draft.id)
    if version is not None and version != draft.version:
        xml = with_version(xml, version)
        _rewrite(draft, xml, version)
        web_forms.forget(session, draft.id)
    schema = read_schema(xml)
    earlier = drafts.published_as(session, form.id, draft.version)
    widened = False
    before = form.current_id
    if drafts.in_trash(session, form, draft.version) or (earlier and not again):
        _refuse_version(form, draft.version)
    if earlier is None:
        widened = _give_out(session, form, draft, schema, author)
    elif earlier.md5 == draft.md5:
        attachments.copy_filled(session, draft.id, earlier.id)
        # The form is the same to phones; figures and targets of its workbook may not be.
        earlier.sheets, earlier.remarks = draft.sheets, draft.remarks
        earlier.workbook_sha256, earlier.workbook_name = draft.workbook_sha256, draft.workbook_name
        form.current_id = earlier.id
        _clear_draft(session, form)
        form.draft_id = None
    else:
        _refuse_version(form, draft.version)
    _outdate_tables(form)
    form.updated_at = author.now
    projects.touch_forms(session, form.project_id)
    mark_definitions(session, form.project_id)
    note_form(session, "form.update.publish", form, author, oldDefId=before, newDefId=form.current_id)
    return widened


def _give_out(session: Session, form: Form, draft: FormVersion, schema: Schema, author: Author) -> bool:
    """Make a draft the version phones get; True when a question became text."""
    refuse_conflicts(session, form, schema)
    widened = catalogue.extend(session, form.id, schema, draft=False)
    draft.published_at, draft.draft_token = author.now, None
    draft.published_by, draft.publish_notes = author.actor_id, author.notes
    form.current_id, form.draft_id = draft.id, None
    drafts.remove_answers(session, form.id)
    lists.declare(session, draft, schema.entities, now=author.now)
    files = [slot.name for slot in schema.media]
    ensure_followed(session, form.project_id, files, now=author.now)
    ensure_figures(session, form.project_id, files, now=author.now)
    return widened


def _refuse_version(form: Form, version: str) -> NoReturn:
    raise VersionExists(form=form.xml_form_id, version=version, xmlFormId=form.xml_form_id)


def _rewrite(draft: FormVersion, xml: bytes, version: str) -> None:
    draft.xml, draft.version = xml, version
    for name, digest in _digests(xml).items():
        setattr(draft, name, digest)


def _digests(xml: bytes) -> dict[str, str]:
    return {
        "md5": hashlib.md5(xml, usedforsecurity=False).hexdigest(),
        "sha1": hashlib.sha1(xml, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(xml).hexdigest(),
    }


def abandon_draft(session: Session, form: Form, author: Author) -> None:
    """Remove the draft; a form that was never published goes with it. Raises NoDraft."""
    draft = forms.draft_version(session, form)
    _clear_draft(session, form)
    form.draft_id, form.updated_at = None, author.now
    note_form(session, "form.update.draft.delete", form, author, oldDraftDefId=draft.id)
    if form.current_id is None:
        form.deleted_at = author.now
    session.flush()


def _clear_draft(session: Session, form: Form) -> str | None:
    """Remove the draft with what was tested on it; returns the token of its address."""
    if form.draft_id is None:
        return None
    draft = session.get_one(FormVersion, form.draft_id)
    token = draft.draft_token
    # The next draft may take files over, so their entries are only forgotten with the version.
    drafts.remove_answers(session, form.id)
    _outdate_tables(form)
    draft.draft_token = None
    return token


def _outdate_tables(form: Form) -> None:
    # Counted by the database: a rebuild may have counted on since this transaction read the form.
    form.generation = Form.generation + 1


def set_webforms(session: Session, form: Form, author: Author, *, enabled: bool) -> None:
    """Keep by which pages a form is filled in a browser; here there is only one sort."""
    form.webforms_enabled, form.updated_at = enabled, author.now
    note_form(session, "form.update", form, author, data={"webformsEnabled": enabled})
    session.flush()


def set_state(session: Session, form: Form, state: str, author: Author) -> None:
    """open, closing (not offered, still accepted) or closed. Raises StateUnknown."""
    if state not in STATES:
        raise StateUnknown(value=state)
    form.state, form.updated_at = state, author.now
    projects.touch_forms(session, form.project_id)
    note_form(session, "form.update", form, author, data={"state": state})
    session.flush()
