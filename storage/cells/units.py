"""Which unit each record is about, kept beside the records for figures that take a unit's last one.

Why: a household that is visited a second time in another village takes its first visit out of the count
there; the mark of the second visit names only its own village.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, Text, and_, bindparam, delete, insert, literal, select
from sqlalchemy.orm import Session

from forms.indicators.definition import Rows, Source
from storage.cells.plan import FormGround, Plan, Scan
from storage.cells.scans import columns_of, joined, live, reads_inside, unit_of, units_key
from storage.groups import in_groups
from storage.models import FigureUnit, Submission

_UNITS, _SUBMISSIONS = FigureUnit.__table__.c, Submission.__table__.c
_PLACES: Any = bindparam("places", expanding=True, type_=String())
_REMOVE = delete(FigureUnit).where(
    and_(
        _UNITS.by == bindparam("of"),
        _UNITS.unit == bindparam("about"),
        _UNITS.submission_id == bindparam("number"),
    )
)


class Held(NamedTuple):
    """A record with the unit it is about."""

    unit: str
    submission_id: int
    place_code: str
    day: date
    sent_at: datetime


class Followed(NamedTuple):
    """The records of a form by one expression."""

    by: str
    ground: FormGround
    scan: Scan


def followed(plan: Plan) -> list[Followed]:
    """What is kept for a plan, each once."""
    found: dict[str, Followed] = {}
    for scan in plan.scans:
        ground = plan.forms.get(scan.source.name) if scan.source.rows is Rows.FORM else None
        if scan.latest_by is not None and ground is not None and scan.source.path in ground.tables:
            by = units_key(ground, scan)
            found.setdefault(by, Followed(by, ground, scan))
    return list(found.values())


def follow(session: Session, one: Followed, places: Collection[str]) -> set[tuple[str, date]]:
    """Bring what is kept of the records in some places up to date ("": those without a place).

    Returns the other places and days where a unit that came, went or changed has records.
    """
    changed: set[str] = set()
    for some in in_groups(sorted(places)):
        changed |= _follow(session, one, some)
    found: set[tuple[str, date]] = set()
    for several in in_groups(sorted(changed)):
        rows = session.execute(
            select(_UNITS.place_code, _UNITS.day).where(_UNITS.by == one.by, _UNITS.unit.in_(several))
        )
        found.update((code, day) for code, day in rows if code not in places)
    return found


def forget(session: Session, plan: Plan, kept: Collection[str]) -> None:
    """Remove what no figure of a project's forms asks for any more."""
    for ground in plan.forms.values():
        mine = _UNITS.by.startswith(f"{ground.form_id}:")
        session.execute(delete(FigureUnit).where(mine, _UNITS.by.not_in(sorted(kept))))


def _follow(session: Session, one: Followed, places: Collection[str]) -> set[str]:
    given = {"places": list(places)}
    now = _held(session, _now(one, nowhere=False), given)
    if "" in places:
        now |= _held(session, _now(one, nowhere=True), {})
    columns = (_UNITS.unit, _UNITS.submission_id, _UNITS.place_code, _UNITS.day, _UNITS.sent_at)
    before = _held(
        session, select(*columns).where(_UNITS.by == one.by, _UNITS.place_code.in_(_PLACES)), given
    )
    gone, new = sorted(before - now), sorted(now - before)
    # What moved here from a place that is looked at later is still kept there.
    removed = [{"of": one.by, "about": held.unit, "number": held.submission_id} for held in (*gone, *new)]
    if removed:
        session.connection().execute(_REMOVE, removed)
    if new:
        session.execute(insert(FigureUnit), [{"by": one.by, **held._asdict()} for held in new])
    return {held.unit for held in (*gone, *new)}


def _held(session: Session, query: Select[Any], given: dict[str, Any]) -> set[Held]:
    rows = session.execute(query, given)
    return {Held(unit, number, place, day, _aware(sent)) for unit, number, place, day, sent in rows}


def _now(one: Followed, *, nowhere: bool) -> Select[Any]:
    """The live records in some places with their units."""
    ground, scan = one.ground, one.scan
    if scan.latest_by is None:
        raise TypeError(scan)
    # Where every row of a record is about the same unit, its root says which.
    path = scan.source.path if reads_inside(scan.latest_by, ground.tables) else ""
    asked = replace(scan, source=Source(Rows.FORM, scan.source.name, path), by=None, columns=())
    place = literal("", Text()) if nowhere else _SUBMISSIONS.place_code
    here = _SUBMISSIONS.place_code.is_(None) if nowhere else _SUBMISSIONS.place_code.in_(_PLACES)
    return (
        select(
            unit_of(scan.latest_by, columns_of(ground), ground.tables, _SUBMISSIONS.id),
            _SUBMISSIONS.id,
            place,
            _SUBMISSIONS.reported_on,
            _SUBMISSIONS.created_at,
        )
        .select_from(joined(Submission.__table__, _SUBMISSIONS.id, asked, ground.tables))
        .where(live(ground), here, _SUBMISSIONS.reported_on.is_not(None))
        .distinct()
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
