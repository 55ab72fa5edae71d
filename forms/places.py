"""② Provinces, communes and villages, and the three choice lists phones pick them from.

Why: official codes are text under which places are kept, scoped and counted; a village also has a
uuid, the `name` of its choice, which survives when it moves to another commune.
Knows: the data file of the package vietnam-provinces (34 provinces and 3,321 communes, wards and
special zones in force since 1 July 2025; `forms.place_codes` puts the codes of a draft right).
Silent about: zone I/II/III, border, especially difficult, ethnic minority and mountainous, former
districts and communes. No package has them; they stay blank until somebody loads them.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from forms.place_codes import OFFICIAL_CODES
from forms.problems import VillageListUnreadable, VillageRowUnusable

PROVINCE: Final = "province"
DISTRICT: Final = "district"
COMMUNE: Final = "commune"
VILLAGE: Final = "village"
LEVELS: Final = (PROVINCE, DISTRICT, COMMUNE, VILLAGE)
"""From the top; districts were closed on 30 June 2025."""

IN_FORCE_SINCE = "2025-07-01"
"""Since then there are two levels of local government, and these communes."""

UNLISTED_LABEL = "Thôn/bản chưa có trong danh sách"
UNLISTED_ENDING = "-000"

PROVINCE_COLUMNS = ("name", "label")
COMMUNE_COLUMNS = (
    "name",
    "label",
    "province_code",
    "legacy_districts",
    "legacy_communes",
    "zone",
    "border",
    "especially_difficult",
    "ethnic_mountainous",
    "valid_from",
)
VILLAGE_COLUMNS = (
    "name",
    "label",
    "village_code",
    "commune_code",
    "legacy_commune_code",
    "legacy_commune_name",
    "legacy_district_name",
    "border",
    "especially_difficult",
    "hh_total",
    "pop_total",
    "pop_15_60",
    "illit1",
    "illit2",
    "relapse",
    "report_year_prev",
    "svy_hh",
    "svy_illit1",
    "svy_illit2",
    "svy_relapse",
)

_VILLAGE_KEYS = ("name", "label", "village_code", "commune_code")
_KIND = re.compile(
    r"^(?:tỉnh|thành phố|quận|huyện|thị xã|thị trấn|phường|xã|đặc khu)\s+(?=\D)", re.IGNORECASE
)
_DIGITS = MappingProxyType({PROVINCE: 2, DISTRICT: 3, COMMUNE: 5})
_VILLAGE_CODE = re.compile(r"[0-9]{5}-[0-9]{3}")
# The namespace of their uuids; with another one, answers already given would name nothing.
_UNLISTED_NAMES = uuid.UUID("5debf122-87ea-4832-863a-395deca1768a")


@dataclass(frozen=True, slots=True)
class Place:
    """A place under its official code; `parent` is the code one level up, "" for a province.

    `attributes` holds what the choice lists carry beyond that, by column name (texts); a village's
    uuid is its attribute `uuid`.
    """

    code: str
    level: str
    name: str
    parent: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def provinces() -> list[Place]:
    """The 34 provinces and centrally run cities, by code (two digits)."""
    return sorted((_province(found) for found in _divisions()), key=_code)


def communes(province_code: str) -> list[Place]:
    """The communes, wards and special zones of a province, by code (five digits); none if it is unknown."""
    return [place for place in all_communes() if place.parent == province_code]


def all_communes() -> list[Place]:
    """The 3,321 communes, wards and special zones of the country, by code (five digits)."""
    attributes = MappingProxyType({"valid_from": IN_FORCE_SINCE})
    return sorted(
        (
            Place(_commune_code(province.code, found), COMMUNE, _name(found), province.code, attributes)
            for division in _divisions()
            for province in [_province(division)]
            for found in division["wards"]
        ),
        key=_code,
    )


def is_unlisted(code: str) -> bool:
    """Whether a village's code stands for «not on the list yet»."""
    return code.endswith(UNLISTED_ENDING)


