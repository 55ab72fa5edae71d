"""⑨ Archives of files with labels, a file for each table: what SPSS and Stata have in common.

`names.csv` says what every column and every code of ours is called and numbered in the files.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final, TypeAlias

from forms.datasets.beside.readme import companions
from forms.datasets.description import Table
from forms.datasets.formats.archive import archive
from forms.datasets.formats.cells import Plan, plans
from forms.datasets.formats.coding import Coding
from forms.datasets.formats.short_names import Rule
from forms.datasets.material import Material, Origin, Progress
from forms.datasets.missing import WORDS
from forms.datasets.plain_words import plain
from forms.exports.harmless import harmless
from forms.phrases import template
from forms.values import HOME

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As both formats write them, whatever the machine's language."""

Row: TypeAlias = tuple[str, ...]
HEADS: Final = (
    template("Table"),
    template("Column"),
    template("Name in this file"),
    template("Code"),
    template("Number in this file"),
    template("Words"),
)
"""The heads of `names.csv`, as English templates."""

_NO_CODES: Final = Coding({}, {}, {}, {})
_TAKEN: Final = template("Data as of {time}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on its way into a file of its own."""

    material: Material
    table: Table
    planned: tuple[Plan, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Program:
    """A program of statistics: the `ending` of its files, its names, and who writes a table as one file.

    `written` says how a kind of missing is typed there. `file(sheet, done)` yields a table's
    file in pieces and tells `done` how many rows are behind.
    """

    ending: str
    rule: Rule
    written: Callable[[int], str]
    file: Callable[[Sheet, Callable[[int], None]], Iterator[bytes]]


def write_labelled(program: Program, material: Material, path: Path, progress: Progress) -> None:
    """Write the archive: the tables, the names in them, then what is said beside them."""
    spool = material.spool
    counts = [spool.count(table) for table in spool.dataset.tables]
    total, behind = sum(counts), 0
    named: list[Row] = []
    with archive(path) as file:
        for table, rows in zip(spool.dataset.tables, counts, strict=True):
            planned = plans(spool, table, program.rule, material.origin)
            before = behind

            def done(in_it: int, before: int = before) -> None:
                progress(before + in_it, total)

            with file.entry(f"{table.name}.{program.ending}") as entry:
                for piece in program.file(Sheet(material, table, planned, rows), done):
                    entry.write(piece)
            behind += rows
            named.extend(name_rows(table, planned, program.written))
        file.add("names.csv", _csv(named, material.origin))
        file.add_all(companions(material))


def name_rows(table: Table, planned: Sequence[Plan], written: Callable[[int], str]) -> Iterator[Row]:
    """Rows under HEADS: each column, and below it each code that is not simply the same number there."""
    for plan in planned:
        yield table.name, plan.variable.name, plan.name, "", "", plan.label
        coding = plan.coding or _NO_CODES
        for code, number in renumbered(coding):
            yield table.name, plan.variable.name, plan.name, code, str(number), coding.labels[number]
        for code, kind in coding.kinds.items():
            yield table.name, plan.variable.name, plan.name, code, written(kind), coding.kind_labels[kind]


def renumbered(coding: Coding | None) -> Iterator[tuple[str, int]]:
    """The answers of a list whose number in the file is not simply their code."""
    for code, number in (coding or _NO_CODES).numbers.items():
        if code != str(number):
            yield code, number


def _csv(rows: Iterable[Row], origin: Origin) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([origin.words(head) for head in HEADS])
    writer.writerows([*map(harmless, row[:4]), row[4], harmless(row[5])] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def title(sheet: Sheet) -> str:
    """What a file is called inside: the survey, and the repeat's words where it is one."""
    dataset = sheet.material.spool.dataset
    language = sheet.material.origin.language
    if sheet.table.parent is None:
        return plain(dataset.title)
    words = sheet.table.labels.get(language) or sheet.table.name
    return f"{plain(dataset.title)}: {plain(words)}"


def notes(sheet: Sheet, written: Callable[[int], str]) -> Iterator[str]:
    """What whoever has only the file must know: whose it is, of when, how kinds of missing are written."""
    origin = sheet.material.origin
    yield title(sheet)
    yield from filter(None, (origin.project, origin.publisher, origin.places, origin.release))
    yield origin.words(_TAKEN, time=f"{origin.taken_at.astimezone(HOME):%d/%m/%Y %H:%M}")
    for kind, words in WORDS.items():
        yield f"{written(kind)} = {origin.words(words)}"
