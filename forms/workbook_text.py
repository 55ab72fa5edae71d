"""① A workbook as markdown tables: the same words, for people who read changes line by line.

Why: a changed .xlsx shows a reviewer nothing; its text beside it shows each cell. The text is itself
a form pyxform and `read_workbook` accept, so a test can prove that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from forms.spreadsheet import Sheet, read_workbook


def render(workbook: bytes, filename: str = "workbook.xlsx") -> str:
    """Every sheet of a workbook as one markdown table, in the order of the file.

    The first cell of a table names its sheet; the row under the rule holds the column names. Equal
    workbooks give equal text: widths, colours and empty rows are left out. Raises FormRefused.
    """
    return "\n".join(_table(sheet) for sheet in read_workbook(workbook, filename).sheets.values())


def _table(sheet: Sheet) -> str:
    width = len(sheet.header)
    lines = [
        _line([sheet.name, *[""] * width]),
        f"|{'---|' * (width + 1)}",
        _line(["", *sheet.header]),
        *(_line(["", *(row[column] for column in sheet.header)]) for row in sheet.rows),
    ]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: Iterable[str]) -> str:
    return f"|{'|'.join(f' {_cell(text)} ' if text else ' ' for text in cells)}|"


def _cell(text: str) -> str:
    """A cell on one line: a bar is escaped, a line break becomes the `<br>` that markdown shows."""
    return "<br>".join(text.replace("|", "\\|").splitlines())
