"""① A list somebody keeps in a spreadsheet: its headings found wherever they stand, its rows as text.

Why: an office writes a title above its list, merges cells, saves as CSV from an old Excel; a person is
told by row and column, as he sees them, what to mend.
Knows: .xlsx, .xls and .csv (UTF-8, UTF-16); text of the fonts before Unicode.
Silent about: what the cells mean; that is for whoever asked for the list.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from forms.legacy_text import from_legacy, written_in
from forms.problems import FormRefused
from forms.remarks import Remark, Weight
from forms.spreadsheet import LARGEST_FILE, MOST_CELLS, MOST_COLUMNS, Rows, as_text, raw_sheets, require_size
from forms.vietnamese import folded

HEADINGS_WITHIN = 15
"""Rows among which the headings have to stand."""

NO_HEADINGS = Remark(
    "The headings of the list are not found: {columns}.",
    "Write them into one row above the list, or take the sample file.",
)
HEADING_TWICE = Remark("Two columns are called “{name}”.", "Remove or rename one of the two.")
MERGED = Remark(
    "The cells {cells} are merged: only the first of them has a value.",
    "Unmerge them in Excel and fill in every row.",
)
NOT_UTF8 = Remark(
    "The text of the file is in an encoding this server does not know.",
    "In Excel choose “Save as”, “Excel workbook (.xlsx)”, and send that file.",
)
OLD_FONT = Remark(
    "The text of the file is written with an old font ({font}) and was read as Vietnamese.",
    "Look at the names below before you go on.",
    weight=Weight.WARNING,
)
TOO_LONG = Remark("The list has more than {most} rows.", "Send it in several files.")
NO_ROWS = Remark("The list has no rows.", "Fill in one row for each entry under the headings.")
REMARKS = (NO_HEADINGS, HEADING_TWICE, MERGED, NOT_UTF8, OLD_FONT, TOO_LONG, NO_ROWS)
"""Everything this file may say."""

Headings = Mapping[str, Collection[str]]
"""Column to the headings it may stand under; compared without case, accents and what is in brackets."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is not empty: `row` as Excel counts, `cells` by column, empty ones left out."""

    row: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The text of a cell; "" where it is empty or there is no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as read: `columns` to the heading as written; `remarks` on its shape; `unknown` headings."""

    lines: tuple[Line, ...]
    columns: Mapping[str, str]
    remarks: tuple[Remark, ...] = ()
    unknown: tuple[str, ...] = ()


def read_listing(
    data: bytes, filename: str, headings: Headings, *, required: Collection[str], most: int
) -> Listing:
    """The first sheet that has the required headings in one of its upper rows.

    Raises FormRefused for a file that cannot be read, has no such sheet or more than `most` rows.
    """
    require_size(len(data), LARGEST_FILE, "bytes")
    known = {_plain(heading): column for column, several in headings.items() for heading in several}
    for name, rows in sheets_of(data, filename):
        upper = [
            [as_text(value) for value in islice(row, MOST_COLUMNS)] for row in islice(rows, HEADINGS_WITHIN)
        ]
        for place, cells in enumerate(upper):
            columns = [known.get(_plain(cell)) or known.get(_plain(_meant(cell)), "") for cell in cells]
            if set(required) <= set(columns):
                body = [*upper[place + 1 :], *texts_of(rows, most, len(cells))]
                return _listing(data, name, _Head(place + 1, cells, columns), body, most)
    wanted = ", ".join(f"“{next(iter(headings[column]))}”" for column in required)
    raise FormRefused([Remark(NO_HEADINGS.cause, NO_HEADINGS.remedy, details={"columns": wanted})])


def _meant(text: str, font: str | None = None) -> str:
    """A text of an old font as it was meant; any other as it is."""
    read = from_legacy(text, font)
    return read.text if read else text


def _plain(heading: str) -> str:
    return folded(re.sub(r"\(.*?\)|[*:]", " ", heading))


@dataclass(frozen=True, slots=True)
class _Head:
    row: int
    written: Sequence[str]
    columns: Sequence[str]


def _listing(data: bytes, sheet: str, head: _Head, body: Sequence[Sequence[str]], most: int) -> Listing:
    twice = {column for column in head.columns if column and list(head.columns).count(column) > 1}
    if twice:
        raise FormRefused([
            Remark(
                HEADING_TWICE.cause, HEADING_TWICE.remedy, row=head.row, column=name, details={"name": name}
            )
            for column, name in zip(head.columns, head.written, strict=True)
            if column in twice
        ])
    lines: list[Line] = []
    for number, cells in enumerate(body, start=head.row + 1):
        found = {column: cell for column, cell in zip(head.columns, cells, strict=False) if column and cell}
        if found:
            if len(lines) == most:
                raise _too_long(most)
            lines.append(Line(number, found))
    font = written_in(text for line in lines for text in line.cells.values())
    if font:
        lines = [
            Line(line.row, {column: _meant(text, font) for column, text in line.cells.items()})
            for line in lines
        ]
    written = {
        column: _meant(name, font) for column, name in zip(head.columns, head.written, strict=True) if column
    }
    remarks = list(_remarks(data, sheet, head.row, lines))
    if font:
        details = {"font": font}
        remarks.append(Remark(OLD_FONT.cause, OLD_FONT.remedy, details=details, weight=OLD_FONT.weight))
    unknown = tuple(
        _meant(name, font)
        for column, name in zip(head.columns, head.written, strict=True)
        if name and not column
    )
    return Listing(tuple(lines), written, tuple(remarks), unknown)


def _remarks(data: bytes, sheet: str, head: int, lines: Sequence[Line]) -> Iterator[Remark]:
    if not lines:
        yield NO_ROWS
        return
    for row, cells in merged_in(data, sheet):
        # Merged titles above the list, and notes under it, lose nothing.
        if head < row <= lines[-1].row:
            yield Remark(MERGED.cause, MERGED.remedy, row=row, details={"cells": cells})


def texts_of(rows: Rows, most: int, width: int = MOST_COLUMNS) -> Iterator[list[str]]:
    """The rest of the rows, as far as a list may go: Excel keeps formats of a million empty ones.

    Cells beyond `width`, where no heading stands, are not looked at.
    """
    filled = 0
    for row in islice(rows, most * 4):
        texts = [as_text(value) for value in islice(row, width)]
        filled += sum(map(bool, texts))
        if filled > MOST_CELLS:
            raise _too_long(most)
        yield texts


def _too_long(most: int) -> FormRefused:
    return FormRefused([Remark(TOO_LONG.cause, TOO_LONG.remedy, details={"most": str(most)})])


def sheets_of(data: bytes, filename: str) -> Iterator[tuple[str, Rows]]:
    """The sheets of a file (.xlsx, .xls, .csv), one after the other, with their cells as they are.

    Raises FormRefused where `read_workbook` does, and for a text whose encoding nobody knows.
    """
    if filename.lower().endswith((".csv", ".txt", ".tsv")):
        yield "", _csv_rows(data)
    else:
        yield from raw_sheets(data, filename)


def _csv_rows(data: bytes) -> Rows:
    text = _decoded(data)
    first = "\n".join(text.splitlines()[:HEADINGS_WITHIN])
    # Excel in a Vietnamese office separates by semicolons, because the comma is in its numbers.
    separator = max("\t;,", key=first.count)
    return iter(list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)))


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        # Text of the old fonts is bytes of Windows' own signs, shown as others by the font.
        text = data.decode("cp1252", errors="replace")
        if written_in(text.splitlines()) is None:
            raise FormRefused([NOT_UTF8]) from error
        return text


_MERGE = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


def merged_in(data: bytes, sheet: str) -> Iterator[tuple[int, str]]:
    """Ranges merged over several rows or columns of a sheet: their first row, and how Excel names them."""
    if data.startswith(b"PK"):
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            part = str(getattr(book[sheet], "_worksheet_path", "")).lstrip("/")
            xml = package.read(part) if part in package.namelist() else b""
        for left, top, right, bottom in _MERGE.findall(xml):
            yield int(top), f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        yield from _merged_xls(data, sheet)


def _merged_xls(data: bytes, sheet: str) -> Iterator[tuple[int, str]]:
    import xlrd
    from xlrd.formula import cellname

    with xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True) as book:
        for top, bottom, left, right in book.sheet_by_name(sheet).merged_cells:
            yield top + 1, f"{cellname(top, left)}:{cellname(bottom - 1, right - 1)}"
