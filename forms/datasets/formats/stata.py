"""⑨ Stata (.dta 118, for Stata 14 and later), a file for each table in one archive.

Lists that are the same share one set of value labels, named after the first column that has it. Days and
moments are Stata's own (%td, %tc by the clocks of Viet Nam), kinds of missing are `.a` to `.e` (missing.py),
texts longer than 2045 bytes are strLs. Where codes became other numbers, `char list` tells them.
Source: Stata, `help dta` (format 118), read with `help dta_119` for what is past 32,767 columns.
Why not pandas or ReadStat: both want all rows at once, and neither shares sets of labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate
from struct import pack
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.formats.cells import Numbers, Plan, Reasons, batches, cut_bytes, cut_label, numbers, texts
from forms.datasets.formats.columns import composed
from forms.datasets.formats.labelled import MONTHS, Program, Sheet, notes, renumbered, title, write_labelled
from forms.datasets.formats.short_names import STATA
from forms.datasets.missing import letter
from forms.values import HOME

_LONGEST: Final = 2045
_MOST_IN_118: Final = 32_767
_LONG_TEXT: Final = 32768
_LABEL: Final = 80
_NOTE: Final = 60_000
_DAYS: Final = 3653
_DAY_MS: Final = 86_400_000
_DOUBLES: Final = (np.uint64(0x7FE0 << 48) + (np.arange(27, dtype=np.uint64) << np.uint64(40))).view("<f8")
_GSO: Final = 3 + 4 + 8 + 1 + 4 + 1
_ROWS_OF_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Storage:
    """How a column lies in a row: Stata's number of the type, numpy's name of it, and where missing begins.

    The range of whole numbers is from `least` to `missing` - 1.
    """

    code: int
    dtype: str
    least: int = 0
    missing: int = 0

    @property
    def size(self) -> int:
        """Its bytes in a row."""
        return np.dtype(self.dtype).itemsize


_WHOLES: Final = (
    Storage(65530, "<i1", -127, 101),
    Storage(65529, "<i2", -32_767, 32_741),
    Storage(65528, "<i4", -2_147_483_647, 2_147_483_621),
)
_LONG: Final = _WHOLES[2]
_DOUBLE: Final = Storage(65526, "<f8")
_FORMATS: Final[Mapping[str, str]] = {
    "date": "%tdCCYY-NN-DD",
    "moment": "%tc",
    "time": "%tcHH:MM:SS",
    "decimal": "%14.0g",
}
"""Kind to display format; of those of days and moments only ones that pyreadstat knows as such."""


def storage(plan: Plan) -> Storage:
    """The smallest type that holds all cells of a column."""
    kind = plan.variable.kind
    if plan.is_text:
        wide = plan.extent.widest
        return Storage(wide, f"S{wide}") if wide <= _LONGEST else Storage(_LONG_TEXT, "<u8")
    if kind == "date":
        return _LONG
    if kind in {"decimal", "moment", "time"}:
        return _DOUBLE
    least, most = plan.extent.least, plan.extent.most
    if plan.coding:
        least, most = min(plan.coding.labels, default=0), max(plan.coding.labels, default=0)
    return next((one for one in _WHOLES if one.least <= least and most < one.missing), _DOUBLE)


class Layout:
    """What is written of a table before and after its rows."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.planned = sheet.planned
        self.stored = [storage(plan) for plan in sheet.planned]
        self.long = [n for n, one in enumerate(self.stored) if one.code == _LONG_TEXT]
        self.many = len(sheet.planned) > _MOST_IN_118
        self.row_bytes = sum(one.size for one in self.stored)

    @cached_property
    def sets(self) -> Mapping[tuple[tuple[int, str], ...], tuple[str, bytes]]:
        """Lists of labels to the name of their set and the set as it is written."""
        found: dict[tuple[tuple[int, str], ...], tuple[str, bytes]] = {}
        for plan in self.planned:
            if plan.coding and plan.coding.key not in found:
                kinds = plan.coding.kind_labels
                labels = {**plan.coding.labels, **{_LONG.missing + kind: kinds[kind] for kind in kinds}}
                found[plan.coding.key] = (plan.name, _label_set(plan.name, labels))
        return found

    def before(self) -> Iterator[bytes]:
        """Everything in front of the first row."""
        sections = [*self._described(), _tagged("characteristics", b"".join(self._characteristics()))]
        head = self._head()
        long = sum(self.planned[n].extent.filled * _GSO + self.planned[n].extent.length for n in self.long)
        sizes = [len(head), len(_tagged("map", bytes(14 * 8))), *map(len, sections)]
        sizes.append(len(_tagged("data", b"")) + self.sheet.rows * self.row_bytes)
        sizes.append(len(_tagged("strls", b"")) + long)
        sizes.append(len(_tagged("value_labels", b"".join(self.label_sets()))))
        sizes.append(len(b"</stata_dta>"))
        places = [0, *accumulate(sizes)]
        yield head
        yield _tagged("map", pack("<14Q", *places))
        yield from sections

    def label_sets(self) -> Iterator[bytes]:
        """The sets of value labels."""
        return (written for _, written in self.sets.values())

    def _head(self) -> bytes:
        sheet, taken = self.sheet, self.sheet.material.origin.taken_at.astimezone(HOME)
        label = cut_label(title(sheet), _LABEL, in_bytes=False).encode()
        time = f"{taken:%d} {MONTHS[taken.month - 1]} {taken:%Y %H:%M}".encode()
        parts = (
            _tagged("release", b"119" if self.many else b"118"),
            _tagged("byteorder", b"LSF"),
            _tagged("K", pack("<I" if self.many else "<H", len(self.planned))),
            _tagged("N", pack("<Q", sheet.rows)),
            _tagged("label", pack("<H", len(label)) + label),
            _tagged("timestamp", pack("<B", len(time)) + time),
        )
        return b"<stata_dta>" + _tagged("header", b"".join(parts))

    def _described(self) -> Iterator[bytes]:
        planned = self.planned
        named = [self.sets[plan.coding.key][0] if plan.coding else "" for plan in planned]
        labels = [cut_label(plan.label, _LABEL, in_bytes=False) for plan in planned]
        yield _tagged("variable_types", pack(f"<{len(planned)}H", *(one.code for one in self.stored)))
        yield _tagged("varnames", _fixed((plan.name for plan in planned), 129))
        yield _tagged("sortlist", bytes((len(planned) + 1) * (4 if self.many else 2)))
        yield _tagged("formats", _fixed(map(_format, planned, self.stored), 57))
        yield _tagged("value_label_names", _fixed(named, 129))
        yield _tagged("variable_labels", _fixed(labels, 321))

    def _characteristics(self) -> Iterator[bytes]:
        lines = list(notes(self.sheet, letter))
        yield _characteristic("_dta", "note0", str(len(lines)))
        for number, line in enumerate(lines, 1):
            yield _characteristic("_dta", f"note{number}", line)
        for plan in self.planned:
            if plan.name != plan.variable.name:
                yield _characteristic(plan.name, "column", plan.variable.name)
            if codes := "; ".join(f"{number} = {code}" for code, number in renumbered(plan.coding)):
                yield _characteristic(plan.name, "codes", codes)


