"""⑨ The sheets of a workbook beside its tables: codebook, codes, corrections, and the notes at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.beside.codebook import codebook_heads, codebook_rows, value_heads, value_rows
from forms.datasets.beside.correction_log import correction_heads, correction_rows
from forms.datasets.beside.export_report import report_rows
from forms.datasets.formats.sheet_titles import Titles
from forms.datasets.formats.sheet_xml import LONGEST, Cells, letters, lines, numbers
from forms.datasets.material import Material
from forms.phrases import template

Row: TypeAlias = Sequence[Any]
"""Texts, numbers, days, moments or None."""

Piece: TypeAlias = tuple[bytes | memoryview, int]
"""Lines of a sheet as XML, and how many rows of the dataset they are."""

CODEBOOK: Final = template("Codebook")
CODES: Final = template("Lists of codes")
CORRECTIONS: Final = template("Corrections")
NOTES: Final = template("Notes")
REMARK: Final = template("To be known")
PROVISIONAL: Final = template("Provisional figures: this file belongs to no frozen release.")
CUT: Final = template(
    "{count} texts are longer than the {limit} characters a cell holds, and end with “{mark}”. "
    "CSV and Parquet hold them whole."
)

_AT_ONCE: Final = 1000
_PIECE: Final = 1 << 20
_LINE: Final = 15
_WIDTH, _WIDTH_OF_NOTES = 24, (40, 90)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to be written: `count` rows under its heads; `body` makes their lines when it is its turn."""

    title: str
    heads: Sequence[str]
    widths: Sequence[float]
    count: int
    body: Callable[[Cells], Iterator[Piece]]
    filtered: bool = True


def side_sheets(material: Material, titles: Titles, cells: Cells, remarks: Sequence[str]) -> Iterator[Sheet]:
    """The sheets beside the tables, the notes last; `remarks` are sentences about this workbook.

    Their rows lie in the material's folder meanwhile: how many there are has to be known before the first.
    """
    spool, origin = material.spool, material.origin
    parts: tuple[tuple[str, Sequence[str], Iterable[Row]], ...] = (
        (CODEBOOK, codebook_heads(spool, origin), codebook_rows(spool, origin)),
        (CODES, value_heads(spool, origin), value_rows(spool, origin)),
        (CORRECTIONS, correction_heads(origin), correction_rows(origin, spool.dataset)),
    )
    for number, (title, heads, rows) in enumerate(parts):
        kept = material.folder / f"sheet-{number}.xml"
        count = _keep(kept, rows, cells)
        if count:
            yield Sheet(titles.of(origin.say(title)), heads, [_WIDTH] * len(heads), count, _Kept(kept))
    title = titles.of(origin.say(NOTES))
    notes = _Notes(material, remarks)
    yield Sheet(title, (title, ""), _WIDTH_OF_NOTES, notes.count, notes, filtered=False)


class _Notes:
    """The rows of the notes; whether a text was cut is known only when its turn comes."""

    def __init__(self, material: Material, remarks: Sequence[str]) -> None:
        self._origin = material.origin
        first = [] if material.origin.release else [material.origin.say(PROVISIONAL)]
        self._remarks = [*first, *remarks]
        self._report = list(report_rows(material.origin, material.spool.dataset))
        self.count = len(self._remarks) + len(self._report) + 1

    def __call__(self, cells: Cells) -> Iterator[Piece]:
        remarks, origin = self._remarks, self._origin
        if cells.cut:
            remarks = [*remarks, origin.words(CUT, count=cells.cut, limit=LONGEST, mark="[…]")]
        rows = [(origin.say(REMARK), remark) for remark in remarks]
        rows += [(heading, _grouped(said, origin.language)) for heading, said in self._report]
        for xml, _ in plain_lines(rows, cells.wrapping, widths=_WIDTH_OF_NOTES):
            yield xml, 0


def _grouped(said: str | int, language: str) -> str:
    """A number of the report in its sentence's language; beside words it stands better as words."""
    if isinstance(said, str):
        return said
    return f"{said:,}".replace(",", ".") if language == "vi" else f"{said:,}"


class _Kept:
    """Lines that lie in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, _: Cells) -> Iterator[Piece]:
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece, 0
        self._path.unlink()


def _keep(path: Path, rows: Iterable[Row], cells: Cells) -> int:
    total = 0
    with path.open("wb") as file:
        for xml, count in plain_lines(rows, cells):
            file.write(xml)
            total += count
    return total


def plain_lines(
    rows: Iterable[Row], cells: Cells, *, first: int = 2, widths: Sequence[float] = ()
) -> Iterator[Piece]:
    """Lines of rows that hold values of any kind, and how many they are; as tall as `widths` need."""
    coming = iter(rows)
    while chunk := list(islice(coming, _AT_ONCE)):
        names = numbers(first, len(chunk))
        columns = [
            _column([row[at] if at < len(row) else None for row in chunk], letters(at), names, cells)
            for at in range(max(map(len, chunk)))
        ]
        heights = pa.array([_height(row, widths) for row in chunk], pa.string()) if widths else None
        yield lines(columns, names, heights), len(chunk)
        first += len(chunk)


def _height(row: Row, widths: Sequence[float]) -> str | None:
    needed = max(
        sum(-(-max(len(part), 1) // int(width)) for part in str(cell).split("\n"))
        for cell, width in zip(row, widths, strict=False)
    )
    return str(_LINE * needed) if needed > 1 else None


def _column(values: Sequence[Any], letter: str, names: pa.Array, cells: Cells) -> pa.Array:
    texts = pa.array([one if isinstance(one, str) and one else None for one in values], pa.string())
    amounts = [one if isinstance(one, int | float) and not isinstance(one, bool) else None for one in values]
    moments = [one if isinstance(one, datetime) else None for one in values]
    days = [one if isinstance(one, date) and not isinstance(one, datetime) else None for one in values]
    return pc.coalesce(
        cells.of(texts, "text", letter, names),
        cells.of(pa.array(amounts, pa.float64()), "decimal", letter, names),
        cells.of(pa.array(moments, pa.timestamp("ms", "UTC")), "moment", letter, names),
        cells.of(pa.array(days, pa.date32()), "date", letter, names),
    )
