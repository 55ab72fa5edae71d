"""Looking for people in files that are said to hold none: every byte, unpacked, and every group, counted.

Nothing here imports the server's own code: a file is read as anybody reads it who would like to know.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pyreadstat

_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_NUMBER = re.compile(rb"[0-9]{1,3}\.[0-9]{3,}")
_SHOWN = 20


@dataclass
class Secrets:
    """What must stand nowhere: ids, points, texts, and names of people."""

    ids: set[bytes] = field(default_factory=set)
    points: set[bytes] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def point(self, text: str) -> None:
        """Remember a point as `latitude longitude …`, however a file may write it."""
        for number in text.split()[:2]:
            self.points |= {number.encode(), repr(float(number)).encode(), f"{float(number):.4f}".encode()}

    def found_in(self, data: bytes) -> Iterator[str]:
        """What of it stands in these bytes."""
        for known, pattern in ((self.ids, _UUID), (self.points, _NUMBER)):
            found = {match.lower() for match in pattern.findall(data)} & known
            yield from (one.decode() for one in found)
        text = data.decode(errors="replace")
        yield from (one for one in self.texts if one in text)
        yield from self._named(text)

    def _named(self, text: str) -> Iterator[str]:
        firsts = {name.partition(" ")[0] for name in self.names}
        if firsts:
            several = re.findall(rf"\b(?:{'|'.join(sorted(firsts))}) \w+ \w+", text)
            yield from set(several) & self.names


def unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    """A file under its name, and what is inside: of archives and workbooks each part, of data the cells."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            for number, name in enumerate(archive.namelist()):
                yield f"{path.name} entry", f"{path.name}\n{name}".encode()
                inner = Path(folder) / str(number) / Path(name).name
                inner.parent.mkdir()
                inner.write_bytes(archive.read(name))
                for part, data in unpacked(inner):
                    yield f"{path.name}/{part}", data
        return
    yield path.name, path.name.encode() + b"\n" + path.read_bytes()
    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        yield f"{path.name} schema", str(file.schema_arrow.metadata).encode()
        for batch in file.iter_batches(batch_size=20_000):
            yield f"{path.name} rows", _lines(batch.to_pylist())
    if path.suffix in {".sav", ".dta"}:
        read = pyreadstat.read_sav if path.suffix == ".sav" else pyreadstat.read_dta
        frame, meta = read(str(path))
        yield f"{path.name} labels", repr(vars(meta)).encode()
        yield f"{path.name} rows", frame.to_csv().encode()


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return "\n".join("\t".join(map(str, row.values())) for row in rows).encode()


def leaks(paths: Iterable[Path], secrets: Secrets) -> list[str]:
    """Where something of it stands, in words."""
    told = []
    for path in paths:
        for name, data in unpacked(path):
            found = sorted(set(secrets.found_in(data)))
            told += [f"{name} holds {one!r}" for one in found[:_SHOWN]]
    return told


@dataclass(frozen=True)
class Workbook:
    """What the survey sheet of a workbook says: names by class, and whether it is about people."""

    classes: Mapping[str, str]
    persons: bool

    @classmethod
    def of(cls, path: Path) -> Workbook:
        """Read a workbook."""
        sheet = openpyxl.load_workbook(path, read_only=True)["survey"]
        rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
        heads = {name: at for at, name in enumerate(rows[0])}
        classes = {row[heads["name"]]: row[heads["pii"]] for row in rows[1:] if row[heads["name"]]}
        units = {row[heads["unit"]] for row in rows[1:]}
        return cls(classes, bool(units & {"household", "person"}) or "sensitive" in classes.values())

    def tells(self, column: str) -> bool:
        """Whether others may know somebody by a column: all of class indirect, some whatever their class."""
        name = column.partition("__")[0]
        if column == "commune_code":
            return self.persons
        known = re.search(r"(?:^|_)(?:sex|age|birth_year|by|ethnic)(?:_|$)", name)
        return self.classes.get(name) == "indirect" or (
            known is not None and self.classes.get(name) != "none"
        )


def small_groups(archive: Path, workbook: Workbook, fewest: int = 5) -> dict[str, tuple[int, int]]:
    """By table of a CSV archive with codes: its rows, and how many are alike with fewer than `fewest`.

    A row of a repeat is looked at together with what is told of the rows around it.
    """
    found = {}
    around: dict[str, int] = {}
    with zipfile.ZipFile(archive) as file:
        tables = [name for name in file.namelist() if name.endswith(".csv")]
        for name in sorted(tables, key=lambda one: _depth(file, one)):
            groups: Counter[int] = Counter()
            rows = 0
            for row in _rows(file, name):
                rows += 1
                known = (
                    around.get(row.get("PARENT_KEY", "")),
                    *(row[one] for one in row if workbook.tells(one)),
                )
                group = hash((name, known))
                around[row["KEY"]] = group
                groups[group] += 1
            found[name] = (rows, sum(count for count in groups.values() if count < fewest))
    return found


def _depth(file: zipfile.ZipFile, name: str) -> tuple[int, str]:
    first = next(_rows(file, name), {})
    return first.get("KEY", "").count("/"), name


def _rows(file: zipfile.ZipFile, name: str) -> Iterator[dict[str, str]]:
    with file.open(name) as entry:
        for row in csv.DictReader(io.TextIOWrapper(entry, "utf-8-sig", newline="")):
            if "KEY" in row:
                yield row
