"""⑨ A dataset as an Excel workbook: a sheet for each table, then the codebook, the corrections and the notes.

One line of heads, frozen and with a filter, no merged cells; days and moments (in the time of Viet Nam) are
dates, numbers are numbers, and everything else, codes and telephone numbers too, is text. What could not be
read stands as it was sent. Rows and columns that a sheet has no room for continue on the next.

Knows: xlsxwriter, which makes all of the workbook but the rows; forms.datasets.formats.sheet_xml makes those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import KEY, PARENT_KEY, Table, spoken
from forms.datasets.formats.archive import archive
from forms.datasets.formats.columns import Column, as_sent, columns, pieces, said
from forms.datasets.formats.sheet_titles import Titles
from forms.datasets.formats.sheet_xml import Cells, Styles, letters, lines, numbers
from forms.datasets.formats.side_sheets import PROVISIONAL, Piece, Sheet, side_sheets
from forms.datasets.material import Material, Progress
from forms.datasets.plain_words import plain
from forms.phrases import template

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet, its heads included."""

MOST_COLUMNS: Final = 16_384
"""Columns of a sheet."""

MORE_ROWS: Final = template(
    "“{title}” has {count} rows, more than the {limit} a sheet holds; they continue on “{next}”."
)
MORE_COLUMNS: Final = template(
    "“{title}” has {count} columns, more than the {limit} a sheet holds; they continue on “{next}”."
)

_STYLES: Final = Styles("2", "3", "4", "5")
_FORMATS: Final = (
    {"num_format": "@"},
    {"num_format": "dd/mm/yyyy", "align": "left"},
    {"num_format": "dd/mm/yyyy hh:mm", "align": "left"},
    {"num_format": "@", "text_wrap": True, "valign": "top"},
)
_NARROWEST, _WIDEST, _OF_HEAD, _OF_KEY = 9, 48, 20, 14
_WIDTH_OF: Final = {"date": 12, "moment": 17}
_LINE, _MOST_LINES = 15, 4
_SAMPLE: Final = 500
_A4: Final = 9
_ON_A_PAGE: Final = 240


def write_xlsx(material: Material, path: Path, progress: Progress) -> None:
    """Write the workbook. Its properties say when the rows were taken, and nothing of any person."""
    spool = material.spool
    total = sum(spool.count(table) for table in spool.dataset.tables)
    done = 0
    cells = Cells(_STYLES)
    sheets = _sheets(material, cells)
    with ZipFile(BytesIO(_frame(sheets, material))) as frame, archive(path) as file:
        of_sheets = {f"xl/worksheets/sheet{at}.xml": sheet for at, sheet in enumerate(sheets, start=1)}
        for name in frame.namelist():
            if name not in of_sheets:
                file.add(name, frame.read(name))
        for name, sheet in of_sheets.items():
            before, after = _halves(frame.read(name).decode(), sheet)
            with file.entry(name) as entry:
                entry.write(before)
                for xml, rows in sheet.body(cells):
                    entry.write(xml)
                    done += rows
                    progress(done, total)
                entry.write(after)


# The tables ----------------------------------------------------------------------------------------------


def _sheets(material: Material, cells: Cells) -> list[Sheet]:
    titles, remarks, sheets = Titles(), [], []
    for table in material.spool.dataset.tables:
        for sheet, remark in _of_table(material, table, titles):
            sheets.append(sheet)
            remarks += remark
    return [*sheets, *side_sheets(material, titles, cells, remarks)]


def _of_table(material: Material, table: Table, titles: Titles) -> Iterator[tuple[Sheet, list[str]]]:
    """The sheets of a table: one, or more where it is too long or too wide, with a sentence for each more."""
    origin = material.origin
    name = plain(spoken(table.labels, origin.language)) or table.name
    every = columns(table, material.style, origin)
    count = material.spool.count(table)
    before = ""
    for at, block in enumerate(_blocks(every)):
        widths = _widths(material, table, block)
        for start in range(0, max(count, 1), MOST_ROWS - 1):
            title = titles.of(name)
            body = _Rows(material, table, block, start, min(count, start + MOST_ROWS - 1))
            sheet = Sheet(title, [one.head for one in block], widths, body.count, body)
            remark = []
            if start:
                told = {"title": before, "next": title, "count": count, "limit": MOST_ROWS}
                remark = [origin.words(MORE_ROWS, **told)]
            elif at:
                told = {"title": before, "next": title, "count": len(every), "limit": MOST_COLUMNS}
                remark = [origin.words(MORE_COLUMNS, **told)]
            yield sheet, remark
            before = title


