"""Writers at hand: reading a form takes milliseconds, an intake has only a few."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from zstandard import ZstdCompressionDict

from forms.placing import Roles, roles_of
from forms.xform import read_schema
from storage.compression import dictionary
from storage.database import db
from storage.findings.examining import checks_over
from storage.findings.rows import RowChecks
from storage.models import Form, FormVersion
from storage.projection.catalogue import answer_tables, layout_for
from storage.projection.writing import Writer

_ROOM = 64


@dataclass(frozen=True)
class Shelved:
    """What intake and reading need of one form version.

    `project_id` is None for a draft; `name` is what the version calls its form; `checks` are the row checks
    of the version in use, whatever version a record names.
    """

    form_id: int
    project_id: int | None
    form_version_id: int
    draft: bool
    dictionary: ZstdCompressionDict
    writer: Writer
    roles: Roles
    checks: RowChecks | None
    name: str


class Shelf:
    """Form versions by (version, draft, generation of the tables).

    A newer generation takes the place of an older one; else the longest unused leaves first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, bool, int], Shelved] = OrderedDict()

    def get(self, form_version_id: int, *, draft: bool, generation: int) -> Shelved:
        """The writer of a version that exists, for the tables as of `generation`."""
        key = (form_version_id, draft, generation)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        # On a connection of its own: what it reads was committed before the caller's look at the form.
        with Session(db.engine) as session:
            made = read_shelved(session, form_version_id, draft=draft)
        with self._lock:
            for older in [one for one in self._kept if one[:2] == key[:2] and one[2] < generation]:
                del self._kept[older]
            self._kept[key] = made
            while len(self._kept) > _ROOM:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def read_shelved(session: Session, form_version_id: int, *, draft: bool) -> Shelved:
    """Read a form version and the tables it writes from the database."""
    form_id, project_id, current, xml, sheets, name = session.execute(
        select(
            FormVersion.form_id,
            Form.project_id,
            Form.current_id,
            FormVersion.xml,
            FormVersion.sheets,
            FormVersion.name,
        )
        .join(Form, Form.id == FormVersion.form_id)
        .where(FormVersion.id == form_version_id)
    ).one()
    schema = read_schema(xml)
    tables = answer_tables(session, form_id, draft=draft)
    writer = Writer(schema, layout_for(schema, tables), tables)
    roles = roles_of(schema, writer.layout, sheets.get("marks", {}))
    if draft or current in {None, form_version_id}:
        checks = checks_over(sheets, schema, tables)
    else:
        version = session.get_one(FormVersion, current)
        checks = checks_over(version.sheets, read_schema(version.xml), tables)
    project = None if draft else project_id
    return Shelved(form_id, project, form_version_id, draft, dictionary(xml), writer, roles, checks, name)
