"""Nobody of a made-up province is found again in the files a viewer may take away.

    python -m tests.proofs.protection [--communes 166] [--villages 12] [--households 150] [--postgresql]

The province knows every name, phone, id, device and point it sent. All surveys are de-identified as a viewer
gets them, in every format; then no byte of any file, unpacked, holds any of these, and no row is alike with
fewer than four others in what its neighbours may know.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from collector.actions.extracts import Making, Means
from collector.actions.releases import Wanted, record_spec
from collector.clock import moment
from collector.parts import parts
from storage.database import db, transaction
from storage.models import Extract, ExtractFile, Form
from tests.databases import fresh_postgresql
from tests.proofs.found_again import Secrets, Workbook, leaks, small_groups
from tests.proofs.province.made import Province, Size
from tests.proofs.provincial import PROJECT, PROVINCE, Server, open_server, send_all

_SURVEYS = Path(__file__).parents[2] / "xlsforms"
FORMATS = ("xlsx", "csv", "parquet", "sav", "dta", "geojson")


@dataclass
class Outcome:
    """What came of it: what the manifests say of protection, what was found that must not be, seconds."""

    reports: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    rows: int = 0
    seconds: float = 0.0


def secrets_of(province: Province) -> Secrets:
    """Everything that tells who somebody is."""
    secrets = Secrets(texts={"0912345678", "Lường Thị Hạnh"})
    for code in province.communes:
        commune = province.commune(code)
        secrets.names |= {one.name for one in commune.people}
        secrets.ids |= {one.identity.encode() for one in commune.people}
        for home in province.homes(code):
            secrets.ids |= {home.household_id.encode(), home.instance_id.removeprefix("uuid:").encode()}
            secrets.texts.add(home.device)
            secrets.names |= {one["m_name"] for one in home.members}
            if home.met:
                secrets.point(home.answers["gps"])
        for report in province.reports(code):
            secrets.ids.add(report.instance_id.removeprefix("uuid:").encode())
    return secrets


def taken(form_id: str, folder: Path, **wanted: Any) -> tuple[Mapping[str, Any], list[Path]]:
    """All files of a survey as a viewer of the whole tree gets them, and their manifest."""
    spec = record_spec(Wanted("", **{"formats": FORMATS, **wanted}), form_id)
    with transaction() as session:
        number = session.scalars(
            select(Form.id).where(Form.project_id == PROJECT, Form.xml_form_id == form_id)
        ).one()
        extract = Extract(
            project_id=PROJECT,
            form_id=number,
            kind="records",
            asked_at=moment(),
            spec=spec,
            places=[""],
            state="waiting",
        )
        session.add(extract)
        session.flush()
        number = extract.id
    found = parts()
    means = Means(found.blobs, found.shelf, found.vault)
    Making(means, found.settings.home, moment, PROVINCE).make_next(moment())
    made = db.session().get_one(Extract, number)
    if made.state != "made":
        raise RuntimeError(made.problem)
    paths = []
    for file in db.session().scalars(select(ExtractFile).where(ExtractFile.extract_id == number)):
        paths.append(folder / file.name)
        with found.blobs.open(file.blob_sha256) as source, paths[-1].open("wb") as target:
            shutil.copyfileobj(source, target)
    manifest: Mapping[str, Any] = made.manifest or {}
    db.session().rollback()
    return manifest, paths


def prove(
    server: Server,
    communes: int,
    size: Size,
    *,
    surveys: tuple[str, ...] = (),
    processes: int = 2,
    seed: int = 1,
) -> Outcome:
    """Send a province to a new server and look for its people in what may be taken away."""
    province = open_server(server, communes=communes, size=size, seed=seed)
    send_all(server, province, processes=processes)
    return look(server, province, surveys or tuple(sorted(province.papers)))


def look(
    server: Server, province: Province, surveys: tuple[str, ...], formats: tuple[str, ...] = FORMATS
) -> Outcome:
    """Look for the people of a province that was sent in what may be taken away."""
    secrets = secrets_of(province)
    outcome = Outcome()
    with server.app():
        for form_id in surveys:
            with tempfile.TemporaryDirectory() as folder:
                began = time.monotonic()
                made = taken(form_id, Path(folder), formats=formats)
                outcome.seconds += time.monotonic() - began
                _survey(form_id, made, secrets, outcome)
    return outcome


def _survey(
    form_id: str, made: tuple[Mapping[str, Any], list[Path]], secrets: Secrets, outcome: Outcome
) -> None:
    manifest, paths = made
    report = manifest["protected"]
    outcome.reports[form_id] = report
    outcome.rows += sum(one["rows"] for one in report["tables"])
    outcome.faults += leaks(paths, secrets)
    workbook = Workbook.of(_SURVEYS / form_id / f"{form_id}.xlsx")
    archive = next(path for path in paths if path.name.endswith(".csv.zip"))
    for table, (rows, small) in small_groups(archive, workbook).items():
        if small and (workbook.persons or rows >= report["k_asked"]):
            outcome.faults.append(
                f"{form_id} {table}: {small} of {rows} rows are alike with fewer than 4 others"
            )


def main() -> int:
    """Run it; 1 if anybody is found."""
    given = argparse.ArgumentParser()
    given.add_argument("--communes", type=int, default=166)
    given.add_argument("--villages", type=int, default=12)
    given.add_argument("--households", type=int, default=150)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--surveys", nargs="*", default=())
    given.add_argument("--postgresql", action="store_true")
    said = given.parse_args()
    for server in _servers(postgresql=said.postgresql):
        size, surveys = Size(said.villages, said.households), tuple(said.surveys)
        outcome = prove(server, said.communes, size, surveys=surveys, seed=said.seed)
        print("\n".join(_told(outcome)))
        print("\n".join(outcome.faults))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        told = f"{outcome.rows} rows read, protected and written in {outcome.seconds:.0f} s"
        print(f"{told}, {memory} MB at most in this process")
        print(f"{len(outcome.faults)} faults")
        if outcome.faults:
            return 1
    return 0


def _told(outcome: Outcome) -> Iterator[str]:
    for form_id, report in outcome.reports.items():
        yield f"{form_id}: k = {report['k']}; {'; '.join(report['steps']) or 'nothing broader'}"
        for one in report["tables"]:
            told = f"{one['failing']} could be told apart, {one['changed']} lost answers"
            yield f"  {one['name']}: {one['rows']} rows, {one['left_out']} left out, {told}; of 100 are kept"
            blanked, rows = one["blanked"], max(one["rows"], 1)
            kept = {name: 100 - 100 * blanked.get(name, 0) // rows for name in one["quasi_identifiers"]}
            yield "    " + ", ".join(f"{name} {share}" for name, share in kept.items())


def _servers(*, postgresql: bool) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        if not postgresql:
            yield Server(home)
            return
        with fresh_postgresql() as url:
            yield Server(home, url)


if __name__ == "__main__":
    sys.exit(main())
