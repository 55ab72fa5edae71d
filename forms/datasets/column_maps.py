"""⑨ Files for other systems: which column is filled from which question, said in a table and not here.

Source: `xlsforms/programme/uploads.csv`; what each system is owed, domain file of systems. Their own upload
layouts are in no document, so that headings and order have to be changed without a programmer.
Knows: the spool, xlsxwriter.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from forms.datasets.description import KEY, Dataset, Table, Variable, spoken
from forms.values import HOME

if TYPE_CHECKING:
    from forms.datasets.spool import Spool

Value: TypeAlias = str | int | float | date | None

COUNT: Final = "count"
BORN: Final = "born:"
CODE: Final = "code"
LIKE: Final = "like:"
SAID_AS: Final = "words:"
ROOT: Final = "root."
SUM: Final = "sum"
EACH: Final = "each"
FORMATS: Final = ("", CODE, COUNT, SUM, EACH, BORN)
MOST_SORTED: Final = 200_000
"""Rows that are put in the order of places; more stay as they lie, for they would not fit into memory."""

_RECEIVED: Final = "SubmissionDate"
_TEMPTING: Final = ("=", "+", "-", "@", "\t", "\r")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the variable it is filled from ("" = left empty), and how.

    `value` may begin with `root.`: the answer of the record the row belongs to. `format`: "" words of codes,
    `code` the codes, `each` a row for each of several answers, `born:15-25 26-35` the band of age of a year
    of birth, `count` how many rows are alike in all columns that are neither counted nor added up, `sum` the
    answers of these added up. An answer a form works out has no words of its own: `like:m_sex_in` takes
    those of that question, `words:1=Có;0=Không` says them.
    """

    heading: str
    value: str
    format: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A file for a system: of which form and table; `latest_by`: of the last record of each such unit.

    `system_title`: what people call the system.
    """

    id: str
    system: str
    title: str
    form: str
    table: str
    latest_by: str
    columns: tuple[Column, ...]
    system_title: str = ""


def read_maps(lines: Iterable[str]) -> list[ColumnMap]:
    """The files described; what a file is stands in its first row. Raises ValueError with a bad row."""
    found: dict[str, ColumnMap] = {}
    for row in csv.DictReader(lines):
        one = Column(row["heading_vi"], row["value"], row["format"])
        if one.format not in FORMATS and not one.format.startswith((BORN, LIKE, SAID_AS)):
            raise ValueError(f"{row['file']}: {one.format}")
        what = (row["file"], row["system"], row["title_vi"], row["form"], row["table"], row["latest_by"])
        known = found.get(row["file"]) or ColumnMap(*what, (), row.get("system_vi") or row["system"])
        found[known.id] = replace(known, columns=(*known.columns, one))
    return list(found.values())


def unknown(one: ColumnMap, dataset: Dataset) -> list[str]:
    """Names in a map that its form does not have."""
    table = table_of(one, dataset)
    if table is None:
        return [one.table]
    wanted = [column.value for column in one.columns if column.value]
    wanted += [f"{ROOT}{one.latest_by}"] if one.latest_by else []
    lacking = [name for name in wanted if _variable(name, table, dataset) is None]
    alike = [column.format.removeprefix(LIKE) for column in one.columns if column.format.startswith(LIKE)]
    return lacking + [name for name in alike if not _anywhere(name, dataset)]


def table_of(one: ColumnMap, dataset: Dataset) -> Table | None:
    """The table a file is made of, None where the form has none such."""
    if not one.table:
        return dataset.root
    return next((table for table in dataset.tables[1:] if table.name == one.table), None)


def _variable(name: str, table: Table, dataset: Dataset) -> Variable | None:
    known = dataset.root if name.startswith(ROOT) else table
    return known.by_name.get(name.removeprefix(ROOT))


def filled(one: ColumnMap, spool: Spool, year: int) -> Iterator[list[Value]]:
    """The rows of a file under its headings; ages are those of `year`. See `unknown` for its names."""
    dataset = spool.dataset
    table = table_of(one, dataset)
    if table is None:
        raise ValueError(one.table)
    plans = [(column, *_said_as(column, table, dataset)) for column in one.columns]
    rows = (
        [_value(*plan, said.get(plan[0].value), year) for plan in plans]
        for said in _several(one, _rows(one, spool, table))
    )
    kept = (row for row in rows if _OUT not in row)
    if any(column.format in _ADDED for column in one.columns):
        return iter(_counted(one, kept))
    return (
        kept
        if spool.count(table) > MOST_SORTED
        else iter(sorted(kept, key=lambda row: [_text(cell) for cell in row[:4]]))
    )


_ADDED: Final = (COUNT, SUM)
_OUT: Final = "\0"
"""Of no band: the row is left out."""


def _counted(one: ColumnMap, rows: Iterable[list[Value]]) -> list[list[Value]]:
    added = [number for number, column in enumerate(one.columns) if column.format in _ADDED]
    found: dict[tuple[Value, ...], Counter[int]] = {}
    for row in rows:
        alike = tuple(None if number in added else cell for number, cell in enumerate(row))
        totals = found.setdefault(alike, Counter())
        for number in added:
            totals[number] += 1 if one.columns[number].format == COUNT else _number(row[number])
    several = [
        [totals[number] if number in added else cell for number, cell in enumerate(row)]
        for row, totals in found.items()
    ]
    return sorted(several, key=lambda row: [_text(cell) for cell in row])


def _number(value: Value) -> int:
    """What an answer adds to a sum: yes is 1, and nothing is 0."""
    text = _text(value)
    return int(text) if text.removeprefix("-").isdecimal() else 0


def _several(one: ColumnMap, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows, once for each answer where a column wants that; those without one are left out."""
    name = next((column.value for column in one.columns if column.format == EACH), None)
    if name is None:
        yield from rows
        return
    for row in rows:
        for code in str(row.get(name) or "").split():
            yield {**row, name: code}


