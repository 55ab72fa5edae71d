"""⑨ The reports that answer a deadline, written down with its release: Word and PDF, of the figures it froze.

Each is there twice: with the mark of provisional figures for whoever decides on the release, and without it,
handed out from the moment it is issued. Reports of several places are one archive. Imported by whoever makes
files only: it needs Arrow, python-docx and Typst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy.orm import Session

from collector.actions import reports
from collector.actions.extract_making import File, Made
from collector.actions.releases import DRAFT
from collector.actions.report_figures import frozen_figures
from forms.datasets.formats.archive import Archive, archive
from forms.places import COMMUNE, PROVINCE
from forms.reports.composing import Frozen
from forms.reports.described import Description
from forms.reports.docx import docx
from forms.reports.pdf import pdf
from forms.values import HOME
from storage.blobs import BlobStore
from storage.cuts import can_see, within
from storage.models import Extract, Release
from storage.queries.places import children, get_place
from storage.queries.whereabouts import Spot
from storage.scope import Scope
from storage.snapshot import snapshot

_WRITERS: Final = {"docx": docx, "pdf": pdf}
_TYPES: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
_TOGETHER: Final = 20
"""Places whose figures are read out of the long table at a time."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What reports of a release rest on: its figures as a stored file, its digest, whose eyes look.

    `address` begins the addresses of cells.
    """

    blobs: BlobStore
    figures: str
    digest: str
    scope: Scope
    address: str
    now: datetime


def write(number: int, stand: Stand, folder: Path, progress: Callable[[int, int], None]) -> Made:
    """Write the reports that extract `number` asks for into `folder`. Raises what making a report raises."""
    with snapshot() as session, within(stand.scope):
        spec: Mapping[str, Any] = session.get_one(Extract, number).spec
        release = session.get_one(Release, session.get_one(Extract, number).release_id)
        day = release.made_at.astimezone(HOME).date()
        frozen = Frozen(release.number, release.name, stand.digest, day)
        on = date.fromisoformat(str(spec["on"]))
        known = reports.of_deadline(str(spec["due"]), on)
        asked = [(one, _places(session, one, str(spec["place"]))) for one in known]
        project_id = release.project_id
    total, done = sum(len(places) for _one, places in asked), 0
    files: list[File] = []
    for description, places in asked:
        order = _Order(project_id, description, reports.period_at(description, on), frozen)
        with _Out(order, folder, alone=len(places) == 1) as out:
            for made in _composed(order, places, stand):
                out.add(made)
                done += 1
                progress(done, total)
        files += out.files
    sums = [{"name": one.name, "sha256": _sum(one.path)} for one in files]
    digest = sha256("".join(f"{one['name']} {one['sha256']}\n" for one in sums).encode()).hexdigest()
    return Made(files, {"kind": "reports", "spec": dict(spec), "files": sums}, digest)


@dataclass(frozen=True, slots=True)
class _Order:
    """One report of a period, out of a release."""

    project_id: int
    description: Description
    period: str
    frozen: Frozen


def _places(session: Session, description: Description, code: str) -> list[Spot]:
    """Whose report it is: the place of the campaign, or the communes in it, as far as the scope reaches."""
    around = get_place(session, code)
    spots = [Spot(around.code, around.name, around.level, around.parent_code)]
    if (description.level, around.level) == (COMMUNE, PROVINCE):
        found = children(session, code)
        spots = [Spot(one.code, one.span.name, one.span.level, one.span.parent) for one in found]
    return [one for one in spots if one.level == description.level and can_see(session, [one.code])]


def _composed(order: _Order, places: Sequence[Spot], stand: Stand) -> Iterator[Sequence[reports.Made]]:
    """Of each place the report as it awaits approval, and as it is once it has it."""
    one = order.description, order.period
    states = replace(order.frozen, approved=False), order.frozen
    for start in range(0, len(places), _TOGETHER):
        several = places[start : start + _TOGETHER]
        # Only read at one moment; nobody's look lasts while pages are laid out.
        with snapshot() as session, within(stand.scope):
            grounds = reports.grounds(session, order.project_id, one, several, stand.address)
            figures = frozen_figures(stand.blobs, stand.figures, grounds)
            made = [
                [
                    reports.put_together(
                        session, (order.description, ground), figures[ground.place.code], frozen, stand.now
                    )
                    for frozen in states
                ]
                for ground in grounds
            ]
        yield from made


class _Out:
    """The files of one report: Word and PDF of a single place, else an archive of those of all."""

    def __init__(self, order: _Order, folder: Path, *, alone: bool) -> None:
        self._order, self._folder, self._alone = order, folder, alone
        self._stack = ExitStack()
        self._archives: dict[str, Archive] = {}
        self.files: list[File] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, both: Sequence[reports.Made]) -> None:
        """Write down a report in both its states."""
        for made in both:
            for ending, written in _WRITERS.items():
                self._put(made, ending, written(made.report))

    def _put(self, made: reports.Made, ending: str, data: bytes) -> None:
        name = reports.file_name(self._order.description, made, ending)
        state = "" if made.setting.frozen and made.setting.frozen.approved else DRAFT
        if self._alone:
            self._file(name, ending, state).write_bytes(data)
            return
        if state not in self._archives:
            parts = self._order.description.id, made.setting.period, reports.state_name(made.setting.frozen)
            path = self._file(f"{'_'.join(parts)}.zip", "zip", state)
            self._archives[state] = self._stack.enter_context(archive(path))
        # Two communes may be called alike.
        self._archives[state].add(f"{made.setting.code}_{name}", data, packed=False)

    def _file(self, name: str, ending: str, state: str) -> Path:
        path = self._folder / name
        self.files.append(File(f"{state}{ending}", name, _TYPES[ending], path))
        return path


def _sum(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()
