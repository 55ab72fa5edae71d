"""⑨ Official reports: which are due when for whom, and one of them made for a place and a period."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.cells import freshness, stored_kind
from collector.actions.groups import grouped, shipped_groups
from collector.actions.start import surveys_folder
from forms.period_kinds import month_of, period_of
from forms.places import PROVINCE
from forms.reports.dates import Deadline, next_due, period_due, read_deadlines
from forms.reports.described import Description, read_descriptions
from forms.reports.problems import ReleaseUnknown, ReportNotForPlace, ReportNotFound, ReportPeriodMisfit
from forms.reports.wording import province_title
from forms.values import HOME
from storage.cuts import can_see, within
from storage.problems import PlaceUnknown
from storage.queries.places import ancestors, get_place
from storage.queries.report_sources import covering, figures_file
from storage.queries.whereabouts import Spot
from storage.scope import WHOLE

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never need it.
    from collector.actions.definitions import Settled
    from collector.actions.report_figures import Ground
    from forms.reports.composing import Frozen, Setting
    from forms.reports.document import Report
    from forms.reports.figures import Figure, Figures
    from storage.blobs import BlobStore

EVERYWHERE, ALL = "*", "*"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report: its id, whose, of which period ("" = the one due next), out of which release.

    `release` is its number, None = the figures of today. `address` begins the addresses of cells.
    """

    report: str
    place: str
    period: str = ""
    release: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A report with the last day of its next round (None: none is named) and the period it tells of.

    `proposed`: the day is this team's proposal, not one of a plan. `closed`: there are no such offices any
    more since `description.ends`.
    """

    description: Description
    on: date | None
    period: str
    proposed: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A release that a report may be made of."""

    number: int
    name: str
    digest: str
    issued_on: date


@dataclass(frozen=True)
class Made:
    """A report, and what it is made of."""

    report: Report
    setting: Setting
    figures: Figures


