"""How fast it is, beside the least that must be done, measured in the same run.

`python -m tests.proofs.bench [seconds per measurement, 3 by default]`. Absolute figures move with the
machine's neighbours: read the ratios. Server and floor are loaded in turns, three times each, and the
medians are compared.
"""

from __future__ import annotations

import csv
import io
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from collector.actions.work import FOLLOW_EVERY
from tests.proofs import household, load, machine
from tests.proofs.floor import FORM_LIST

WORKERS, THREADS, TURNS = 2, 16, 3
_PATIENCE, _LOOK, _IDLE = 300.0, 2.5, 0.04
"""Seconds a server has to come to rest, and between two looks; the share of a processor that is rest."""
_BEGUN = FOLLOW_EVERY + 5
"""Seconds without work after which a first start is over: some of its chores come that long after others."""
PHOTO = os.urandom(200_000)
EXPORTED = 20_000


class Served:
    """A program that answers on a port, and ends with its whole group."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str], told: Path) -> None:
        self.port = port
        self._told = told
        # Into a file: a pipe would be read by the process that makes the load.
        with told.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env=os.environ | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(1800):
            try:
                load.Line(self.port).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(self._told.read_text())

    def rest(self, look: float = _LOOK) -> None:
        """Wait until it has had nothing to do for `look` seconds."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            before = machine.cpu_seconds(self.process.pid)
            time.sleep(look)
            if machine.cpu_seconds(self.process.pid) - before < look * _IDLE:
                return
        raise TimeoutError("the server does not come to rest")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=30)


@contextmanager
def both(folder: Path) -> Iterator[tuple[Served, str, Served]]:
    """Collector with the household form published, the path of a phone, and the floor."""
    home, bare = folder / "home", folder / "floor"
    bare.mkdir()
    environment = {"COLLECTOR_HOME": str(home), "PORT": "8391", "COLLECTOR_WORKERS": str(WORKERS)}
    form = folder / "household.md"
    form.write_text(household.workbook())
    command = [sys.executable, "-m", "collector"]
    subprocess.run([*command, "migrate"], env=os.environ | environment, check=True, capture_output=True)
    collector = Served([*command, "serve"], 8391, environment, folder / "collector.log")
    subprocess.run(
        [*command, "publish", str(form)], env=os.environ | environment, check=True, capture_output=True
    )
    made = subprocess.run(
        [*command, "app-user", "create", "--project", "1", "--name", "bench"],
        env=os.environ | environment,
        check=True,
        capture_output=True,
        text=True,
    )
    path = "/v1/key/" + made.stdout.strip().partition("/v1/key/")[2]
    least = [sys.executable, "-m", "tests.proofs.floor", str(bare), "8392", str(WORKERS), str(THREADS)]
    floor = Served(least, 8392, {}, folder / "floor.log")
    try:
        yield collector, path, floor
    finally:
        collector.stop()
        floor.stop()


def submissions(dice: random.Random, path: str, number: int, *, photo: bool) -> list[bytes]:
    """Requests that each carry a new household."""
    made = []
    for _ in range(number):
        files = {"1.jpg": dice.randbytes(8) + PHOTO} if photo else {}
        xml = household.answered(dice, photo="1.jpg" if photo else "")
        made.append(load.post(f"{path}/submission?deviceID=collect%3Abench", load.multipart(xml, files)))
    return made


def in_turns(
    ours: Callable[[], tuple[load.Run, float]], floor: Callable[[], tuple[load.Run, float]], name: str
) -> None:
    """Measure both, three times each, and print the medians and their ratios."""
    first, second = [], []
    for _ in range(TURNS):
        first.append(ours())
        second.append(floor())
    if any(run.refused for run, _cpu in (*first, *second)):
        print(f"{name}: some requests were refused; the figures below are void")
    rate, base = (statistics.median(run.rate for run, _ in runs) for runs in (first, second))
    cpu, least = (statistics.median(cpu for _, cpu in runs) for runs in (first, second))
    p50, p99 = (statistics.median(run.percentile(share) for run, _ in first) for share in (0.5, 0.99))
    print(
        f"| {name} | {rate:.0f}/s | {base:.0f}/s | {rate / base:.2f} | {p50:.1f} | {p99:.1f} "
        f"| {cpu:.2f} | {least:.2f} | {least / cpu:.2f} |",
        flush=True,
    )


def loaded(server: Served, requests: list[bytes], clients: int, status: int) -> tuple[load.Run, float]:
    """A run, and the processor milliseconds the server spent on each request, what it does later included."""
    before = machine.cpu_seconds(server.process.pid)
    run = load.run(server.port, requests, clients, expected=status)
    # What is left to the worker is work too, and must not be done in the other's turn.
    server.rest()
    return run, (machine.cpu_seconds(server.process.pid) - before) / len(requests) * 1000


