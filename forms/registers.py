"""① An old register in a spreadsheet: its columns, however its heading is built, and its rows as text.

Why: offices keep titles above their lists, headings of two lines, villages as rows of their own, totals
and signatures below. A person is told by row and column, as he sees them, what became of each.
Silent about: which codes the words stand for; `forms.register_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from forms.legacy_text import from_legacy, written_in
from forms.listing import HEADINGS_WITHIN, NO_ROWS, OLD_FONT, TOO_LONG, merged_in, sheets_of, texts_of
from forms.member_rows import MOST_MEMBERS, at
from forms.problems import FormRefused
from forms.register_words import IGNORED, Meanings, plain
from forms.remarks import Remark, Weight
from forms.spreadsheet import LARGEST_FILE, as_text, require_size

MOST_COLUMNS = 60
"""Columns of a register; what stands further right is not looked at."""

HEADING_LINES = 3
"""Lines a heading may have."""

NO_HEADINGS = Remark(
    "The headings of the register are not found.",
    "Write what each column holds above it, for example Họ và tên, Năm sinh, Thôn/bản.",
)
LEFT_OUT = Remark("“{text}” is no entry of the register and is left out.", "", weight=Weight.NOTICE)
TOTAL_LEFT_OUT = Remark("“{text}” is a total and is left out.", "", weight=Weight.NOTICE)
MERGED_DOWN = Remark(
    "The cells {cells} are merged; their value is taken for each of these rows.",
    "Look whether it is so for all of them.",
    weight=Weight.WARNING,
)
MERGED_ACROSS = Remark(
    "The cells {cells} are merged across columns: only the first has a value.",
    "Unmerge them in Excel and fill in each column.",
)
REMARKS = (NO_HEADINGS, LEFT_OUT, TOTAL_LEFT_OUT, MERGED_DOWN, MERGED_ACROSS)
"""Everything this file may say of its own."""

_LOOKED_AT = 600
"""Texts by which the font of a table is told."""

_KIND = r"thôn|bản|xóm|tổ dân phố|tổ|tdp|khu phố|khu|tiểu khu|ấp|buôn|làng|plei|bon"
VILLAGE_NAMED = re.compile(
    rf"^(?:[IVX]+\s*[.\-)]?\s*|\d+\s*[.\-)]\s*)?((?:{_KIND})\s*:?\s+\S.*)$", re.IGNORECASE
)
_COMMUNE_NAMED = re.compile(r"^(?:[IVX]+\s*[.\-)]?\s*)?((?:xã|phường|thị trấn)\s*:?\s+\S.*)$", re.IGNORECASE)
_TITLED = re.compile(r"\b(xã|phường|thị trấn)\s*:?\s+([^,;.:\d()–-]{2,40})", re.IGNORECASE)
_TITLED_VILLAGE = re.compile(r"\b(thôn|bản|xóm|tổ dân phố|khu phố)\s*:?\s+([^,;.:()–-]{1,40})", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:tổng cộng|tổng số|toàn xã|toàn thôn|tong cong|tong so)\b|(?:tổng|cộng)\s*(?:$|[:(\d])", re.IGNORECASE
)
_COUNTING = re.compile(r"\(?(?:\d{1,2}|[A-Z])\)?", re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its place from 0, its heading as one line, that as it is compared, what it likely means."""

    number: int
    heading: str
    key: str
    target: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row: as Excel counts, its cells by column, and the village or commune it stands under, as written."""

    row: int
    cells: tuple[str, ...]
    village: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """A register as read. `village` and `commune`: named in its title, "" where they are not."""

    columns: tuple[Column, ...]
    rows: tuple[RegisterRow, ...]
    remarks: tuple[Remark, ...] = ()
    village: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True)
class _Merge:
    name: str
    left: int
    top: int
    right: int
    bottom: int

    def covers(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the headings stand (rows from 1, both included) and what they say, by column."""

    first: int
    last: int
    columns: tuple[Column, ...]


def read_register(data: bytes, filename: str, meanings: Meanings) -> Register:
    """The register in a file (.xlsx, .xls, .csv), of its first sheet with two known headings or more.

    Raises FormRefused for a file that cannot be read, has no such sheet or too many rows.
    """
    require_size(len(data), LARGEST_FILE, "bytes")
    for name, rows in sheets_of(data, filename):
        upper = [_cells(map(as_text, islice(row, MOST_COLUMNS))) for row in islice(rows, HEADINGS_WITHIN)]
        merges = list(_merges(data, name))
        head = _head(_meant_rows(upper, _font(upper)), merges, meanings)
        if head is not None:
            rest = texts_of((row[:MOST_COLUMNS] for row in rows), MOST_MEMBERS)
            table = [*upper, *map(_cells, rest)]
            font = _font(table)
            return _Reading(head, _meant_rows(table, font), merges, font).register()
    raise FormRefused([NO_HEADINGS])


