"""The numbers of checks in force in a project: its programme's, and over them those of each survey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.checks.thresholds import Thresholds, known_thresholds
from forms.spreadsheet import SheetRow
from storage.models import Form, FormVersion, Programme

SHEET = "thresholds"


def thresholds(session: Session, project_id: int) -> Thresholds:
    """What the newest programme of the project and the present version of each survey set."""
    programme = session.scalar(
        select(Programme.sheets)
        .where(Programme.project_id == project_id)
        .order_by(Programme.id.desc())
        .limit(1)
    )
    values = known_thresholds(rows_of(programme or {}, SHEET))
    surveys = session.execute(
        select(Form.xml_form_id, FormVersion.sheets)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
    )
    for form_id, sheets in surveys:
        values.update(known_thresholds(rows_of(sheets, SHEET), form_id))
    return Thresholds(values)


def rows_of(sheets: Mapping[str, Any], sheet: str) -> list[SheetRow]:
    """The rows of one of our sheets as a version keeps them."""
    return [SheetRow(sheet, one["row"], one["cells"]) for one in sheets.get(sheet, ())]
