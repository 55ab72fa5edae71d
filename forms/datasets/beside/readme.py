"""⑨ What lies in every archive beside the data: how to read it, codebook, DDI, export report, corrections."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from forms.datasets.beside.codebook_book import codebook_book
from forms.datasets.beside.correction_log import correction_heads, correction_rows
from forms.datasets.beside.ddi import ddi
from forms.datasets.beside.export_report import DIGEST, PROVISIONAL, report_rows
from forms.datasets.beside.report_words import cited, has_personal_data, moment, version
from forms.datasets.description import KEY, PARENT_KEY, Table, spoken
from forms.datasets.material import Material
from forms.datasets.plain_words import plain
from forms.exports.csv_text import BOM
from forms.exports.harmless import harmless
from forms.phrases import template
from forms.values import HOME

README: Final = "README.txt"
CODEBOOK: Final = "codebook.xlsx"
DDI: Final = "ddi.xml"
REPORT: Final = "export_report.csv"
CORRECTIONS: Final = "corrections.csv"

_MOST_BYTES: Final = 8 << 20
"""A log of corrections that is longer goes on in a file of its own."""

_WIDTH: Final = 88

FROM: Final = template("From {publisher}: {project}. Places: {places}.")
READ_AT: Final = template("Read from the database on {moment} (time of Viet Nam).")
IN_IT: Final = template("WHAT IS IN IT")
TABLE_LINE: Final = template("{name}: {label}, {count} rows")
TIED: Final = template(
    "Rows belong together by the columns {key} and {parent_key}: {parent_key} of a row holds {key} of the "
    "row it lies in."
)
BESIDE: Final = template("BESIDE THE DATA")
OF_CODEBOOK: Final = template(
    "what every column means, whom it was asked, which codes it has, how many answered"
)
OF_DDI: Final = template("the same for catalogues and archives (DDI-Codebook 2.5)")
OF_REPORT: Final = template("what was chosen, how many records there were, which were left out and why")
OF_CORRECTIONS: Final = template("every answer that was changed after it was sent")
OPENING: Final = template("HOW TO OPEN IT")
UNPACK: Final = template("Take the files out of the archive first; do not work inside it.")
OPEN_CSV: Final = template(
    ".csv opens in Excel or LibreOffice by a double click. Codes such as 03127 lose their first 0 there: for "
    "work in Excel take the Excel workbook."
)
OPEN_STATISTICS: Final = template(
    ".sav opens in SPSS, PSPP and jamovi, .dta in Stata; .parquet is for R, Python, DuckDB and Power BI."
)
NAMES: Final = template(
    "Beside .sav and .dta lies names.csv: what columns and codes are called there, and which number stands "
    "for which code."
)
EMPTY: Final = template(
    "An empty cell was left blank or not asked; the codebook counts both, SPSS and Stata tell them apart."
)
CITING: Final = template("HOW TO CITE IT")
PERSONS: Final = template("PERSONS")
RECOGNISABLE: Final = template(
    "Persons can be recognised in these files. Keep them locked away, pass them on to nobody who may not see "
    "them, and delete them when the work is done."
)


def companions(material: Material) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file that lies beside the data, in the order they are listed.

    The same bytes for the same material. A very long log of corrections comes in several files.
    """
    yield README, (BOM + readme(material).replace("\n", "\r\n").encode())
    yield CODEBOOK, codebook_book(material)
    yield DDI, ddi(material.spool, material.origin)
    report = report_rows(material.origin, material.spool.dataset)
    yield REPORT, b"".join(_pieces(material, (), report))
    yield from _corrections(material)


def readme(material: Material) -> str:
    """What the files are, how they are opened and cited: plain text in the reader's language."""
    origin, dataset = material.origin, material.spool.dataset
    say, words = origin.say, origin.words
    title = plain(dataset.title)
    parts = [
        title.upper(),
        "=" * min(len(title), _WIDTH),
        version(origin),
        words(FROM, publisher=origin.publisher, project=origin.project, places=origin.places),
        words(READ_AT, moment=moment(origin.taken_at)),
        *([] if origin.release else [f"* {say(PROVISIONAL)} *"]),
        "",
        *_section(say(IN_IT), [*_tables(material), *_tied(material)]),
        *_section(say(BESIDE), [f"{name}: {say(told)}" for name, told in _BESIDE]),
        *_section(say(OPENING), map(say, (UNPACK, OPEN_CSV, OPEN_STATISTICS, NAMES, EMPTY))),
        *_section(
            say(CITING),
            [cited(dataset, origin), *([f"{say(DIGEST)}: {origin.digest}"] if origin.digest else [])],
        ),
        *_section(say(PERSONS), _persons(material)),
    ]
    return "\n".join(parts).rstrip() + "\n"


_BESIDE: Final = (
    (CODEBOOK, OF_CODEBOOK),
    (DDI, OF_DDI),
    (REPORT, OF_REPORT),
    (CORRECTIONS, OF_CORRECTIONS),
)


def _section(head: str, lines: Iterable[str]) -> Iterator[str]:
    told = [f"- {line}" for line in lines if line]
    if told:
        yield from (head, *told, "")


def _tables(material: Material) -> Iterator[str]:
    for table in material.spool.dataset.tables:
        label, count = _called(table, material), material.spool.count(table)
        yield material.origin.words(TABLE_LINE, name=table.name, label=label, count=count)


def _tied(material: Material) -> Iterator[str]:
    if any(PARENT_KEY in table.by_name for table in material.spool.dataset.tables):
        yield material.origin.words(TIED, key=KEY, parent_key=PARENT_KEY)


def _called(table: Table, material: Material) -> str:
    return plain(spoken(table.labels, material.origin.language)) or table.name


def _persons(material: Material) -> Iterator[str]:
    protection = material.origin.protection
    if not protection and has_personal_data(material.spool.dataset):
        yield material.origin.say(RECOGNISABLE)
    yield from (f"{heading}: {words}" for heading, words in protection.items())


# Lines of CSV --------------------------------------------------------------------------------------------


def _corrections(material: Material) -> Iterator[tuple[str, bytes]]:
    heads = correction_heads(material.origin)
    rows = correction_rows(material.origin, material.spool.dataset)
    stem, ending = CORRECTIONS.split(".")
    held, number, name = bytearray(), 1, CORRECTIONS
    for piece in _pieces(material, heads, rows):
        if len(held) >= _MOST_BYTES:
            yield name, bytes(held)
            number += 1
            name = f"{stem}_{number}.{ending}"
            held = bytearray(_line(heads, material, first=True))
        held += piece
    yield name, bytes(held)


def _pieces(material: Material, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A table as CSV, line by line; the first brings the mark by which Excel knows UTF-8."""
    yield _line(heads, material, first=True) if heads else (BOM if material.style.for_people else b"")
    for row in rows:
        yield _line(row, material)


def _line(row: Sequence[Any], material: Material, *, first: bool = False) -> bytes:
    style, out = material.style, io.StringIO(newline="")
    csv.writer(out, delimiter=style.separator).writerow([
        _cell(one, for_people=style.for_people) for one in row
    ])
    return (BOM if first and style.for_people else b"") + out.getvalue().encode(errors="replace")


def _cell(value: Any, *, for_people: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        if for_people:
            return value.astimezone(HOME).strftime("%d/%m/%Y %H:%M")
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y") if for_people else value.isoformat()
    text = str(value)
    return harmless(text) if for_people and isinstance(value, str) else text