def _tagged(name: str, content: bytes) -> bytes:
    return b"<%b>%b</%b>" % (name.encode(), content, name.encode())


def _fixed(texts: Iterator[str] | Sequence[str], width: int) -> bytes:
    return b"".join(cut_bytes(text, width - 1).encode().ljust(width, b"\0") for text in texts)


def _format(plan: Plan, stored: Storage) -> str:
    if plan.is_text:
        return f"%-{max(9, min(60, plan.extent.widest))}s"
    return _FORMATS.get(plan.variable.kind, "%12.0g" if stored.size > 1 else "%8.0g")


def _characteristic(of: str, name: str, text: str) -> bytes:
    content = _fixed([of, name], 129) + cut_bytes(text, _NOTE).encode() + b"\0"
    return b"<ch>%b%b</ch>" % (pack("<I", len(content)), content)


def _label_set(name: str, labels: Mapping[int, str]) -> bytes:
    order = sorted(labels)
    words = [cut_bytes(labels[number], _NOTE).encode() + b"\0" for number in order]
    begins = [0, *accumulate(map(len, words))]
    table = pack("<II", len(order), begins[-1]) + pack(f"<{len(order)}I", *begins[:-1])
    table += pack(f"<{len(order)}i", *order) + b"".join(words)
    return b"<lbl>%b%b\0\0\0%b</lbl>" % (pack("<I", len(table)), _fixed([name], 129), table)


