"""① A spreadsheet as text: its sheets, read once, for the converter and for our own sheets.

Why: row numbers told to an author must be those he sees in Excel, whoever finds the fault.
Knows: openpyxl, xlrd, and the markdown tables of tests and documentation.
Silent about: formulas; the value Excel saved beside each one is read.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Literal

from forms.problems import FormRefused
from forms.remarks import Remark

if TYPE_CHECKING:
    from xlrd.sheet import Sheet as XlsSheet

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of a form as sent."""

LARGEST_UNPACKED = 60 * 1024 * 1024
"""Bytes of all parts of an .xlsx together, once unpacked; most may be pictures, which stay unread."""

LARGEST_XML = 24 * 1024 * 1024
"""Bytes of its sheets and texts, once unpacked: about 300,000 cells, and ten seconds of reading."""

MOST_PARTS = 2_000
MOST_SHEETS = 40
MOST_ROWS = 20_000
MOST_COLUMNS = 400
MOST_CELLS = 300_000
MOST_TEXT = 20_000_000
"""Characters in all cells together: a text shared by a million cells is small only in the file."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

NOT_A_WORKBOOK = Remark(
    "The file is neither an Excel workbook nor an XForm.",
    "Save the form as “Excel workbook (.xlsx)” and send that file.",
)
UNREADABLE = Remark(
    "The file looks like an Excel workbook and cannot be opened.",
    "Open it in Excel, save it again as “Excel workbook (.xlsx)” and send the new file.",
)
PROTECTED = Remark(
    "The workbook is protected by a password.",
    "Remove the password in Excel (File, Info, Protect workbook) and send it again.",
)
MACROS = Remark(
    "The workbook contains macros, which are never run here.",
    "Save it as “Excel workbook (.xlsx)” without macros and send that file.",
)
TOO_LARGE = Remark(
    "The form is larger than this server takes ({size} {what}; at most {limit}).",
    "Remove sheets, rows or pictures that do not belong to the form; put long lists into a CSV file.",
)
COLUMN_TWICE = Remark("The column “{name}” is there twice.", "Remove or rename one of the two.")
REMARKS = (NOT_A_WORKBOOK, UNREADABLE, PROTECTED, MACROS, TOO_LARGE, COLUMN_TWICE)
"""Everything this file may say."""

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters an XML document cannot hold, and the carriage return, which it would change."""

Rows = Iterator[Sequence[object]]
"""The cells of a sheet, row 1 first; an empty row is an empty or blank sequence."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row under the header: `row` as Excel counts, `cells` by column name, empty ones left out."""

    sheet: str
    row: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The text of a cell; "" where it is empty or there is no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name as written, the column names of row 1, and the rows that are not empty."""

    name: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a file by lower-case name, in the order of the file."""

    sheets: Mapping[str, Sheet] = field(default_factory=dict)

    def rows(self, name: str) -> tuple[SheetRow, ...]:
        """The rows of a sheet; none where there is no such sheet."""
        sheet = self.sheets.get(name)
        return sheet.rows if sheet else ()


def read_workbook(data: bytes, filename: str) -> Workbook:
    """Read an .xlsx, .xls or markdown (.md) file, told apart by its bytes.

    Raises FormRefused for anything else, and for a file that is damaged, protected or too large.
    """
    budget = _Budget()
    sheets: dict[str, Sheet] = {}
    for name, rows in raw_sheets(data, filename):
        require_size(len(sheets) + 1, MOST_SHEETS, "sheets")
        sheets.setdefault(name.strip().lower(), _sheet(name.strip(), rows, budget))
    return Workbook(sheets)


def raw_sheets(data: bytes, filename: str) -> Iterator[tuple[str, Rows]]:
    """The sheets of such a file one after the other, by name, with their cells as they are.

    Raises FormRefused where `read_workbook` does; whoever reads the rows counts them.
    """
    require_size(len(data), LARGEST_FILE, "bytes")
    if data.startswith(_ZIP):
        source = _xlsx_sheets
    elif data.startswith(_OLE):
        source = _xls_sheets
    elif filename.lower().endswith(".md"):
        source = _markdown_sheets
    else:
        raise FormRefused([NOT_A_WORKBOOK])
    try:
        for name, rows in source(data):
            yield name, _guarded(rows)
    except FormRefused:
        raise
    except Exception as error:
        raise _unreadable(error) from error


def _guarded(rows: Rows) -> Rows:
    try:
        yield from rows
    except FormRefused:
        raise
    except Exception as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> FormRefused:
    # A damaged file breaks the libraries in a dozen ways each, none of them a fault of ours.
    return FormRefused([PROTECTED if "encrypted" in str(error) else UNREADABLE])


def require_size(size: int, limit: int, what: str, sheet: str = "") -> None:
    """Raise FormRefused when `size` is above `limit`; `what` is the unit, in English."""
    if size > limit:
        details = {"what": what, "size": str(size), "limit": str(limit)}
        raise FormRefused([Remark(TOO_LARGE.cause, TOO_LARGE.remedy, sheet=sheet, details=details)])