def _rows(one: ColumnMap, spool: Spool, table: Table) -> Iterator[Mapping[str, Any]]:
    """The rows of the table by the names the columns use, the answers of their records beside them."""
    root = spool.dataset.root
    above = {column.value.removeprefix(ROOT) for column in one.columns if column.value.startswith(ROOT)}
    records = _records(spool, root, above, one.latest_by) if above or one.latest_by else None
    own = [column.value for column in one.columns if column.value and not column.value.startswith(ROOT)]
    for batch in spool.batches(table, sorted({KEY, *own})):
        for row in batch.to_pylist():
            said = records.get(row[KEY].partition("/")[0]) if records is not None else {}
            if said is not None:
                yield {**row, **{f"{ROOT}{name}": value for name, value in said.items()}}


def _records(spool: Spool, root: Table, wanted: set[str], latest_by: str) -> dict[str, dict[str, Any]]:
    """What columns say of records, by key; of those with one `latest_by` only the last one received."""
    names = sorted({KEY, _RECEIVED, *wanted, *([latest_by] if latest_by else [])} & root.by_name.keys())
    found: dict[str, dict[str, Any]] = {}
    last: dict[Any, tuple[Any, str]] = {}
    for batch in spool.batches(root, names):
        for row in batch.to_pylist():
            unit = row.get(latest_by) or row[KEY]
            mine = (row.get(_RECEIVED), row[KEY])
            before = last.get(unit)
            if latest_by and before is not None:
                if mine < before:
                    continue
                del found[before[1]]
            last[unit] = mine
            found[row[KEY]] = {name: row.get(name) for name in wanted}
    return found


def _anywhere(name: str, dataset: Dataset) -> Variable | None:
    return next((table.by_name[name] for table in dataset.tables if name in table.by_name), None)


def _said_as(
    column: Column, table: Table, dataset: Dataset
) -> tuple[Variable | None, Mapping[str, str] | None]:
    """What a column is filled from, and the words its codes are said with: None where they are no codes."""
    variable = _variable(column.value, table, dataset) if column.value else None
    if column.format.startswith(SAID_AS):
        pairs = (pair.partition("=") for pair in column.format.removeprefix(SAID_AS).split(";"))
        return variable, {code.strip(): words.strip() for code, _equals, words in pairs}
    source = variable
    if column.format.startswith(LIKE):
        source = _anywhere(column.format.removeprefix(LIKE), dataset)
    if source is None or source.kind not in {"code", "codes"} or column.format in {CODE, SUM}:
        return variable, None
    return variable, {one.code: spoken(one.labels, "vi") or one.code for one in source.values}


def _value(
    column: Column, variable: Variable | None, words: Mapping[str, str] | None, value: Any, year: int
) -> Value:
    if column.format.startswith(BORN):
        return _band(column.format.removeprefix(BORN), value, year)
    if variable is None or value is None:
        return None
    if words is not None:
        return "; ".join(words.get(code, code) for code in str(value).split()) if words else str(value)
    if isinstance(value, datetime):
        return value.astimezone(HOME).date()
    found: Value = value
    return found


def _band(bands: str, born: Any, year: int) -> str:
    if born is None:
        return _OUT
    age = year - int(born)
    for band in bands.split():
        first, _dash, last = band.partition("-")
        if int(first) <= age <= int(last):
            return band
    return _OUT


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def write_csv(path: Path, one: ColumnMap, rows: Iterable[Sequence[Value]]) -> int:
    """A CSV that Excel opens by itself: UTF-8 with its mark, no formulas; returns how many rows."""
    count = 0
    with path.open("wb") as file:
        file.write(_BOM)
        text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow([column.heading for column in one.columns])
        for row in rows:
            writer.writerow([_harmless(_text(value), value) for value in row])
            count += 1
        text.detach()
    return count


def _harmless(text: str, value: Value) -> str:
    return f"'{text}" if isinstance(value, str) and text.startswith(_TEMPTING) else text


def write_excel(path: Path, one: ColumnMap, rows: Iterable[Sequence[Value]]) -> int:
    """A workbook: codes as text, days as days; returns how many rows."""
    from xlsxwriter import Workbook

    count = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(path, {**options, "strings_to_numbers": False}) as book:
        book.set_properties({"created": datetime(2020, 1, 1)})  # noqa: DTZ001 - Excel knows no zones
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("du lieu")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(one.columns) - 1, 18)
        for at, column in enumerate(one.columns):
            sheet.write_string(0, at, column.heading, head)
        for count, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(count, at, value, day)
                elif value is not None:
                    sheet.write(count, at, value)
    return count
