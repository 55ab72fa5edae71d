"""The answers of chosen records, read once from all tables of a form into a spool.

Why so: one snapshot, so that the rows of a record belong together and to the same moment; pages by the
numbers of records, so that the memory stays flat; the driver's own rows, for a province has sixty million
cells. Imported by whoever makes files only: it needs Arrow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any, Final, TypeAlias

import pyarrow as pa
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from forms.datasets.description import KEY, ORDINAL, PARENT_KEY, Table
from forms.datasets.laying import Kept, Layer
from forms.datasets.ours import PLACES
from forms.datasets.spool import Sink, Spool
from forms.rows import Cell
from storage.database import line_of
from storage.models import Actor, FormVersion, Submission
from storage.portable_lists import among_numbers
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries.choosing import RECEIVED
from storage.queries.dataset_choice import Chosen
from storage.queries.dataset_files import FilesBeside
from storage.queries.whereabouts import chains_of
from storage.swift import Line, Swift

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many records of how many are read."""

_CELLS: Final = 50_000
"""Cells a page aims at."""

_FEWEST, _MOST = 50, 1_000
_COLUMNS: Final = 900
"""Columns one statement asks for; both databases have a limit not far above."""

_LEVELS: Final = ("province", "commune", "village")
_Places: TypeAlias = tuple[str | None, ...]
_NOWHERE: Final[_Places] = (None,) * len(PLACES)
_Named: TypeAlias = Mapping[str, str]


def cells_of(session: Session, form_id: int) -> dict[str, Cell]:
    """How the tables of a form keep each question, by path."""
    tables = answer_tables(session, form_id, draft=False)
    return {path: one.cell for table in tables.values() for path, one in table.questions.items()}


