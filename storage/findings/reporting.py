"""What a check found this time, brought together with what it found before.

New things are entered as open, open ones that are found no more become fixed, fixed ones that are found
again reopen; what somebody accepted or rejected stays as it is for ever.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, insert, or_, select, update
from sqlalchemy.orm import Session

from forms.checks.catalogue import CHECKS
from forms.checks.check import WARNING
from forms.checks.found import Found
from storage.database import Base, transaction
from storage.groups import in_groups
from storage.models import Finding, Form, Project, Submission
from storage.snapshot import snapshot

log = logging.getLogger(__name__)

OPEN, FIXED, ACCEPTED, REJECTED = "open", "fixed", "accepted", "rejected"
STATES = (OPEN, FIXED, ACCEPTED, REJECTED)
"""What a finding may be."""

MOST_OF_A_CHECK = 50_000
"""Findings of one check in one report: past that it is the check that is wrong, and nobody reads them."""

_AT_ONCE = 100
"""Findings written in one transaction: few enough that intake never waits long."""

_LONGEST = 500
_FINDINGS = Base.metadata.tables["findings"]
_TOLD = ("severity", "value", "expected", "place_code", "details")
"""What may change of a finding that stays the same."""


@dataclass
class Reported:
    """What a report changed."""

    new: int = 0
    reopened: int = 0
    fixed: int = 0

    @property
    def changed(self) -> int:
        """All of it."""
        return self.new + self.reopened + self.fixed


def report(
    project_id: int,
    checks: Collection[str],
    found: Iterable[Found],
    now: datetime,
    *,
    within: Collection[int | str] | None = None,
) -> Reported:
    """Bring the findings of these checks in line with `found`, in short transactions of its own.

    `found` has to be all that `checks` find in the project, or, with `within`, all they find for these
    records (numbers of submissions, as the first of a finding) and subjects; of others nothing is closed.
    It may be read as it comes, from a snapshot. A check of more than MOST_OF_A_CHECK findings is cut off,
    said in the log, and nothing of it is closed.
    """
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    done = Reported()
    for group in in_groups(_bounded(found, counts), _AT_ONCE):
        with transaction(noticed=False) as session:
            enter(session, project_id, group, now, done)
        seen.update(one.fingerprint for one in group)
    whole = [check for check in checks if counts[check] <= MOST_OF_A_CHECK]
    for numbers in in_groups(_not_found(project_id, whole, seen, within), _AT_ONCE):
        with transaction(noticed=False) as session:
            done.fixed += close(session, numbers, now)
    return done


def enter(
    session: Session, project_id: int, several: Sequence[Found], now: datetime, done: Reported | None = None
) -> Reported:
    """Enter or reopen what was found, in the transaction of the caller; at most a few hundred."""
    done = done or Reported()
    # Two that report the same at once wait for each other, or both would enter it.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    known = _known(session, project_id, several)
    facts = _Facts(session, project_id, several)
    new: dict[str, dict[str, Any]] = {}
    for one in several:
        row = facts.row(one, now)
        before = known.get(one.fingerprint)
        if before is None:
            new[one.fingerprint] = row
        elif before.state == FIXED:
            changed = {name: row[name] for name in _TOLD} | {"state": OPEN, "changed_at": now, "reason": None}
            _change(session, before.id, changed | {"changed_by": None})
            done.reopened += 1
        elif before.state == OPEN and any(row[name] != getattr(before, name) for name in _TOLD):
            _change(session, before.id, {name: row[name] for name in _TOLD})
    if new:
        session.execute(insert(_FINDINGS), list(new.values()))
        done.new += len(new)
    return done


def close(session: Session, numbers: Sequence[int], now: datetime) -> int:
    """Mark open findings as fixed, in the transaction of the caller; returns how many."""
    closed = session.execute(
        update(_FINDINGS)
        .where(_FINDINGS.c.id.in_(numbers), _FINDINGS.c.state == OPEN)
        .values(state=FIXED, changed_at=now, changed_by=None)
        .returning(_FINDINGS.c.id)
    )
    return len(closed.all())


def _bounded(found: Iterable[Found], counts: Counter[str]) -> Iterator[Found]:
    for one in found:
        counts[one.check] += 1
        if counts[one.check] <= MOST_OF_A_CHECK:
            yield one
        elif counts[one.check] == MOST_OF_A_CHECK + 1:
            log.warning("check %s finds more than %d things; it was cut off", one.check, MOST_OF_A_CHECK)


def _known(session: Session, project_id: int, several: Sequence[Found]) -> Mapping[str, Any]:
    rows = session.execute(
        select(
            _FINDINGS.c.id, _FINDINGS.c.fingerprint, _FINDINGS.c.state, *(_FINDINGS.c[one] for one in _TOLD)
        ).where(
            _FINDINGS.c.project_id == project_id,
            _FINDINGS.c.check.in_({one.check for one in several}),
            _FINDINGS.c.fingerprint.in_({one.fingerprint for one in several}),
        )
    )
    return {row.fingerprint: row for row in rows}


class _Facts:
    """What a finding needs to be kept beside what was found: form and place of its record."""

    def __init__(self, session: Session, project_id: int, several: Sequence[Found]) -> None:
        self._project_id = project_id
        firsts = {one.records[0] for one in several if one.records}
        records = session.execute(
            select(Submission.id, Submission.form_id, Submission.place_code).where(Submission.id.in_(firsts))
        )
        self._records = {number: (form_id, code) for number, form_id, code in records}
        names = {one.form for one in several if one.form}
        forms = session.execute(
            select(Form.xml_form_id, Form.id).where(
                Form.project_id == project_id, Form.xml_form_id.in_(names), Form.deleted_at.is_(None)
            )
        )
        self._forms = {row.xml_form_id: row.id for row in forms}

    def row(self, one: Found, now: datetime) -> dict[str, Any]:
        """The finding as it is kept."""
        first, *others = one.records or (None,)
        form_id, place = self._records.get(first or 0, (None, None))
        check = CHECKS.get(one.check)
        return {
            "project_id": self._project_id,
            "form_id": form_id or self._forms.get(one.form),
            "submission_id": first,
            "check": one.check,
            "severity": one.severity or (check.severity if check else WARNING),
            "path": one.path,
            "key": one.key,
            "value": one.value[:_LONGEST],
            "expected": one.expected[:_LONGEST],
            "subject": one.subject or None,
            "others": list(others),
            "place_code": one.place_code or place,
            "state": OPEN,
            "fingerprint": one.fingerprint,
            "details": dict(one.details),
            "created_at": now,
        }


def _change(session: Session, number: int, values: Mapping[str, Any]) -> None:
    session.execute(update(_FINDINGS).where(_FINDINGS.c.id == number).values(values))


def _not_found(
    project_id: int, checks: Collection[str], seen: Collection[str], within: Collection[int | str] | None
) -> list[int]:
    """The numbers of open findings that were not found this time."""
    mine = (
        Finding.project_id == project_id,
        Finding.state == OPEN,
        Finding.check.in_(checks),
    )
    numbers: list[int] = []
    with snapshot() as session:
        for part in _parts(within):
            rows = session.execute(select(Finding.id, Finding.fingerprint).where(*mine, part))
            numbers += [number for number, fingerprint in rows if fingerprint not in seen]
    return numbers


def _parts(within: Collection[int | str] | None) -> Iterator[ColumnElement[bool]]:
    if within is None:
        yield Finding.id.is_not(None)
        return
    for group in in_groups(within):
        records = [one for one in group if isinstance(one, int)]
        subjects = [one for one in group if isinstance(one, str)]
        yield or_(false(), Finding.submission_id.in_(records), Finding.subject.in_(subjects))