def read_villages(text: bytes) -> list[Place]:
    """Villages from a CSV file (UTF-8) with the columns of `villages.csv`, in the order of the file.

    Only name (a uuid), label, village_code and commune_code must be there and filled in. Raises
    VillageListUnreadable, VillageRowUnusable.
    """
    try:
        table = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
        if not set(_VILLAGE_KEYS) <= set(table.fieldnames or ()):
            raise VillageListUnreadable(columns=", ".join(_VILLAGE_KEYS))
        rows = [(table.line_num, row) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise VillageListUnreadable(columns=", ".join(_VILLAGE_KEYS)) from error
    seen: set[str] = set()
    return [_village(row, line=line, seen=seen) for line, row in rows]


def may_be_code(code: str, level: str, parent: str | None) -> bool:
    """Whether a text has the shape of a code of this level; a village's rests on its commune's."""
    if level == VILLAGE:
        return bool(_VILLAGE_CODE.fullmatch(code)) and not is_unlisted(code) and parent is not None
    return len(code) == _DIGITS[level] and code.isascii() and code.isdigit()


def without_kind(name: str) -> str:
    """A name without the kind of unit: nobody looks for Hà Nội under T."""
    return _KIND.sub("", name) or name


def unlisted_village(commune: Place) -> Place:
    """The choice «not on the list yet» of a commune: code ending in -000, the same uuid every time."""
    code = f"{commune.code}{UNLISTED_ENDING}"
    return Place(
        code, VILLAGE, UNLISTED_LABEL, commune.code, {"uuid": str(uuid.uuid5(_UNLISTED_NAMES, code))}
    )


def provinces_csv(places: Iterable[Place]) -> bytes:
    """The file `provinces.csv` (UTF-8, no BOM, LF)."""
    return _csv(PROVINCE_COLUMNS, ({"name": place.code, "label": place.name} for place in places))


def communes_csv(places: Iterable[Place]) -> bytes:
    """The file `communes.csv` (UTF-8, no BOM, LF)."""
    return _csv(
        COMMUNE_COLUMNS,
        (
            {**place.attributes, "name": place.code, "label": place.name, "province_code": place.parent}
            for place in places
        ),
    )


def villages_csv(communes: Iterable[Place], villages: Iterable[Place]) -> bytes:
    """The file `villages.csv` (UTF-8, no BOM, LF): commune by commune, «not on the list yet» last.

    Villages of other communes are left out.
    """
    by_commune: defaultdict[str, list[Place]] = defaultdict(list)
    for village in villages:
        if not is_unlisted(village.code):
            by_commune[village.parent].append(village)
    return _csv(
        VILLAGE_COLUMNS,
        (
            {
                **village.attributes,
                "name": village.attributes["uuid"],
                "label": village.name,
                "village_code": village.code,
                "commune_code": commune.code,
            }
            for commune in communes
            for village in [*by_commune[commune.code], unlisted_village(commune)]
        ),
    )


def _divisions() -> list[Any]:
    """Provinces with their `wards`, as the package lists them."""
    # The file is found without importing the package: its code is under another licence than ours.
    listing = distribution("vietnam-provinces").locate_file("vietnam_provinces/data/nested-divisions.json")
    divisions: list[Any] = json.loads(Path(str(listing)).read_bytes())
    return divisions


def _province(found: Mapping[str, Any]) -> Place:
    return Place(code=f"{found['code']:02d}", level=PROVINCE, name=_name(found))


def _commune_code(province: str, found: Mapping[str, Any]) -> str:
    return OFFICIAL_CODES.get(province, {}).get(_name(found)) or f"{found['code']:05d}"


def _name(found: Mapping[str, Any]) -> str:
    # The package has a doubled space here and there.
    return unicodedata.normalize("NFC", " ".join(found["name"].split()))


def _code(place: Place) -> str:
    return place.code


def _village(row: Mapping[str, str | None], *, line: int, seen: set[str]) -> Place:
    cells = {column: (text or "").strip() for column, text in row.items() if column in VILLAGE_COLUMNS}
    name, label, code, commune = (cells.pop(column) for column in _VILLAGE_KEYS)
    if not label:
        raise VillageRowUnusable(line=line, column="label", text=label)
    if not _VILLAGE_CODE.fullmatch(code) or code.rpartition("-")[0] != commune or code in seen:
        raise VillageRowUnusable(line=line, column="village_code", text=code)
    try:
        key = str(uuid.UUID(name))
    except ValueError as error:
        raise VillageRowUnusable(line=line, column="name", text=name) from error
    if key in seen:
        raise VillageRowUnusable(line=line, column="name", text=name)
    seen.update({code, key})
    filled = {column: text for column, text in cells.items() if text}
    return Place(code, VILLAGE, label, commune, {**filled, "uuid": key})


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue().encode()
