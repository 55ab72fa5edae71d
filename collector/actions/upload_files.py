"""⑨ Files in the columns of other systems, out of the records as they are now.

Imported by whoever makes files only: it needs Arrow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from collector.actions.start import surveys_folder
from forms.datasets.column_maps import ColumnMap, filled, read_maps, unknown, write_csv, write_excel
from forms.datasets.problems import ColumnsUnknown, UploadFileUnknown
from storage.blobs import BlobStore
from storage.queries import forms
from storage.queries.places import get_place
from storage.scope import current

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
    lacking = unknown(one, dataset)
    if lacking:
        raise ColumnsUnknown(id=one.id, names=", ".join(lacking), form=one.form)
    with TemporaryDirectory(dir=output.parent) as folder:
        spool = Spool(Path(folder), dataset)
        fill(session, choose(session, Wanted(form.id, current(), places)), spool, progress)
        write = write_excel if output.suffix.lower() == ".xlsx" else write_csv
        return write(output, one, filled(one, spool, year))
