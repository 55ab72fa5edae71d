"""A list somebody keeps in Excel, as rows of text: .xlsx, .xls and CSV of whatever encoding.

Why: lists of villages and of what communes are come from the same offices in the same shapes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import pairwise

from forms import spreadsheet
from forms.phrases import Phrase
from forms.place_problems import VillageFileUnreadable
from forms.problems import FormRefused
from forms.spreadsheet import as_text, raw_sheets


def table_of(data: bytes, filename: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that has any, cells as text, numbered as Excel counts.

    Raises VillageFileUnreadable.
    """
    if not data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        yield from enumerate(_csv_rows(data), start=1)
        return
    try:
        for _name, rows in raw_sheets(data, filename):
            read = [(number, [as_text(cell) for cell in cells]) for number, cells in enumerate(rows, start=1)]
            if len(read) > spreadsheet.MOST_ROWS:
                most = spreadsheet.MOST_ROWS
                cause = Phrase("It has more than {most} rows; longer ones are read as CSV.", most=most)
                raise VillageFileUnreadable(cause=cause)
            if any(any(cells) for _, cells in read):
                yield from read
                return
    except FormRefused as error:
        first = error.remarks[0]
        raise VillageFileUnreadable(cause=Phrase(first.cause, **first.details)) from error
    raise VillageFileUnreadable(cause=Phrase("It is empty."))


def _csv_rows(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [
            [as_text(cell) for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise VillageFileUnreadable(cause=Phrase("It is no CSV file.")) from error
    if not any(any(row) for row in rows):
        raise VillageFileUnreadable(cause=Phrase("It is empty."))
    return rows


def _decoded(data: bytes) -> str:
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise VillageFileUnreadable(cause=Phrase("It is no text."))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for one, then in pairwise([*encodings, ""]):
        try:
            return data.decode(one)
        except UnicodeDecodeError:
            if not then:
                break
    raise VillageFileUnreadable(cause=Phrase("Its text is in no encoding this server knows."))
