"""SPSS and Stata files of a made-up survey, read back cell by cell by the library their users read them with.

    python -m tests.proofs.labelled [--households 300000]

Every cell of every table is compared with the spool it was written from: texts, numbers, days, moments, codes
as numbers, and of each empty cell why it is empty. Where PSPP is installed it counts and adds up the columns
of the .sav as well. Exit 1 where a cell differs.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pyreadstat

from forms.datasets.description import Table, Variable
from forms.datasets.formats.catalogue import FORMATS
from forms.datasets.material import Material
from forms.datasets.missing import letter, spss
from forms.datasets.spool import BLANK, Spool
from tests.forms.datasets.made import made_origin
from tests.proofs.formats import lay

_AT_ONCE: Final = 200_000
_HOME: Final = timedelta(hours=7)
_NUMBERS: Final = {"approved": 1.0, "received": 2.0, "1": 1.0, "2": 2.0, "3": 3.0}
_REFUSED_OR_SO: Final = 6
"""The kind of the code 9 of that survey's lists, which no word tells apart."""


def expected(one: Variable, rows: pd.DataFrame, ending: str) -> list[Any]:
    """What a column must read as: numbers and texts, and what is written for each kind of missing."""
    column: Any = rows[one.name]
    if one.kind in {"text", "codes"}:
        return list(column.fillna(""))
    there = column.notna().to_numpy()
    if one.kind == "code":
        answers: list[Any] = [
            _missing(_REFUSED_OR_SO, ending) if code == "9" else _NUMBERS.get(code) for code in column
        ]
    elif one.kind == "moment":
        answers = (column + _HOME).dt.tz_localize(None).tolist()
    else:
        answers = column.tolist()
    if not one.path:
        return answers
    own = {one.name, one.part_of} - {""}
    blank = rows[BLANK].fillna("").str.split(",").map(lambda names: bool(own & {*names}))
    kinds = np.where(blank, 4, 3).tolist()
    return [
        answer if full else _missing(kind, ending)
        for answer, full, kind in zip(answers, there.tolist(), kinds, strict=True)
    ]


def _missing(kind: int, ending: str) -> object:
    return spss(kind) if ending == "sav" else letter(kind)[1:]


def compared(spool: Spool, table: Table, path: Path, ending: str) -> Iterator[tuple[str, int, int]]:
    """Name of a column, cells compared and cells that differ, piece after piece."""
    read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    start = 0
    for batch in spool.batches(table, size=_AT_ONCE):
        rows = batch.to_pandas(date_as_object=True)
        found, _ = read(path, row_offset=start, row_limit=len(rows), user_missing=True)
        if list(found.columns) != [one.name for one in table.variables] or len(found) != len(rows):
            yield "columns or rows", 1, 1
            return
        for one in table.variables:
            must, has = expected(one, rows, ending), found[one.name].tolist()
            yield one.name, len(must), sum(not _same(a, b) for a, b in zip(must, has, strict=True))
        start += len(rows)


def _same(must: Any, has: Any) -> bool:
    if isinstance(must, pd.Timestamp) and not isinstance(has, (str, float)):
        return bool(abs(must - pd.Timestamp(has)) < timedelta(milliseconds=1))
    if isinstance(must, float) and not isinstance(has, (str, float, int)):
        return bool(
            _second(must) == has
        )  # a user-missing number of a column of days is read as a day or moment
    return bool(must == has) or (pd.isna(must) and pd.isna(has))


def _second(number: float) -> object:
    day = (pd.Timestamp(1582, 10, 14) + timedelta(seconds=number)).to_pydatetime()
    return day.date()


def added_up(spool: Spool, table: Table, path: Path) -> bool | None:
    """Whether PSPP finds the same count and sum in whole numbers of a .sav; None without a PSPP."""
    if not shutil.which("pspp"):
        return None
    names = [one.name for one in table.variables if one.kind == "whole" and one.path]
    syntax, told = path.with_suffix(".sps"), path.with_suffix(".csv")
    syntax.write_text(
        f"get file='{path}'.\ndescriptives variables={' '.join(names)} /statistics=sum.\n", encoding="utf-8"
    )
    subprocess.run(["pspp", "-O", "format=csv", "-o", told, syntax], check=True, capture_output=True)
    sums = [0] * len(names)
    counts = [0] * len(names)
    for batch in spool.batches(table, names):
        for at, column in enumerate(batch.columns):
            counts[at] += len(column) - column.null_count
            sums[at] += sum(filter(None, column.to_pylist()))
    lines = told.read_text(encoding="utf-8").splitlines()
    has = [line.rsplit(",", 2)[1:] for line in lines if line.startswith("Câu hỏi")]
    return [(int(float(n)), int(float(total))) for n, total in has] == list(zip(counts, sums, strict=True))


def main() -> int:
    """Write, read back, say what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--households", type=int, default=300_000)
    asked, wrong = parser.parse_args(), 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        kept = folder / "spool"
        kept.mkdir()
        spool = lay(kept, asked.households)
        for ending in ("sav", "dta"):
            made = folder / f"made.{ending}.zip"
            FORMATS[ending].write(Material(spool, made_origin(), folder), made, lambda _done, _all: None)
            with ZipFile(made) as file:
                file.extractall(folder / ending)
            for table in spool.dataset.tables:
                path = folder / ending / f"{table.name}.{ending}"
                cells = 0
                for name, count, different in compared(spool, table, path, ending):
                    cells, wrong = cells + count, wrong + different
                    if different:
                        print(f"{table.name}.{ending} {name}: {different:,} of {count:,} differ")
                sums = added_up(spool, table, path) if ending == "sav" else None
                wrong += sums is False
                beside = {None: "", True: ", PSPP adds up the same", False: ", PSPP ADDS UP OTHERWISE"}[sums]
                print(
                    f"{table.name}.{ending}: {spool.count(table):,} rows, {cells:,} cells{beside}", flush=True
                )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