def as_text(value: object) -> str:
    """A cell as text: whole numbers without “.0”, dates as ISO 8601, Unicode NFC, no outer spaces."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
    # Pasted text brings no-break spaces and control characters; in a name or an expression they are
    # faults nobody sees, and XML cannot hold the latter.
    text = _NO_XML.sub("", str(value).replace("\r\n", "\n").replace("\u00a0", " "))
    return unicodedata.normalize("NFC", text).strip()


class _Budget:
    """Counts the cells and their characters, and stops at the limits."""

    def __init__(self) -> None:
        self._cells = 0
        self._characters = 0

    def text(self, value: object) -> str:
        text = as_text(value)
        self._cells += 1
        self._characters += len(text)
        require_size(self._cells, MOST_CELLS, "cells")
        require_size(self._characters, MOST_TEXT, "characters")
        return text


def _sheet(name: str, rows: Rows, budget: _Budget) -> Sheet:
    header = _header(name, [budget.text(value) for value in next(rows, ())])
    kept = []
    for number, values in enumerate(rows, start=2):
        cells = {
            column: text
            for column, value in zip(header, values, strict=False)
            if column and value is not None and (text := budget.text(value))
        }
        if cells:
            require_size(number, MOST_ROWS, "rows", name)
            kept.append(SheetRow(name, number, cells))
    return Sheet(name, tuple(column for column in header if column), tuple(kept))


def _header(name: str, cells: Sequence[str]) -> list[str]:
    header = [re.sub(r"\s+", " ", cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    require_size(len(header), MOST_COLUMNS, "columns", name)
    twice = [column for column, times in Counter(header).items() if column and times > 1]
    if twice:
        raise FormRefused([
            Remark(
                COLUMN_TWICE.cause,
                COLUMN_TWICE.remedy,
                sheet=name,
                row=1,
                column=column,
                details={"name": column},
            )
            for column in twice
        ])
    return header


def _xlsx_sheets(data: bytes) -> Iterator[tuple[str, Rows]]:
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        _inspect(package)
    with warnings.catch_warnings():
        # openpyxl tells of styles and validations it leaves out; only the text matters here.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        # One row and column more than allowed, so that there is something to refuse.
        yield sheet.title, sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1, values_only=True)


def _inspect(package: zipfile.ZipFile) -> None:
    """Look at the parts of an .xlsx before any of them is unpacked for good."""
    parts = package.infolist()
    require_size(len(parts), MOST_PARTS, "parts")
    # zipfile never reads more of a part than the size it declares, so the sum is a true bound.
    require_size(sum(part.file_size for part in parts), LARGEST_UNPACKED, "bytes")
    read = [part for part in parts if _is_xml(part.filename)]
    require_size(sum(part.file_size for part in read), LARGEST_XML, "bytes")
    names = {part.filename for part in parts}
    if "xl/vbaProject.bin" in names:
        raise FormRefused([MACROS])
    if "xl/workbook.xml" not in names:
        raise FormRefused([NOT_A_WORKBOOK])
    # Excel never writes a document type declaration; whoever does wants entities expanded.
    if any(_declares_entities(package.read(part)) for part in read):
        raise FormRefused([UNREADABLE])


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _declares_entities(part: bytes) -> bool:
    # UTF-16 parts are legal and would hide the declaration between zero bytes.
    return b"<!DOCTYPE" in part or b"<!DOCTYPE" in part.replace(b"\0", b"")


def _xls_sheets(data: bytes) -> Iterator[tuple[str, Rows]]:
    import xlrd

    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FormRefused([PROTECTED])
    with xlrd.open_workbook(
        file_contents=data, logfile=io.StringIO(), on_demand=True, ragged_rows=True
    ) as book:
        for number in range(book.nsheets):
            sheet = book.sheet_by_index(number)
            yield sheet.name, (_xls_row(sheet, row, book.datemode) for row in range(sheet.nrows))
            book.unload_sheet(number)


def _xls_row(sheet: XlsSheet, row: int, datemode: Literal[0, 1]) -> list[object]:
    import xlrd

    return [
        _xls_value(kind, value, datemode) if kind not in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_ERROR} else None
        for kind, value in zip(sheet.row_types(row), sheet.row_values(row), strict=True)
    ]


def _xls_value(kind: int, value: object, datemode: Literal[0, 1]) -> object:
    """An .xls cell as openpyxl would give it: xlrd keeps dates and booleans as numbers."""
    import xlrd

    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        moment = xlrd.xldate_as_datetime(value, datemode)
        return moment.time() if value < 1 else moment
    return value


_MARKDOWN_LINE = re.compile(r"^\s*\|(?P<cells>.*)\|\s*(?:#[^|]*)?$")
_MARKDOWN_RULE = re.compile(r"^[\s|:-]+$")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")


def _markdown_sheets(data: bytes) -> Iterator[tuple[str, Rows]]:
    """Tables as pyxform's tests write them: the sheet's name in the first column, then its rows."""
    sheets: dict[str, list[list[object]]] = {}
    name = ""
    for line in data.decode("utf-8-sig").splitlines():
        found = _MARKDOWN_LINE.match(line)
        if not found or (_MARKDOWN_RULE.match(line) and "-" in line):
            continue
        first, *cells = (cell.strip().replace(r"\|", "|") for cell in _UNESCAPED_PIPE.split(found["cells"]))
        if first:
            name = first
            sheets.setdefault(name, [])
        if name and any(cells):
            sheets[name].append([cell or None for cell in cells])
    if not sheets:
        raise FormRefused([NOT_A_WORKBOOK])
    for title, rows in sheets.items():
        yield title, iter(rows)