def fill(
    session: Session, chosen: Chosen, spool: Spool, progress: Progress, beside: FilesBeside | None = None
) -> None:
    """Read all tables of the spool's dataset; `session` is a snapshot, the one the records were chosen in.

    The rows of each table follow the order of `chosen`, those of a repeat as the phone wrote them. With
    `beside` the files are listed too, and answers that name one say where it lies.
    """
    known = answer_tables(session, chosen.wanted.form_id, draft=False)
    files = beside.paths if beside is not None else frozenset()
    tables = [_Reading(one, known[one.path], files) for one in spool.dataset.tables]
    line = line_of(session)
    places: dict[str | None, _Places] = {None: _NOWHERE}
    with ExitStack() as stack:
        sinks = [_Gathered(stack.enter_context(spool.writer(one.table))) for one in tables]
        size, done = _FEWEST, 0
        while done < len(chosen.numbers):
            page = chosen.numbers[done : done + size]
            order = {number: at for at, number in enumerate(page)}
            values = {"numbers": json.dumps(page.tolist())}
            read = [one.rows(line, values, order) for one in tables]
            whereabouts = _whereabouts(session, read[0], places)
            named = beside.of(values, order) if beside is not None else {}
            for one, rows, sink in zip(tables, read, sinks, strict=True):
                if rows:
                    sink.add(one.laid(rows, whereabouts, named))
            cells = sum(len(rows) * one.width for one, rows in zip(tables, read, strict=True))
            done += len(page)
            size = max(_FEWEST, min(_MOST, _CELLS * len(page) // max(cells, 1)))
            progress(done, len(chosen.numbers))
        for sink in sinks:
            sink.write()


_GATHERED: Final = 5_000
"""Rows a file of Parquet takes at once."""


class _Gathered:
    """Rows on their way into one table of a spool, until there are some thousand."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: list[pa.RecordBatch] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows."""
        self._waiting.append(batch)
        if sum(one.num_rows for one in self._waiting) >= _GATHERED:
            self.write()

    def write(self) -> None:
        """Write what waits."""
        if self._waiting:
            for batch in pa.Table.from_batches(self._waiting).combine_chunks().to_batches():
                self._sink.add_batch(batch)
            self._waiting.clear()


class _Reading:
    """The statements that read one table, and how its rows are laid."""

    def __init__(self, table: Table, kept: AnswerTable, files: Collection[str]) -> None:
        self.table = table
        self._files = [one.name for path, one in kept.questions.items() if path in files]
        questions = {path: Kept(one.name, one.cell) for path, one in kept.questions.items()}
        self._layer = Layer(table, questions)
        self._root = not table.path
        own = _root_columns(kept) if self._root else _repeat_columns(kept)
        answers = {name: _physical(kept, name) for name in self._layer.columns}
        self._names = [*own, *answers]
        self.width = len(table.variables)
        wanted = [*own.values(), *answers.values()]
        self._parts = [
            Swift(_question(kept, wanted[start : start + _COLUMNS]))
            for start in range(0, len(wanted), _COLUMNS)
        ]

    def rows(self, line: Line, values: Mapping[str, Any], order: Mapping[int, int]) -> list[Sequence[Any]]:
        """The rows of a page, in order; each begins with the number of its record and its place in it."""

        def key(row: Sequence[Any]) -> tuple[int, int]:
            return order[row[0]], row[1]

        parts = [sorted(part.all(line, values), key=key) for part in self._parts]
        if len(parts) == 1:
            return [*parts[0]]
        return [
            (*some[0], *chain.from_iterable(one[2:] for one in some[1:])) for some in zip(*parts, strict=True)
        ]

    def laid(
        self, rows: Sequence[Sequence[Any]], places: Mapping[int, _Places], files: Mapping[int, _Named]
    ) -> pa.RecordBatch:
        """The rows as a piece of the spool; `files` says where those lie that answers name."""
        numbers, _, *columns = zip(*rows, strict=True)
        cells: dict[str, Sequence[Any]] = dict(zip(self._names, columns, strict=True))
        for name in self._files if files else ():
            texts = zip(numbers, cells[name], strict=True)
            cells[name] = [files.get(number, {}).get((text or "").strip(), text) for number, text in texts]
        where = zip(*(places[number] for number in numbers), strict=True)
        ours: dict[str, Sequence[Any]] = {one.name: texts for one, texts in zip(PLACES, where, strict=True)}
        ours[KEY] = cells["key"]
        if self._root:
            ours["SubmissionDate"] = cells["created_at"]
            ours["FormVersion"] = cells["version"]
            ours["ReviewState"] = [state or RECEIVED for state in cells["review_state"]]
            ours["SubmitterName"] = cells["submitter"]
            ours["DeviceID"] = cells["device_id"]
            ours["Edits"] = cells["edits"]
        else:
            ours[PARENT_KEY] = cells["parent_key"]
            ours[ORDINAL] = cells["ordinal"]
        return self._layer.lay(cells, cells["as_sent"], cells["blank"], ours)


def _root_columns(kept: AnswerTable) -> dict[str, Any]:
    first = kept.table.c
    return {
        "key": first.key,
        "as_sent": first.as_sent,
        "blank": first.blank,
        "place_code": Submission.place_code,
        "created_at": Submission.created_at,
        "version": FormVersion.version,
        "review_state": Submission.review_state,
        "submitter": Actor.display_name,
        "device_id": Submission.device_id,
        "edits": Submission.edits,
    }


_PLACE_CODE: Final = 5
"""Where the code of the place stands in a row of the root: after number, order, key, as_sent, blank."""


def _repeat_columns(kept: AnswerTable) -> dict[str, Any]:
    first = kept.table.c
    names = ("key", "parent_key", "ordinal", "as_sent", "blank")
    return {name: first[name] for name in names}


def _physical(kept: AnswerTable, name: str) -> Any:
    return next(piece.c[name] for piece in kept.pieces if name in piece.c)


def _question(kept: AnswerTable, columns: Sequence[Any]) -> Any:
    """The rows of the records in `numbers`, whose choice was cut to its asker's places."""
    first = kept.table.c
    source: Any = kept.joined
    if kept.path:
        query = select(first.submission_id, first.seq, *columns).select_from(source)
        return query.where(among_numbers(first.submission_id, "numbers"))
    source = source.join(Submission, Submission.id == first.submission_id)
    source = source.join(FormVersion, FormVersion.id == Submission.form_version_id)
    source = source.outerjoin(Actor, Actor.id == Submission.submitter_id)
    query = select(first.submission_id, literal(0), *columns).select_from(source)
    return query.where(among_numbers(first.submission_id, "numbers"))


def _whereabouts(
    session: Session, rows: Sequence[Sequence[Any]], known: dict[str | None, _Places]
) -> dict[int, _Places]:
    """Code and name of province, commune and village by number of the record, of today's map."""
    fresh = {row[_PLACE_CODE] for row in rows} - known.keys()
    if fresh:
        chains = chains_of(session, fresh)
        for code in fresh:
            spots = [chains.spots[one] for one in chains.above[code] if one in chains.spots]
            at = {spot.level: (spot.code, spot.name) for spot in spots}
            known[code] = tuple(chain.from_iterable(at.get(level, (None, None)) for level in _LEVELS))
    return {row[0]: known[row[_PLACE_CODE]] for row in rows}
