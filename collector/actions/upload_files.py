"""⑨ Files in the columns of other systems, out of the records as they are now.

Answers stand in them as they are, names of people too: they need the right to read records, and a purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from collector.actions.start import surveys_folder
from forms.datasets.column_maps import ColumnMap, filled, read_maps, unknown, write_csv, write_excel
from forms.datasets.problems import ColumnsUnknown, UploadFileUnknown
from storage.audits import Actee, note
from storage.blobs import BlobStore
from storage.queries import forms
from storage.queries.places import get_place
from storage.scope import current

if TYPE_CHECKING:
    from forms.datasets.description import Dataset
    from forms.datasets.material import Format, Material

XLSX, CSV = "xlsx", "csv"
FORMATS: Final = (XLSX, CSV)
"""Codes of the formats these files come in."""
YEARS: Final = range(2000, 2101)
"""Years ages may be worked out for."""

Progress = Callable[[int, int], None]


@cache
def _maps(path: Path) -> dict[str, ColumnMap]:
    with path.open(encoding="utf-8", newline="") as file:
        return {one.id: one for one in read_maps(file)}


def maps() -> dict[str, ColumnMap]:
    """Every file there is, by its id."""
    return _maps(surveys_folder() / "programme" / "uploads.csv")


def map_of(file_id: str) -> ColumnMap:
    """A file by its id. Raises UploadFileUnknown."""
    found = maps().get(file_id)
    if found is None:
        raise UploadFileUnknown(id=file_id[:80], known=", ".join(maps()))
    return found


def make(
    session: Session,
    blobs: BlobStore,
    wanted: tuple[int, ColumnMap, tuple[str, ...]],
    output: Path,
    told: tuple[int, Progress],
) -> int:
    """Write the file of a project, a map and places; returns how many rows. `told`: year of ages, progress.

    `session` is a snapshot. Raises FormNotFound, PlaceUnknown, ColumnsUnknown.
    """
    from collector.actions.extract_records import described
    from forms.datasets.spool import Spool
    from storage.queries.dataset_choice import Wanted, choose
    from storage.queries.dataset_rows import fill

    (project_id, one, places), (year, progress) = wanted, told
    form = forms.get_form(session, project_id, one.form)
    for place in places:
        get_place(session, place)
    dataset = described(session, form, blobs)
    _check(one, dataset)
    with TemporaryDirectory(dir=output.parent) as folder:
        spool = Spool(Path(folder), dataset)
        fill(session, choose(session, Wanted(form.id, current(), places)), spool, progress)
        write = write_excel if output.suffix.lower() == ".xlsx" else write_csv
        return write(output, one, filled(one, spool, year))


def _check(one: ColumnMap, dataset: Dataset) -> None:
    lacking = unknown(one, dataset)
    if lacking:
        raise ColumnsUnknown(id=one.id, names=", ".join(lacking), form=one.form)


def formats_of(spec: Mapping[str, Any], dataset: Dataset) -> list[Format]:
    """How the file an extract asks for (`upload`, `year`, `formats` of its spec) is written.

    Raises UploadFileUnknown, ColumnsUnknown.
    """
    from forms.datasets.formats.catalogue import FORMATS as KNOWN
    from forms.datasets.material import Format

    one, year = map_of(str(spec["upload"])), int(spec["year"])
    _check(one, dataset)

    def written(code: str) -> Callable[[Material, Path, Progress], None]:
        write = write_excel if code == XLSX else write_csv
        return lambda material, path, _progress: _count(write(path, one, filled(one, material.spool, year)))

    codes = [code for code in FORMATS if code in spec["formats"]]
    types = {XLSX: KNOWN[XLSX].content_type, CSV: "text/csv"}
    return [Format(code, f".{code}", types[code], written(code)) for code in codes]


def _count(_rows: int) -> None:
    """How many rows there are stands in the manifest."""


def note_command(session: Session, project_id: int, one: ColumnMap, places: tuple[str, ...]) -> None:
    """Note that the command wrote a file. Raises FormNotFound."""
    form = forms.get_form(session, project_id, one.form)
    place = places[0] if len(places) == 1 else None
    actee = Actee("form", form.id, project_id, form.id, place_code=place)
    note(session, "form.upload_file", actee=actee, details={"upload": one.id, "places": list(places)})
