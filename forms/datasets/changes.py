"""⑨ What is different between two frozen datasets: rows, questions, figures.

Both are read from their files, never from the database. Of a row only two numbers of 64 bits are held, one
for its key and one for what it says, so that a province needs some tens of megabytes.

Knows: pyarrow, numpy, pandas' hashes.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeAlias
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forms.datasets.description import KEY

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"

ENDING: Final = ".parquet"
_AT_A_TIME: Final = 20_000
_EMPTY: Final = "\0"
_FIRST: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(1_099_511_628_211)

_CELL: Final = ("INDICATOR", "REF_AREA", "TIME_PERIOD", "BREAKDOWN", "BREAKDOWN_VALUE")
_SAID: Final = ("OBS_VALUE", "NUMERATOR", "DENOMINATOR")
_TOGETHER: Final = "_T"


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What became of the rows of a table, and which questions it won or lost."""

    table: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    questions_added: tuple[str, ...] = ()
    questions_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureChanges:
    """How many cells of an indicator came, went or say something else; `values` those of the widest place.

    Each of `values` is place, period, value before and now ("" for none).
    """

    indicator: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    values: tuple[tuple[str, str, str, str], ...] = field(default=())


def table_changes(before: IO[bytes], after: IO[bytes], folder: Path) -> list[TableChanges]:
    """Compare two archives of Parquet files; `folder` holds one of their tables at a time.

    A row is found again by its KEY; only questions that both have make it another one.
    """
    with ZipFile(before) as old, ZipFile(after) as new:
        old_names, new_names = _tables(old), _tables(new)
        found = []
        for name in [*new_names, *(one for one in old_names if one not in new_names)]:
            mine = folder / "before.parquet", folder / "after.parquet"
            try:
                for archive, names, path in ((old, old_names, mine[0]), (new, new_names, mine[1])):
                    if name in names:
                        _take_out(archive, name, path)
                found.append(_compared(name.removesuffix(ENDING), *mine))
            finally:
                for path in mine:
                    path.unlink(missing_ok=True)
        return found


def _tables(archive: ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.endswith(ENDING)]


def _take_out(archive: ZipFile, name: str, path: Path) -> None:
    with archive.open(name) as source, path.open("wb") as to:
        shutil.copyfileobj(source, to)


def _compared(table: str, before: Path, after: Path) -> TableChanges:
    old, new = (pq.read_schema(path).names if path.exists() else [] for path in (before, after))
    common = [name for name in new if name in old and not name.startswith("__")]
    held = [_rows(path, common) for path in (before, after)]
    counts = _counted(*held)
    return TableChanges(
        table,
        *counts,
        questions_added=tuple(one for one in new if old and one not in old and not one.startswith("__")),
        questions_removed=tuple(one for one in old if new and one not in new and not one.startswith("__")),
    )


def _rows(path: Path, names: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Of each row the number of its key and of what it says."""
    keys: list[Numbers] = []
    rows: list[Numbers] = []
    if path.exists():
        with pq.ParquetFile(path, pre_buffer=False) as file:
            wanted = list(dict.fromkeys([KEY, *names]))
            for batch in file.iter_batches(batch_size=_AT_A_TIME, columns=wanted):
                keys.append(_hashed(batch.column(KEY)))
                rows.append(_joined([_hashed(batch.column(name)) for name in names], len(batch)))
    return _one(keys), _one(rows)


def _one(several: Sequence[Numbers]) -> Numbers:
    return np.concatenate(several) if several else np.empty(0, np.uint64)


def _hashed(column: pa.Array) -> Numbers:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    texts = pc.fill_null(column.cast(pa.string()), _EMPTY).to_numpy(zero_copy_only=False)
    hashed: Numbers = pd.util.hash_array(texts.astype(object))
    return hashed


def _joined(columns: Sequence[Numbers], rows: int) -> Numbers:
    joined = np.full(rows, _FIRST, np.uint64)
    with np.errstate(over="ignore"):
        for one in columns:
            joined = (joined ^ one) * _MIX
    return joined


def _counted(before: tuple[Numbers, Numbers], after: tuple[Numbers, Numbers]) -> tuple[int, int, int, int]:
    """How many rows came, went, say something else, are the same."""
    _keys, here, there = np.intersect1d(before[0], after[0], return_indices=True)
    changed = int(np.count_nonzero(before[1][here] != after[1][there]))
    both = len(here)
    return len(after[0]) - both, len(before[0]) - both, changed, both - changed


# Figures ----------------------------------------------------------------------------------------------


def figure_changes(before: IO[bytes], after: IO[bytes]) -> list[FigureChanges]:
    """Compare two long tables of figures in SDMX-CSV; indicators in the order of their codes.

    Only indicators with a difference are returned.
    """
    codes: dict[str, int] = {}
    old, new = _cells(before, codes), _cells(after, codes)
    _same, here, there = np.intersect1d(old.keys, new.keys, return_indices=True)
    other = old.said[here] != new.said[there]
    changed = _per(new.indicators[there][other], codes)
    added = _per(np.delete(new.indicators, there), codes)
    removed = _per(np.delete(old.indicators, here), codes)
    found = []
    for code in sorted(codes):
        number = codes[code]
        counts = added[number], removed[number], changed[number]
        if any(counts):
            found.append(FigureChanges(code, *counts, tuple(_values(code, old.top, new.top))))
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    keys: Numbers
    said: Numbers
    indicators: np.ndarray[Any, np.dtype[np.int64]]
    top: Mapping[tuple[str, str, str], str]


def _cells(file: IO[bytes], codes: dict[str, int]) -> _Cells:
    keys: list[Numbers] = []
    said: list[Numbers] = []
    numbers: list[int] = []
    top: dict[tuple[str, str, str], str] = {}
    shortest = 1 << 30
    for lines in _some(_lines(file)):
        keys.append(
            pd.util.hash_array(np.array(["\x1f".join(one[name] for name in _CELL) for one in lines], object))
        )
        said.append(
            pd.util.hash_array(np.array(["\x1f".join(one[name] for name in _SAID) for one in lines], object))
        )
        numbers.extend(codes.setdefault(one["INDICATOR"], len(codes)) for one in lines)
        for one in lines:
            place = one["REF_AREA"]
            width = 0 if place == _TOGETHER else len(place)
            if one["BREAKDOWN"] != _TOGETHER or width > shortest:
                continue
            if width < shortest:
                shortest = width
                top.clear()
            top[one["INDICATOR"], place, one["TIME_PERIOD"]] = one["OBS_VALUE"]
    return _Cells(_one(keys), _one(said), np.array(numbers, np.int64), top)


def _lines(file: IO[bytes]) -> Iterator[dict[str, str]]:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        yield from csv.DictReader(text)
    finally:
        # Whoever opened the file closes it.
        text.detach()


def _some(lines: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    held: list[dict[str, str]] = []
    for line in lines:
        held.append(line)
        if len(held) == _AT_A_TIME:
            yield held
            held = []
    if held:
        yield held


def _per(indicators: np.ndarray[Any, np.dtype[np.int64]], codes: Mapping[str, int]) -> Sequence[int]:
    return [int(one) for one in np.bincount(indicators, minlength=len(codes))]


def _values(
    code: str, before: Mapping[tuple[str, str, str], str], after: Mapping[tuple[str, str, str], str]
) -> Iterator[tuple[str, str, str, str]]:
    for cell in sorted({one for one in (*before, *after) if one[0] == code}):
        old, new = before.get(cell, ""), after.get(cell, "")
        if old != new:
            yield cell[1], cell[2], old, new
