"""What each format of a dataset costs at full size, beside the floor of a bare write of the same rows.

    python -m tests.proofs.formats [--households 300000] [--formats xlsx,csv,parquet,geojson,sav,dta,wide]

300,000 households with 1.3 million members, 36 and 37 columns, lie in a spool. Each format is written in a
process of its own, which says its seconds and its highest memory; the floors are `pyarrow.csv` and
`pyarrow.parquet` writing the cells of that spool as they are, packed as ours are, without words, codebook or
anything said (`loose` is CSV that is not packed, for comparison). Exit 1 where CSV or Parquet takes more than
three times its floor or a format more than 300 MB. `wide` is the spool with one row for each household.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from forms.datasets.description import Dataset, Kind, Table, Value, Variable
from forms.datasets.formats.archive import archive
from forms.datasets.formats.catalogue import FORMATS
from forms.datasets.material import Material, Origin, Style
from forms.datasets.spool import Spool, schema_of
from forms.datasets.widening import widen

MOST_TIMES: Final = 3.0
"""Times its floor that CSV and Parquet may take."""

MOST_MEGABYTES: Final = 300
"""Memory of the process that writes a format."""

_FLOORS: Final[Mapping[str, str]] = {"csv": "bare-csv", "csv-programs": "bare-csv", "parquet": "bare-parquet"}
_ALL: Final = (
    "bare-csv-loose",
    "bare-csv",
    "bare-parquet",
    "csv",
    "csv-programs",
    "parquet",
    "geojson",
    "xlsx",
    "sav",
    "dta",
    "wide",
)
_AT_ONCE: Final = 20_000
_FAMILIES: Final = (
    "Giàng",
    "Vừ",
    "Sùng",
    "Lò",
    "Thào",
    "Lầu",
    "Mùa",
    "Cứ",
    "Hạng",
    "Nguyễn",
    "Đinh",
    "Quàng",
)
_GIVEN: Final = ("Páo", "Mỷ", "Sử", "Dợ", "Chơ", "Ánh", "Đạt", "Pỉnh", "Vàng", "Tủa", "Lử", "Ấm", "Ích", "Xá")
_LIST: Final = tuple(Value(str(code), {"vi": f"Lựa chọn {code}"}, missing=code == 9) for code in (1, 2, 3, 9))


def _asked(path: str, kind: Kind, **more: Any) -> Variable:
    name = path.rpartition("/")[2]
    return Variable(name, kind, path, {"vi": f"Câu hỏi {name}"}, pii="none", **more)


def described() -> Dataset:
    """A survey of households and their members, with the columns such a survey has."""
    places = [f"{level}{what}" for level in ("province", "commune", "village") for what in ("_code", "")]
    ours = tuple(Variable(name, "text", labels={"vi": name}, role="place") for name in places)
    key = Variable("KEY", "text", labels={"vi": "Mã phiếu"})
    root = (
        key,
        *ours,
        _asked("/visited_on", "date"),
        _asked("/head", "text"),
        *(
            Variable(f"house_{part}", "decimal", "/house", part_of="house", role=part)
            for part in ("latitude", "longitude", "altitude", "accuracy")
        ),
        *(_asked(f"/choice_{at}", "code", values=_LIST) for at in range(12)),
        *(_asked(f"/count_{at}", "whole") for at in range(5)),
        _asked("/income", "decimal"),
        _asked("/note", "text"),
        Variable("SubmissionDate", "moment", labels={"vi": "Thời điểm nhận"}),
        Variable("FormVersion", "text"),
        Variable("ReviewState", "code", values=(Value("approved"), Value("received"))),
        Variable("Edits", "whole"),
    )
    tables = (
        Table("household", "", None, root, {"vi": "Hộ gia đình"}),
        Table("member", "/member", "", _of_member(key, ours), {"vi": "Thành viên"}),
    )
    return Dataset("household", "Phiếu hộ gia đình", tables, ("1",), ("vi",))


def _of_member(key: Variable, ours: tuple[Variable, ...]) -> tuple[Variable, ...]:
    tongues = _asked("/member/tongues", "codes", values=_LIST)
    return (
        key,
        Variable("PARENT_KEY", "text"),
        Variable("n", "whole"),
        *ours,
        _asked("/member/name", "text"),
        _asked("/member/born_on", "date"),
        _asked("/member/age", "whole"),
        _asked("/member/phone", "text"),
        *(_asked(f"/member/answer_{at}", "code", values=_LIST) for at in range(14)),
        *(_asked(f"/member/years_{at}", "whole") for at in range(5)),
        tongues,
        *(
            Variable(f"tongues__{v.code}", "flag", tongues.path, part_of="tongues", code=v.code)
            for v in _LIST
        ),
    )


def lay(folder: Path, households: int) -> Spool:
    """A spool with that many households and four or five times as many members, always the same."""
    spool = Spool(folder, described())
    made = np.random.default_rng(1716)
    root, member = spool.dataset.tables
    with spool.writer(root) as of_root, spool.writer(member) as of_member:
        for start in range(0, households, _AT_ONCE):
            rows = min(_AT_ONCE, households - start)
            keys = [f"uuid:{start + at:08d}-0000-4000-8000-000000000000" for at in range(rows)]
            of_root.add_batch(_filled(root, rows, made, {"KEY": keys}))
            sizes = np.minimum(1 + made.poisson(10 / 3, rows), 15)
            parents = np.repeat(np.arange(rows), sizes)
            number = np.concatenate([np.arange(1, size + 1) for size in sizes])
            parent = [keys[at] for at in parents]
            own = [f"{key}/member[{at}]" for key, at in zip(parent, number, strict=True)]
            ties = {"KEY": own, "PARENT_KEY": parent, "n": number.tolist()}
            of_member.add_batch(_filled(member, len(own), made, ties))
    return spool


def _filled(
    table: Table, rows: int, made: np.random.Generator, given: Mapping[str, list[Any]]
) -> pa.RecordBatch:
    schema = schema_of(table)
    arrays = []
    for field in schema:
        one = table.by_name.get(field.name)
        if field.name in given:
            arrays.append(pa.array(given[field.name], field.type))
        elif one is None:
            blank = field.name == "__blank"
            arrays.append(
                pa.array(
                    [one or None for one in made.choice(["note", "", "", ""], rows)]
                    if blank
                    else [None] * rows,
                    pa.string(),
                )
            )
        else:
            arrays.append(_column(one, rows, made).cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(one: Variable, rows: int, made: np.random.Generator) -> pa.Array:
    absent = made.random(rows) < (0.2 if one.path else 0)
    if one.kind in {"whole", "flag"}:
        return pa.array(made.integers(0, 2 if one.kind == "flag" else 90, rows), mask=absent)
    if one.kind == "decimal":
        return pa.array(np.round(made.random(rows) * 100, 4), mask=absent)
    if one.kind == "date":
        return pa.array(made.integers(0, 20_000, rows).astype("int32"), mask=absent).cast(pa.date32())
    if one.kind == "moment":
        seconds = made.integers(1_780_000_000, 1_790_000_000, rows)
        return pa.array(seconds * 1000).cast(pa.timestamp("ms", "UTC"))
    return pa.array(_texts(one, rows, made).tolist(), pa.string(), mask=absent)


def _texts(one: Variable, rows: int, made: np.random.Generator) -> np.ndarray:
    if one.kind == "codes":
        return made.choice(["1", "1 2", "2 3", "1 2 3", "9"], rows)
    if one.kind == "code":
        return made.choice([value.code for value in one.values], rows)
    if one.role == "place":
        return made.choice([f"{one.name} {at:05d}" for at in range(40)], rows)
    if one.name == "FormVersion":
        return made.choice(["2026060100"], rows)
    if one.name == "phone":
        return np.char.add("09", made.integers(10_000_000, 99_999_999, rows).astype(str))
    first, middle, last = (made.choice(words, rows) for words in (_FAMILIES, ("Thị", "Văn", "A"), _GIVEN))
    numbered = made.integers(0, 30_000, rows).astype(str) if one.name == "note" else ""
    return np.char.add(
        np.char.add(first, np.char.add(" ", middle)), np.char.add(np.char.add(" ", last), numbered)
    )


# One format ----------------------------------------------------------------------------------------------


def bare_csv(spool: Spool, folder: Path, *, packed: bool) -> None:
    """Nothing but the cells, as Arrow writes them, `packed` as ours are or not."""
    with archive(folder / "made.zip") as file:
        for table in spool.dataset.tables:
            names = [one.name for one in table.variables]
            schema = pa.schema([schema_of(table).field(name) for name in names])
            with (
                file.entry(f"{table.name}.csv", packed=packed) as entry,
                pa_csv.CSVWriter(entry, schema) as written,
            ):
                for batch in spool.batches(table, names):
                    written.write(batch)


def bare_parquet(spool: Spool, folder: Path) -> None:
    """Nothing but the cells, with what Arrow takes by default, packed as ours are."""
    for table in spool.dataset.tables:
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema_of(table), compression="zstd") as file:
            for batch in spool.batches(table):
                file.write_batch(batch)


def write_one(code: str, spool: Spool, folder: Path) -> None:
    """Write a format, or a floor."""
    origin = Origin("Điều tra 2026", "Sở", "Tỉnh", datetime(2026, 8, 21, tzinfo=UTC), "vi")
    work = folder / "work"
    work.mkdir()
    material = Material(spool, origin, work, Style())
    other: dict[str, Callable[[], object]] = {
        "bare-csv": lambda: bare_csv(spool, folder, packed=True),
        "bare-csv-loose": lambda: bare_csv(spool, folder, packed=False),
        "bare-parquet": lambda: bare_parquet(spool, folder),
        "wide": lambda: widen(spool, work),
    }
    if code in other:
        other[code]()
        return
    code, _, programs = code.partition("-")
    if programs:
        material = replace(material, style=Style("codes", for_people=False))
    FORMATS[code].write(material, folder / f"made{FORMATS[code].ending}", _quiet)


def _quiet(done: int, total: int) -> None:
    """Nobody watches."""


def memory() -> float:
    """The most memory this process has held, MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _say_one(code: str, kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=kept.parent) as place:
        folder = Path(place)
        spool = Spool(kept, described())
        began, worked = time.perf_counter(), time.process_time()
        write_one(code, spool, folder)
        told = {
            "seconds": time.perf_counter() - began,
            "processor": time.process_time() - worked,
            "memory": memory(),
            "size": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20,
        }
    print(json.dumps(told))


