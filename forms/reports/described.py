"""⑨ Which reports there are: one row each of `xlsforms/programme/reports.csv`, so that a new one is a row.

Columns: xlsforms/programme/README.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from forms.period_kinds import KINDS

LEVELS: Final = ("commune", "district", "province")
_MANY = "; "


@dataclass(frozen=True, slots=True)
class Description:
    """What a report is: whose, for which span, of what, to whom.

    `due` is the line of the calendar it answers ("" = none), `ends` the last day there are such offices.
    Texts may hold {place}, {province}, {period}, in capitals too. `groups` are the letters of groups.csv in
    it ("*" = all), `charts` the indicators that are drawn, `compared` those told by place. `blanks` are the
    parts that the office writes itself.
    """

    id: str
    due: str
    level: str
    kind: str
    ends: date | None
    title: str
    subject: str
    to: str
    parent: str
    office: str
    symbol: str
    basis: str
    signer: tuple[str, ...]
    copies: tuple[str, ...]
    groups: tuple[str, ...]
    charts: tuple[str, ...]
    compared: tuple[str, ...]
    blanks: tuple[str, ...]


def read_descriptions(lines: Iterable[str]) -> list[Description]:
    """The rows of the file. Raises ValueError with the first row that cannot be read."""
    found: dict[str, Description] = {}
    for row in csv.DictReader(lines):
        one = _description(row)
        if one.id in found:
            raise ValueError(one.id)
        found[one.id] = one
    return list(found.values())


def _description(row: Mapping[str, str]) -> Description:
    level, kind = row["level"], row["period"]
    if level not in LEVELS or kind not in KINDS or not row["id"]:
        raise ValueError(row["id"] or str(row))
    return Description(
        id=row["id"],
        due=row["due"],
        level=level,
        kind=kind,
        ends=date.fromisoformat(row["ends"]) if row["ends"] else None,
        title=row["title_vi"],
        subject=row["subject_vi"],
        to=row["to_vi"],
        parent=row["parent_vi"],
        office=row["office_vi"],
        symbol=row["symbol"],
        basis=row["basis_vi"],
        signer=_many(row["signer_vi"]),
        copies=_many(row["copies_vi"]),
        groups=tuple(row["groups"].split()),
        charts=tuple(row["charts"].split()),
        compared=tuple(row["compared"].split()),
        blanks=_many(row["blanks_vi"]),
    )


def _many(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(_MANY) if one.strip())
