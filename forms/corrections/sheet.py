"""Rows of a form as an Excel sheet to be corrected by hand, and the sheet as it comes back.

Why so: row 1 holds the names a program knows, row 2 the words of the form; `VERSION` tells whether a record
was changed after the sheet was made. Texts are texts, whatever they begin with, so that no answer becomes a
formula and no code loses its zeros.
Knows: openpyxl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from forms.spreadsheet import as_text, raw_sheets

KEY, VERSION = "KEY", "VERSION"
LABELS = "#"
"""What the first cell of the row of labels holds."""

LONGEST = 32_000
"""Characters of a cell; Excel takes a few more."""

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A question of the sheet: its path, what it is called, and whether it can be corrected there."""

    path: str
    label: str
    editable: bool


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row of the sheet: the key of the row, the version of its record, and its answers by path."""

    key: str
    version: str
    answers: Mapping[str, Any]


def cell_value(value: Any) -> Any:
    """An answer as its cell holds it: numbers and dates as they are, text without what no file may hold."""
    if isinstance(value, str):
        return _NO_XML.sub("", value.replace("\r\n", "\n"))[:LONGEST]
    return value


def cell_text(value: Any) -> str:
    """A cell as text: two that say the same are the same."""
    return "" if value is None else as_text(value)


def write_sheet(file: IO[bytes], columns: Sequence[SheetColumn], lines: Iterable[SheetLine]) -> int:
    """Write an .xlsx; returns how many rows it has. Lines are taken one by one."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill

    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    sheet.freeze_panes = "C3"
    bold, grey = Font(bold=True), PatternFill("solid", fgColor="E6E6E6")

    def cell(value: Any, *, locked: bool = False, head: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=cell_value(value))
        if isinstance(value, str):
            # openpyxl takes any text with a sign of equality in front for a formula.
            made.data_type, made.number_format = "s", "@"
            made.quotePrefix = value.startswith(_FORMULA)
        elif isinstance(value, date):
            made.number_format = "yyyy-mm-dd"
        if head:
            made.font = bold
        if locked:
            made.fill = grey
        return made

    sheet.append([cell(name, head=True) for name in (KEY, VERSION, *(one.path for one in columns))])
    sheet.append([cell(name, locked=True) for name in (LABELS, "", *(one.label for one in columns))])
    count = 0
    for line in lines:
        answers = [(line.answers.get(one.path), not one.editable) for one in columns]
        sheet.append([
            cell(line.key, locked=True),
            cell(line.version, locked=True),
            *(None if value is None else cell(value, locked=locked) for value, locked in answers),
        ])
        count += 1
    book.save(file)
    return count


@dataclass(frozen=True, slots=True)
class Returned:
    """A row as it came back: `row` as Excel counts, its key and version, the texts of its cells by path."""

    row: int
    key: str
    version: str
    texts: Mapping[str, str]


def read_sheet(data: bytes, filename: str) -> tuple[list[str], Iterator[Returned]]:
    """The paths of a sheet that came back, and its rows one by one.

    The paths are empty where the file is no such sheet. Raises FormRefused for what cannot be opened.
    """
    for _name, rows in raw_sheets(data, filename):
        header = [cell_text(cell) for cell in next(rows, ())]
        while header and not header[-1]:
            header.pop()
        if header[:2] != [KEY, VERSION]:
            return [], iter(())
        return header[2:], _rows(header[2:], rows)
    return [], iter(())


def _rows(paths: Sequence[str], rows: Iterator[Sequence[object]]) -> Iterator[Returned]:
    for number, cells in enumerate(rows, start=2):
        texts = [cell_text(cell) for cell in cells]
        key = texts[0] if texts else ""
        if not any(texts) or key.startswith(LABELS):
            continue
        texts += [""] * (len(paths) + 2 - len(texts))
        yield Returned(number, key, texts[1], dict(zip(paths, texts[2 : len(paths) + 2], strict=True)))
