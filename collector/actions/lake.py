"""⑨ What a server knows as Parquet in a folder or bucket that other servers write to as well: one country.

A file for each table, province and year, under this server's own name; only those whose records changed are
made anew. What is there stands in `_about/<server>.json`, written after each survey, so that a run that was
stopped goes on where it was. Persons are protected part by part, under a key that joins the tables of this
server with each other and with nothing else (docs/protection.md).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy.orm import Session

from collector.accounts.secrets import Vault
from collector.actions.extract_figures import figure_spool
from collector.actions.extract_records import Choice, Work, described, guarded, wanted_of
from collector.actions.extracts import Means
from collector.actions.protecting import middles
from forms.datasets.description import Dataset
from forms.datasets.partitions import (
    ABOUT,
    FIGURES,
    NOWHERE,
    SURVEYS,
    Part,
    columns_of,
    file_of,
    folder_name,
    write_figures,
    write_table,
)
from forms.datasets.spool import Spool
from forms.protection.policy import Policy, Protection
from storage.audits import note, of_project
from storage.backups.places import Place, open_place
from storage.backups.problems import BackupPlaceAway, BackupPlaceFull, BackupPlaceUnknown
from storage.database import transaction
from storage.models import Form
from storage.queries import cells, forms, projects
from storage.queries.dataset_choice import Chosen
from storage.queries.record_parts import parts_of
from storage.release_problems import LakeUnreachable, PurposeMissing
from storage.replica import LONG
from storage.snapshot import report_snapshot

SHAPE: Final = 1
"""Raise it when the same records are written differently: everything is then made anew."""

_APART: Final = "parquet"

Progress = Callable[[str], Callable[[int, int], None]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: surveys by form id (none: all), figures, and how far persons are protected.

    `purpose` says what for, where persons can be told apart.
    """

    project_id: int
    forms: tuple[str, ...] = ()
    figures: bool = True
    protection: Protection = "deidentified"
    purpose: str = ""


@dataclass
class Done:
    """Files that were written, that were as they had to be, and that were taken away."""

    written: int = 0
    same: int = 0
    gone: int = 0


@dataclass
class _Lake:
    """One server's part of the place."""

    place: Place
    server: str
    about: dict[str, Any]
    done: Done = field(default_factory=Done)

    def put(self, name: str, path: Path) -> None:
        self.place.put({name: path.read_bytes()})
        self.done.written += 1

    def take_away(self, names: list[str]) -> None:
        if names:
            self.place.delete(names)
            self.done.gone += len(names)

    def tell(self) -> None:
        text = json.dumps(self.about, ensure_ascii=False, indent=1, sort_keys=True)
        self.place.put({_about(self.server): text.encode()})


def server_name(vault: Vault, project_id: int) -> str:
    """What this server's files of a project are told apart by: as long as it keeps its key, the same."""
    return f"{vault.derived('parquet server')[:4].hex()}-{project_id}"


def place_of(address: str, endpoint: str | None = None) -> Place:
    """The folder or bucket at an address, as `endpoint` serves it. Raises LakeUnreachable."""
    with _told(address):
        return open_place(address, endpoint)


def write(place: Place, means: Means, home: Path, order: Order, progress: Progress, *, now: datetime) -> Done:
    """Bring the files of a project in a place up to date.

    Raises PurposeMissing, ProjectNotFound, FormNotFound, LakeUnreachable.
    """
    if order.protection != "deidentified" and not order.purpose.strip():
        raise PurposeMissing
    server = server_name(means.vault, order.project_id)
    with _told(place.where):
        lake = _Lake(place, server, _known(place, server))
        with TemporaryDirectory(dir=home, prefix="parquet-") as folder:
            for name in _surveys(order, lake):
                _survey(lake, name, _Run(means, Path(folder), order), progress(name))
            if order.figures:
                _figures(lake, Path(folder), order, progress(FIGURES))
        lake.about |= {"taken_at": now.isoformat(), "protection": order.protection}
        lake.tell()
    with transaction() as session:
        details = {"protection": order.protection, "written": lake.done.written, "to": place.where[:200]}
        note(
            session,
            "extract.parquet",
            actee=of_project(projects.get_project(session, order.project_id)),
            details=details,
            notes=order.purpose or None,
            now=now,
        )
    return lake.done


@contextmanager
def _told(address: str) -> Iterator[None]:
    try:
        yield
    except (BackupPlaceAway, BackupPlaceFull, BackupPlaceUnknown) as problem:
        reason = problem.details.get("reason") or "it is full, or no folder or bucket"
        raise LakeUnreachable(where=problem.details.get("where", address), reason=reason) from problem


def _about(server: str) -> str:
    return f"{ABOUT}/{server}.json"


def _known(place: Place, server: str) -> dict[str, Any]:
    """What was written before."""
    try:
        known: dict[str, Any] = json.loads(place.get(_about(server)))
    except KeyError:
        known = {}
    return {"server": server, "shape": SHAPE, "surveys": {}, "figures": {}} | known


def _surveys(order: Order, lake: _Lake) -> list[str]:
    """The form ids to look at; what is no survey any more is taken away."""
    with report_snapshot(LONG) as session:
        projects.get_project(session, order.project_id)
        if order.forms:
            return [forms.get_form(session, order.project_id, one).xml_form_id for one in order.forms]
        there = [one.xml_form_id for one in forms.list_forms(session, order.project_id) if one.current_id]
    for gone in sorted(lake.about["surveys"].keys() - set(there)):
        parts = lake.about["surveys"].pop(gone)["parts"]
        lake.take_away([name for one in parts.values() for name in one["files"]])
        lake.tell()
    return there


