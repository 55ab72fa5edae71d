"""⑨ The codebook as a workbook of its own: variables, codes, and the export report.

Knows: xlsxwriter, whose archives bear no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

from forms.datasets.beside.codebook import codebook_heads, codebook_rows, value_heads, value_rows
from forms.datasets.beside.export_report import report_rows
from forms.datasets.material import Material
from forms.datasets.plain_words import plain
from forms.phrases import template
from forms.values import HOME

VARIABLES: Final = template("Variables")
CODES: Final = template("Codes")
REPORT: Final = template("Export report")
ABOUT: Final = template("About")
SAID: Final = template("What is said")

_LONGEST: Final = 32_767
_A4: Final = 9
_ONE_PAGE: Final = 12
"""Columns that are still read when a page of paper holds them all."""

_NAMING: Final = 3
"""Columns that say which variable a row is about."""

_NARROW, _WIDE = 12, 48
_LINE, _MOST_LINES = 15, 8


def codebook_book(material: Material) -> bytes:
    """The workbook: three sheets with a frozen line of heads; texts are texts, dates are dates."""
    from xlsxwriter import Workbook

    spool, origin = material.spool, material.origin
    made = BytesIO()
    options = {
        "in_memory": True,
        "constant_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = Workbook(made, {**options, "strings_to_numbers": False, "default_date_format": "dd/mm/yyyy"})
    created = origin.taken_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({
        "title": plain(spool.dataset.title),
        "company": origin.publisher,
        "created": created,
    })
    pages = _Pages(book)
    pages.add(origin.say(VARIABLES), codebook_heads(spool, origin), codebook_rows(spool, origin))
    pages.add(origin.say(CODES), value_heads(spool, origin), value_rows(spool, origin))
    heads = [origin.say(ABOUT), origin.say(SAID)]
    pages.add(origin.say(REPORT), heads, report_rows(origin, spool.dataset))
    book.close()
    return made.getvalue()


class _Pages:
    """Sheets with a line of heads, a filter, and cells that keep their kind."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({
            "bold": True,
            "text_wrap": True,
            "valign": "top",
            "bg_color": "#E3ECE6",
            "bottom": 1,
        })
        self._text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
        self._moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm", "valign": "top"})
        self._number = book.add_format({"valign": "top", "align": "left"})

    def add(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet with these rows, each as high as its longest text needs."""
        page, told = self._book.add_worksheet(title[:31]), list(rows)
        widths = [_width([row[at] for row in told]) for at in range(len(heads))]
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            page.set_column(at, at, width)
            page.write_string(0, at, head, self._head)
        page.set_row(0, _LINE * _high(heads, widths))
        for number, row in enumerate(told, 1):
            for at, value in enumerate(row):
                self._write(page, number, at, value)
            high = _high(row, widths)
            if high > 1:
                page.set_row(number, _LINE * high)
        self._arrange(page, len(heads), len(told))

    def _arrange(self, page: Any, columns: int, rows: int) -> None:
        page.autofilter(0, 0, rows, columns - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:ZZ{rows + 1}"})
        page.set_paper(_A4)
        page.set_landscape()
        page.repeat_rows(0)
        page.freeze_panes(1, 0 if columns <= _ONE_PAGE else _NAMING)
        if columns <= _ONE_PAGE:
            page.fit_to_pages(1, 0)
        else:
            page.repeat_columns(0, _NAMING - 1)

    def _write(self, page: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            page.write_datetime(row, column, value.astimezone(HOME).replace(tzinfo=None), self._moment)
        elif isinstance(value, date):
            page.write_datetime(row, column, value, self._day)
        elif isinstance(value, int | float):
            page.write_number(row, column, value, self._number)
        else:
            page.write_string(row, column, _clean(value), self._text)


def _width(values: Iterable[Any]) -> int:
    """How wide a column is, by its texts."""
    longest = max((len(one) for one in values if isinstance(one, str)), default=0)
    return max(_NARROW, min(_WIDE, longest + 2))


def _high(row: Sequence[Any], widths: Sequence[int]) -> int:
    """Lines that a row needs; of very long texts the first ones are shown."""
    needed = (
        -(-(len(one) + 2) // width) for one, width in zip(row, widths, strict=True) if isinstance(one, str)
    )
    return min(_MOST_LINES, max(needed, default=1))


def _clean(text: str) -> str:
    """A text without what a workbook cannot hold, and no longer than a cell may be."""
    if not text.isprintable():
        text = "".join(one for one in text if one.isprintable() or one == "\n")
    return text[:_LONGEST]
