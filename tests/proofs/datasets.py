"""What an extract costs at full size, from the database to the file, beside a bare write of the same rows.

Run with `make datasets-proof`. 300,000 households with 1.3 million members lie in a new server's tables, put
there directly. Each format is made by `collector make-files`, which the worker starts, from its start to the
last byte; the kernel says what it held at most. The floors read the same tables in one plain question each
and write what comes with `csv.writer`, packed as ours is, or with `pyarrow.parquet`. Exit 1 where CSV or
Parquet takes more than three times its floor or a format more than 300 MB. `--households 3000` for a look,
`--postgresql` for the other database, `--protection deidentified` with the protection of persons.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select

from collector.actions.releases import Wanted, record_spec
from forms.rows import Cell
from storage.database import db, transaction
from storage.models import Extract, ExtractFile, Form, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.snapshot import snapshot
from tests.asked import asked
from tests.databases import fresh_postgresql
from tests.office import Office

NOW: Final = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
FORMATS: Final = ("csv", "parquet", "xlsx", "sav", "dta", "geojson")
BARE: Final = {"csv": "bare-csv", "parquet": "bare-parquet"}
MOST_TIMES: Final = 3.0
MOST_MEGABYTES: Final = 300
MEMBERS: Final = (3, 4, 4, 5, 5, 5, 4, 3, 6, 4)
_AT_ONCE: Final = 5_000
_POOL: Final = 2_000

_TEXTS: Final = (
    "Vàng A Sùng",
    "Giàng Thị Dợ",
    "Lò Văn Ón",
    "Bản Nà Sự",
    "",
    "Nhà ở đầu bản, cạnh suối",
    None,
)
_ROOT: Final = " ".join((
    "name:string note:string day:date at:dateTime where:geopoint langs:select",
    *(f"code{n}:select1" for n in range(12)),
    *(f"n{n}:int" for n in range(8)),
    *(f"d{n}:decimal" for n in range(4)),
    *(f"t{n}:string" for n in range(4)),
))
_MEMBER: Final = " ".join((
    "member*/who:string member*/born:date member*/langs:select",
    *(f"member*/code{n}:select1" for n in range(18)),
    *(f"member*/n{n}:int" for n in range(8)),
    *(f"member*/d{n}:decimal" for n in range(3)),
    *(f"member*/t{n}:string" for n in range(4)),
))
_CODES: Final = ("1", "2", "3", "9")
_LANGS: Final = ("vie", "hmn", "tha")


def main(given: Sequence[str] | None = None) -> int:
    """Measure; 1 where a limit is passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--protection", default="none")
    parser.add_argument("--one", help="only this floor, of the server whose address stands in PROOF_DATABASE")
    parser.add_argument("--home", type=Path)
    asked_for = parser.parse_args(given)
    if asked_for.one:
        print(json.dumps(one(asked_for.home, os.environ["PROOF_DATABASE"], asked_for.one)))
        return 0
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = (
            stack.enter_context(fresh_postgresql()) if asked_for.postgresql else f"sqlite:///{home / 'c.db'}"
        )
        measured = measure(
            home, url, asked_for.households, asked_for.formats.split(","), asked_for.protection
        )
    return _judge(measured)


def measure(
    home: Path, url: str, households: int, formats: Sequence[str], protection: str = "none"
) -> dict[str, Mapping[str, float]]:
    """Fill a server, then make each format and each floor in a process of its own."""
    before = time.perf_counter()
    fill(home, url, households)
    print(f"{households} households filled in {time.perf_counter() - before:.0f} s")
    measured: dict[str, Mapping[str, float]] = {}
    for name in (*(BARE[one] for one in formats if one in BARE), *formats):
        measured[name] = _bare(home, url, name) if name in _FLOORS else made(home, url, name, protection)
        said = measured[name]
        seconds, memory, size = said["seconds"], said["megabytes"], said["size"] / 1e6
        print(f"  {name:13} {seconds:7.1f} s {memory:6.0f} MB, a file of {size:.1f} MB")
    return measured


def _judge(measured: Mapping[str, Mapping[str, float]]) -> int:
    fault = 0
    for name, said in measured.items():
        floor = measured.get(BARE.get(name, ""))
        if floor is not None:
            times = said["seconds"] / floor["seconds"]
            print(f"  {name}: {times:.2f} times the bare write")
            fault |= times > MOST_TIMES
        fault |= name not in BARE.values() and said["megabytes"] > MOST_MEGABYTES
    return int(fault)


