"""Records nobody here can read: which they are, what is still awaited of them, and under which keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, exists, literal, select
from sqlalchemy.orm import Session

from storage.database import Base
from storage.models import EncryptedRecord, FormVersion, Submission
from storage.portable import Some

_NOTED = Base.metadata.tables["encrypted_records"]
_VERSIONS = Base.metadata.tables["submission_versions"]
_FILES = Base.metadata.tables["submission_files"]

ODATA = ("notDecrypted", "missingEncryptedFormData")
"""What OData says of a record that is all here, and of one whose answers have not come yet."""

CSV = ("not decrypted", "missing encrypted form data")
"""The same in the CSV files, as Central has it."""


def has_some(session: Session, form_id: int) -> bool:
    """Whether a form, or its draft, has any."""
    return session.scalar(select(exists().where(_NOTED.c.form_id == form_id))) is True


def status(words: tuple[str, str]) -> Some:
    """What is said of the `Submission` in the statement; NULL for one that can be read."""
    here = _NOTED.c.submission_id == Submission.id
    whole, missing = words
    return case(
        (_noted(and_(here, ~_form_file_came())), literal(missing, Text())),
        (_noted(here), literal(whole, Text())),
    )


def _noted(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(_NOTED.c.submission_id).where(condition).correlate(Submission).exists()


def _form_file_came() -> ColumnElement[bool]:
    files: Any = (
        select(_FILES.c.version_id)
        .join(_VERSIONS, _VERSIONS.c.id == _FILES.c.version_id)
        .where(
            _VERSIONS.c.submission_id == _NOTED.c.submission_id,
            _VERSIONS.c.current.is_(True),
            _FILES.c.name == _NOTED.c.form_file,
            _FILES.c.blob_sha256.is_not(None),
        )
    )
    return files.correlate(_NOTED).exists()  # type: ignore[no-any-return]


def key_versions(session: Session, form_id: int, *, draft: bool) -> Sequence[FormVersion]:
    """The form versions under whose keys live records lie, newest first."""
    mine = (
        select(EncryptedRecord.form_version_id)
        .join(Submission, Submission.id == EncryptedRecord.submission_id)
        .where(
            EncryptedRecord.form_id == form_id,
            Submission.draft.is_(draft),
            Submission.deleted_at.is_(None),
        )
    )
    return session.scalars(
        select(FormVersion).where(FormVersion.id.in_(mine)).order_by(FormVersion.id.desc())
    ).all()
