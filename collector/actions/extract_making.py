"""⑨ An extract from its spec to its files: rows, digest, manifest, and one file for each format.

Imported by whoever makes files only: it needs Arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from collector.actions.extract_figures import figure_names, figure_spool
from collector.actions.extract_records import Work, record_spool
from collector.actions.extracts import Means
from collector.actions.releases import RECORDS
from collector.actions.upload_files import formats_of
from collector.saying import say_in
from forms.datasets.beside.correction_log import kept
from forms.datasets.beside.pictures import CODE as PICTURES
from forms.datasets.beside.pictures import Packed, pack
from forms.datasets.description import spoken
from forms.datasets.digest import digest, table_digest
from forms.datasets.figure_table import write_sdmx
from forms.datasets.formats.catalogue import FORMATS, ZIP
from forms.datasets.material import Format, Material, Origin, Style
from forms.datasets.names import file_words
from forms.datasets.ours import STATES
from forms.datasets.spool import Spool
from forms.phrases import template
from forms.values import HOME
from storage.erasing import keeping
from storage.models import Extract, Form, Release
from storage.problems import FormNotFound
from storage.queries import lists, projects
from storage.queries.whereabouts import chains_of

ALL_PLACES: Final = template("All places")
DOET: Final = template("Department of Education and Training of {province}")
_DAYS, _STATES = template("Days of receipt"), template("Review states")
_PLACES, _PERIOD, _FORMAT = template("Places"), template("Period"), template("Layout")
_NAMES_KEPT = template("Names of persons are kept until")
_MONTHS = template("{day} ({months} months after receipt; {ground})")
_ONE_ROW, _EACH_TABLE = template("one row for each record"), template("a sheet or file for each table")
_READING: Final = 2
"""How much longer reading takes than writing one format, about."""

_SDMX: Final = Format("csv", ".csv", "text/csv", write_sdmx)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when an extract is made: a folder of its own, and the province whose office publishes it."""

    folder: Path
    province: str
    now: datetime


@dataclass(frozen=True, slots=True)
class File:
    """A file that is made."""

    format: str
    name: str
    content_type: str
    path: Path


@dataclass(frozen=True)
class Made:
    """What there is at the end."""

    files: Sequence[File]
    manifest: Mapping[str, Any]
    digest: str


@dataclass(frozen=True)
class Ready:
    """Rows and words of an extract: nothing more is asked of the database.

    `pictures` puts the photos and recordings into an archive, where they were asked for.
    """

    material: Material
    formats: Sequence[Format]
    stem: str
    manifest: Mapping[str, Any]
    digest: str
    steps: _Steps
    pictures: Callable[[Path, Progress], Packed] | None = None


def lay(session: Session, extract: Extract, means: Means, place: Place, progress: Progress) -> Ready:
    """Read, protect and count what an extract asks for.

    `session` is a snapshot, the scope in force its asker's. Raises FormNotFound, TooManyColumns,
    UploadFileUnknown, ColumnsUnknown.
    """
    spec: Mapping[str, Any] = extract.spec
    names = figure_names(spec) if extract.kind != RECORDS else [str(one) for one in spec["formats"]]
    steps = _Steps(progress, _READING + len(names) + bool(spec.get("photos")))
    say = say_in(str(spec.get("language") or "vi"))
    origin = _origin(session, extract, say, place)
    told: dict[str, Any] = {}
    pictures = None
    if extract.kind == RECORDS:
        alone = "" if extract.release_id else f"{extract.id} {extract.asked_at.isoformat()}"
        work = Work(place.folder, say, steps.part, steps.beat, alone)
        spool, origin, told, pictures = _records(session, extract, means, work, origin)
        upload = "upload" in spec
        formats = formats_of(spec, spool.dataset) if upload else [FORMATS[name] for name in names]
    else:
        spool = figure_spool(session, extract.project_id, spec, place.folder / "read", steps.beat)
        formats = [_SDMX if name == "csv" else FORMATS[name] for name in names]
    tables, asked = _tables(spool), _asked_for(extract)
    found = digest(asked, tables)
    origin = replace(origin, digest=found, counts={one["name"]: one["rows"] for one in tables})
    manifest = {**asked, **told, "tables": tables, "taken_at": place.now.isoformat()}
    material = Material(spool, origin, place.folder, _style(spec))
    return Ready(material, formats, _stem(session, extract, place.now), manifest, found, steps, pictures)


def write(ready: Ready) -> Made:
    """Write a file for each format."""
    steps = ready.steps
    steps.next(_READING)
    files = []
    for number, one in enumerate(ready.formats):
        path = ready.material.folder / f"{number}{one.ending}"
        one.write(ready.material, path, steps.part)
        files.append(File(one.code, f"{ready.stem}{one.ending}", one.content_type, path))
        steps.next(1)
    manifest = dict(ready.manifest)
    if ready.pictures is not None:
        path = ready.material.folder / "pictures.zip"
        manifest["photos"] = asdict(ready.pictures(path, steps.part))
        files.append(File(PICTURES, f"{ready.stem}_anh.zip", ZIP, path))
        steps.next(1)
    return Made(files, manifest, ready.digest)


