"""The row checks of a survey over every record it has: when they are new, and when an intake could not.

In batches, so that nobody waits for long; whatever changes the tables meanwhile makes it start over.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from forms.checks.catalogue import CHECKS
from forms.checks.row_checks import readable_row_checks
from forms.schema import Schema
from forms.xform import read_schema
from storage.database import line_of, transaction
from storage.findings import records
from storage.findings.reporting import OPEN, close
from storage.findings.rows import RowChecks, row_checks
from storage.findings.thresholds import rows_of
from storage.models import Finding, Form, FormVersion, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.snapshot import snapshot
from storage.swift import Line

log = logging.getLogger(__name__)

SHEET = "checks"
_AT_ONCE = 100
_ATTEMPTS = 5


class _Overtaken(Exception):
    """The tables, or the checks, changed in between."""


def checks_over(
    sheets: Mapping[str, Any], schema: Schema, tables: Mapping[str, AnswerTable]
) -> RowChecks | None:
    """The row checks of a form version over the tables of its form; None where it has none."""
    rows = rows_of(sheets, SHEET)
    return row_checks(readable_row_checks(rows, schema), tables) if rows else None


def digest(sheets: Mapping[str, Any]) -> str | None:
    """What tells the checks of one version from those of another; None where it has none."""
    rows = sheets.get(SHEET)
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest() if rows else None


def stale_forms(session: Session) -> list[int]:
    """The forms whose records have not all passed the checks of their present version."""
    rows = session.execute(
        select(Form.id, Form.checked, FormVersion.sheets)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .where(Form.deleted_at.is_(None))
        .order_by(Form.id)
    )
    return [number for number, checked, sheets in rows if digest(sheets) != checked]


def examine(
    form_id: int, now: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Let every record of a form pass its row checks; returns how many findings were made or changed.

    Calls `progress(done, all)` after every batch. Others who keep changing the tables are given way to:
    then the next look goes on.
    """
    for _attempt in range(_ATTEMPTS):
        try:
            return _Examination(form_id, now).run(progress)
        except _Overtaken:
            continue
    log.warning("the tables of form %d keep changing; its checks are made later", form_id)
    return 0


class _Examination:
    def __init__(self, form_id: int, now: datetime) -> None:
        self._form_id, self._now = form_id, now
        with snapshot() as session:
            form = session.get_one(Form, form_id)
            version = session.get_one(FormVersion, form.current_id)
            self._generation, self._project_id = form.generation, form.project_id
            self._digest = digest(version.sheets)
            tables = answer_tables(session, form_id, draft=False)
            self._checks = checks_over(version.sheets, read_schema(version.xml), tables)
            mine = (Submission.form_id == form_id, Submission.draft.is_(False))
            self._all = session.scalar(select(func.count()).where(*mine)) or 0

    def run(self, progress: Callable[[int, int], None]) -> int:
        changed = done = after = 0
        while self._checks is not None:
            with transaction(noticed=False) as session:
                self._still(session)
                batch = self._batch(session, after)
                if batch:
                    changed += self._pass(line_of(session), self._checks, batch)
                    done, after = done + len(batch), batch[-1].number
            progress(done, self._all)
            if len(batch) < _AT_ONCE:
                break
        return changed + self._finish()

    def _still(self, session: Session) -> None:
        generation = session.scalar(
            select(Form.generation).where(Form.id == self._form_id).with_for_update(read=True, key_share=True)
        )
        if generation != self._generation:
            raise _Overtaken

    def _batch(self, session: Session, after: int) -> list[records.Record]:
        # Held, or an edit in between would be judged by the answers before it.
        rows = session.execute(
            select(Submission.id, Submission.place_code)
            .where(Submission.form_id == self._form_id, Submission.draft.is_(False), Submission.id > after)
            .order_by(Submission.id)
            .limit(_AT_ONCE)
            .with_for_update(key_share=True)
        )
        return [records.Record(number, self._form_id, self._project_id, code) for number, code in rows]

    def _pass(self, line: Line, checks: RowChecks, batch: list[records.Record]) -> int:
        broken = checks.broken(line, batch[0].number, batch[-1].number)
        known = records.with_findings(line, self._form_id, batch[0].number, batch[-1].number)
        return sum(
            records.judge(line, record, broken.get(record.number, ()), self._now, checks.codes)
            for record in batch
            if record.number in broken or record.number in known
        )

    def _finish(self) -> int:
        """Close what checks found that are no more, and remember that all is done."""
        kept = self._checks.codes if self._checks else frozenset()
        with transaction(noticed=False) as session:
            self._still(session)
            gone = select(Finding.id).where(
                Finding.form_id == self._form_id,
                Finding.project_id.is_not(None),
                Finding.state == OPEN,
                Finding.check.not_in([*kept, *CHECKS]),
            )
            changed = 0
            while numbers := session.scalars(gone.limit(500)).all():
                changed += close(session, numbers, self._now)
            session.execute(update(Form).where(Form.id == self._form_id).values(checked=self._digest))
        return changed
