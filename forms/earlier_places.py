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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from forms.place_tree import Link, Span, Unit
from forms.places import DISTRICT, LEVELS, PROVINCE
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
    line: int


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


@dataclass(frozen=True, slots=True)
class Province:
    """What a province of today was made of: the units before it from the top down, and what each became."""

    code: str
    units: tuple[Unit, ...]
    links: tuple[Link, ...]


def by_province(earlier: Sequence[Earlier]) -> list[Province]:
    """The units of before a reform, by the province of today they came to lie in.

    A district became several communes: it is seen from its province, and stays what it was.
    """
    above = {(one.level, one.code): one for one in earlier}
    units: defaultdict[str, list[Unit]] = defaultdict(list)
    links: defaultdict[str, list[Link]] = defaultdict(list)
    for one in earlier:
        province = _province_of(one, above)
        span = Span(one.level, one.name, one.parent or None, None, one.valid_to)
        units[province].append(Unit(one.code, (span,)))
        on = one.valid_to + timedelta(days=1)
        if one.level == DISTRICT and not one.becomes:
            links[province].append(Link(one.code, province, on, part=True))
        links[province].extend(Link(one.code, new, on, part=len(one.becomes) > 1) for new in one.becomes)
    return [Province(code, tuple(units[code]), tuple(links[code])) for code in sorted(units)]


def _province_of(one: Earlier, above: Mapping[tuple[str, str], Earlier]) -> str:
    top = one
    while top.level != PROVINCE:
        found = above.get((PROVINCE if top.level == DISTRICT else DISTRICT, top.parent))
        if found is None:
            raise EarlierPlacesUnreadable(columns=", ".join(COLUMNS), line=one.line)
        top = found
    return top.becomes[0] if top.becomes else top.code


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
    return Earlier(code, level, name, (row["parent"] or "").strip(), ended, becomes, line)
