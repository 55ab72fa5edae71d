"""⑨ An office's own files for a report: kept, replaced, taken away, put back, filled."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.reports import Made
from forms.reports.problems import TemplateKindUnknown, TemplateNotFound
from storage.audits import Actee, note
from storage.models import Blob, ReportTemplate
from storage.queries import attachments
from storage.queries.report_templates import DOCUMENT, SHEET, Slot, Stored, fill, in_slot, template

if TYPE_CHECKING:
    from forms.reports.placeholders import Values
    from storage.blobs import BlobStore

KINDS = {".docx": DOCUMENT, ".xlsx": SHEET}
ENDINGS = {kind: ending for ending, kind in KINDS.items()}
LONGEST_NAME = 150
MOST_BYTES = 8 * 1024 * 1024


def values_in(made: Made) -> Values:
    """What files of a report may name, with its present values."""
    from forms.reports.placeholders import values_of

    codes = {*made.figures.held, *made.figures.below}
    wanted = [code for _title, several in made.setting.groups for code in several]
    return values_of(made.setting, made.figures, [*wanted, *sorted(codes - set(wanted))])


def filled(kind: str, data: bytes, values: Values) -> bytes:
    """A file filled in. Raises the problems of `forms.reports`."""
    if kind == DOCUMENT:
        from forms.reports.word_template import fill_word

        return fill_word(data, values)
    from forms.reports.sheet_template import fill_sheet

    return fill_sheet(data, values)


def slot_of(project_id: int, report: str, name: str) -> Slot:
    """Where a file of that name goes. Raises TemplateKindUnknown for what is neither Word nor Excel."""
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise TemplateKindUnknown(name=name[-LONGEST_NAME:])
    return Slot(project_id, kind, report, name[-LONGEST_NAME:])


def put(session: Session, slot: Slot, stored: Stored) -> str | None:
    """Keep a file whose bytes are stored; returns the digest of the one it replaces, None for a new one."""
    before = in_slot(session, slot)
    old = before.blob_sha256 if before is not None else None
    attachments.enter_blob(session, stored.sha256, stored.size, None, stored.made_at)
    row = fill(session, slot, stored)
    _note(session, "update" if old else "create", slot, row)
    return old


def take_away(session: Session, project_id: int, number: int) -> tuple[Slot, Stored]:
    """Take a file away; returns what puts it back. Raises TemplateNotFound."""
    found = require(session, project_id, number)
    slot = Slot(project_id, found.kind, found.serves, found.name)
    stored = Stored(found.blob_sha256, found.size, found.made_by, found.made_at)
    _note(session, "delete", slot, found)
    fill(session, slot, None)
    return slot, stored


def put_back(session: Session, slot: Slot, stored: Stored | None) -> None:
    """Have a slot as it was before: with that file, or with none. Raises TemplateNotFound when it is gone."""
    if stored is not None and session.get(Blob, stored.sha256) is None:
        raise TemplateNotFound
    row = fill(session, slot, stored)
    _note(session, "undo", slot, row)


def require(session: Session, project_id: int, number: int) -> ReportTemplate:
    """A file by its number. Raises TemplateNotFound."""
    found = template(session, project_id, number)
    if found is None:
        raise TemplateNotFound
    return found


def bytes_of(blobs: BlobStore, sha256: str) -> bytes:
    """The bytes of a file. Raises TemplateNotFound when they are gone."""
    try:
        with blobs.open(sha256) as file:
            return file.read()
    except KeyError as error:
        raise TemplateNotFound from error


def stored_now(sha256: str, size: int, made_by: int | None, now: datetime) -> Stored:
    """A file that somebody has just sent."""
    return Stored(sha256, size, made_by, now)


def _note(session: Session, deed: str, slot: Slot, row: ReportTemplate | None) -> None:
    actee = Actee("report_template", row.id if row is not None else None, slot.project_id)
    note(session, f"report_template.{deed}", actee=actee, details={"report": slot.serves, "kind": slot.kind})
