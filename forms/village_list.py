"""A list of villages as an office has it: read, checked row by row, nothing guessed.

Why: the list comes from somebody's Excel; a row that is wrong is named with its row and column as he sees
them there, and while one is wrong none is entered.
Knows: .xlsx, .xls and CSV; headings in Vietnamese or English; text of the fonts before Unicode.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from forms.legacy_text import from_legacy, written_in
from forms.phrases import Phrase, template
from forms.place_problems import VillageColumnsMissing, VillageFileUnreadable
from forms.place_table import table_of
from forms.places import VILLAGE_COLUMNS, is_unlisted
from forms.vietnamese import folded

MOST_ROWS: Final = 120_000
LONGEST_LABEL: Final = 255
HEADER_WITHIN: Final = 15
"""Rows from the top in which the headings stand: a title and a date may come before them."""

_CODE = re.compile(r"(?P<commune>[0-9]{5})-(?P<number>[0-9]{3})")
_HEADINGS: Mapping[str, Sequence[str]] = {
    "label": (
        "label",
        "ten thon ban",
        "ten thon",
        "ten ban",
        "thon ban",
        "ten thon ban to dan pho",
        "village",
    ),
    "commune_code": ("commune code", "ma xa", "ma xa phuong", "ma don vi hanh chinh", "commune"),
    "village_code": ("village code", "ma thon", "ma thon ban", "ma ban"),
    "name": ("name", "uuid"),
    "legacy_commune_code": ("ma xa cu",),
    "legacy_commune_name": ("xa cu", "ten xa cu"),
    "legacy_district_name": ("huyen cu", "ten huyen cu"),
    "border": ("bien gioi", "thon bien gioi"),
    "especially_difficult": ("dac biet kho khan", "dbkk", "thon dac biet kho khan"),
    "hh_total": ("so ho", "tong so ho"),
    "pop_total": ("dan so", "so nguoi", "tong dan so"),
    "pop_15_60": ("dan so 15 60", "so nguoi 15 60"),
    "illit1": ("mu chu muc 1", "mu chu muc do 1"),
    "illit2": ("mu chu muc 2", "mu chu muc do 2"),
    "relapse": ("tai mu chu",),
    "report_year_prev": ("nam bao cao", "nam so lieu"),
}
_NUMBERS = frozenset({
    "hh_total",
    "pop_total",
    "pop_15_60",
    "illit1",
    "illit2",
    "relapse",
    "report_year_prev",
})
_FLAGS = frozenset({"border", "especially_difficult"})
_YES = frozenset({"1", "co", "x", "yes", "true", "dung"})
_NO = frozenset({"0", "khong", "no", "false", "sai"})

UNKNOWN_COMMUNE: Final = template(
    "The commune {value} is not in force. Write the 5-digit code of a commune of today."
)
NO_COMMUNE: Final = template(
    "The commune is missing. Write its 5-digit code; a merged cell counts for its first row only."
)
NO_LABEL: Final = template("The name of the village is missing. A merged cell counts for its first row only.")
LABEL_LONG: Final = template("The name of the village has more than 255 characters. Shorten it.")
WRONG_CODE: Final = template(
    "{value} is no code of a village of this commune: the commune's code, a hyphen and 3 digits."
)
RESERVED: Final = template(
    "Codes ending in -000 are kept for villages not on the list. Leave the cell empty to get a code."
)
CODE_TWICE: Final = template("The code {value} is there twice, in row {other} too. Correct one of the two.")
WRONG_UUID: Final = template("“{value}” is no uuid. Leave the cell empty to get one.")
UUID_TWICE: Final = template(
    "The uuid {value} is there twice, in row {other} too. Leave one of the cells empty."
)
UUID_TAKEN: Final = template(
    "The uuid {value} belongs to the village {other}. Leave the cell empty, or give the village's code."
)
CODE_CLOSED: Final = template(
    "The code {value} belonged to a village that was closed and is never used again."
)
NAME_TWICE: Final = template(
    "“{value}” is there twice in this commune, in row {other} too. Remove one, or tell them apart."
)
NAME_SEVERAL: Final = template(
    "Several villages of this commune are called “{value}”: {codes}. Write the code of the one that is meant."
)
NOT_A_NUMBER: Final = template("“{value}” is no number of people or households. Write digits only.")
NOT_A_FLAG: Final = template("“{value}” says neither yes nor no. Write 1 or 0.")
FAULTS = (
    UNKNOWN_COMMUNE, NO_COMMUNE, NO_LABEL, LABEL_LONG, WRONG_CODE, RESERVED, CODE_TWICE, WRONG_UUID,
    UUID_TWICE, UUID_TAKEN, CODE_CLOSED, NAME_TWICE, NAME_SEVERAL, NOT_A_NUMBER, NOT_A_FLAG,
)  # fmt: skip
"""Everything a row may be told."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: its row as Excel counts, the heading as written, and the sentence."""

    row: int
    column: str
    sentence: str
    details: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def told(self) -> Phrase:
        """The sentence, with its place in front."""
        told = Phrase(self.sentence, **self.details)
        return Phrase("Row {row}, column {column}: {told}", row=self.row, column=self.column, told=told)

    def __str__(self) -> str:
        """The same in English, as plain text."""
        return str.__str__(self.told)


