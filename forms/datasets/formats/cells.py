"""⑨ Rows of a spool as numbers and texts of fixed width, with the kind of every cell that has no answer.

SPSS and Stata both keep rows of a fixed length: one look at all rows tells the widths, a second one writes.
Knows: numpy, and that pyarrow pads texts by their bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets import missing
from forms.datasets.description import Table, Variable
from forms.datasets.formats.coding import Coding, coding
from forms.datasets.formats.columns import as_sent, composed, pieces
from forms.datasets.formats.short_names import Rule, short_names
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain
from forms.datasets.spool import AT_A_TIME, BLANK, Spool
from forms.values import HOME

Numbers: TypeAlias = "np.ndarray[Any, Any]"

MOST_PLACES: Final = 6
_MOST_STRANGERS: Final = 1_000
_MOST_BYTES: Final = 2 << 20
_MOST_CELLS: Final = 250_000
_FEWEST_ROWS: Final = 100
_HOME_MS: Final = int(HOME.utcoffset(None).total_seconds() * 1000)
_TEXTS: Final = frozenset({"text", "codes"})


@dataclass(slots=True)
class Extent:
    """What the rows of a column need.

    Whole numbers from `least` to `most`, `places` after the comma, texts of `widest` bytes (`filled` of them,
    `length` together), and codes that are in no list.
    """

    least: int = 0
    most: int = 0
    places: int = 0
    widest: int = 1
    filled: int = 0
    length: int = 0
    strangers: set[str] = field(default_factory=set)

    def see(self, variable: Variable, array: pa.Array) -> None:
        """Take a piece of the column into account."""
        if variable.kind in {"text", "code", "codes"}:
            self._see_texts(variable, composed(array))
        elif variable.kind == "whole" and array.null_count < len(array):
            edges = pc.min_max(array).as_py()
            self.least, self.most = min(self.least, edges["min"]), max(self.most, edges["max"])
        elif variable.kind == "decimal":
            numbers = array.drop_null().to_numpy(zero_copy_only=False)
            while self.places < MOST_PLACES and not np.allclose(
                numbers, np.round(numbers, self.places), rtol=0, atol=1e-7
            ):
                self.places += 1

    def _see_texts(self, variable: Variable, texts: pa.Array) -> None:
        sizes = pc.binary_length(texts)
        self.widest = max(self.widest, pc.max(sizes).as_py() or 1)
        self.filled += pc.sum(pc.greater(sizes, 0)).as_py() or 0
        self.length += pc.sum(sizes).as_py() or 0
        if variable.values and variable.kind == "code" and len(self.strangers) <= _MOST_STRANGERS:
            known = {one.code for one in variable.values}
            self.strangers |= set(pc.unique(texts).to_pylist()) - known - {None, ""}


@dataclass(frozen=True, slots=True)
class Plan:
    """A column on its way: its short `name`, its `label`, how it is numbered, and what its rows need."""

    variable: Variable
    name: str
    label: str
    coding: Coding | None
    extent: Extent

    @property
    def is_text(self) -> bool:
        """Whether its cells are texts, not numbers."""
        kind = self.variable.kind
        return kind in _TEXTS or (kind == "code" and self.coding is None)


def plans(spool: Spool, table: Table, rule: Rule, origin: Origin) -> tuple[Plan, ...]:
    """The columns of a table, planned by a look at all its rows."""
    extents = {one.name: Extent() for one in table.variables}
    for batch in pieces(spool, table):
        for one in table.variables:
            extents[one.name].see(one, batch.column(one.name))
    names = short_names(extents, rule)
    return tuple(
        Plan(
            one,
            names[one.name],
            plain(one.label(origin.language)) or one.name,
            _coding(one, extents[one.name], origin),
            extents[one.name],
        )
        for one in table.variables
    )


def _coding(variable: Variable, extent: Extent, origin: Origin) -> Coding | None:
    if len(extent.strangers) > _MOST_STRANGERS:
        return None
    return coding(variable, extent.strangers, origin.language, origin.words)


def batches(spool: Spool, table: Table, row_bytes: int) -> Iterator[pa.RecordBatch]:
    """The rows in pieces that take little memory as rows of so many bytes."""
    most = min(AT_A_TIME, _MOST_BYTES // row_bytes, _MOST_CELLS // len(table.variables))
    return spool.batches(table, None, max(_FEWEST_ROWS, most))


class Reasons:
    """Why the cells of a piece of rows are empty."""

    def __init__(self, batch: pa.RecordBatch, planned: Sequence[Plan]) -> None:
        asked = {name: n for n, name in enumerate(dict.fromkeys(_names(planned)))}
        encoded = batch.column(BLANK).fill_null("").dictionary_encode()
        lists = encoded.dictionary.to_pylist()
        self._named = np.zeros((len(asked), len(lists)), dtype=bool)
        for at, names in enumerate(lists):
            self._named[[asked[name] for name in names.split(",") if name in asked], at] = True
        self._list = encoded.indices.to_numpy(zero_copy_only=False)
        self._asked = asked
        self._sent = as_sent(batch)

    def of(self, variable: Variable) -> Numbers:
        """The kind of every cell of a column, were it empty."""
        if not variable.path:
            return np.full(len(self._list), missing.EMPTY, dtype=np.int8)
        kinds = np.full(len(self._list), missing.NOT_ASKED, dtype=np.int8)
        for name in filter(None, (variable.name, variable.part_of)):
            kinds[self._named[self._asked[name]][self._list]] = missing.BLANK
        for name in filter(None, (variable.name, variable.part_of)):
            kinds[list(self._sent.get(name, ()))] = missing.UNREADABLE
        return kinds


def _names(planned: Sequence[Plan]) -> Iterator[str]:
    for plan in planned:
        yield plan.variable.name
        if plan.variable.part_of:
            yield plan.variable.part_of


def numbers(plan: Plan, array: pa.Array, reasons: Reasons) -> tuple[Numbers, Numbers]:
    """The cells of a column that is no text, 0 where empty, and their kinds (ANSWERED, or why not).

    Days and moments are counted from 1970, moments in ms by the clocks of Viet Nam, times in ms of the day.
    """
    kinds = reasons.of(plan.variable)
    kind = plan.variable.kind
    if kind == "time" or (kind == "code" and plan.coding):
        found, met = _looked_up(plan, array)
        kinds = np.where(met == missing.EMPTY, kinds, met)
        return found, kinds
    there = np.asarray(array.is_valid())
    if kind == "decimal":
        found = array.fill_null(0).to_numpy(zero_copy_only=False)
        kinds = np.where(there & ~np.isfinite(found), missing.UNREADABLE, kinds)
        there &= np.isfinite(found)
        found = np.where(there, found, 0.0)
    else:
        wide = array.cast(pa.int32()) if kind == "date" else array
        found = wide.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        found = found + _HOME_MS if kind == "moment" else found
    return found, np.where(there, missing.ANSWERED, kinds).astype(np.int8)


def _looked_up(plan: Plan, array: pa.Array) -> tuple[Numbers, Numbers]:
    """Numbers and kinds of texts, worked out once for each text; kind EMPTY where there is none."""
    encoded = composed(array).fill_null("").dictionary_encode()
    read = [_read(plan, text) for text in encoded.dictionary.to_pylist()]
    at = encoded.indices.to_numpy(zero_copy_only=False)
    pairs = np.array(read, dtype=np.int64).reshape(-1, 2)
    return pairs[at, 0], pairs[at, 1].astype(np.int8)


def _read(plan: Plan, text: str) -> tuple[int, int]:
    if not text:
        return 0, missing.EMPTY
    if plan.coding:
        if text in plan.coding.numbers:
            return plan.coding.numbers[text], missing.ANSWERED
        return 0, plan.coding.kinds.get(text, missing.UNREADABLE)
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        return 0, missing.UNREADABLE
    ms = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000 + clock.microsecond // 1000
    return ms, missing.ANSWERED


def texts(array: pa.Array, width: int, padding: str) -> Numbers:
    """Texts in NFC as rows of `width` bytes each; a longer one is cut between two signs."""
    given = composed(array.cast(pa.string())).fill_null("")
    if (pc.max(pc.binary_length(given)).as_py() or 0) > width:
        given = pa.array([cut_bytes(text, width) for text in given.to_pylist()], pa.string())
    padded = pc.ascii_rpad(given, width=width, padding=padding)
    whole = np.frombuffer(padded.buffers()[2], dtype=np.uint8, count=len(given) * width)
    return whole.reshape(len(given), width)


def cut_bytes(text: str, most: int) -> str:
    """As much of a text as fits into so many bytes of UTF-8, whole signs only."""
    return text.encode()[:most].decode(errors="ignore")


def cut_label(text: str, most: int, *, in_bytes: bool) -> str:
    """A label of at most so many signs, or bytes; what is cut ends in `…`."""
    whole = " ".join(text.split())
    if (len(whole.encode()) if in_bytes else len(whole)) <= most:
        return whole
    if in_bytes:
        return cut_bytes(whole, most - len("…".encode())).rstrip() + "…"
    return whole[: most - 1].rstrip() + "…"
