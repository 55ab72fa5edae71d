"""Everything that reads what is sent, given what nobody would send: it refuses, and that is all it does.

`python -m tests.proofs.parsers [--minutes 60] [--only NAME …]`. Each reader has its share of the time in a
process of its own, where atheris (libFuzzer for Python) looks for inputs that reach further; without atheris
chance alone changes the seeds. A reader may answer or raise a Problem. Anything else is a fault: another
exception, an answer of 500, 20 seconds for one input, more memory than 4 GB. Of what was found some is kept
in `tests/proofs/corpus`; what once was a fault lies there too; `tests/test_parsers.py` reads all of it again.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from forms.problems import Problem

if TYPE_CHECKING:
    from tests.office import Office

Reader = Callable[[bytes], object]
CORPUS = Path(__file__).with_name("corpus")
_KEPT, _LONGEST = 40, 4_000
"""How many inputs of each reader are kept, and how long one may be."""
_MEMORY = 4 << 30
_SECONDS = 20
_SHEET = "xl/worksheets/sheet1.xml"
_PACKAGE = {
    "[Content_Types].xml": "<Types xmlns="
    '"http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="survey" '
    'sheetId="1" r:id="r1"/></sheets></workbook>',
}


def workbook_around(sheet: bytes) -> bytes:
    """A sound Excel file whose one sheet holds these bytes; what begins as a zip file stays as it is."""
    if sheet[:2] == b"PK":
        return sheet
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, text in _PACKAGE.items():
            package.writestr(name, text)
        package.writestr(_SHEET, sheet)
    return packed.getvalue()


def _read_expression() -> Reader:
    from forms.expressions.parser import parse

    return lambda data: parse(data.decode("utf-8", "replace"))


def _read_submission() -> Reader:
    from forms.submission import read

    return read


def _read_xform() -> Reader:
    from collector.actions.publish import Definition, prepare

    return lambda data: prepare(Definition(data, "form.xml"), check=False)


def _read_csv() -> Reader:
    from forms.listing import sheets_of
    from forms.village_list import read_list

    def read(data: bytes) -> object:
        for _name, rows in sheets_of(data, "members.csv"):
            list(rows)
        return read_list(data, "villages.csv")

    return read


def _read_xlsx() -> Reader:
    from forms.spreadsheet import read_workbook

    return lambda data: read_workbook(workbook_around(data), "form.xlsx")


def _read_multipart() -> Reader:
    from tests.office import Office

    folder = Path(tempfile.mkdtemp())
    return door_of(Office(folder, f"sqlite:///{folder / 'collector.db'}"))


def door_of(office: Office) -> Reader:
    """The door of an office where phones send to: the whole body of a request is what is read."""
    from tests.proofs import household, load

    office.publish(household.workbook())
    path, client = office.phone().path, office.client()
    kind = f"multipart/form-data; boundary={load.BOUNDARY.decode()}"

    def read(data: bytes) -> object:
        headers = {"X-OpenRosa-Version": "1.0"}
        answer = client.post(f"{path}/submission", data=data, content_type=kind, headers=headers)
        if answer.status_code >= 500:
            raise RuntimeError(answer.text)
        return answer.status_code

    return read


READERS: dict[str, Callable[[], Reader]] = {
    "expression": _read_expression,
    "submission": _read_submission,
    "xform": _read_xform,
    "csv": _read_csv,
    "xlsx": _read_xlsx,
    "multipart": _read_multipart,
}
"""What reads, made when it is wanted: each brings its own libraries."""


def kept(name: str) -> list[bytes]:
    """The inputs that are kept for a reader; without any, the one it begins with."""
    with zipfile.ZipFile(CORPUS / f"{name}.zip") as package:
        return [package.read(one) for one in sorted(package.namelist())]


def keep(name: str, several: list[bytes]) -> None:
    """Keep these inputs, the shortest first, as far as there is room; always in the same bytes."""
    CORPUS.mkdir(exist_ok=True)
    chosen = sorted({one for one in several if len(one) <= _LONGEST}, key=lambda one: (len(one), one))
    step = max(1, len(chosen) // _KEPT)
    with zipfile.ZipFile(CORPUS / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as package:
        for number, one in enumerate(chosen[::step]):
            package.writestr(zipfile.ZipInfo(f"{number:03}"), one, zipfile.ZIP_DEFLATED)


def read_quietly(reader: Reader, data: bytes) -> None:
    """Read it; a Problem is an answer. Raises whatever else comes."""
    with suppress(Problem):
        reader(data)


def changed(dice: random.Random, seeds: list[bytes]) -> bytes:
    """One of the seeds with some bytes gone, doubled, turned, or taken from another seed."""
    made = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 6)):
        at, length = dice.randrange(len(made) + 1), dice.choice((1, 1, 2, 8, 60))
        way = dice.randrange(4)
        if way == 0:
            del made[at : at + length]
        elif way == 1:
            made[at:at] = made[at : at + length] * dice.choice((1, 2, 30))
        elif way == 2:
            made[at : at + length] = dice.randbytes(length)
        else:
            other = dice.choice(seeds)
            begin = dice.randrange(len(other) + 1)
            made[at:at] = other[begin : begin + length]
    return bytes(made[: 4 * _LONGEST])


# One reader in a process of its own ---------------------------------------------------------------------


def _alone(name: str, seconds: float, folder: Path) -> None:
    """Look for faults of one reader until the time is over; leaves with the input that made one."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        import atheris
    except ImportError:
        _by_chance(name, seconds, folder)
        return
    with atheris.instrument_imports(include=["forms", "collector"]):
        reader = READERS[name]()
    arguments = [
        sys.argv[0], str(folder), f"-max_total_time={int(seconds)}", f"-timeout={_SECONDS}",
        "-rss_limit_mb=3000",
        f"-max_len={4 * _LONGEST}", f"-artifact_prefix={folder.parent}/{name}-fault-", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup(arguments, lambda data: read_quietly(reader, data))
    atheris.Fuzz()


def _by_chance(name: str, seconds: float, folder: Path) -> None:
    reader, seeds, dice = READERS[name](), [one.read_bytes() for one in folder.iterdir()], random.Random(1)  # noqa: S311
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        made = changed(dice, seeds)
        try:
            read_quietly(reader, made)
        except BaseException:
            (folder.parent / f"{name}-fault-{number}").write_bytes(made)
            raise
        number += 1
    print(f"stat::number_of_executed_units: {number}")


def look(name: str, seconds: float, folder: Path) -> tuple[int, list[bytes]]:
    """Give a reader so many seconds; how many inputs it read, and those that were faults."""
    corpus = folder / name
    corpus.mkdir()
    for number, one in enumerate(kept(name)):
        (corpus / f"{number:03}").write_bytes(one)
    command = [sys.executable, "-m", "tests.proofs.parsers", "--alone", name, str(seconds), str(corpus)]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": str(folder)}
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, errors="replace"
    )
    said = done.stdout + done.stderr
    faults = [one.read_bytes() for one in sorted(folder.glob(f"{name}-fault-*"))]
    if done.returncode and not faults:
        faults = [said[-2000:].encode()]
    if faults:
        print(said[-4000:])
    numbers = [line.split()[-1] for line in said.splitlines() if "number_of_executed_units" in line]
    keep(name, [*kept(name), *(one.read_bytes() for one in _spread(corpus))])
    return int(numbers[-1]) if numbers else 0, faults


def _spread(corpus: Path) -> Iterator[Path]:
    """Some of what was found, from all along the way."""
    found = sorted(corpus.iterdir(), key=lambda one: one.stat().st_mtime)
    yield from found[:: max(1, len(found) // _KEPT)]


def main() -> None:
    """Look for faults in all readers, and exit with 1 where there was one."""
    if sys.argv[1:2] == ["--alone"]:
        _alone(sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))
        return
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=60)
    asked.add_argument("--only", nargs="*", default=[])
    told = asked.parse_args()
    names = told.only or list(READERS)
    wrong = False
    with tempfile.TemporaryDirectory() as made:
        for name in names:
            number, faults = look(name, told.minutes * 60 / len(names), Path(made))
            print(
                f"{name}: {number} inputs in {told.minutes / len(names):.1f} min, {len(faults)} faults",
                flush=True,
            )
            for one in faults:
                print(f"  FAULT {one[:300]!r}")
            wrong |= bool(faults)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
