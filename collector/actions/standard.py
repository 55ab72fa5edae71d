"""⑧ Which communes have reached the literacy standard, judged from their figures.

Source: Decree 20/2014/ND-CP, articles 17 to 21, as the sheet `recognition` of the programme has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from collector.actions.definitions import Settled, definitions_of
from forms.indicators.communes import holds
from forms.indicators.recognition import STANDARDS, Ages, Commune, Rule, Verdict, judge
from forms.period_kinds import last_day
from forms.places import COMMUNE, PROVINCE
from storage.models import Place
from storage.queries.cell_rows import CellRow, Wanted, rows
from storage.queries.figure_places import communes_on
from storage.queries.places import ancestors, children, get_place

UNKNOWN = "literacy_unknown_15_60"
"""The figure that counts people of whom nobody knows whether they read."""


@dataclass(frozen=True)
class Standing:
    """A commune: its verdicts by standard, and people whose literacy is unknown (None: nobody counted)."""

    code: str
    name: str
    verdicts: Mapping[int, Verdict]
    unknown: int | None

    @property
    def level(self) -> int:
        """The highest standard reached, 0 for none."""
        return max((one for one, said in self.verdicts.items() if said.recognised), default=0)


@dataclass(frozen=True)
class Standard:
    """The communes of an area by name, and the province's verdicts by standard; `rules` of the day."""

    province: Place | None
    communes: tuple[Standing, ...]
    verdicts: Mapping[int, Verdict]
    rules: tuple[Rule, ...]


def standard(session: Session, project_id: int, area: str, period: str, today: date) -> Standard:
    """How an area, a province or a commune, stands at the end of a period, or today while it lasts.

    The province's verdict is given only where all its communes are in the area. Raises PlaceUnknown.
    """
    settled = definitions_of(session, project_id)
    day = min(last_day(period), today)
    rules = tuple(rule for rule in settled.rules if rule.in_force(day))
    place = get_place(session, area)
    several = [(place.code, place.name)] if place.level == COMMUNE else _communes(session, place)
    codes = [code for code, _name in several]
    attributes = communes_on(session, codes, day)
    counted = _counted(session, settled, area, period)
    province = place if place.level == PROVINCE else _province(session, place)
    communes = [
        Commune(
            code,
            {PROVINCE: province.code} if province else {},
            attributes.get(code, {}),
            _people(rules, attributes.get(code, {}), counted.get(code, {})),
        )
        for code in codes
    ]
    verdicts = judge(rules, communes, day)
    by_commune: dict[str, dict[int, Verdict]] = {}
    for one in verdicts:
        by_commune.setdefault(one.code, {})[one.standard] = one
    whole = place.level == PROVINCE
    return Standard(
        province,
        tuple(
            Standing(code, name, by_commune.get(code, {}), _unknown(counted.get(code, {})))
            for code, name in several
        ),
        by_commune.get(province.code, {}) if province and whole else {},
        rules,
    )


def _communes(session: Session, place: Place) -> list[tuple[str, str]]:
    return [(one.code, one.span.name) for one in children(session, place.code) if one.span.level == COMMUNE]


def _province(session: Session, place: Place) -> Place | None:
    above = [one.code for one in ancestors(session, place.code) if one.span.level == PROVINCE]
    return get_place(session, above[0]) if above else None


def _counted(session: Session, settled: Settled, area: str, period: str) -> dict[str, dict[str, CellRow]]:
    """The figures that rules and people unknown come from, by commune and code."""
    codes = {UNKNOWN, *(rule.indicator for rule in settled.rules if rule.indicator)}
    wanted = Wanted(settled.project_id, tuple(sorted(codes)), (period,), area=area, level=COMMUNE)
    found: dict[str, dict[str, CellRow]] = {}
    for one in rows(session, wanted):
        found.setdefault(one.place_code, {})[one.code] = one
    return found


def _people(
    rules: Sequence[Rule], attributes: Mapping[str, str], counted: Mapping[str, CellRow]
) -> dict[int, list[Ages]]:
    """The people of the rule that is for a commune like this, by standard."""
    people: dict[int, list[Ages]] = {}
    for number in STANDARDS:
        rule = _own(rules, number, attributes)
        cell = counted.get(rule.indicator) if rule else None
        if rule is not None and cell is not None:
            known, literate = round(cell.denominator or 0), round(cell.numerator)
            people[number] = [Ages(rule.age_from, rule.age_to, known, literate)]
    return people


def _own(rules: Iterable[Rule], number: int, attributes: Mapping[str, str]) -> Rule | None:
    """The rule for a class of communes before the one for all others."""
    mine = (
        rule
        for rule in rules
        if rule.standard == number and rule.unit == COMMUNE and holds(rule.where, attributes)
    )
    return min(mine, key=lambda rule: rule.where is None, default=None)


def _unknown(counted: Mapping[str, CellRow]) -> int | None:
    cell = counted.get(UNKNOWN)
    return None if cell is None else round(cell.numerator)