@dataclass(frozen=True)
class _Run:
    """What a run needs beside the place."""

    means: Means
    folder: Path
    order: Order


def _survey(lake: _Lake, name: str, run: _Run, progress: Callable[[int, int], None]) -> None:
    known: Mapping[str, Any] = lake.about["surveys"].get(name, {"parts": {}, "tables": {}})
    with report_snapshot(LONG) as session:
        form = forms.get_form(session, run.order.project_id, name)
        dataset = described(session, form, run.means.blobs)
        making = _Making(session, form, dataset, run)
        ready = _looked_at(lake, known["parts"], making, progress)
    # The look at the tables is over: what is sent now may take as long as it takes.
    told: dict[str, Any] = {}
    for key, said, files in ready:
        for file, path in files.items():
            lake.put(file, path)
            path.unlink()
        told[str(key)] = said
    kept = {file for one in told.values() for file in one["files"]}
    lake.take_away(sorted({file for one in known["parts"].values() for file in one["files"]} - kept))
    lake.about["surveys"][name] = {
        "title": dataset.title,
        "versions": list(dataset.versions),
        "tables": making.columns or known["tables"],
        "parts": told,
    }
    lake.tell()


def _looked_at(
    lake: _Lake, known: Mapping[str, Any], making: _Making, progress: Callable[[int, int], None]
) -> list[tuple[Part, dict[str, Any], dict[str, Path]]]:
    """The parts there are with what is said of them, and files made of those that changed."""
    wanted = wanted_of(making.form.id, {})
    rests_on = _rests_on(making.dataset, making.run.order, middles(making.session))
    found = parts_of(making.session, wanted, NOWHERE)
    ready: list[tuple[Part, dict[str, Any], dict[str, Path]]] = []
    for done, ((province, year), part) in enumerate(found.items(), start=1):
        key = Part(province, year)
        fingerprint = hashlib.sha256(f"{rests_on} {part.fingerprint}".encode()).hexdigest()
        before = known.get(str(key))
        if before is not None and before["fingerprint"] == fingerprint:
            lake.done.same += len(before["files"])
            ready.append((key, before, {}))
        else:
            said, files = making.part(key, part.chosen(wanted), lake.server)
            ready.append((key, said | {"fingerprint": fingerprint}, files))
        progress(done, len(found))
    return ready


def _rests_on(dataset: Dataset, order: Order, middle: Mapping[str, tuple[float, float]]) -> str:
    """What a part rests on beside its records: the questions, the protection, and how files are written."""
    said = (SHAPE, order.protection, sorted(middle.items()), dataset)
    return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass
class _Making:
    """Makes the files of parts of one survey, in the snapshot they were found in."""

    session: Session
    form: Form
    dataset: Dataset
    run: _Run
    columns: dict[str, Any] = field(default_factory=dict)

    def part(self, key: Part, chosen: Chosen, server: str) -> tuple[dict[str, Any], dict[str, Path]]:
        """What the list of contents says of a part, and its files: name in the place to path here."""
        own = self.run.folder / f"{self.form.id}-{key.province}-{key.year}"
        own.mkdir()
        work = Work(own, str, lambda _done, _all: None, lambda: None, _APART)
        policy = Policy(self.run.order.protection)
        made = guarded(self.session, self.form, Choice(self.dataset, chosen, policy), self.run.means, work)
        files: dict[str, Path] = {}
        rows: dict[str, int] = {}
        for number, table in enumerate(made.spool.dataset.tables):
            was = None if self.run.order.protection == "none" else self.dataset.by_path[table.path]
            path = self.run.folder / f"{own.name}-{number}.parquet"
            rows[table.name] = write_table(made.spool, table, was, path)
            self.columns.setdefault(table.name, columns_of(made.spool, table, was))
            where = (SURVEYS, folder_name(self.form.xml_form_id), table.name)
            files[file_of(where, key, server)] = path
        shutil.rmtree(own)
        return {"records": len(chosen.numbers), "rows": rows, "files": sorted(files)}, files


def _figures(lake: _Lake, folder: Path, order: Order, progress: Callable[[int, int], None]) -> None:
    known: Mapping[str, Any] = lake.about["figures"]
    told: dict[str, Any] = {}
    with report_snapshot(LONG) as session:
        provinces = cells.provinces_of(session, order.project_id)
        made = {one: _cells(session, one, folder, order) for one in provinces}
    for done, (province, files) in enumerate(made.items(), start=1):
        for year, (path, rows) in files.items():
            part = Part(province, year)
            name = file_of((FIGURES,), part, lake.server)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            told[str(part)] = {"rows": rows, "files": [name], "fingerprint": digest}
            if known.get(str(part), {}).get("fingerprint") == digest:
                lake.done.same += 1
            else:
                lake.put(name, path)
        progress(done, len(made))
    kept = {file for one in told.values() for file in one["files"]}
    lake.take_away(sorted({file for one in known.values() for file in one["files"]} - kept))
    lake.about["figures"] = told


def _cells(session: Session, province: str, folder: Path, order: Order) -> dict[int, tuple[Path, int]]:
    own = folder / f"figures-{province}"
    spec = {"places": [province], "protection": order.protection}
    spool: Spool = figure_spool(session, order.project_id, spec, own / "read", lambda: None)
    return write_figures(spool, own)