def _blocks(every: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """The columns a sheet has room for; those of a further one begin with the key again."""
    yield every[:MOST_COLUMNS]
    for at in range(MOST_COLUMNS, len(every), MOST_COLUMNS - 1):
        yield (every[0], *every[at : at + MOST_COLUMNS - 1])


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a table from `start` to before `stop`, as lines of a sheet."""

    material: Material
    table: Table
    columns: Sequence[Column]
    start: int
    stop: int

    @property
    def count(self) -> int:
        return self.stop - self.start

    def __call__(self, cells: Cells) -> Iterator[Piece]:
        names = dict.fromkeys(one.variable.name for one in self.columns)
        seen = 0
        for batch in pieces(self.material.spool, self.table, names):
            low, high = max(self.start - seen, 0), min(self.stop - seen, len(batch))
            if low < high:
                rows = numbers(seen + low - self.start + 2, high - low)
                yield self._lines(batch.slice(low, high - low), rows, cells), high - low
            seen += len(batch)

    def _lines(self, batch: pa.RecordBatch, rows: pa.Array, cells: Cells) -> memoryview:
        sent = as_sent(batch)
        made = []
        for at, one in enumerate(self.columns):
            array, others = batch.column(one.variable.name), sent.get(one.variable.name)
            if array.null_count == len(array) and not others:
                continue
            told = cells.of(said(array, one), one.kind, letters(at), rows)
            made.append(cells.mixed(told, letters(at), rows, others) if others else told)
        return lines(made, rows)


def _widths(material: Material, table: Table, block: Sequence[Column]) -> list[float]:
    """How wide columns are, by their heads and their first rows."""
    names = dict.fromkeys(one.variable.name for one in block)
    first = next(pieces(material.spool, table, names), None)
    return [_width(one, first and first.slice(0, _SAMPLE)) for one in block]


def _width(column: Column, first: pa.RecordBatch | None) -> float:
    if column.variable.name in {KEY, PARENT_KEY}:
        return _OF_KEY
    longest = _WIDTH_OF.get(column.kind, 0)
    if first is not None and not longest:
        texts = said(first.column(column.variable.name), column).cast(pa.string())
        longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    return float(max(_NARROWEST, min(_WIDEST, max(longest, min(len(column.head), _OF_HEAD)) + 2)))


# The workbook without its rows ---------------------------------------------------------------------------


def _frame(sheets: Sequence[Sheet], material: Material) -> bytes:
    from xlsxwriter import Workbook

    made, origin = BytesIO(), material.origin
    book = Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({
        "title": material.spool.dataset.title,
        "subject": origin.release or origin.say(PROVISIONAL),
        "company": origin.publisher,
        "created": origin.taken_at.astimezone(UTC).replace(tzinfo=None),
    })
    head = book.add_format({
        "bold": True,
        "text_wrap": True,
        "valign": "top",
        "bg_color": "#E3ECE6",
        "bottom": 1,
    })
    samples = [book.add_format(one) for one in _FORMATS]
    foot = "" if origin.release else origin.say(PROVISIONAL)
    for sheet in sheets:
        _framed(book.add_worksheet(sheet.title), sheet, head, foot)
    # Styles get their numbers in the order they are met: the head's, then these.
    for at, sample in enumerate(samples):
        book.worksheets()[0].write_blank(1, at, None, sample)
    book.close()
    return made.getvalue()


def _framed(page: Any, sheet: Sheet, head: Any, foot: str) -> None:
    for at, (text, width) in enumerate(zip(sheet.heads, sheet.widths, strict=True)):
        page.set_column(at, at, width)
        if text:
            page.write_string(0, at, text, head)
    needed = (-(-len(text) // int(width)) for text, width in zip(sheet.heads, sheet.widths, strict=True))
    page.set_row(0, _LINE * min(_MOST_LINES, max(needed, default=1)) + 3)
    page.freeze_panes(1, 0)
    if sheet.filtered:
        page.autofilter(0, 0, sheet.count, len(sheet.heads) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:{letters(MOST_COLUMNS - 1)}{MOST_ROWS}"})
    page.set_paper(_A4)
    page.set_landscape()
    page.repeat_rows(0)
    if sum(sheet.widths) <= _ON_A_PAGE:
        page.fit_to_pages(1, 0)
    page.set_footer(f"&L{foot.replace('&', '&&')}&R&P/&N")


def _halves(frame: str, sheet: Sheet) -> tuple[bytes, bytes]:
    """What stands before the rows of a sheet and after them."""
    before, end, after = frame.partition("</sheetData>")
    before = re.sub(r'<row r="2".*?</row>', "", before)
    last = f"{letters(len(sheet.heads) - 1)}{sheet.count + 1}"
    before = re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>', before, count=1)
    return before.encode(), (end + after).encode()
