"""The photos and recordings of chosen records: how many and how large they are, and where each goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import IO, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.datasets.beside.pictures import folder_of, line_of
from storage.models import Submission
from storage.portable_lists import among_numbers
from storage.queries.dataset_choice import Wanted
from storage.queries.sent_files import sent_with


def measured(session: Session, wanted: Wanted) -> tuple[int, int]:
    """How many files came with the records wanted, and how many bytes they are; logs are none of them."""
    found = sent_with(session, wanted.form_id, wanted.seen).where(*wanted.kept().values()).subquery()
    number, size = session.execute(select(func.count(), func.sum(found.c.size))).one()
    return number, int(size or 0)


class FilesBeside:
    """Lists the files of records as they are read, a line each; `paths` are the questions files answer."""

    def __init__(self, session: Session, form_id: int, paths: Collection[str], to: IO[bytes]) -> None:
        self.paths = frozenset(paths)
        self._session, self._to = session, to
        self._query = (
            sent_with(session, form_id, among_numbers(Submission.__table__.c.id, "numbers"))
            .add_columns(Submission.id)
            .order_by(Submission.id)
        )

    def of(self, values: Mapping[str, Any], order: Mapping[int, int]) -> dict[int, dict[str, str]]:
        """Where the files of some records lie in the archive, by record and name, in the records' order."""
        found: dict[int, dict[str, str]] = {}
        rows = self._session.execute(self._query, values).all()
        for key, name, digest, size, number in sorted(rows, key=lambda row: (order[row[4]], row[1])):
            path = f"{folder_of(key)}/{name}"
            found.setdefault(number, {})[name] = path
            self._to.write(line_of(path, digest, size))
        return found