def _cells(texts: Iterable[str]) -> list[str]:
    cells = list(texts)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _font(rows: Sequence[Sequence[str]]) -> str | None:
    """What the texts are written in, by some of them from all over the table."""
    several = sorted({text for row in rows for text in row if not text.isascii()})
    return written_in(several[:: max(1, len(several) // _LOOKED_AT)])


@lru_cache(maxsize=16_384)
def _meant(text: str, font: str) -> str:
    read = from_legacy(text, font)
    return read.text if read else text


def _meant_rows(rows: Sequence[list[str]], font: str | None) -> list[list[str]]:
    if font is None:
        return list(rows)
    return [[text if text.isascii() else _meant(text, font) for text in row] for row in rows]


def _merges(data: bytes, sheet: str) -> Iterator[_Merge]:
    for _row, name in merged_in(data, sheet):
        found = _REFERENCE.fullmatch(name)
        if found:
            left, right = _column_number(found[1]), _column_number(found[3])
            yield _Merge(name, left, int(found[2]), right, int(found[4]))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


# The heading ------------------------------------------------------------------------------------


def _head(upper: Sequence[Sequence[str]], merges: Sequence[_Merge], meanings: Meanings) -> _Head | None:
    """The lines in which most headings are known; of several the fewest and uppermost."""
    best: tuple[int, int, int] | None = None
    found: _Head | None = None
    for start in range(len(upper)):
        for depth in range(1, min(HEADING_LINES, len(upper) - start) + 1):
            lines = upper[start : start + depth]
            if depth > 1 and not _goes_on(lines, meanings):
                break
            columns = _columns(upper, start, depth, merges, meanings)
            known = len({one.target for one in columns if one.target not in {"", IGNORED}})
            rank = (known, -depth, -start)
            if known > 1 and (best is None or rank > best):
                best, found = rank, _Head(start + 1, start + depth, columns)
    return found


def _goes_on(lines: Sequence[Sequence[str]], meanings: Meanings) -> bool:
    """Whether the last of some lines could still be a heading: no number in it, none in its first cell."""
    last = lines[-1]
    if not any(last) or any(re.fullmatch(r"[\d./\-]+", text) for text in last):
        return False
    above = lines[0]
    return not any(
        text and meanings.of([top]) == IGNORED and text != top for text, top in zip(last, above, strict=False)
    )


def _columns(
    upper: Sequence[Sequence[str]], start: int, depth: int, merges: Sequence[_Merge], meanings: Meanings
) -> tuple[Column, ...]:
    columns = []
    inside = [one for one in merges if one.top > start]
    for number in range(max(len(upper[row]) for row in range(start, start + depth))):
        parts: list[str] = []
        for row in range(start, start + depth):
            text = _heading_cell(upper, row, number, inside, last=row == start + depth - 1)
            if text and text not in parts:
                parts.append(text)
        lines = [" ".join(text.split()) for text in parts]
        columns.append(Column(number, " – ".join(lines), plain(" ".join(lines)), meanings.of(lines)))
    return tuple(columns)


def _heading_cell(
    upper: Sequence[Sequence[str]], row: int, number: int, merges: Sequence[_Merge], *, last: bool
) -> str:
    text = _cell(upper, row, number)
    if text:
        return text
    for merge in merges:
        if merge.covers(row + 1, number):
            return _cell(upper, merge.top - 1, merge.left)
    # A file without merged cells: what stands above some columns stands over the first of them.
    if not last and not merges and _cell(upper, row + 1, number):
        return next((_cell(upper, row, one) for one in range(number, -1, -1) if _cell(upper, row, one)), "")
    return ""


def _cell(rows: Sequence[Sequence[str]], row: int, number: int) -> str:
    return rows[row][number] if row < len(rows) and number < len(rows[row]) else ""


# The rows ---------------------------------------------------------------------------------------


class _Reading:
    """One pass over a table below its heading."""

    def __init__(
        self, head: _Head, table: list[list[str]], merges: Sequence[_Merge], font: str | None
    ) -> None:
        self._head = head
        self._table = table
        self._merges = [one for one in merges if one.bottom > head.last]
        self._font = font
        self._ignored = {one.number for one in head.columns if one.target == IGNORED}
        self._taken = {one.number for one in head.columns if one.target not in {"", IGNORED}}
        self._remarks: list[Remark] = []

    def register(self) -> Register:
        rows = list(self._rows())
        if self._font:
            self._remarks.append(at(OLD_FONT, 0, font=self._font))
        if not rows:
            self._remarks.append(NO_ROWS)
        if len(rows) > MOST_MEMBERS:
            raise FormRefused([at(TOO_LONG, 0, most=str(MOST_MEMBERS))])
        width = max((len(one.cells) for one in rows), default=0)
        beyond = (Column(number, "", "", "") for number in range(len(self._head.columns), width))
        titles = [text for row in self._table[: self._head.first - 1] for text in row if text]
        return Register(
            tuple(
                one for one in (*self._head.columns, *beyond) if one.heading or self._filled(rows, one.number)
            ),
            tuple(rows),
            (*self._remarks, *self._across(rows)),
            _only(_TITLED_VILLAGE, titles),
            _only(_TITLED, titles),
        )

    @staticmethod
    def _filled(rows: Sequence[RegisterRow], number: int) -> bool:
        return any(number < len(one.cells) and one.cells[number] for one in rows)

    def _rows(self) -> Iterator[RegisterRow]:
        village = commune = ""
        self._carry_down()
        for number, cells in enumerate(self._table[self._head.last :], start=self._head.last + 1):
            filled = [(place, text) for place, text in enumerate(cells) if text]
            told = [(place, text) for place, text in filled if place not in self._ignored] or filled
            first = told[0][1] if told else ""
            # Rows may be numbered beforehand.
            empty = not told or (len(filled) == 1 and first.isdigit())
            if empty or self._repeats(cells) or self._counts(number, filled):
                continue
            if total := next((text for _place, text in filled[:3] if _TOTAL.match(text)), ""):
                self._remarks.append(at(TOTAL_LEFT_OUT, number, text=total[:60]))
            elif len(told) == 1 and (named := VILLAGE_NAMED.match(first)):
                village = named[1]
            elif len(told) == 1 and (named := _COMMUNE_NAMED.match(first)):
                village, commune = "", named[1]
            elif len(told) == 1 and len(self._taken) > 1:
                self._remarks.append(at(LEFT_OUT, number, text=first[:60]))
            else:
                yield RegisterRow(number, tuple(cells), village, commune)

    def _repeats(self, cells: Sequence[str]) -> bool:
        """Whether a row is the heading once more, as on each printed page."""
        lines = range(self._head.first - 1, self._head.last)
        return any([*filter(None, cells)] == [*filter(None, self._table[line])] for line in lines)

    def _counts(self, number: int, filled: Sequence[tuple[int, str]]) -> bool:
        """Whether the row right below the heading numbers the columns."""
        return (
            number <= self._head.last + 1
            and len(filled) >= len(self._head.columns) / 2
            and all(_COUNTING.fullmatch(text) for _, text in filled)
            and len({text for _, text in filled}) == len(filled)
        )

    def _carry_down(self) -> None:
        for merge in self._merges:
            text = _cell(self._table, merge.top - 1, merge.left)
            if merge.bottom == merge.top or merge.left in self._ignored or not text:
                continue
            below = self._table[merge.top : merge.bottom]
            for cells in below:
                if any(cells):
                    cells.extend([""] * (merge.left + 1 - len(cells)))
                    cells[merge.left] = text
            if merge.left in self._taken and below:
                self._remarks.append(at(MERGED_DOWN, merge.top, cells=merge.name))

    def _across(self, rows: Sequence[RegisterRow]) -> Iterator[Remark]:
        entries = {one.row for one in rows}
        for merge in self._merges:
            wide = len(self._taken & set(range(merge.left, merge.right + 1)))
            if merge.top in entries and wide > 1:
                yield at(MERGED_ACROSS, merge.top, cells=merge.name)


def _only(pattern: re.Pattern[str], titles: Sequence[str]) -> str:
    """The one place titles name; "" where they name none or several."""
    found = {
        " ".join(f"{one[1]} {one[2]}".split()).casefold(): " ".join(f"{one[1]} {one[2]}".split())
        for one in chain.from_iterable(map(pattern.finditer, titles))
    }
    return next(iter(found.values())) if len(found) == 1 else ""