@dataclass(frozen=True, slots=True)
class Row:
    """A village of the list: its row, and its cells by column of `villages.csv`, empty ones left out."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Twin:
    """A row that gives a new code to a name its commune has already under the code `there`."""

    row: int
    label: str
    code: str
    there: str


@dataclass(frozen=True, slots=True)
class VillageList:
    """What was read: rows, the headings as written by column, faults, and the old font, if it is one.

    `twins`: rows that would make a second village of a name, unless they are said to mean the same one.
    """

    rows: tuple[Row, ...]
    headings: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    written_in: str | None = None
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the map has: communes in force, villages in force and closed by code, codes by uuid.

    `names`: the villages in force by commune and `compared` name: the former commune of each by its code.
    """

    communes: Collection[str]
    villages: Collection[str]
    closed: Collection[str]
    uuids: Mapping[str, str]
    names: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)


def compared(name: str) -> str:
    """The name of a village as it is compared: capitals, spaces and the coding of accents make no odds."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def read_list(data: bytes, filename: str, *, convert: bool = True) -> VillageList:
    """Read a list. Text of an old font is read as it was meant, unless `convert` is off.

    Raises VillageFileUnreadable, VillageColumnsMissing.
    """
    table = list(table_of(data, filename))
    start, headings = _find_header(table)
    written = {column: table[start][1][place] for column, place in headings.items()}
    rows = []
    for number, cells in table[start + 1 :]:
        found = {
            column: cells[place] for column, place in headings.items() if place < len(cells) and cells[place]
        }
        if found:
            rows.append(Row(number, found))
    if len(rows) > MOST_ROWS:
        raise VillageFileUnreadable(cause=Phrase("It has more than {most} rows.", most=MOST_ROWS))
    font = written_in(row.cells.get("label", "") for row in rows)
    if font and convert:
        rows = [
            Row(row.row, {column: _meant(text, font) for column, text in row.cells.items()}) for row in rows
        ]
    return VillageList(tuple(rows), written, (), font)


def check(found: VillageList, known: Known, same: Collection[int] = ()) -> VillageList:
    """The same with everything that is wrong, and clean cells where nothing is.

    `same` are rows whose new code is dropped: they mean the village that has their name already.
    """
    checker = _Checker(found.headings, known, same)
    rows = [Row(row.row, checker.clean(row)) for row in found.rows]
    faults, twins = tuple(checker.faults), tuple(checker.twins)
    return VillageList(tuple(rows), found.headings, faults, found.written_in, twins)


class _Checker:
    """Goes through the rows of a list and remembers what came before."""

    def __init__(self, headings: Mapping[str, str], known: Known, same: Collection[int] = ()) -> None:
        self.faults: list[Fault] = []
        self.twins: list[Twin] = []
        self._same = same
        self._headings = headings
        self._known = known
        self._seen: dict[tuple[str, ...], int] = {}
        self._row = 0

    def clean(self, row: Row) -> dict[str, str]:
        """The cells of a row as they are to be entered; what is wrong goes to the faults."""
        self._row = row.row
        cells = dict(row.cells)
        code = cells.get("village_code", "")
        commune = cells["commune_code"] = _commune(cells.get("commune_code", ""), code)
        self._check_commune(commune)
        self._check_label(cells.get("label", ""), commune)
        code = self._one_village(cells, code) if code else self._code_of(cells)
        if code:
            cells["village_code"] = code
            self._check_code(code, commune)
        if "name" in cells:
            cells["name"] = self._uuid(cells["name"], code)
        for column in cells.keys() & _NUMBERS:
            if not (cells[column].isascii() and cells[column].isdigit()):
                self._tell(column, NOT_A_NUMBER, value=cells[column])
        for column in cells.keys() & _FLAGS:
            cells[column] = self._flag(column, cells[column])
        return cells

    def _tell(self, column: str, sentence: str, **details: str | int) -> None:
        self.faults.append(Fault(self._row, self._headings.get(column, column), sentence, details))

    def _before(self, *what: str) -> int | None:
        """The row that said the same before this one."""
        other = self._seen.setdefault(what, self._row)
        return None if other == self._row else other

    def _check_commune(self, commune: str) -> None:
        if not commune:
            self._tell("commune_code", NO_COMMUNE)
        elif commune not in self._known.communes:
            self._tell("commune_code", UNKNOWN_COMMUNE, value=commune)

    def _check_label(self, label: str, commune: str) -> None:
        if not label:
            self._tell("label", NO_LABEL)
        elif len(label) > LONGEST_LABEL:
            self._tell("label", LABEL_LONG)
        elif other := self._before("label", commune, compared(label)):
            self._tell("label", NAME_TWICE, value=label, other=other)

    def _one_village(self, cells: Mapping[str, str], code: str) -> str:
        """The code of a row that has one; a new code for a known name may mean the village of that name."""
        there = self._namesakes(cells)
        if code in self._known.villages or len(there) != 1:
            return code
        if self._row in self._same:
            return there[0]
        self.twins.append(Twin(self._row, cells.get("label", ""), code, there[0]))
        return code

    def _namesakes(self, cells: Mapping[str, str]) -> list[str]:
        """The villages of the commune that a row's name may mean: of one name they lay apart before."""
        former = cells.get("legacy_commune_code", "")
        there = self._known.names.get((cells["commune_code"], compared(cells.get("label", ""))), {})
        return [code for code, lay in there.items() if not former or not lay or lay == former]

    def _code_of(self, cells: Mapping[str, str]) -> str:
        """The code of the village a row without one names, "" where it names a new one."""
        label, codes = cells.get("label", ""), self._namesakes(cells)
        if len(codes) > 1:
            self._tell("label", NAME_SEVERAL, value=label, codes=", ".join(sorted(codes)))
        return codes[0] if len(codes) == 1 else ""

    def _check_code(self, code: str, commune: str) -> None:
        shape = _CODE.fullmatch(code)
        if shape is None or (code not in self._known.villages and shape["commune"] != commune):
            self._tell("village_code", WRONG_CODE, value=code)
        elif is_unlisted(code):
            self._tell("village_code", RESERVED)
        elif code in self._known.closed:
            self._tell("village_code", CODE_CLOSED, value=code)
        elif other := self._before("code", code):
            self._tell("village_code", CODE_TWICE, value=code, other=other)

    def _uuid(self, text: str, code: str) -> str:
        try:
            key = str(uuid.UUID(text))
        except ValueError:
            self._tell("name", WRONG_UUID, value=text)
            return text
        if self._known.uuids.get(key, code) != code:
            self._tell("name", UUID_TAKEN, value=key, other=self._known.uuids[key])
        elif other := self._before("uuid", key):
            self._tell("name", UUID_TWICE, value=key, other=other)
        return key

    def _flag(self, column: str, text: str) -> str:
        if folded(text) not in _YES | _NO:
            self._tell(column, NOT_A_FLAG, value=text)
        return str(int(folded(text) in _YES))


def _commune(text: str, code: str) -> str:
    shape = _CODE.fullmatch(code)
    if not text and shape:
        return shape["commune"]
    # Excel takes the leading zeros of a number away.
    return text.zfill(5) if text.isascii() and text.isdigit() else text


def _find_header(table: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    """Where the headings stand, and the place of each column that is known."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, (_number, cells) in enumerate(table[:HEADER_WITHIN]):
        headings: dict[str, int] = {}
        for place, text in enumerate(cells):
            column = _column(text)
            if column and column not in headings:
                headings[column] = place
        if len(headings) > len(best[1]):
            best = (at, headings)
    missing = [name for name in ("label", "commune_code") if name not in best[1]]
    if "commune_code" in missing and "village_code" in best[1]:
        missing.remove("commune_code")
    if missing:
        raise VillageColumnsMissing(columns=", ".join(missing))
    return best


def _column(text: str) -> str | None:
    if text.strip() in VILLAGE_COLUMNS:
        return text.strip()
    read = from_legacy(text)
    wanted = folded(read.text if read else text.replace("_", " "))
    return next((column for column, names in _HEADINGS.items() if wanted in names), None)


def _meant(text: str, font: str) -> str:
    read = from_legacy(text, font)
    return read.text if read else text
