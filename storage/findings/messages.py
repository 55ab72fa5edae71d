"""What the row checks of surveys say, as their workbooks word it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.findings.examining import SHEET
from storage.findings.thresholds import rows_of
from storage.models import Form, FormVersion

Messages: TypeAlias = Mapping[tuple[int, str], Mapping[str, str]]
"""Number of a form and code of a check to its message by language, as the workbook names languages."""


def messages(session: Session, form_ids: Collection[int]) -> Messages:
    """The messages of the row checks of these forms, of their present versions."""
    rows = session.execute(
        select(Form.id, FormVersion.sheets)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.id.in_(form_ids))
    )
    return {
        (form_id, row["code"]): {
            name.partition("::")[2]: text
            for name, text in row.cells.items()
            if name.partition("::")[0] == "message"
        }
        for form_id, sheets in rows
        for row in rows_of(sheets, SHEET)
    }