def dta(sheet: Sheet, done: Callable[[int], None]) -> Iterator[bytes]:
    """A table as a file of Stata's, in pieces."""
    layout = Layout(sheet)
    yield from layout.before()
    yield b"<data>"
    behind = 0
    for batch in batches(sheet.material.spool, sheet.table, layout.row_bytes):
        yield _rows(layout, batch, behind)
        behind += len(batch)
        done(behind)
    yield b"</data><strls>"
    yield from _long_texts(layout)
    yield b"</strls>"
    yield _tagged("value_labels", b"".join(layout.label_sets()))
    yield b"</stata_dta>"


def _rows(layout: Layout, batch: pa.RecordBatch, behind: int) -> bytes:
    rows = np.empty((len(batch), layout.row_bytes), dtype=np.uint8)
    reasons = Reasons(batch, layout.planned)
    at = 0
    for n, (plan, stored) in enumerate(zip(layout.planned, layout.stored, strict=True)):
        array = batch.column(n)
        if stored.code == _LONG_TEXT:
            cells = _references(array, n + 1, behind, many=layout.many)
        elif plan.is_text:
            cells = texts(array, stored.size, "\0")
        else:
            cells = _cells(plan, stored, *numbers(plan, array, reasons))
        rows[:, at : at + stored.size] = cells.view(np.uint8).reshape(len(batch), stored.size)
        at += stored.size
    return rows.tobytes()


def _cells(plan: Plan, stored: Storage, found: Numbers, kinds: Numbers) -> Numbers:
    if plan.variable.kind == "date":
        found = found + _DAYS
    elif plan.variable.kind == "moment":
        found = found + _DAYS * _DAY_MS
    if stored == _DOUBLE:
        return np.where(kinds < 0, found.astype("<f8"), _DOUBLES[np.maximum(kinds, 0)])
    return np.where(kinds < 0, found, stored.missing + kinds.astype(np.int64)).astype(stored.dtype)


def _references(array: pa.Array, variable: int, behind: int, *, many: bool) -> Numbers:
    """Where each text lies: variable and row in one number, 0 for an empty text."""
    filled = np.asarray(pc.greater(pc.binary_length(composed(array)), 0).fill_null(False))  # noqa: FBT003
    row = np.arange(behind + 1, behind + 1 + len(array), dtype=np.uint64)
    place = (row << np.uint64(24 if many else 16)) | np.uint64(variable)
    return np.where(filled, place, np.uint64(0)).astype("<u8")


def _long_texts(layout: Layout) -> Iterator[bytes]:
    if not layout.long:
        return
    sheet, row = layout.sheet, 0
    names = [layout.planned[n].variable.name for n in layout.long]
    for batch in sheet.material.spool.batches(sheet.table, names, _ROWS_OF_TEXT):
        columns: list[list[Any]] = [composed(batch.column(name)).to_pylist() for name in names]
        written: list[bytes] = []
        for answers in zip(*columns, strict=True):
            row += 1
            for n, text in zip(layout.long, answers, strict=True):
                if text:
                    content = text.encode() + b"\0"
                    written.append(b"GSO" + pack("<IQBI", n + 1, row, 130, len(content)) + content)
        yield b"".join(written)


write_dta = partial(write_labelled, Program("dta", STATA, letter, dta))
"""Write a dataset for Stata: `(material, path, progress)`."""
