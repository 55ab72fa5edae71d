"""What plans cut communes by, as an office lists it: area, border, especially difficult, ethnic minority.

Why: such lists are decided for some years and change; each row holds from a day on, so that a figure of a
year uses what the commune was in that year. A row that is wrong is named, and while one is, none is entered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from forms.legacy_text import from_legacy
from forms.phrases import template
from forms.place_problems import FactColumnsMissing
from forms.place_table import table_of
from forms.place_tree import Span, day_before
from forms.places import COMMUNE, without_kind
from forms.vietnamese import folded
from forms.village_list import HEADER_WITHIN, NOT_A_FLAG, Fault

FACTS: Final = ("zone", "border", "especially_difficult", "ethnic_mountainous")

_HEADINGS: Mapping[str, Sequence[str]] = {
    "commune_code": ("commune code", "code", "ma xa", "ma xa phuong", "ma don vi hanh chinh", "commune"),
    "label": ("label", "commune name", "ten xa", "ten xa phuong", "xa", "xa phuong", "ten don vi"),
    "zone": ("zone", "area", "khu vuc", "xa khu vuc", "thuoc khu vuc", "phan dinh khu vuc"),
    "border": ("border", "bien gioi", "xa bien gioi"),
    "especially_difficult": (
        "especially difficult",
        "dac biet kho khan",
        "dbkk",
        "xa dac biet kho khan",
        "xa dbkk",
    ),
    "ethnic_mountainous": (
        "ethnic mountainous",
        "dan toc mien nui",
        "dan toc thieu so mien nui",
        "dan toc thieu so va mien nui",
        "vung dan toc thieu so va mien nui",
        "vung dong bao dan toc thieu so va mien nui",
        "dtts mn",
        "dtts va mn",
    ),
    "valid_from": ("valid from", "from", "tu ngay", "ap dung tu", "ap dung tu ngay", "hieu luc tu"),
    "year": ("year", "nam", "tu nam"),
}
_ZONE = re.compile(r"(?:khu vuc |kv ?|zone |area )?(iii|ii|i|3|2|1)")
_ROMAN: Mapping[str, str] = {"1": "I", "2": "II", "3": "III"}
_YES = frozenset({"1", "co", "x", "yes", "true", "dung"})
_NO = frozenset({"0", "khong", "no", "false", "sai"})
_VIETNAMESE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

NO_CODE: Final = template("The commune's code is missing. A merged cell counts for its first row only.")
UNKNOWN_CODE: Final = template("Nobody knows the commune {value}. Write its 5-digit code.")
NOT_THEN: Final = template("{value} was no commune on {day}. Write the code of that day, or a later day.")
OTHER_NAME: Final = template(
    "On {day} the commune {value} was {name}, not {said}. Correct the code or the name."
)
SAYS_NOTHING: Final = template("The row says nothing of the commune. Fill in a cell, or remove the row.")
NOT_A_ZONE: Final = template("“{value}” is no area. Write I, II or III, or 0 for none.")
NOT_A_DAY: Final = template(
    "“{value}” is no day. Write it like 2026-01-31 or 31/01/2026; a year has 4 digits."
)
TOO_LATE: Final = template("{value} is after today. Enter the row when it holds.")
COMMUNE_TWICE: Final = template(
    "The commune {value} is there twice for the same day, in row {other} too. Remove one."
)
FAULTS = (
    NO_CODE, UNKNOWN_CODE, NOT_THEN, OTHER_NAME, SAYS_NOTHING, NOT_A_ZONE, NOT_A_DAY, TOO_LATE,
    COMMUNE_TWICE, NOT_A_FLAG,
)  # fmt: skip
"""Everything a row may be told."""


@dataclass(frozen=True, slots=True)
class Written:
    """A list as it was written: rows by number, and the headings, by column."""

    rows: tuple[tuple[int, Mapping[str, str]], ...]
    headings: Mapping[str, str]

    @property
    def codes(self) -> set[str]:
        """The codes it names."""
        return {_code(cells) for _row, cells in self.rows}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row says of a commune: what holds since a day. `said` has only what was filled in."""

    row: int
    code: str
    name: str
    since: date | None
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactList:
    """What was read, and what is wrong in it."""

    rows: tuple[Facts, ...]
    faults: tuple[Fault, ...] = ()