def _measured(codes: list[str], kept: Path) -> Iterator[tuple[str, dict[str, float]]]:
    for code in codes:
        command = [sys.executable, "-m", "tests.proofs.formats", "--one", code, "--spool", str(kept)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        yield code, json.loads(done.stdout)


def main() -> int:
    """Measure, say, and tell whether the targets are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--formats", default=",".join(_ALL))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--spool", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _say_one(asked.one, asked.spool)
        return 0
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place) / "spool"
        kept.mkdir()
        spool = lay(kept, asked.households)
        counts = [spool.count(table) for table in spool.dataset.tables]
        print(f"{date.today():%Y-%m-%d}: {counts[0]:,} households, {counts[1]:,} members")  # noqa: DTZ011 - a heading
        print(f"{'format':<14}{'s':>8}{'cpu s':>8}{'× floor':>9}{'MB':>7}{'file MB':>9}")
        for code, told in _measured(asked.formats.split(","), kept):
            found[code] = told
            times = _times(code, found)
            print(
                f"{code:<14}{told['seconds']:>8.1f}{told['processor']:>8.1f}"
                f"{f'{times:.1f}' if times else '':>9}{told['memory']:>7.0f}{told['size']:>9.0f}",
                flush=True,
            )
    slow = [code for code in found if _times(code, found) > MOST_TIMES]
    large = [code for code, told in found.items() if told["memory"] > MOST_MEGABYTES]
    for code in slow:
        print(f"{code} takes more than {MOST_TIMES} times its floor")
    for code in large:
        print(f"{code} takes more than {MOST_MEGABYTES} MB")
    return 1 if slow or large else 0


def _times(code: str, found: Mapping[str, Mapping[str, float]]) -> float:
    floor = found.get(_FLOORS.get(code, ""))
    return found[code]["processor"] / floor["processor"] if floor else 0.0


if __name__ == "__main__":
    sys.exit(main())
