"""What is odd in a record's own answers, brought up to date whenever these are read or checked.

That is at its receipt, at an edit, at a rebuild, and when new checks are published. Statement by statement
on the driver's connection, because an intake waits for it. What somebody accepted or rejected stays so;
what an edit mended is kept as fixed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, null, select, update

from forms.checks.as_read import SEVERITY
from forms.checks.check import WARNING
from forms.checks.found import Found
from forms.checks.row_checks import Broken
from forms.rows import Finding
from storage.database import Base, Instant
from storage.findings.reporting import FIXED, OPEN
from storage.swift import Line, Swift

_FINDINGS = Base.metadata.tables["findings"]
_WRITTEN = (
    "project_id",
    "form_id",
    "submission_id",
    "check",
    "severity",
    "path",
    "key",
    "value",
    "expected",
    "others",
    "place_code",
    "state",
    "fingerprint",
    "details",
    "created_at",
)
_NEW = Swift(
    insert(_FINDINGS)
    .values({name: bindparam(name, type_=_FINDINGS.c[name].type) for name in _WRITTEN})
    .inline()
)
_OF_RECORD = Swift(
    select(_FINDINGS.c.id, _FINDINGS.c.check, _FINDINGS.c.fingerprint, _FINDINGS.c.state).where(
        _FINDINGS.c.submission_id == bindparam("number")
    )
)
_STATE = Swift(
    update(_FINDINGS)
    .where(_FINDINGS.c.id == bindparam("finding"))
    .values(
        state=bindparam("now_is"),
        changed_at=bindparam("now", type_=Instant()),
        changed_by=null(),
        reason=null(),
    )
)
_FOLLOW = Swift(
    update(_FINDINGS)
    .where(_FINDINGS.c.submission_id == bindparam("number"))
    .values(place_code=bindparam("code", type_=_FINDINGS.c.place_code.type))
)

_HAVING = Swift(
    select(_FINDINGS.c.submission_id)
    .where(
        _FINDINGS.c.submission_id.between(bindparam("first"), bindparam("last")),
        _FINDINGS.c.form_id == bindparam("form_id"),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Record:
    """Whose findings they are; `project_id` is None for what was sent to try a draft."""

    number: int
    form_id: int
    project_id: int | None
    place_code: str | None


def add(line: Line, record: Record, found: Iterable[Finding], now: datetime) -> None:
    """Enter what is odd in a record that is new."""
    rows = list(_rows(record, found, now).values())
    if rows:
        _NEW.many(line, rows)


def renew(
    line: Line, record: Record, found: Iterable[Finding], now: datetime, checks: Collection[str] = ()
) -> int:
    """Bring findings in line with what is odd in a record as it was read now; returns how many changed.

    What reading itself, or one of `checks`, found before and does not find again becomes fixed. All
    findings of the record go to where it is now.
    """
    known = _OF_RECORD.all(line, {"number": record.number})
    if known:
        _FOLLOW.many(line, [{"number": record.number, "code": record.place_code}])
    return _bring_up(line, known, _rows(record, found, now), now, {*SEVERITY, *checks})


def judge(
    line: Line, record: Record, found: Iterable[Finding], now: datetime, checks: Collection[str]
) -> int:
    """The same for the findings of `checks` alone."""
    known = _OF_RECORD.all(line, {"number": record.number})
    return _bring_up(line, known, _rows(record, found, now), now, checks)


def _bring_up(
    line: Line,
    known: Iterable[tuple[Any, ...]],
    rows: dict[str, Mapping[str, Any]],
    now: datetime,
    checks: Collection[str],
) -> int:
    changed = []
    for number, check, fingerprint, state in known:
        again = rows.pop(fingerprint, None) is not None
        if again and state == FIXED:
            changed.append({"finding": number, "now_is": OPEN, "now": now})
        elif not again and state == OPEN and check in checks:
            changed.append({"finding": number, "now_is": FIXED, "now": now})
    if changed:
        _STATE.many(line, changed)
    if rows:
        _NEW.many(line, list(rows.values()))
    return len(changed) + len(rows)


def with_findings(line: Line, form_id: int, first: int, last: int) -> set[int]:
    """Which records of a form, with numbers from `first` to `last`, have findings."""
    return {number for (number,) in _HAVING.all(line, {"form_id": form_id, "first": first, "last": last})}


def _rows(record: Record, found: Iterable[Finding], now: datetime) -> dict[str, Mapping[str, Any]]:
    """What is found as it is kept, by fingerprint: the same said twice is one."""
    rows: dict[str, Mapping[str, Any]] = {}
    for one in found:
        own = one if isinstance(one, Broken) else None
        # Other answers have to be looked at anew.
        same = Found(
            one.check, (record.number,), path=one.path, key=one.key, variant=own.variant if own else one.value
        )
        rows[same.fingerprint] = {
            "project_id": record.project_id,
            "form_id": record.form_id,
            "submission_id": record.number,
            "check": one.check,
            "severity": own.severity if own else SEVERITY.get(one.check, WARNING),
            "path": one.path,
            "key": one.key,
            "value": one.value,
            "expected": "",
            "others": [],
            "place_code": record.place_code,
            "state": OPEN,
            "fingerprint": same.fingerprint,
            "details": dict(own.details) if own else {},
            "created_at": now,
        }
    return rows