# The server -------------------------------------------------------------------------------------------


def fill(home: Path, url: str, households: int) -> Form:
    """A new server whose tables hold so many households, with their members."""
    office = Office(home / "home", url)
    choices = {f"/code{n}": _CODES for n in range(12)} | {f"/member/code{n}": _CODES for n in range(18)}
    listed: dict[str, Sequence[str]] = {**choices, "/langs": _LANGS, "/member/langs": _LANGS}
    form = office.publish(asked("ho", "1", f"{_ROOT} {_MEMBER}", choices=listed), filename="form.xml")
    with office.app.app_context():
        with snapshot() as session:
            tables = answer_tables(session, form.id, draft=False)
            version = session.scalars(select(Form.current_id).where(Form.id == form.id)).one()
        pools = {path: [_row(table, number) for number in range(_POOL)] for path, table in tables.items()}
        for begin in range(0, households, _AT_ONCE):
            records = range(begin + 1, min(begin + _AT_ONCE, households) + 1)
            with transaction(noticed=False) as session:
                session.execute(
                    insert(Submission), [_submission(one, form.id, version or 0) for one in records]
                )
                for path, table in tables.items():
                    rows = list(_rows(table, pools[path], records))
                    for piece in table.pieces:
                        named = {column.name for column in piece.c}
                        session.execute(
                            insert(piece), [{k: v for k, v in row.items() if k in named} for row in rows]
                        )
    office.close()
    return form


def _key(number: int) -> str:
    # As phones make them: without an order.
    return f"uuid:{(number * 2_654_435_761) % (1 << 32):08x}-0000-4000-8000-{number:012d}"


def _submission(number: int, form_id: int, version: int) -> dict[str, Any]:
    return {
        "id": number,
        "form_id": form_id,
        "draft": False,
        "instance_id": _key(number),
        "form_version_id": version,
        "edits": 0,
        "files_expected": 0,
        "files_present": 0,
        "reported_on": date(2026, 7, 1),
        "device_id": "collect:Zx81",
        "created_at": NOW - timedelta(seconds=number),
    }


def _rows(table: AnswerTable, pool: Sequence[dict[str, Any]], records: range) -> Iterator[dict[str, Any]]:
    for one in records:
        key = _key(one)
        if not table.path:
            yield {"submission_id": one, "key": key, **pool[one % _POOL]}
            continue
        for seq in range(1, MEMBERS[one % len(MEMBERS)] + 1):
            own = {"seq": seq, "ordinal": seq, "parent_key": key, "key": f"{key}/member[{seq}]"}
            yield {"submission_id": one, **own, **pool[(one * 7 + seq) % _POOL]}


