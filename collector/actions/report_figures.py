"""⑨ The figures of a report: those of today out of the cells, or those that a release froze."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import IO
from urllib.parse import quote, urlencode
from zipfile import ZipFile

from sqlalchemy.orm import Session

from collector.actions.cells import Line, lines_of
from collector.actions.definitions import Defined, Settled
from collector.actions.reading import spoken
from forms.indicators.standing import pace, same_way
from forms.indicators.targets import Target, applying
from forms.period_kinds import first_day, kind_of, last_day
from forms.periods import Period
from forms.places import COMMUNE
from forms.reports.figures import Figure, Way
from forms.reports.long_table import read_figures
from forms.reports.problems import ReleaseWithoutFigures
from storage.blobs import BlobStore
from storage.queries import cell_rows
from storage.queries.cell_rows import Wanted
from storage.queries.figure_places import communes_on, parts_at, periods_at
from storage.queries.places import ancestors
from storage.queries.whereabouts import Spot

VIETNAMESE = "vi"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a report stands on: definitions in force, whose place, which period, where cells are looked at.

    `address` begins the addresses of cells, "" = on the page itself. `codes` are the indicators wanted.
    """

    settled: Settled
    place: Spot
    period: str
    codes: tuple[str, ...]
    address: str = ""

    @property
    def project_id(self) -> int:
        """The project."""
        return self.settled.project_id

    def indicators(self) -> Mapping[str, Defined]:
        """The definitions wanted, by code."""
        return {
            one.indicator.code: one
            for one in self.settled.indicators
            if one.indicator.code in set(self.codes)
        }


def cell_address(ground: Ground, one: Figure, form_id: str, split: str = "") -> str:
    """The address of the cell of a figure."""
    project = "" if ground.project_id == 1 else f"/projects/{ground.project_id}"
    asked = {"area": one.place, "period": one.period, "form": form_id, "split": split}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{ground.address}{project}/indicators/{quote(one.code, safe='')}/figure?{query}"


def present_figures(session: Session, ground: Ground) -> Iterator[Figure]:
    """Figures as the cells have them now: of the place over the years, of its parts, of the places in it."""
    project_id, place, period, codes = ground.project_id, ground.place.code, ground.period, ground.codes
    if not codes:
        return
    kind = kind_of(period)
    periods = tuple(one for one in periods_at(session, project_id, place) if kind_of(one) == kind)
    several = []
    if periods:
        several += cell_rows.rows(session, Wanted(project_id, codes, periods, at=place))
    several += [one for one in parts_at(session, project_id, place, period) if one.code in set(codes)]
    several += cell_rows.rows(session, Wanted(project_id, codes, (period,), under=place))
    known = ground.indicators()
    found = [_figure(one, known, ground) for one in lines_of(session, ground.settled, several)]
    yield from found
    there = {one.code for one in found if one.place == place and one.period == period}
    yield from _without_cells(session, ground, there)


def _figure(line: Line, known: Mapping[str, Defined], ground: Ground) -> Figure:
    cell, target = line.cell, line.target
    defined = known[cell.code]
    aimed = target is not None and not target.is_duty
    made = Figure(
        code=cell.code,
        label=spoken(defined.indicator.labels, (), VIETNAMESE) or cell.code,
        unit=defined.indicator.unit,
        period=cell.period,
        place=cell.place_code,
        place_name=line.place.name if line.place else "",
        parent=(line.place.parent_code or "") if line.place else "",
        numerator=cell.numerator,
        denominator=cell.denominator,
        value=cell.value,
        expected=cell.expected,
        received=cell.received,
        target=cell.target_value if aimed else None,
        comparison=target.comparison if target else "",
        deadline=target.deadline if target else None,
        plan=target.plan if target else "",
        source=target.source if target else "",
        to_reach=cell.to_reach,
        status=cell.status or ("no_data" if cell.value is None else ""),
        of_part=line.part,
    )
    return replace(made, href=cell_address(ground, made, defined.form_id, cell.split if line.part else ""))


