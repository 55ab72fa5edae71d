"""⑨ The figures of a project laid into a spool, as they are worked out: every cell, its splits too.

Splits that stand for too few persons are hidden with their complement (docs/protection.md), unless whoever
asked took the figures as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from collector.actions.cells import Line, lines_of
from collector.actions.reading import spoken
from forms.exports.figures import NOWHERE, observed_as, observed_in, people_in
from forms.protection.small_cells import Figure, hidden_figures
from storage.queries import cell_rows, lists
from storage.queries.cell_rows import CellRow, Wanted

if TYPE_CHECKING:
    from collector.actions.definitions import Settled
    from forms.datasets.spool import Spool
    from forms.indicators.definition import Indicator

_AT_A_TIME: Final = 5_000
OF_TARGET: Final = "target"


def figure_spool(
    session: Session, project_id: int, spec: Mapping[str, Any], folder: Path, beat: Callable[[], None]
) -> Spool:
    """The cells `spec` asks for (`places`, `period`), read in the snapshot of `session`."""
    from collector.actions.definitions import definitions_of
    from forms.datasets.figure_table import figure_dataset
    from forms.datasets.spool import Spool
    from storage.queries import projects

    settled = definitions_of(session, project_id)
    title = projects.get_project(session, project_id).name
    folder.mkdir(parents=True, exist_ok=True)
    spool = Spool(folder, figure_dataset(title, ""))
    protected = spec.get("protection", "deidentified") != "none"
    table = spool.dataset.root
    with spool.writer(table) as sink:
        for rows in _pages(session, _wanted(project_id, spec), settled, protected=protected):
            sink.add({name: [row[name] for row in rows] for name in table.by_name}, len(rows))
            beat()
    return spool


def _wanted(project_id: int, spec: Mapping[str, Any]) -> Wanted:
    places = [str(one) for one in spec.get("places") or () if one]
    period = str(spec.get("period") or "")
    return Wanted(
        project_id, periods=(period,) if period else (), area=places[0] if len(places) == 1 else None, by=None
    )


def _pages(
    session: Session, wanted: Wanted, settled: Settled, *, protected: bool
) -> Iterator[list[dict[str, Any]]]:
    known = {one.indicator.code: one.indicator for one in settled.indicators}
    for code, cells in groupby(cell_rows.in_order(session, wanted), key=lambda cell: cell.code):
        if code not in known:
            continue
        several = list(cells)
        away = hidden_figures(map(_figure, several)) if protected else frozenset()
        for start in range(0, len(several), _AT_A_TIME):
            lines = lines_of(session, settled, several[start : start + _AT_A_TIME])
            above = lists.place_names(
                session, {one.place.parent_code for one in lines if one.place and one.place.parent_code}
            )
            yield [_row(one, known[code], above, hidden=one.cell.key in away) for one in lines]


def _figure(cell: CellRow) -> Figure:
    parent = cell.parent_code or ""
    return Figure(
        cell.code, cell.period, cell.place_code, parent, cell.split, cell.numerator, cell.denominator
    )


def _row(line: Line, one: Indicator, above: Mapping[str, str], *, hidden: bool) -> dict[str, Any]:
    cell, place, target = line.cell, line.place, line.target
    by, part = _split(line)
    sex, age = people_in(by, part)
    parent = place.parent_code or "" if place else ""
    value = None if hidden else cell.value
    return {
        "KEY": "|".join(cell.key),
        "INDICATOR": cell.code,
        "INDICATOR_NAME": spoken(one.labels, (), "vi") or cell.code,
        "REF_AREA": cell.place_code or NOWHERE,
        "REF_AREA_NAME": place.name if place else None,
        "LEVEL": place.level if place else "country",
        "PARENT": parent or None,
        "PARENT_NAME": above.get(parent),
        "FREQ": observed_as(cell.period),
        "TIME_PERIOD": observed_in(cell.period),
        "BREAKDOWN": by,
        "BREAKDOWN_VALUE": part,
        "SEX": sex,
        "AGE": age,
        "OBS_VALUE": value,
        "UNIT_MEASURE": one.unit,
        "UNIT_MULT": 0,
        "NUMERATOR": None if hidden else cell.numerator,
        "DENOMINATOR": None if hidden else cell.denominator,
        "TARGET": cell.target_value,
        "COMPARISON": target.comparison if target else None,
        "DEADLINE": target.deadline if target else None,
        "TARGET_PLAN": target.plan if target else None,
        "TARGET_SOURCE": target.source if target else None,
        "TO_REACH": None if hidden else cell.to_reach,
        "EXPECTED": cell.expected,
        "RECEIVED": cell.received,
        "PROGRESS": None if hidden else cell.status,
        "OBS_STATUS": _status(value, line.completeness),
        "CONF_STATUS": "C" if hidden else "F",
        "APPROVAL": line.state or "open",
    }


def _split(line: Line) -> tuple[str, str]:
    """What a cell is split by, and which part it is."""
    if line.part:
        return OF_TARGET, line.cell.split[1:]
    return next(iter(line.split.items()), (NOWHERE, NOWHERE))


_ALL: Final = 100


def _status(value: float | None, completeness: float | None) -> str:
    """`O`: missing; `P`: units have still to report; `A`: normal."""
    if value is None:
        return "O"
    return "P" if completeness is not None and completeness < _ALL else "A"


def figure_names(spec: Mapping[str, Any]) -> Sequence[str]:
    """The formats figures are asked in."""
    return [str(one) for one in spec.get("formats") or ("csv", "xlsx")]
