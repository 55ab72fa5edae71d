"""The provinces, districts and communes of before 1 July 2025, and what became of each.

Why: answers given before the reform name these codes, and most new communes carry the code of one of
them, so that only the day tells what a code meant.
Source: `xlsforms/places/units_before_2025-07-01.csv`; its README says where it is from and how it was
checked.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from forms.place_tree import Link, Span, Unit
from forms.places import DISTRICT, LEVELS, PROVINCE, Place
from forms.problems import EarlierPlacesUnreadable

COLUMNS: Final = ("code", "level", "name", "parent", "valid_to", "becomes")

RESOLUTIONS: Final = {
    "01": 1656, "04": 1657, "08": 1684, "11": 1661, "12": 1670, "14": 1681, "15": 1673, "19": 1683,
    "20": 1672, "22": 1679, "24": 1658, "25": 1676, "31": 1669, "33": 1666, "37": 1674, "38": 1686,
    "40": 1678, "42": 1665, "44": 1680, "46": 1675, "48": 1659, "51": 1677, "52": 1664, "56": 1667,
    "66": 1660, "68": 1671, "75": 1662, "79": 1685, "80": 1682, "82": 1663, "86": 1687, "91": 1654,
    "92": 1668, "96": 1655,
}  # fmt: skip
"""Province of today to the number of the resolution of 16 June 2025 that made its communes."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A unit that ended, and the codes of what it became: several where it was divided."""

    code: str
    level: str
    name: str
    parent: str
    valid_to: date
    becomes: tuple[str, ...]


def read_earlier(text: bytes) -> list[Earlier]:
    """The units of a CSV file (UTF-8) with the columns of `COLUMNS`, from the top down.

    `becomes` holds codes with a space between them. Raises EarlierPlacesUnreadable.
    """
    try:
        table = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
        if not set(COLUMNS) <= set(table.fieldnames or ()):
            raise EarlierPlacesUnreadable(columns=", ".join(COLUMNS), line=1)
        found = [_earlier(row, table.line_num) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise EarlierPlacesUnreadable(columns=", ".join(COLUMNS), line=1) from error
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.code))


def units(earlier: Iterable[Earlier], today: Iterable[Unit]) -> list[Unit]:
    """Every code with all it was: the units of today and those before, from the top down."""
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for one in earlier:
        spans[one.code].append(Span(one.level, one.name, one.parent or None, None, one.valid_to))
    uuids: dict[str, str | None] = {}
    for unit in today:
        spans[unit.code].extend(unit.spans)
        uuids[unit.code] = unit.uuid
    made = [Unit(code, several, uuids.get(code)) for code, several in spans.items()]
    return sorted(made, key=lambda unit: (LEVELS.index(unit.spans[-1].level), unit.code))


def links(earlier: Iterable[Earlier], today: Iterable[Place]) -> Iterator[tuple[str, Link]]:
    """What became of each code, with the province of today it lies in now.

    A district became several communes: it is seen from its province, and stays what it was.
    """
    province_of = {place.code: place.parent or place.code for place in today}
    several = {one.code: one for one in earlier}
    for one in several.values():
        on = one.valid_to + timedelta(days=1)
        if one.level == DISTRICT and not one.becomes:
            new = several[one.parent].becomes[0]
            yield new, Link(one.code, new, on, part=True)
        for new in one.becomes:
            province = new if one.level == PROVINCE else province_of[new]
            yield province, Link(one.code, new, on, part=len(one.becomes) > 1)


def _earlier(row: dict[str, str], line: int) -> Earlier:
    try:
        level = row["level"].strip()
        LEVELS.index(level)
        ended = date.fromisoformat(row["valid_to"].strip())
        code, name = row["code"].strip(), " ".join(row["name"].split())
        becomes = tuple((row["becomes"] or "").split())
    except (ValueError, AttributeError) as error:
        raise EarlierPlacesUnreadable(columns=", ".join(COLUMNS), line=line) from error
    if not code or not name:
        raise EarlierPlacesUnreadable(columns=", ".join(COLUMNS), line=line)
    return Earlier(code, level, name, (row["parent"] or "").strip(), ended, becomes)