def intake(dice: random.Random, collector: Served, path: str, floor: Served, seconds: float) -> None:
    """Submissions a second, by one, eight and thirty-two clients, with and without a photo."""
    for photo in (False, True):
        for clients in (1, 8, 32):
            number = int(seconds * (60 if photo else 150) * (1 if clients == 1 else 2))

            def ours(
                *, number: int = number, clients: int = clients, photo: bool = photo
            ) -> tuple[load.Run, float]:
                return loaded(collector, submissions(dice, path, number, photo=photo), clients, 201)

            def least(
                *, number: int = number, clients: int = clients, photo: bool = photo
            ) -> tuple[load.Run, float]:
                return loaded(floor, submissions(dice, "", number, photo=photo), clients, 201)

            in_turns(ours, least, f"submit, {clients} clients{', 200 KB photo' if photo else ''}")


def lists(collector: Served, path: str, floor: Served, seconds: float) -> None:
    """Form lists a second."""
    number = int(seconds * 500)
    asked = load.get(f"{path}/formList?deviceID=collect%3Abench")
    in_turns(
        lambda: loaded(collector, [asked] * number, 32, 200),
        lambda: loaded(floor, [load.get("/formList")] * number, 32, 200),
        "formList, 32 clients",
    )


def export(folder: Path, collector: Served, path: str, dice: random.Random) -> None:
    """CSV rows a second and the memory it takes, beside SQLite read into csv.writer."""
    environment = os.environ | {"COLLECTOR_HOME": str(folder / "home")}
    held = _count(folder)
    load.run(collector.port, submissions(dice, path, max(0, EXPORTED - held), photo=False), 8, expected=201)
    out = folder / "out.zip"
    command = [sys.executable, "-m", "collector", "export", "--project", "1", "--form", household.FORM_ID]
    took, peak = [], 0.0
    for _ in range(TURNS):
        before = time.perf_counter()
        process = subprocess.Popen([*command, "--output", str(out)], env=environment)
        while process.poll() is None:
            peak = max(peak, machine.memory_mb(process.pid))
            time.sleep(0.05)
        took.append(time.perf_counter() - before)
    rows, raw = _raw_csv(folder)
    seconds = statistics.median(took)
    print(f"\nCSV zip of {_count(folder)} submissions ({rows} rows with members): {seconds:.2f} s,")
    floor = f"{rows / raw:.0f} rows/s from SQLite into csv.writer, no zip"
    print(f"{rows / seconds:.0f} rows/s; floor {floor}; peak {peak:.0f} MB")


def _count(folder: Path) -> int:
    with sqlite3.connect(folder / "home" / "collector.db") as database:
        number: int = database.execute("SELECT count(*) FROM submissions WHERE NOT draft").fetchone()[0]
        return number


def _raw_csv(folder: Path) -> tuple[int, float]:
    database = sqlite3.connect(folder / "home" / "collector.db")
    names = [
        name
        for (name,) in database.execute(
            "SELECT t.name FROM form_tables t JOIN forms f ON f.id = t.form_id "
            "WHERE f.xml_form_id = ? AND NOT t.draft",
            (household.FORM_ID,),
        )
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    before, rows = time.perf_counter(), 0
    for name in names:
        for row in database.execute(f'SELECT * FROM "{name}"'):
            writer.writerow(row)
            rows += 1
    return rows, time.perf_counter() - before


def physics(folder: Path, dice: random.Random) -> None:
    """What the machine itself gives: syncs and XML parses a second."""
    sample = household.answered(dice)
    with (folder / "sync").open("wb") as handle:
        before = time.perf_counter()
        for _ in range(300):
            handle.write(sample[:1024])
            handle.flush()
            os.fdatasync(handle.fileno())
        syncs = 300 / (time.perf_counter() - before)
    before = time.perf_counter()
    for _ in range(2000):
        for _leaf in etree.fromstring(sample).iter():
            pass
    parses = 2000 / (time.perf_counter() - before)
    print(f"\nfsync of 1 KB: {syncs:.0f}/s; lxml parse and walk of {len(sample)} bytes: {parses:.0f}/s")


def main() -> None:
    """Measure everything and print it."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    dice = random.Random(20260803)  # noqa: S311 - a repeatable load, no secret
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        with both(folder) as (collector, path, floor):
            print(f"{WORKERS} web processes × {THREADS} threads each; {os.cpu_count()} processors\n")
            # A first start loads the country and publishes the surveys beside its first requests.
            collector.rest(_BEGUN)
            print(f"memory when idle: {machine.memory_mb(collector.process.pid):.0f} MB (summed PSS)\n")
            print(
                "| work | Collector | floor | ratio | p50 ms | p99 ms | CPU ms | floor CPU ms | CPU ratio |"
            )
            print("|---|---|---|---|---|---|---|---|---|")
            intake(dice, collector, path, floor, seconds)
            lists(collector, path, floor, seconds)
            print(f"\nmemory after that: {machine.memory_mb(collector.process.pid):.0f} MB (summed PSS)")
            export(folder, collector, path, dice)
            physics(folder, dice)
        print(f"\nform list floor answers {len(FORM_LIST)} bytes")


if __name__ == "__main__":
    main()
