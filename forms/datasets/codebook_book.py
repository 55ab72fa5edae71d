"""⑨ The codebook as a workbook of its own: variables, codes, and the export report.

Knows: xlsxwriter, whose archives bear no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

from forms.datasets.codebook import codebook_heads, codebook_rows, value_heads, value_rows
from forms.datasets.export_report import report_rows
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
_NARROW, _WIDE, _WIDEST = 12, 32, 60


def codebook_book(material: Material) -> bytes:
    """The workbook: three sheets with a frozen line of heads; texts are texts, dates are dates."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

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
        self._number = book.add_format({"valign": "top"})

    def add(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet with these rows."""
        page = self._book.add_worksheet(title[:31])
        longest = [len(head) // 2 for head in heads]
        page.write_row(0, 0, heads, self._head)
        count = 0
        for count, row in enumerate(rows, 1):
            for at, value in enumerate(row):
                self._write(page, count, at, value)
                if isinstance(value, str):
                    longest[at] = max(longest[at], len(value))
        for at, length in enumerate(longest):
            page.set_column(
                at, at, _NARROW if length < _NARROW else min(_WIDE if at else _WIDEST, length + 2)
            )
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, count, len(heads) - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:ZZ{count + 1}"})
        page.set_landscape()
        page.repeat_rows(0)

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


def _clean(text: str) -> str:
    """A text without what a workbook cannot hold, and no longer than a cell may be."""
    if not text.isprintable():
        text = "".join(one for one in text if one.isprintable() or one == "\n")
    return text[:_LONGEST]
