"""⑨ An office's own Excel file filled with figures: `{{ code }}`, `{{ code.numerator }}`; rows told by place.

A row that names `{{ place.name }}`, `{{ place.<code> }}` is repeated for each place below, with its looks.
Knows: openpyxl.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from forms.reports.packing import repacked
from forms.reports.placeholders import FIELDS, Value, Values
from forms.reports.problems import PlaceholderUnknown, TemplateTooLarge, TemplateUnreadable
from forms.reports.word_template import MOST_UNPACKED, UNREADABLE, require_small, texts_of

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

EXCEL: Final = "Excel (.xlsx)"
MOST_CELLS: Final = 200_000
MOST_MOVES: Final = 2_000_000
"""Cells looked at while rows are told by place: those of the whole sheet for each such row."""
MOST_ELEMENTS: Final = 2_000_000
"""Elements of all parts of a workbook: what is opened takes a thousand bytes for each."""
_HOLE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
_EACH: Final = "place"
_REFERENCE = re.compile(r"(?<![\w!.$'])(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?(?![\w(])")
_TEMPTING: Final = ("=", "+", "-", "@")


def fill_sheet(data: bytes, values: Values) -> bytes:
    """The workbook with its placeholders filled in; the same bytes for the same values.

    Raises TemplateUnreadable, TemplateTooLarge, PlaceholderUnknown.
    """
    require_small(data, EXCEL)
    _require_few(data)
    book = _opened(data)
    unknown = sorted({name for sheet in book.worksheets for name in _unknown(sheet, values)})
    if unknown:
        raise PlaceholderUnknown(names=", ".join(f"“{name}”" for name in unknown))
    for sheet in book.worksheets:
        _fill(sheet, values)
    out = io.BytesIO()
    try:
        book.save(out)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        # What was read leniently cannot always be written again, such as a book whose sheets are all hidden.
        raise TemplateUnreadable(wanted=EXCEL) from error
    return repacked(out.getvalue())


def _require_few(data: bytes) -> None:
    """Count what a workbook holds before it is opened, merged cells one by one.

    Raises TemplateTooLarge, TemplateUnreadable.
    """
    from lxml import etree

    elements = cells = 0
    try:
        for part in texts_of(data, EXCEL):
            for _event, one in etree.iterparse(io.BytesIO(part), resolve_entities=False, no_network=True):
                name = str(one.tag).rpartition("}")[2]
                elements += 1
                cells += 1 if name == "c" else _merged(one.get("ref", "")) if name == "mergeCell" else 0
                if cells > MOST_CELLS or elements > MOST_ELEMENTS:
                    raise _too_large()
                one.clear()
    except etree.LxmlError as error:
        raise TemplateUnreadable(wanted=EXCEL) from error


def _merged(reference: str) -> int:
    from openpyxl.utils import range_boundaries

    try:
        left, top, right, bottom = range_boundaries(reference)
    except (ValueError, TypeError):
        # Nothing that can be opened either.
        return 1
    if left is None or top is None or right is None or bottom is None:
        return MOST_CELLS + 1
    return int((right - left + 1) * (bottom - top + 1))


def _too_large() -> TemplateTooLarge:
    return TemplateTooLarge(megabytes=MOST_UNPACKED // 1024 // 1024)


def _opened(data: bytes) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), keep_links=False)
    except (InvalidFileException, AttributeError, TypeError, RuntimeError, *UNREADABLE) as error:
        raise TemplateUnreadable(wanted=EXCEL) from error
    if not book.worksheets:
        raise TemplateUnreadable(wanted=EXCEL)
    if sum(sheet.max_row * sheet.max_column for sheet in book.worksheets) > MOST_CELLS:
        raise _too_large()
    return book


def _texts(sheet: Worksheet) -> Iterator[tuple[Cell, str]]:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and "{{" in cell.value:
                yield cell, cell.value


def _names(text: str) -> list[str]:
    return _HOLE.findall(text)


def _unknown(sheet: Worksheet, values: Values) -> Iterator[str]:
    each = {
        "name": "",
        "code": "",
        **{name: one for name, one in values.named.items() if isinstance(one, Value)},
    }
    for _cell, text in _texts(sheet):
        for name in _names(text):
            first, _dot, rest = name.partition(".")
            known, asked = (each, rest) if first == _EACH and rest else (values.named, name)
            code, _dot, field = asked.partition(".")
            if code not in known or (field and not (isinstance(known[code], Value) and field in FIELDS)):
                yield name


def _fill(sheet: Worksheet, values: Values) -> None:
    repeated = sorted({
        cell.row for cell, text in _texts(sheet) if any(one.startswith(f"{_EACH}.") for one in _names(text))
    })
    _require_quick(sheet, len(repeated), len(values.places))
    # From the bottom, so that the rows above stay where they are.
    for row in reversed(repeated):
        _repeat(sheet, row, values)
    for cell, text in _texts(sheet):
        _put(cell, text, values.named)


def _require_quick(sheet: Worksheet, repeated: int, places: int) -> None:
    cells = (sheet.max_row + repeated * places) * sheet.max_column
    if repeated and (cells > MOST_CELLS or repeated * cells > MOST_MOVES):
        raise _too_large()


def _repeat(sheet: Worksheet, row: int, values: Values) -> None:
    """Tell a row of the template once for each place; what stands below moves down."""
    count = len(values.places)
    cells: tuple[Any, ...] = sheet[row]
    pattern = [(cell.value, copy(cell._style)) for cell in cells]  # noqa: SLF001 - openpyxl's own way to copy looks
    height = sheet.row_dimensions[row].height
    if count > 1:
        _make_room(sheet, row, count - 1)
    for at, place in enumerate(values.places or ({},)):
        sheet.row_dimensions[row + at].height = height
        for column, (value, style) in enumerate(pattern, start=1):
            cell: Any = sheet.cell(row + at, column)
            cell._style = copy(style)  # noqa: SLF001
            cell.value = value
            if isinstance(value, str) and "{{" in value:
                named = {f"{_EACH}.{name}": one for name, one in place.items()}
                _put(cell, value, {**values.named, **named} if place else values.named)


def _make_room(sheet: Worksheet, row: int, more: int) -> None:
    below = [one for one in list(sheet.merged_cells.ranges) if one.min_row > row]
    for one in below:
        sheet.unmerge_cells(str(one))
    heights = {
        at: sheet.row_dimensions[at].height
        for at in range(row + 1, sheet.max_row + 1)
        if sheet.row_dimensions[at].height
    }
    if sheet.max_row > row:
        last = sheet.cell(sheet.max_row, sheet.max_column).coordinate
        sheet.move_range(f"A{row + 1}:{last}", rows=more)
    _move_formulas(sheet, row, more)
    for one in below:
        one.shift(row_shift=more)
        sheet.merge_cells(str(one))
    for at in heights:
        sheet.row_dimensions[at].height = None
    for at, height in heights.items():
        sheet.row_dimensions[at + more].height = height


def _move_formulas(sheet: Worksheet, row: int, more: int) -> None:
    """Let formulas follow what moved; a range that ended in the repeated row covers all of its rows."""
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.value = _moved(cell.value, row, more)


def _moved(formula: str, row: int, more: int) -> str:
    def shifted(found: re.Match[str]) -> str:
        first = int(found[2])
        begin = f"{found[1]}{first + more if first > row else first}"
        if found[3] is None:
            return begin
        last = int(found[4])
        return f"{begin}:{found[3]}{last + more if last >= row else last}"

    # Between quotation marks stands text.
    pieces = formula.split('"')
    return '"'.join(one if at % 2 else _REFERENCE.sub(shifted, one) for at, one in enumerate(pieces))


def _put(cell: Any, text: str, named: Mapping[str, str | Value]) -> None:
    """Fill a cell: a placeholder alone is a number where it is one, among words it is words."""
    alone = _HOLE.fullmatch(text.strip())
    if alone:
        found = _plain(alone[1], named)
        cell.value = found
    else:
        cell.value = _HOLE.sub(lambda hole: str(_said(hole[1], named)), text)
    if isinstance(cell.value, str) and cell.value.startswith(_TEMPTING):
        cell.data_type = "s"


def _found(name: str, named: Mapping[str, str | Value]) -> tuple[str | Value, str]:
    """What a name stands for, and its field; nothing for a place where there is none."""
    if name in named:
        return named[name], ""
    code, _dot, field = name.rpartition(".")
    return named.get(code, ""), field if code in named else ""


def _plain(name: str, named: Mapping[str, str | Value]) -> float | str | None:
    value, field = _found(name, named)
    if not isinstance(value, Value):
        return value or None
    return value.plain(field) if field else value.number


def _said(name: str, named: Mapping[str, str | Value]) -> str:
    value, field = _found(name, named)
    return str(getattr(value, field) if field else value)
