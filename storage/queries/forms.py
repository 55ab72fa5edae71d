"""Forms, their versions and their files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, select
from sqlalchemy.orm import Session, undefer

from storage.database import Base
from storage.entities.following import PLACE_FILES
from storage.models import Blob, EntityList, Form, FormAttachment, FormVersion
from storage.problems import FormNotFound, FormVersionNotFound, NoDraft
from storage.swift import Line, Swift


@dataclass(frozen=True, slots=True)
class IntakeTarget:
    """What intake must know of the form version an answer names."""

    form_id: int
    xml_form_id: str
    state: str
    generation: int
    form_version_id: int


# Asked by every page of a form: built once.
_FORM = select(Form).where(
    Form.project_id == bindparam("project_id"),
    Form.xml_form_id == bindparam("xml_form_id"),
    Form.deleted_at.is_(None),
)


def get_form(session: Session, project_id: int, xml_form_id: str) -> Form:
    """The form of that id. Raises FormNotFound."""
    form = session.scalars(_FORM, {"project_id": project_id, "xml_form_id": xml_form_id}).one_or_none()
    if form is None:
        raise FormNotFound(form=xml_form_id)
    return form


GONE = "purged"
"""State of a form of which nothing is left but its number."""


def in_trash() -> ColumnElement[bool]:
    """Whether a form lies in the trash: deleted, and not gone for good yet."""
    return Form.deleted_at.is_not(None) & (Form.state != GONE)


def list_forms(session: Session, project_id: int, *, deleted: bool = False) -> Sequence[Form]:
    """Every form of a project that is not deleted, or only those that are, by id."""
    here = in_trash() if deleted else Form.deleted_at.is_(None)
    return session.scalars(
        select(Form).where(Form.project_id == project_id, here).order_by(Form.xml_form_id, Form.id)
    ).all()


def deleted_form(session: Session, project_id: int, number: int) -> Form:
    """A form that lies in the trash, by its number. Raises FormNotFound."""
    form = session.get(Form, number)
    gone = form is None or form.deleted_at is None or form.state == GONE
    if form is None or gone or form.project_id != project_id:
        raise FormNotFound(form=str(number))
    return form


def has_deleted(session: Session, project_id: int, xml_form_id: str) -> bool:
    """Whether a form of that id lies in the trash."""
    lying = select(Form.id).where(Form.project_id == project_id, Form.xml_form_id == xml_form_id, in_trash())
    return session.scalar(select(lying.exists())) is True


def get_version(session: Session, form: Form, version: str) -> FormVersion:
    """A published version by its name. Raises FormVersionNotFound."""
    found = session.scalars(
        select(FormVersion).where(
            FormVersion.form_id == form.id,
            FormVersion.version == version,
            FormVersion.published_at.is_not(None),
        )
    ).one_or_none()
    if found is None:
        raise FormVersionNotFound(form=form.xml_form_id, version=version)
    return found


def current_version(session: Session, form: Form) -> FormVersion:
    """The version phones get. Raises FormNotFound while the form was never published."""
    found = session.get(FormVersion, form.current_id) if form.current_id else None
    if found is None:
        raise FormNotFound(form=form.xml_form_id)
    return found


def draft_version(session: Session, form: Form) -> FormVersion:
    """The draft. Raises NoDraft."""
    found = session.get(FormVersion, form.draft_id) if form.draft_id else None
    if found is None:
        raise NoDraft(form=form.xml_form_id)
    return found


_NAME = select(FormVersion.__table__.c.name).where(FormVersion.__table__.c.id == bindparam("number"))


def version_name(session: Session, version_id: int) -> str | None:
    """What a version calls its form, which may be nothing; None where there is no such version."""
    name: str | None = session.connection().execute(_NAME, {"number": version_id}).scalar()
    return name


def version_xml(session: Session, version_id: int) -> bytes:
    """The XForm, byte for byte as phones get it."""
    return session.execute(select(FormVersion.xml).where(FormVersion.id == version_id)).scalar_one()


def marks_of(session: Session, version_id: int) -> Mapping[str, Mapping[str, str]]:
    """What the survey sheet of a version says of each path: `pii`, `unit`."""
    sheets = session.execute(select(FormVersion.sheets).where(FormVersion.id == version_id)).scalar_one()
    found: Mapping[str, Mapping[str, str]] = sheets.get("marks", {})
    return found


def published_versions(session: Session, form_id: int) -> Sequence[FormVersion]:
    """Every published version, oldest first."""
    return session.scalars(
        select(FormVersion)
        .where(FormVersion.form_id == form_id, FormVersion.published_at.is_not(None))
        .order_by(FormVersion.published_at, FormVersion.id)
        .options(undefer(FormVersion.xml))
    ).all()


def published_ids(session: Session, form_id: int) -> list[tuple[int, str]]:
    """Number and digest of the published versions, oldest first; the current one is the last."""
    current = case((Form.current_id == FormVersion.id, 1), else_=0)
    rows = session.execute(
        select(FormVersion.id, FormVersion.sha256)
        .join(Form, Form.id == FormVersion.form_id)
        .where(FormVersion.form_id == form_id, FormVersion.published_at.is_not(None))
        .order_by(current, FormVersion.published_at, FormVersion.id)
    )
    return [(number, digest) for number, digest in rows]


_FORMS, _VERSIONS = Base.metadata.tables["forms"], Base.metadata.tables["form_versions"]
# Asked by every submission: built once, and without the ORM.
_INTAKE_TARGET = Swift(
    select(
        _FORMS.c.id,
        _FORMS.c.xml_form_id,
        _FORMS.c.state,
        _FORMS.c.generation,
        _VERSIONS.c.id.label("form_version_id"),
        _FORMS.c.current_id,
    )
    .outerjoin(
        _VERSIONS,
        and_(
            _VERSIONS.c.form_id == _FORMS.c.id,
            _VERSIONS.c.version == bindparam("version"),
            _VERSIONS.c.published_at.is_not(None),
        ),
    )
    .where(
        _FORMS.c.project_id == bindparam("project_id"),
        _FORMS.c.xml_form_id == bindparam("xml_form_id"),
        _FORMS.c.deleted_at.is_(None),
    )
    .with_for_update(read=True, key_share=True, of=_FORMS)
)


def intake_targets(
    line: Line, project_ids: Sequence[int], xml_form_id: str, version: str
) -> list[IntakeTarget]:
    """The published version an answer names, in each project that has it; there is at least one.

    Raises FormNotFound, or FormVersionNotFound when the form is there and that version is not. On
    PostgreSQL the forms are held against a change of their tables until the transaction ends.
    """
    values = {"xml_form_id": xml_form_id, "version": version}
    rows = [_INTAKE_TARGET.one(line, values | {"project_id": one}) for one in project_ids]
    found = [row for row in rows if row is not None and row[5] is not None]
    if not found:
        raise FormNotFound(form=xml_form_id)
    targets = [IntakeTarget(*row[:5]) for row in found if row[4] is not None]
    if not targets:
        raise FormVersionNotFound(form=xml_form_id, version=version)
    return targets


_DRAFT_TARGET = Swift(
    select(_FORMS.c.project_id, _FORMS.c.id, _FORMS.c.xml_form_id, _FORMS.c.generation, _VERSIONS.c.id)
    .join(_VERSIONS, _VERSIONS.c.id == _FORMS.c.draft_id)
    .where(_VERSIONS.c.draft_token == bindparam("token"), _FORMS.c.deleted_at.is_(None))
    .with_for_update(read=True, key_share=True, of=_FORMS)
)


def draft_target(line: Line, token: str) -> tuple[int, IntakeTarget] | None:
    """The project and the draft a test address points at, as intake needs them.

    On PostgreSQL the form is held as `intake_targets` holds it.
    """
    row = _DRAFT_TARGET.one(line, {"token": token})
    return None if row is None else (row[0], IntakeTarget(row[1], row[2], "open", row[3], row[4]))


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a form list. `current` is False for an older version that was asked for."""

    project_id: int
    form_id: int
    xml_form_id: str
    version_id: int
    version: str
    name: str
    md5: str
    has_media: bool
    current: bool = True