def _records(
    session: Session, extract: Extract, means: Means, work: Work, origin: Origin
) -> tuple[Spool, Origin, dict[str, Any], Callable[[Path, Progress], Packed] | None]:
    form = session.get(Form, extract.form_id) if extract.form_id else None
    if form is None or form.deleted_at is not None:
        raise FormNotFound(form=str(extract.spec.get("form") or ""))
    laid = record_spool(session, form, extract.spec, means, work)
    told = {
        "versions": list(laid.spool.dataset.versions),
        "received": laid.received,
        "excluded": dict(laid.left_out),
        "protected": laid.report,
    }
    origin = replace(
        origin,
        received=laid.received,
        excluded=laid.excluded,
        protection=laid.protection,
        corrections=lambda: kept(laid.corrections),
    )
    pictures = None if laid.pictures is None else partial(pack, laid.pictures, means.blobs.open)
    return laid.spool, origin, told, pictures


def _tables(spool: Spool) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "rows": spool.count(one), "sha256": table_digest(spool, one)}
        for one in spool.dataset.tables
    ]


def _asked_for(extract: Extract) -> dict[str, Any]:
    """What the digest rests on beside the rows: what was asked, and in which places."""
    return {"kind": extract.kind, "spec": dict(extract.spec), "places": sorted(extract.places)}


def _style(spec: Mapping[str, Any]) -> Style:
    return Style(words=spec.get("words") or "labels", for_people=spec.get("for_people", True))


def _stem(session: Session, extract: Extract, now: datetime) -> str:
    """The name of the files: survey, place and day, in ASCII."""
    names = lists.place_names(session, [one for one in extract.places if one])
    spec = extract.spec
    what = file_words(str(spec.get("upload") or spec.get("form") or "chi-tieu").replace("_", "-"))
    where = file_words(names.get(extract.places[0], "")) if len(extract.places) == 1 else ""
    return "_".join(one for one in (what, where, now.astimezone(HOME).date().isoformat()) if one)


def _origin(session: Session, extract: Extract, say: Callable[[str], str], place: Place) -> Origin:
    codes = [one for one in extract.places if one]
    names = lists.place_names(session, codes)
    release = session.get(Release, extract.release_id) if extract.release_id is not None else None
    return Origin(
        project=projects.get_project(session, extract.project_id).name,
        publisher=_publisher(session, codes, say, place.province),
        places=", ".join(names.get(one, one) for one in codes) or say(ALL_PLACES),
        taken_at=place.now,
        language=str(extract.spec.get("language") or "vi"),
        asked=_said(session, extract.spec, say) | _kept(session, extract, say),
        release=f"{release.number} – {release.name}" if release else "",
        say=say,
    )


def _publisher(session: Session, codes: Sequence[str], say: Callable[[str], str], province: str) -> str:
    chains = chains_of(session, codes or [province])
    found = {spot.name for spot in chains.spots.values() if spot.level == "province"}
    if len(found) != 1:
        chains = chains_of(session, [province])
        found = {spot.name for spot in chains.spots.values() if spot.level == "province"}
    return say(DOET).format(province=next(iter(sorted(found)), province))


def _said(session: Session, spec: Mapping[str, Any], say: Callable[[str], str]) -> dict[str, str]:
    """The filters as the reader chose them, heading to words."""
    told: dict[str, str] = {}
    codes = [str(one) for one in spec.get("places") or () if one]
    if codes:
        names = lists.place_names(session, codes)
        told[say(_PLACES)] = ", ".join(f"{names.get(one, one)} ({one})" for one in codes)
    if spec.get("from") or spec.get("to"):
        told[say(_DAYS)] = f"{_day(spec.get('from'))} – {_day(spec.get('to'))}"
    if spec.get("states"):
        words = {one.code: spoken(one.labels, str(spec.get("language") or "vi")) for one in STATES}
        told[say(_STATES)] = ", ".join(words.get(str(one), str(one)) for one in spec["states"])
    if spec.get("period"):
        told[say(_PERIOD)] = str(spec["period"])
    if spec.get("shape"):
        told[say(_FORMAT)] = say(_ONE_ROW if spec["shape"] == "wide" else _EACH_TABLE)
    return told


def _kept(session: Session, extract: Extract, say: Callable[[str], str]) -> dict[str, str]:
    """Until when the survey may keep names: whoever has the file is bound by it too."""
    found = None if extract.form_id is None else keeping.until(session, extract.form_id)
    if found is None:
        return {}
    day, held = found
    words = {"day": f"{day:%d/%m/%Y}", "months": held.months, "ground": held.ground}
    return {say(_NAMES_KEPT): say(_MONTHS).format_map(words)}


def _day(text: str | None) -> str:
    return "/".join(reversed(text.split("-"))) if text else "…"


class _Steps:
    """Progress over reading and all formats as one number of a thousand for each."""

    def __init__(self, progress: Progress, weight: int) -> None:
        self._progress, self._weight = progress, weight
        self._before, self._within = 0, 0

    def part(self, done: int, total: int) -> None:
        """So far within this step."""
        self._within = _STEP * done // max(total, 1)
        self.beat()

    def beat(self) -> None:
        """Still alive."""
        self._progress(min(self._before + self._within, _STEP * self._weight), _STEP * self._weight)

    def next(self, weight: int) -> None:
        """A step is done that counts for so many."""
        self._before += _STEP * weight
        self._within = 0
        self.beat()


_STEP: Final = 1000
