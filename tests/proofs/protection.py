"""Nobody of a made-up province is found again in the files a viewer may take away.

    python -m tests.proofs.protection [--communes 166] [--villages 12] [--households 150] [--postgresql]

The province knows every name, phone, id, device and point it sent. All surveys are de-identified as a viewer
gets them, in every format; then no byte of any file, unpacked, holds any of these, and no row is alike with
fewer than four others in what its neighbours may know.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from collector.actions.protecting import middles, project_key
from collector.parts import parts
from forms.datasets.describing import Version, describe
from forms.datasets.formats import FORMATS
from forms.datasets.material import Material, Origin, Style
from forms.datasets.spool import Spool
from forms.protection.policy import Policy
from forms.protection.protecting import Protected, protect
from forms.protection.report import Report
from storage.queries import dataset_rows, forms
from storage.queries.dataset_choice import Wanted, choose
from storage.scope import current
from storage.snapshot import snapshot
from tests.databases import fresh_postgresql
from tests.proofs.found_again import Secrets, Workbook, leaks, small_groups
from tests.proofs.province.made import Province, Size
from tests.proofs.provincial import PROJECT, Server, open_server, send_all

_SURVEYS = Path(__file__).parents[2] / "xlsforms"
_TAKEN_AT = datetime(2026, 12, 15, 2, 0, tzinfo=UTC)


@dataclass
class Outcome:
    """What came of it: the reports by survey, what was found that must not be, seconds of protecting."""

    reports: dict[str, Report] = field(default_factory=dict)
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


def protected(form_id: str, folder: Path) -> Protected:
    """The records of a survey as a viewer of the whole tree gets them."""
    with snapshot() as session:
        form = forms.get_form(session, PROJECT, form_id)
        versions = [
            Version(one.xml, one.version, one.sheets.get("marks", {}))
            for one in forms.published_versions(session, form.id)
        ]
        spool = Spool(folder / "stored", describe(versions, dataset_rows.cells_of(session, form.id)))
        spool.folder.mkdir(parents=True)
        chosen = choose(session, Wanted(form.id, current()))
        dataset_rows.fill(session, chosen, spool, lambda _done, _all: None)
        places = middles(session)
    return protect(spool, Policy(), project_key(parts().vault, PROJECT), places, folder / "protected")


def written(made: Protected, folder: Path) -> list[Path]:
    """All formats of it, CSV with codes."""
    origin = Origin("Điều tra", "Sở GDĐT", "Tỉnh", _TAKEN_AT, "vi", protection=made.protection)
    work = folder / "work"
    work.mkdir(exist_ok=True)
    found = []
    for code, one in FORMATS.items():
        style = Style("codes", for_people=False)
        path = folder / f"{made.spool.dataset.form_id}_{code}{one.ending}"
        material = Material(made.spool, origin, work, style)
        one.write(material, path, lambda _done, _all: None)
        found.append(path)
    return found


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
    secrets = secrets_of(province)
    outcome = Outcome()
    with server.app():
        for form_id in surveys or sorted(province.papers):
            with tempfile.TemporaryDirectory() as folder:
                _survey(form_id, Path(folder), secrets, outcome)
    return outcome


def _survey(form_id: str, folder: Path, secrets: Secrets, outcome: Outcome) -> None:
    began = time.monotonic()
    made = protected(form_id, folder)
    outcome.seconds += time.monotonic() - began
    outcome.reports[form_id] = made.report
    outcome.rows += sum(one.rows for one in made.report.tables)
    paths = written(made, folder)
    outcome.faults += leaks(paths, secrets)
    workbook = Workbook.of(_SURVEYS / form_id / f"{form_id}.xlsx")
    archive = next(path for path in paths if path.name.endswith(".csv.zip"))
    for table, (rows, small) in small_groups(archive, workbook).items():
        if small and (workbook.persons or rows >= made.report.policy.k):
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
        print(
            f"{outcome.rows} rows protected in {outcome.seconds:.0f} s, {memory} MB at most in this process"
        )
        print(f"{len(outcome.faults)} faults")
        if outcome.faults:
            return 1
    return 0


def _told(outcome: Outcome) -> Iterator[str]:
    for form_id, report in outcome.reports.items():
        yield f"{form_id}: k = {report.k}; {'; '.join(report.steps) or 'nothing broader'}"
        for one in report.tables:
            told = f"{one.failing} could be told apart, {one.changed} lost {one.cells} answers"
            yield f"  {one.name}: {one.rows} rows, {one.left_out} left out, {told}; of 100 answers are kept"
            kept = {name: 100 - 100 * one.blanked.get(name, 0) // max(one.rows, 1) for name in one.quasi}
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