def listed_forms(
    session: Session,
    project_ids: Sequence[int],
    *,
    only: Collection[int] | None = None,
    xml_form_id: str | None = None,
    every_version: bool = False,
) -> list[Listed]:
    """The open forms phones are offered, at their current version unless every one is asked for.

    `only` cuts to these form numbers, `xml_form_id` to one form id.
    """
    wanted = (
        and_(
            FormVersion.form_id == Form.id,
            FormVersion.published_at.is_not(None),
            Form.current_id.is_not(None),
        )
        if every_version
        else FormVersion.id == Form.current_id
    )
    query = (
        select(
            Form.project_id,
            Form.id,
            Form.xml_form_id,
            FormVersion.id,
            FormVersion.version,
            FormVersion.name,
            FormVersion.md5,
            _has_media(),
            FormVersion.id == Form.current_id,
        )
        .join(FormVersion, wanted)
        .where(Form.project_id.in_(project_ids), Form.state == "open", Form.deleted_at.is_(None))
        .order_by(Form.project_id, Form.xml_form_id, FormVersion.published_at, FormVersion.id)
    )
    if only is not None:
        query = query.where(Form.id.in_(only))
    if xml_form_id is not None:
        query = query.where(Form.xml_form_id == xml_form_id)
    return [Listed(*row) for row in session.execute(query)]