@dataclass
class _Checker:
    known: Mapping[str, Sequence[Span]]
    today: date
    headings: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    seen: dict[tuple[str, date], int] = field(default_factory=dict)

    def read(self, row: int, cells: Mapping[str, str]) -> Facts:
        before = len(self.faults)
        said = {name: self._fact(row, name, cells[name]) for name in FACTS if name in cells}
        if not said:
            self._tell(row, "commune_code", SAYS_NOTHING)
        code, since = _code(cells), self._since(row, cells)
        spans = self.known.get(code, ())
        if not code:
            self._tell(row, "commune_code", NO_CODE)
        elif not spans:
            self._tell(row, "commune_code", UNKNOWN_CODE, value=code)
        elif len(self.faults) == before:
            self._meant(row, code, since or spans[-1].valid_from or date.min, cells.get("label", ""))
        return Facts(row, code, spans[-1].name if spans else cells.get("label", ""), since, said)

    def _tell(self, row: int, column: str, sentence: str, **details: str | int) -> None:
        self.faults.append(Fault(row, self.headings.get(column, column), sentence, details))

    def _meant(self, row: int, code: str, day: date, name: str) -> None:
        """Whether the code was this commune on that day, and is there once."""
        other = self.seen.setdefault((code, day), row)
        span = next((one for one in self.known[code] if one.covers(day)), None)
        if other != row:
            self._tell(row, "commune_code", COMMUNE_TWICE, value=code, other=other)
        elif span is None or span.level != COMMUNE:
            self._tell(row, "commune_code", NOT_THEN, value=code, day=day.isoformat())
        elif name and folded(without_kind(name)) != folded(without_kind(span.name)):
            self._tell(row, "label", OTHER_NAME, value=code, day=day.isoformat(), name=span.name, said=name)

    def _fact(self, row: int, name: str, text: str) -> str:
        plain = folded(text)
        if name == "zone" and plain not in _NO:
            shape = _ZONE.fullmatch(plain)
            if shape is None:
                self._tell(row, name, NOT_A_ZONE, value=text)
                return text
            return _ROMAN.get(shape[1], shape[1].upper())
        if plain not in _YES | _NO:
            self._tell(row, name, NOT_A_FLAG, value=text)
        if name == "zone":
            return ""
        return str(int(plain in _YES))

    def _since(self, row: int, cells: Mapping[str, str]) -> date | None:
        column = "valid_from" if "valid_from" in cells else "year"
        text = cells.get(column, "")
        if not text:
            return None
        day = _day(text)
        if day is None:
            self._tell(row, column, NOT_A_DAY, value=text)
        elif day > self.today:
            self._tell(row, column, TOO_LATE, value=text)
        return day


def read_list(data: bytes, filename: str) -> Written:
    """Read a list. Raises VillageFileUnreadable, FactColumnsMissing."""
    table = list(table_of(data, filename))
    at, columns = max(
        ((at, _columns(cells)) for at, (_row, cells) in enumerate(table[:HEADER_WITHIN])),
        key=lambda found: len(found[1]),
    )
    if "commune_code" not in columns or not columns.keys() & set(FACTS):
        raise FactColumnsMissing(columns="zone" if "commune_code" in columns else "commune_code")
    rows = []
    for row, cells in table[at + 1 :]:
        found = {name: cells[place] for name, place in columns.items() if place < len(cells) and cells[place]}
        if found:
            rows.append((row, found))
    return Written(tuple(rows), {name: table[at][1][place] for name, place in columns.items()})


def check(written: Written, known: Mapping[str, Sequence[Span]], today: date) -> FactList:
    """What the rows say, and what is wrong in them; `known` is what their codes were."""
    checker = _Checker(known, today, written.headings)
    rows = tuple(checker.read(row, cells) for row, cells in written.rows)
    return FactList(rows, tuple(checker.faults))


def with_facts(spans: Sequence[Span], several: Iterable[Facts]) -> list[Span]:
    """What a code was, with what rows say of it from their days on.

    A row holds until a later span says something else than the one before the row did.
    """
    result = list(spans)
    for facts in sorted(several, key=lambda one: one.since or date.min):
        since = facts.since or result[-1].valid_from or date.min
        at = next(place for place, span in enumerate(result) if span.covers(since))
        before = result[at]
        told = {
            name: text for name, text in facts.said.items() if str(before.attributes.get(name, "")) != text
        }
        pieces = [replace(before, attributes={**before.attributes, **told})]
        if told and (before.valid_from or date.min) < since:
            ended = replace(before, valid_to=day_before(since))
            pieces = [ended, replace(pieces[0], valid_from=since)]
        later = [_carried(span, before, told) for span in result[at + 1 :]]
        result = [*result[:at], *pieces, *later]
    return result


def _carried(span: Span, before: Span, told: Mapping[str, str]) -> Span:
    """A later span with what it only had because the one before had it."""
    same = before.level == span.level and before.valid_to is not None
    carried = {
        name: text
        for name, text in told.items()
        if same and name in before.attributes and span.attributes.get(name) == before.attributes[name]
    }
    return replace(span, attributes={**span.attributes, **carried})


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(cells):
        read = from_legacy(text)
        wanted = folded(read.text if read else text.replace("_", " "))
        column = next((name for name, names in _HEADINGS.items() if wanted in names), None)
        if column:
            found.setdefault(column, place)
    return found


def _code(cells: Mapping[str, str]) -> str:
    text = cells.get("commune_code", "")
    # Excel takes the leading zeros of a number away.
    return text.zfill(5) if text.isascii() and text.isdigit() else text


def _day(text: str) -> date | None:
    shape = _VIETNAMESE_DAY.fullmatch(text)
    if len(text) == 4 and text.isascii() and text.isdigit():  # noqa: PLR2004 - a year
        text = f"{text}-01-01"
    elif shape:
        text = f"{shape[3]}-{int(shape[2]):02d}-{int(shape[1]):02d}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