def _row(table: AnswerTable, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for at, question in enumerate(table.questions.values()):
        chance = number * 31 + at * 7
        typed = _TYPED.get(question.cell)
        if typed is not None:
            made |= {f"{question.name}{suffix}": value for suffix, value in typed(chance).items()}
        elif question.control == "select":
            made[question.name] = " ".join(_LANGS[: chance % 4]) or None
        elif question.control == "select1":
            made[question.name] = _CODES[chance % 4]
        else:
            made[question.name] = _TEXTS[chance % len(_TEXTS)]
    return made


_TYPED: Final[Mapping[Cell, Callable[[int], dict[str, Any]]]] = {
    Cell.INT: lambda chance: {"": chance % 97},
    Cell.DECIMAL: lambda chance: {"": chance % 9_999 / 10},
    Cell.DATE: lambda chance: {"": date(2026, 1, 1) + timedelta(days=chance % 300)},
    Cell.DATETIME: lambda chance: {
        "": "2026-08-01T08:00:00.000+07:00",
        "_at": datetime(2026, 8, 1, 1, chance % 60, tzinfo=UTC),
    },
    Cell.GEOPOINT: lambda chance: {
        "": "21.3862 103.0163 480.5 4.0",
        "_lat": 21 + chance % 1000 / 1000,
        "_lon": 103 + chance % 900 / 1000,
        "_alt": 480.5,
        "_acc": 4.0,
    },
}


# One format -------------------------------------------------------------------------------------------


def _bare(home: Path, url: str, name: str) -> Mapping[str, float]:
    """Write a floor in a process of its own."""
    command = [sys.executable, "-m", "tests.proofs.datasets", "--one", name, "--home", str(home)]
    done = subprocess.run(
        command, env={**os.environ, "PROOF_DATABASE": url}, stdout=subprocess.PIPE, check=True, text=True
    )
    said: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def one(home: Path, url: str, name: str) -> dict[str, float]:
    """Write one floor; seconds, highest megabytes, bytes of the file, rows."""
    office = Office(home / "home", url)
    with office.app.app_context():
        before = time.perf_counter()
        size, rows = _FLOORS[name](home)
        seconds = time.perf_counter() - before
    highest = _highest("self")
    office.close()
    return {"seconds": seconds, "megabytes": highest, "size": size, "rows": rows}


def _highest(process: int | str) -> float:
    """Megabytes a process held at most; what `getrusage` says begins with what its parent held."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def made(home: Path, url: str, name: str, protection: str = "none") -> Mapping[str, float]:
    """Order one format and let the process that makes files make it."""
    office = Office(home / "home", url)
    with office.app.app_context():
        number = _ordered(name, protection)
        before = time.perf_counter()
        command = [sys.executable, "-m", "collector", "make-files"]
        with subprocess.Popen(command, env={**os.environ, **office.environment}) as process:
            highest = 0.0
            while _state(number) in {"waiting", "making"} and process.poll() is None:
                highest = _highest(process.pid)
                time.sleep(0.2)
            seconds = time.perf_counter() - before
            process.terminate()
        found = db.session.get_one(Extract, number)
        if found.state != "made":
            raise RuntimeError(found.problem)
        size = db.session.scalars(select(ExtractFile.size).where(ExtractFile.extract_id == number)).one()
        rows = sum(one["rows"] for one in (found.manifest or {})["tables"])
    office.close()
    return {"seconds": seconds, "megabytes": highest, "size": size, "rows": rows}


def _ordered(name: str, protection: str) -> int:
    spec = record_spec(Wanted("", formats=(name,), words="codes", protection=protection), "ho")
    with transaction() as session:
        form_id = session.scalars(select(Form.id).where(Form.xml_form_id == "ho")).one()
        extract = Extract(
            project_id=1,
            form_id=form_id,
            kind="records",
            asked_at=NOW,
            spec=spec,
            places=[""],
            state="waiting",
        )
        session.add(extract)
        session.flush()
        return extract.id


def _state(number: int) -> str:
    db.session.remove()
    return db.session.get_one(Extract, number).state


def _plain() -> Iterator[tuple[str, list[str], Iterator[Sequence[Sequence[Any]]]]]:
    """Both tables as the driver gives them: name, heads, pieces of rows."""
    with snapshot() as session:
        form_id = session.scalars(select(Form.id).where(Form.xml_form_id == "ho")).one()
        for path, table in answer_tables(session, form_id, draft=False).items():
            columns = [column for piece in table.pieces for column in piece.c]
            query = select(*columns).select_from(table.joined)
            cursor = session.connection().execution_options(yield_per=20_000).execute(query)
            yield path.strip("/") or "ho", [column.name for column in columns], iter(cursor.partitions())


def _bare_csv(home: Path) -> tuple[int, int]:
    from forms.datasets.formats.archive import archive

    path, count = home / "bare.zip", 0
    with archive(path) as file:
        for name, heads, pieces in _plain():
            with file.entry(f"{name}.csv") as entry, io.TextIOWrapper(entry, "utf-8", newline="") as text:
                writer = csv.writer(text)
                writer.writerow(heads)
                for rows in pieces:
                    writer.writerows(rows)
                    count += len(rows)
    return path.stat().st_size, count


def _bare_parquet(home: Path) -> tuple[int, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    size, count = 0, 0
    for name, heads, pieces in _plain():
        path, writer = home / f"{name}.parquet", None
        for rows in pieces:
            columns = [list(column) for column in zip(*rows, strict=True)]
            table = (
                pa.table(columns, names=heads) if writer is None else pa.table(columns, schema=writer.schema)
            )
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
            count += len(rows)
        if writer is not None:
            writer.close()
            size += path.stat().st_size
    return size, count


_FLOORS: Final[Mapping[str, Callable[[Path], tuple[int, int]]]] = {
    "bare-csv": _bare_csv,
    "bare-parquet": _bare_parquet,
}


if __name__ == "__main__":
    sys.exit(main())
