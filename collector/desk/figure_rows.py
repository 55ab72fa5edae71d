"""Indicators as rows of a page: the figure, the target it is held to, how it stands, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from collector.actions.cells import Line, Overview, overview, targets_by_key
from collector.actions.definitions import definitions_of
from collector.actions.groups import grouped, shipped_groups
from collector.actions.reading import spoken
from collector.desk.page import language, now
from collector.desk.standpoint import Standpoint
from forms.indicators.definition import Indicator
from forms.indicators.standing import BEHIND, MET, NO_DATA, ON_WAY
from forms.indicators.targets import Target, applying
from forms.places import COMMUNE, VILLAGE
from forms.vietnamese import folded
from storage.queries.cell_rows import CellRow
from storage.queries.figure_places import communes_on, parts_at
from storage.queries.places import ancestors

DUTY = "duty"
"""A target that names no value: neither met nor missed."""

STATUSES = (MET, ON_WAY, BEHIND, NO_DATA, DUTY)
"""In the order they are told."""

UNTARGETED = ""
"""There is a figure, and no target for it."""


@dataclass(frozen=True)
class Row:
    """An indicator of a place and period, in the reader's language.

    `whole` is the figure, None where there is none. `held` is the figure its target is about: the same, or
    that of the communes the target speaks of. `rows` are those that detail it.
    """

    code: str
    label: str
    indicator: Indicator
    form_id: str
    whole: CellRow | None
    held: CellRow | None
    target: Target | None
    state: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def status(self) -> str:
        """One of STATUSES, or UNTARGETED."""
        return status_of(self.held, self.target)

    @property
    def of_part(self) -> bool:
        """Whether the target speaks of a part of the place only."""
        if self.held is None:
            return self.whole is not None and self.target is not None and self.target.where is not None
        return self.held.split.startswith("!")


@dataclass(frozen=True)
class Block:
    """A group of indicators under its title."""

    title: str
    rows: tuple[Row, ...]


def status_of(cell: CellRow | None, target: Target | None) -> str:
    """How a figure stands, as a page says it."""
    if cell is None or cell.value is None:
        return DUTY if target is not None and target.is_duty else NO_DATA
    if cell.status:
        return cell.status
    return UNTARGETED if target is None else DUTY


def rows_at(session: Session, project_id: int, at: Standpoint) -> list[Row]:
    """Every indicator of the period's kind in a place, in the order they are defined."""
    found = overview(session, project_id, at.period, now(), at.area)
    settled = definitions_of(session, project_id)
    targets = targets_by_key(settled)
    parts: dict[str, list[tuple[CellRow, Target]]] = {}
    for one in parts_at(session, project_id, at.area, at.period):
        target = targets.get((one.code, one.target_key or ""))
        if target is not None:
            parts.setdefault(one.code, []).append((one, target))
    aims = _Aims(session, settled.targets, at)
    return list(_rows(found, parts, aims))


class _Aims:
    """Finds what is demanded of a figure that is not there yet."""

    def __init__(self, session: Session, targets: Iterable[Target], at: Standpoint) -> None:
        self._at = at
        self._period = at.days
        self._above = around(session, at)
        self._attributes = attributes_of(session, at)
        self._targets: dict[str, list[Target]] = {}
        for one in targets:
            self._targets.setdefault(one.indicator, []).append(one)

    def of(self, indicator: Indicator) -> list[Target]:
        """The targets of an indicator for the place and period, the one to show first at the front."""
        return applying(
            self._targets.get(indicator.code, ()),
            place=self._at.area,
            level=self._at.level,
            above=self._above,
            period=self._period,
            ratio=indicator.is_ratio,
            attributes=self._attributes,
        )


def around(session: Session, at: Standpoint) -> list[str]:
    """The codes of the place and of all around it, innermost first; nothing for the whole country."""
    return [at.area, *(one.code for one in ancestors(session, at.area))] if at.area else []


def attributes_of(session: Session, at: Standpoint) -> Mapping[str, str] | None:
    """What the commune was at the end of the period; None for what is wider than one."""
    if at.place is None or at.level not in {COMMUNE, VILLAGE}:
        return None
    commune = at.place.parent_code or "" if at.level == VILLAGE else at.area
    return communes_on(session, [commune], at.days.last).get(commune)


def _rows(
    found: Overview, parts: Mapping[str, Sequence[tuple[CellRow, Target]]], aims: _Aims
) -> Iterator[Row]:
    for defined, line in found.lines:
        one = defined.indicator
        held, target = held_of(line, parts.get(one.code, ()))
        if target is None:
            target = next(iter(aims.of(one)), None)
            # Nothing was counted yet in the communes it speaks of.
            held = None if target is not None and not target.is_duty else held
        yield Row(
            one.code,
            spoken(one.labels, (), language()) or one.code,
            one,
            defined.form_id,
            line.cell if line else None,
            held,
            target,
            line.state if line else "",
        )


def held_of(
    line: Line | None, parts: Sequence[tuple[CellRow, Target]]
) -> tuple[CellRow | None, Target | None]:
    """The figure a target is about and the target: of the whole place, else of a part of it."""
    if line is not None and line.target is not None and not line.target.is_duty:
        return line.cell, line.target
    valued = [(cell, target) for cell, target in parts if not target.is_duty]
    if valued:
        # The part that is worst off, so that nothing hides behind another plan.
        return min(valued, key=lambda pair: _WORST.index(status_of(*pair)))
    if line is not None:
        return line.cell, line.target or next((target for _cell, target in parts), None)
    return None, None


_WORST = (BEHIND, ON_WAY, NO_DATA, MET, DUTY, UNTARGETED)


def blocks(rows: Sequence[Row], *, status: str = "", words: str = "") -> list[Block]:
    """The rows by group, details under what they detail; only those of a status, or with words in the name.

    A row stays where a detail of it does.
    """
    by_code = {one.code: one for one in rows}
    wanted = folded(words)
    found = []
    for group in grouped(by_code, shipped_groups()):
        several = []
        for code, more in group.codes:
            details = tuple(by_code[one] for one in more if _fits(by_code[one], status, wanted))
            if details or _fits(by_code[code], status, wanted):
                several.append(replace(by_code[code], rows=details))
        if several:
            found.append(Block(spoken(group.titles, (), language()), tuple(several)))
    return found


def _fits(row: Row, status: str, wanted: str) -> bool:
    if status and row.status != status:
        return False
    return not wanted or wanted in folded(row.label) or wanted.replace(" ", "_") in row.code


def counts(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """How many stand how, in the order of STATUSES; only statuses that occur."""
    found = Counter(row.status for row in rows)
    return [(status, found[status]) for status in STATUSES if found[status]]


def behind(rows: Iterable[Row], most: int) -> list[Row]:
    """Those behind their pace: required ones first, furthest from the target first."""
    late = [row for row in rows if row.status == BEHIND]
    return sorted(late, key=_urgency)[:most]


def _urgency(row: Row) -> tuple[bool, float]:
    value, wanted = (row.held.value or 0, row.held.target_value or 0) if row.held else (0, 0)
    share = value / wanted if wanted else 1.0
    return bool(row.target and row.target.binding == "striving"), share
