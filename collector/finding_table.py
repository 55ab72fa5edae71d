"""Findings as a table: a rule and a record to a line, without anything personal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from forms.exports.harmless import harmless
from forms.values import iso_instant
from storage.findings import queue
from storage.findings.queue import Asked, Line
from storage.queries import lists

COLUMNS = (
    "finding",
    "rule",
    "severity",
    "status",
    "form",
    "record",
    "question",
    "place",
    "subject",
    "found_at",
    "answered_at",
    "answered_by",
    "owner",
)
_AT_ONCE = 500


def table(session: Session, asked: Asked, *, for_people: bool) -> Iterator[bytes]:
    """The findings a list shows as CSV in UTF-8, a piece at a time.

    `for_people`: with a byte order mark, and nothing a spreadsheet program would take for a formula.
    """
    yield (b"\xef\xbb\xbf" if for_people else b"") + _written([COLUMNS], for_people=for_people)
    after = None
    while lines := queue.listing(session, replace(asked, after=after, limit=_AT_ONCE)):
        names = lists.names_of(session, {line.finding.changed_by or 0 for line in lines})
        yield _written([_cells(line, names) for line in lines], for_people=for_people)
        after = lines[-1].finding.id


def _cells(line: Line, names: dict[int, str]) -> tuple[str, ...]:
    found = line.finding
    return (
        str(found.id),
        found.check,
        found.severity,
        found.state,
        line.form_id,
        line.instance_id,
        found.path,
        found.place_code or "",
        found.subject or "",
        iso_instant(found.created_at),
        iso_instant(found.changed_at) if found.changed_at else "",
        names.get(found.changed_by or 0, ""),
        line.owner,
    )


def _written(rows: list[tuple[str, ...]], *, for_people: bool) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(cell) if for_people else cell for cell in row] for row in rows)
    return out.getvalue().encode(errors="replace")
