"""What a server holds: its records, their bytes and files, the rows of its tables, what lies on its disk."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from collector.actions.export import ExportOptions, archive, prepare
from storage.database import db
from storage.models import Blob, Finding, Form, Submission, SubmissionFile, SubmissionVersion
from storage.projection.catalogue import answer_tables
from storage.queries.submissions import files_of, findings_of, stored_xml, versions_of
from tests.office import NOW, Office
from tests.s3 import put_object


@contextmanager
def looking(office: Office) -> Iterator[Session]:
    """A session that is let go afterwards: an open look would keep PostgreSQL from changing tables."""
    with office.app.app_context():
        try:
            yield db.session()
        finally:
            db.session.remove()


@dataclass(frozen=True)
class Kept:
    """How much there is of everything that a submission may leave behind."""

    submissions: int
    versions: int
    files: int
    findings: int
    blobs: int
    stored: int
    staged: int


def kept(office: Office) -> Kept:
    """Count."""
    with looking(office) as session:
        submissions, versions, files, findings, blobs = (
            session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Submission, SubmissionVersion, SubmissionFile, Finding, Blob)
        )
    stored, staged = len(stored_files(office)), len(staged_files(office))
    return Kept(submissions, versions, files, findings, blobs, stored, staged)


def stored_files(office: Office) -> list[str]:
    """The digest of every file that was put away for good."""
    return [name for name, _written in office.parts.blobs.names()]


def staging_folder(office: Office) -> Path:
    """Where files lie that are on their way in."""
    url = urlsplit(office.settings.blobs_url)
    return (Path(unquote(url.path)) if url.scheme == "file" else office.settings.home) / "incoming"


def staged_files(office: Office) -> list[Path]:
    """Every file that is still on its way in."""
    return list(staging_folder(office).iterdir())


def lying(office: Office, name: str) -> bytes:
    """The bytes under a digest."""
    with office.parts.blobs.open(name) as file:
        return file.read()


def spoil(office: Office, name: str, data: bytes) -> None:
    """Let other bytes lie under a digest."""
    url = urlsplit(office.settings.blobs_url)
    if url.scheme == "file":
        (Path(unquote(url.path)) / name[:2] / name).write_bytes(data)
    else:
        put_object(office.environment, f"{name[:2]}/{name}", data)


def record(office: Office, instance_id: str, *, form: Form | None = None, draft: bool = False) -> Submission:
    """The one record that first came under that id."""
    with looking(office) as session:
        query = select(Submission).where(Submission.instance_id == instance_id, Submission.draft == draft)
        if form is not None:
            query = query.where(Submission.form_id == form.id)
        found = session.scalars(query).one()
        session.expunge(found)
    return found


def versions(office: Office, number: int) -> list[SubmissionVersion]:
    """The versions of a record, oldest first."""
    with looking(office) as session:
        found = list(reversed(versions_of(session, number)))
        session.expunge_all()
    return found


def xml_as_kept(office: Office, version_id: int) -> bytes:
    """The bytes of a version."""
    with looking(office) as session:
        xml, blob = stored_xml(session, version_id)
    if xml is not None:
        return xml
    with office.parts.blobs.open(blob or "") as handle:
        return handle.read()


def files(office: Office, version_id: int) -> dict[str, bytes | None]:
    """The files a version names, in order, with what they hold; None for one that is awaited."""
    with looking(office) as session:
        named = files_of(session, version_id)
    found: dict[str, bytes | None] = {}
    for name, digest in named.items():
        if digest is None:
            found[name] = None
            continue
        with office.parts.blobs.open(digest) as handle:
            found[name] = handle.read()
    return found


def rows(office: Office, form: Form, path: str = "", *, draft: bool = False) -> list[dict[str, Any]]:
    """The rows of a table of answers, by record and place: keys as they are, answers by question path.

    The parts of an answer stand beside it, `/born` and `/born_at`; `""` is the root table.
    """
    with looking(office) as session:
        table = answer_tables(session, form.id, draft=draft)[path]
        names = {}
        for question in table.questions.values():
            for column in table.pieces[question.piece].c:
                suffix = column.name.removeprefix(question.name)
                if column.name == question.name + suffix and suffix in _SUFFIXES:
                    names[column] = question.path + suffix
        keys = [column for column in table.table.c if column not in names]
        order = [table.table.c[name] for name in ("submission_id", "seq") if name in table.table.c]
        found = session.execute(select(*keys, *names).select_from(table.joined).order_by(*order)).all()
        labels = [*(column.name for column in keys), *names.values()]
        return [dict(zip(labels, row, strict=True)) for row in found]


_SUFFIXES = {"", "_at", "_lat", "_lon", "_alt", "_acc"}


def findings(office: Office, number: int) -> list[tuple[str, str, str, str]]:
    """What was found odd in a record: check, question, row, text as sent."""
    with looking(office) as session:
        return [(one.check, one.path, one.key, one.value) for one in findings_of(session, number)]


def exported(
    office: Office, form: Form, folder: Path, *, every_version: bool = False
) -> dict[str, list[Any]]:
    """The CSV files of an export, each as its rows by header, newest record first."""
    with looking(office) as session:
        held = session.get_one(Form, form.id)
        export = prepare(
            session, held, ExportOptions(attachments=False, deleted_fields=every_version), now=NOW
        )
        packed = b"".join(archive(export, office.parts.blobs, folder))
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {
            name: list(csv.DictReader(io.StringIO(opened.read(name).decode(), newline="")))
            for name in opened.namelist()
        }