@cache
def _described(path: Path) -> tuple[Description, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(read_descriptions(file))


@cache
def _deadlines(path: Path) -> dict[str, Deadline]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return read_deadlines(csv.DictReader(file))


def descriptions() -> tuple[Description, ...]:
    """Every report there is."""
    return _described(surveys_folder() / "programme" / "reports.csv")


def deadlines() -> dict[str, Deadline]:
    """The lines of the calendar."""
    return _deadlines(surveys_folder() / "programme" / "calendar.csv")


def description_of(report_id: str) -> Description:
    """A report by its id. Raises ReportNotFound."""
    found = next((one for one in descriptions() if one.id == report_id), None)
    if found is None:
        raise ReportNotFound(id=report_id[:80])
    return found


def due_reports(province: str, level: str, today: date) -> list[Due]:
    """The reports of the places of a level in a province, those with a day first, by that day."""
    found = [due_of(one, today) for one in descriptions() if one.level == level and _is_for(one, province)]
    return sorted(found, key=lambda one: (one.closed, one.on is None, one.on or today, one.description.id))


def _is_for(one: Description, province: str) -> bool:
    line = deadlines().get(one.due)
    return line is None or line.province in {EVERYWHERE, province}


def due_of(one: Description, today: date) -> Due:
    """When a report is due next, and of which period."""
    line = deadlines().get(one.due)
    closed = one.ends is not None and one.ends < today
    on = next_due(line.due, today) if line and not closed else None
    return Due(one, on, period_due(one.kind, on, today), bool(line and line.proposed), closed)


def of_deadline(key: str, on: date) -> list[Description]:
    """The reports that answer a line of the calendar whose last day is `on`."""
    return [one for one in descriptions() if one.due == key and (one.ends is None or one.ends >= on)]


def period_at(one: Description, on: date) -> str:
    """The period a report of the deadline on that day tells of."""
    return period_due(one.kind, on, on)


def sources(session: Session, project_id: int, place: str) -> list[Source]:
    """The releases in force that cover a place, the newest first."""
    around = [place, *(one.code for one in ancestors(session, place))]
    # A province's release is not a commune's to look at, but the commune's own figures in it are.
    with within(WHOLE):
        several = covering(session, project_id, around)
        return [
            Source(
                one.number, one.name, one.digest or "", (one.issued_at or one.made_at).astimezone(HOME).date()
            )
            for one in several
        ]


def make(session: Session, blobs: BlobStore, project_id: int, asked: Asked, now: datetime) -> Made:
    """A report of a place and period.

    Raises ReportNotFound, PlaceUnknown, ReportNotForPlace, ReportPeriodMisfit, ReleaseUnknown,
    ReleaseWithoutFigures.
    """
    today = now.astimezone(HOME).date()
    description = description_of(asked.report)
    place = require_place(session, description, asked.place)
    period = require_period(description, asked.period or due_of(description, today).period, today)
    [ground] = grounds(session, project_id, (description, period), [place], asked.address)
    frozen, found = _figures(session, blobs, ground, asked.release)
    return put_together(session, (description, ground), found, frozen, now)


def grounds(
    session: Session, project_id: int, one: tuple[Description, str], places: Sequence[Spot], address: str
) -> list[Ground]:
    """What a report of a period stands on, for each of some places."""
    from collector.actions.definitions import definitions_of
    from collector.actions.report_figures import Ground

    description, period = one
    settled = definitions_of(session, project_id)
    codes = [code for _title, several in _groups(description, settled) for code in several]
    codes += _known((*description.charts, *description.compared), settled)
    return [Ground(settled, place, period, tuple(dict.fromkeys(codes)), address) for place in places]


def put_together(
    session: Session,
    one: tuple[Description, Ground],
    found: Sequence[Figure],
    frozen: Frozen | None,
    now: datetime,
) -> Made:
    """A report of the figures found for it: those of a release, or without one those of now."""
    from collector.actions.report_figures import ways_of
    from forms.reports.composing import Setting, compose
    from forms.reports.figures import gathered

    description, ground = one
    place = ground.place
    figures = gathered(found, place.code, ground.period)
    fresh = freshness(session, ground.project_id, now)
    setting = Setting(
        code=place.code,
        place=place.name,
        level=place.level,
        province=_province(session, place),
        period=ground.period,
        today=now.astimezone(HOME).date(),
        as_of=fresh.as_of,
        pending=fresh.pending,
        frozen=frozen,
        groups=tuple(_groups(description, ground.settled)),
        ways=ways_of(ground.settled, description.charts, figures.held),
    )
    return Made(compose(description, setting, figures), setting, figures)


def require_place(session: Session, description: Description, code: str) -> Spot:
    """The place of a report. Raises PlaceUnknown for one the reader does not see, ReportNotForPlace."""
    if not code or not can_see(session, [code]):
        raise PlaceUnknown(code=code)
    place = get_place(session, code)
    if place.level != description.level:
        raise ReportNotForPlace(title=description.title, place=place.name)
    return Spot(place.code, place.name, place.level, place.parent_code)


def require_period(description: Description, period: str, today: date) -> str:
    """The period of a report. Raises ReportPeriodMisfit for one of another kind."""
    if stored_kind(period) != description.kind:
        example = period_of(month_of(today), description.kind)
        raise ReportPeriodMisfit(title=description.title, period=period[:40], example=example)
    return period


def _known(codes: Iterable[str], settled: Settled) -> Iterator[str]:
    there = {one.indicator.code for one in settled.indicators}
    return (code for code in codes if code in there)


def _groups(description: Description, settled: Settled) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The groups of a report with the indicators of its kind of period in each."""
    several = [one.indicator.code for one in settled.indicators if description.kind in one.indicator.periods]
    for group in grouped(several, shipped_groups()):
        title = group.titles.get("vi", "")
        if ALL in description.groups or title.partition(".")[0] in description.groups:
            yield title or "Các chỉ tiêu khác", tuple(code for code, _details in group.codes)


def _figures(
    session: Session, blobs: BlobStore, ground: Ground, release: int | None
) -> tuple[Frozen | None, Sequence[Figure]]:
    from collector.actions.report_figures import frozen_figures, present_figures
    from forms.reports.composing import Frozen

    if release is None:
        return None, list(present_figures(session, ground))
    around = [ground.place.code, *(one.code for one in ancestors(session, ground.place.code))]
    with within(WHOLE):
        # Only lines of the place, which the reader sees, are read of it.
        found = next(
            (one for one in covering(session, ground.project_id, around) if one.number == release), None
        )
        if found is None:
            raise ReleaseUnknown(number=release)
        file = figures_file(session, found.id)
        day = found.made_at.astimezone(HOME).date()
        frozen = Frozen(found.number, found.name, found.digest or "", day)
    sha256 = file.blob_sha256 if file is not None else None
    return frozen, frozen_figures(blobs, sha256, [ground])[ground.place.code]


def _province(session: Session, place: Spot) -> str:
    if place.level == PROVINCE:
        return province_title(place.code, place.name)
    above = [one for one in ancestors(session, place.code) if one.span.level == PROVINCE]
    return province_title(above[0].code, above[0].span.name) if above else ""


def province_code(session: Session, place: str) -> str:
    """The code of the province a place lies in, itself if it is one; "" where there is none."""
    chain = [place, *(one.code for one in ancestors(session, place))]
    return next((code for code in chain if get_place(session, code).level == PROVINCE), "")


def file_name(description: Description, made: Made, ending: str) -> str:
    """What a report is called when it is saved: ASCII, sorted by what it is, where and when."""
    from forms.vietnamese import folded

    name = "-".join(folded(made.setting.place).split()).replace("đ", "d")
    safe = "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign == "-"))
    return f"{description.id}_{safe}_{made.setting.period}_{state_name(made.setting.frozen)}.{ending}"


def state_name(frozen: Frozen | None) -> str:
    """How firm the figures of a report are, as names of files say it."""
    if frozen is None:
        return "tam-thoi"
    return f"ban-so-lieu-{frozen.number}" if frozen.approved else f"ban-so-lieu-{frozen.number}_cho-duyet"