def _has_media() -> ColumnElement[bool]:
    """Whether a version has a file that is filled, or that the server makes itself."""
    listed = select(EntityList.id).where(
        EntityList.project_id == Form.project_id, FormAttachment.name == EntityList.name + ".csv"
    )
    made = and_(FormAttachment.linked, or_(FormAttachment.name.in_(PLACE_FILES), listed.exists()))
    served = or_(FormAttachment.blob_sha256.is_not(None), made)
    return (
        select(FormAttachment.form_version_id)
        .where(FormAttachment.form_version_id == FormVersion.id, served)
        .exists()
    )


def draft_listed(session: Session, form: Form, version: FormVersion) -> Listed:
    """A draft as the list of its testing address shows it."""
    return Listed(
        form.project_id,
        form.id,
        form.xml_form_id,
        version.id,
        version.version,
        version.name,
        version.md5,
        _draft_has_media(session, form, version),
    )


def _draft_has_media(session: Session, form: Form, version: FormVersion) -> bool:
    found = select(_has_media()).where(
        Form.id == form.id, FormVersion.form_id == Form.id, FormVersion.id == version.id
    )
    return bool(session.scalar(found))


@dataclass(frozen=True, slots=True)
class Media:
    """A form's file that has content."""

    name: str
    type: str
    sha256: str
    md5: str
    size: int


def media_of(session: Session, version_id: int) -> list[Media]:
    """The files of a version that have content, by name."""
    rows = session.execute(
        select(FormAttachment.name, FormAttachment.type, Blob.sha256, Blob.md5, Blob.size)
        .join(Blob, Blob.sha256 == FormAttachment.blob_sha256)
        .where(FormAttachment.form_version_id == version_id)
        .order_by(FormAttachment.name)
    )
    return [Media(name, kind, sha256, md5 or "", size) for name, kind, sha256, md5, size in rows]


def draft_by_token(session: Session, token: str) -> tuple[Form, FormVersion] | None:
    """The draft a test address points at."""
    row = session.execute(
        select(Form, FormVersion)
        .join(FormVersion, FormVersion.id == Form.draft_id)
        .where(FormVersion.draft_token == token, Form.deleted_at.is_(None))
    ).one_or_none()
    return None if row is None else (row[0], row[1])
