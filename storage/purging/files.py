"""Files of what is purged: forgotten where nothing else names them; their bytes go with the next sweep."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import (
    Blob,
    ExtractFile,
    FormAttachment,
    FormVersion,
    Programme,
    ReportTemplate,
    SubmissionFile,
    SubmissionVersion,
    WebDraftFile,
)


class Files:
    """The files of rows that are about to go."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self.gone: list[str] = []
        """The names of those that were forgotten."""

    def of_versions(self, session: Session, versions: Sequence[int]) -> None:
        """Remember the files of some versions of submissions."""
        for group in in_groups(versions):
            named = select(SubmissionFile.blob_sha256).where(SubmissionFile.version_id.in_(group))
            large = select(SubmissionVersion.xml_blob).where(SubmissionVersion.id.in_(group))
            self._add(session.scalars(named).all())
            self._add(session.scalars(large).all())

    def of_form(self, session: Session, versions: Sequence[int]) -> None:
        """Remember the files of some versions of a form."""
        named = select(FormAttachment.blob_sha256).where(FormAttachment.form_version_id.in_(versions))
        books = select(FormVersion.workbook_sha256).where(FormVersion.id.in_(versions))
        self._add(session.scalars(named).all())
        self._add(session.scalars(books).all())

    def of_drafts(self, session: Session, drafts: Sequence[int]) -> None:
        """Remember the files of what people have begun in a browser."""
        for group in in_groups(drafts):
            named = select(WebDraftFile.blob_sha256).where(WebDraftFile.draft_id.in_(group))
            self._add(session.scalars(named).all())

    def of_extracts(self, session: Session, extracts: Sequence[int]) -> None:
        """Remember the files that were made of tables."""
        for group in in_groups(extracts):
            named = select(ExtractFile.blob_sha256).where(ExtractFile.extract_id.in_(group))
            self._add(session.scalars(named).all())

    def _add(self, several: Sequence[str | None]) -> None:
        self._named.update(one for one in several if one is not None)

    def forget(self, session: Session) -> int:
        """Forget those nothing names any more; returns how many."""
        gone = 0
        used = or_(
            exists().where(SubmissionFile.blob_sha256 == Blob.sha256),
            exists().where(SubmissionVersion.xml_blob == Blob.sha256),
            exists().where(FormAttachment.blob_sha256 == Blob.sha256),
            exists().where(FormVersion.workbook_sha256 == Blob.sha256),
            exists().where(Programme.workbook_sha256 == Blob.sha256),
            exists().where(WebDraftFile.blob_sha256 == Blob.sha256),
            exists().where(ExtractFile.blob_sha256 == Blob.sha256),
            exists().where(ReportTemplate.blob_sha256 == Blob.sha256),
        )
        for group in in_groups(sorted(self._named)):
            free = session.scalars(select(Blob.sha256).where(Blob.sha256.in_(group), ~used)).all()
            if free:
                session.execute(delete(Blob).where(Blob.sha256.in_(free)))
            gone += len(free)
            self.gone += free
        self._named.clear()
        return gone