def _without_cells(session: Session, ground: Ground, there: set[str]) -> Iterator[Figure]:
    """What is asked for and has no figure yet, with what the plan demands of it."""
    place, period = ground.place, ground.period
    days = Period(first_day(period), last_day(period))
    above = [place.code, *(one.code for one in ancestors(session, place.code))]
    said = communes_on(session, [place.code], days.last).get(place.code) if place.level == COMMUNE else None
    for code, defined in ground.indicators().items():
        if code in there:
            continue
        one = defined.indicator
        targets = applying(
            [target for target in ground.settled.targets if target.indicator == code],
            place=place.code,
            level=place.level,
            above=above,
            period=days,
            ratio=one.is_ratio,
            attributes=said,
        )
        yield _absent(ground, defined, next(iter(targets), None))


def _absent(ground: Ground, defined: Defined, target: Target | None) -> Figure:
    one = defined.indicator
    made = Figure(
        one.code,
        spoken(one.labels, (), VIETNAMESE) or one.code,
        one.unit,
        ground.period,
        ground.place.code,
        ground.place.name,
        target=target.value if target and not target.is_duty else None,
        comparison=target.comparison if target else "",
        deadline=target.deadline if target else None,
        plan=target.plan if target else "",
        source=target.source if target else "",
        status="no_data",
    )
    return replace(made, href=cell_address(ground, made, defined.form_id))


def frozen_figures(
    blobs: BlobStore, sha256: str | None, several: Sequence[Ground]
) -> dict[str, list[Figure]]:
    """The figures of a release for some places of one report, their years and the places in them, by code.

    `sha256` names its long table. Raises ReleaseWithoutFigures.
    """
    if sha256 is None:
        raise ReleaseWithoutFigures
    grounds = {ground.place.code: ground for ground in several}
    found: dict[str, list[Figure]] = {code: [] for code in grounds}
    known = several[0].indicators() if several else {}
    with _lines(blobs, sha256) as lines:
        for one in read_figures(lines):
            if one.code not in known:
                continue
            defined = known[one.code]
            for code in {one.place, one.parent} & grounds.keys():
                label = one.label or spoken(defined.indicator.labels, (), VIETNAMESE) or one.code
                href = cell_address(grounds[code], one, defined.form_id)
                found[code].append(replace(one, label=label, href=href))
    return found


@contextmanager
def _lines(blobs: BlobStore, sha256: str) -> Iterator[IO[str]]:
    """The lines of a table of figures, whether it lies bare or alone in an archive."""
    with ExitStack() as stack:
        handle: IO[bytes] = stack.enter_context(blobs.open(sha256))
        packed = handle.read(2) == b"PK"
        handle.seek(0)
        if packed:
            archive = stack.enter_context(ZipFile(handle))
            name = next(one for one in archive.namelist() if one.endswith(".csv"))
            handle = stack.enter_context(archive.open(name))
        yield stack.enter_context(io.TextIOWrapper(handle, "utf-8-sig", newline=""))


def ways_of(settled: Settled, codes: tuple[str, ...], figures: Mapping[str, Figure]) -> dict[str, Way]:
    """For each of these indicators the milestones of the plan its figure is held to, and the pace to them."""
    found = {}
    for code in codes:
        held = figures.get(code)
        targets = [one for one in settled.targets if one.indicator == code and not one.is_duty]
        mine = next((one for one in targets if held is not None and one.plan == held.plan), None)
        if mine is None:
            continue
        way = [one for one in same_way(mine, targets) if one.value is not None]
        steps = sorted((_due(one), one.value) for one in way if one.value is not None)
        found[code] = Way(tuple(steps), pace(way).knots)
    return found


def _due(one: Target) -> date:
    return one.deadline or (one.period.last if one.period else date.max)
