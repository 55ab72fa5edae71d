"""Which unit each record is about, kept beside the records for figures that take a unit's last one.

Why: a household that is visited a second time in another village takes its first visit out of the count
there; the mark of the second visit names only its own village.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, bindparam, cast, delete, literal, select
from sqlalchemy.orm import Session

from forms.indicators.definition import Rows, Source
from storage.cells.plan import FormGround, Plan, Scan
from storage.cells.scans import columns_of, joined, live, reads_inside, unit_of, units_key
from storage.database import line_of
from storage.groups import in_groups
from storage.models import FigureUnit, Submission
from storage.portable_lists import among, listed
from storage.streams import Stream
from storage.swift import Swift

PLACES_AT_ONCE = 500
"""Places named in one question."""

_UNITS, _SUBMISSIONS = FigureUnit.__table__.c, Submission.__table__.c


class Held(NamedTuple):
    """A record with the unit it is about."""

    unit: str
    submission_id: int
    place_code: str
    day: date
    sent_at: datetime


_KEPT = _UNITS.unit + "\n" + cast(_UNITS.submission_id, Text())
_REMOVE = Swift(
    delete(FigureUnit).where(
        # The units find the rows by the key; one unit may have other records, and stay with those.
        _UNITS.by == bindparam("of"),
        among(_UNITS.unit, "about"),
        among(_KEPT, "pairs"),
    )
)
_NEW = Stream(FigureUnit.__table__, ("by", *Held._fields))  # type: ignore[arg-type]


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


@dataclass(frozen=True, slots=True)
class Moved:
    """What has to be written of one `Followed`: units that went, and those that came."""

    by: str
    gone: Sequence[Held]
    new: Sequence[Held]

    @property
    def units(self) -> set[str]:
        """The units concerned."""
        return {held.unit for held in (*self.gone, *self.new)}

    def parts(self, size: int) -> Iterator[Moved]:
        """The same, so many at a time; what goes goes first."""
        for some in in_groups(self.gone, size):
            yield Moved(self.by, some, ())
        for some in in_groups(self.new, size):
            yield Moved(self.by, (), some)


def moved(session: Session, one: Followed, places: Collection[str]) -> Moved:
    """How what is kept of the records in some places differs from what they are ("": without a place)."""
    now: set[Held] = set()
    before: set[Held] = set()
    columns = (_UNITS.unit, _UNITS.submission_id, _UNITS.place_code, _UNITS.day, _UNITS.sent_at)
    stored = select(*columns).where(_UNITS.by == one.by, among(_UNITS.place_code, "places"))
    query = _now(one, nowhere=False)
    for some in in_groups(sorted(places), PLACES_AT_ONCE):
        given = {"places": listed(some)}
        now |= _held(session, query, given)
        before |= _held(session, stored, given)
    if "" in places:
        now |= _held(session, _now(one, nowhere=True), {})
    return Moved(one.by, sorted(before - now), sorted(now - before))


def write(session: Session, what: Moved) -> None:
    """Bring what is kept up to date, inside a transaction."""
    line = line_of(session)
    # What moved here from a place that is looked at later is still kept there.
    for some in in_groups((*what.gone, *what.new), PLACES_AT_ONCE):
        pairs = [f"{held.unit}\n{held.submission_id}" for held in some]
        about = {held.unit for held in some}
        _REMOVE.many(line, [{"of": what.by, "about": listed(about), "pairs": listed(pairs)}])
    if what.new:
        _NEW.add(line, [{"by": what.by, **held._asdict()} for held in what.new])


def write_now(what: Moved, session: Session, _now: datetime) -> None:
    """The same, as a piece of a rebuild."""
    write(session, what)


def elsewhere(session: Session, what: Moved, places: Collection[str]) -> set[tuple[str, date]]:
    """The other places and days where a unit that came, went or changed has records."""
    found: set[tuple[str, date]] = set()
    for some in in_groups(sorted(what.units)):
        rows = session.execute(
            select(_UNITS.place_code, _UNITS.day).where(_UNITS.by == what.by, _UNITS.unit.in_(some))
        )
        found.update((code, day) for code, day in rows if code not in places)
    return found


def forget(session: Session, plan: Plan, kept: Collection[str]) -> None:
    """Remove what no figure of a project's forms asks for any more."""
    for ground in plan.forms.values():
        mine = _UNITS.by.startswith(f"{ground.form_id}:")
        session.execute(delete(FigureUnit).where(mine, _UNITS.by.not_in(sorted(kept))))


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
    here = _SUBMISSIONS.place_code.is_(None) if nowhere else among(_SUBMISSIONS.place_code, "places")
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
