"""⑨ SPSS (.sav), a file for each table in one archive.

Kinds of missing are user-missing numbers with labels (missing.py), days, moments (by the clocks of Viet Nam)
and times are SPSS's own, texts are UTF-8. Codes are numbers with value labels (coding.py).
Why so: ReadStat writes all there is to know of the columns, in front of a single row of the widest cells;
that row is cut off, its count, the date and the time are set, and the rows follow, packed by SPSS's own
«bytecode» (a small whole number is one byte instead of eight). So a table of any length passes in pieces.
Source: GNU PSPP developers' guide, «System File Format»; SPSS, «Variable names», «VALUE LABELS» (120 bytes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from struct import pack
from textwrap import wrap
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat

from forms.datasets import missing
from forms.datasets.formats.cells import Numbers, Plan, Reasons, batches, cut_bytes, cut_label, numbers, texts
from forms.datasets.formats.labelled import MONTHS, Program, Sheet, notes, title, write_labelled
from forms.datasets.formats.short_names import SPSS
from forms.values import HOME

_LONGEST: Final = 32_767
_LABEL: Final = 255
_VALUE_LABEL: Final = 120
_TITLE: Final = 64
_NOTE: Final = 80
_SHORT: Final = 255
_PIECE: Final = 252
_DAYS: Final = 141_428
_DAY: Final = 86_400
_PACKED_AT: Final = 72
_COUNT_AT: Final = 80
_TIME_AT: Final = 92
_ROW_COUNT: Final = pack("<4i", 7, 16, 8, 2)
_END: Final = pack("<2i", 999, 0)
_SYSTEM_MISSING: Final = -np.finfo(np.float64).max
_MISSING: Final = np.array([_SYSTEM_MISSING, *(missing.spss(kind) for kind in range(1, 27))])
_AS_IT_IS, _SPACES, _NOTHING = 253, 254, 255
_LEAST, _MOST, _BIAS = -99, 151, 100
_FORMATS: Final = {"date": "EDATE10", "moment": "DATETIME20", "time": "TIME8"}


def sav(sheet: Sheet, done: Callable[[int], None]) -> Iterator[bytes]:
    """A table as a file of SPSS's, in pieces."""
    row_bytes = sum(map(size, sheet.planned))
    yield _dictionary(sheet, row_bytes)
    packing, behind = Packing(sheet.planned), 0
    for batch in batches(sheet.material.spool, sheet.table, row_bytes):
        yield packing.add(_rows(sheet, batch, row_bytes))
        behind += len(batch)
        done(behind)
    yield packing.end()


def width(plan: Plan) -> int:
    """The bytes of a text."""
    return min(plan.extent.widest, _LONGEST)


def size(plan: Plan) -> int:
    """The bytes of a cell in a row: 8 for a number; texts fill eights, long ones lie in parts of 256."""
    if not plan.is_text:
        return 8
    parts, last = _parts(width(plan))
    return 256 * (parts - 1) + last


def _parts(wide: int) -> tuple[int, int]:
    """In how many parts a text lies, and the bytes of the last."""
    parts = 1 if wide <= _SHORT else -(-wide // _PIECE)
    return parts, -(-(wide - _PIECE * (parts - 1)) // 8) * 8


def _dictionary(sheet: Sheet, row_bytes: int) -> bytes:
    planned, file = sheet.planned, sheet.material.folder / "dictionary.sav"
    cells: dict[str, list[Any]] = {
        plan.name: ["x" * width(plan)] if plan.is_text else [0.0] for plan in planned
    }
    pyreadstat.write_sav(
        pd.DataFrame(cells),
        file,
        file_label=cut_label(title(sheet), _TITLE, in_bytes=True),
        column_labels=[cut_label(plan.label, _LABEL, in_bytes=True) for plan in planned],
        note=list(_lines(sheet)),
        variable_value_labels={plan.name: labels for plan in planned if (labels := _labels(plan, sheet))},
        missing_ranges={plan.name: ranges for plan in planned if (ranges := _ranges(plan))},
        variable_display_width={plan.name: _shown(plan) for plan in planned},
        variable_measure={plan.name: _measure(plan) for plan in planned},
        variable_format={plan.name: _format(plan) for plan in planned if not plan.is_text},
    )
    return _without_row(file, row_bytes, sheet)


def _without_row(file: Path, row_bytes: int, sheet: Sheet) -> bytes:
    """What ReadStat wrote up to its row, with our count and time in it."""
    written = bytearray(file.read_bytes()[:-row_bytes])
    file.unlink()
    counted = written.rfind(_ROW_COUNT) + len(_ROW_COUNT)
    if not written.endswith(_END) or counted < len(_ROW_COUNT):
        raise RuntimeError("ReadStat lays a row out otherwise than this writer")
    written[counted : counted + 16] = pack("<2q", 1, sheet.rows)
    written[_PACKED_AT : _PACKED_AT + 4] = pack("<i", 1)
    written[_COUNT_AT : _COUNT_AT + 4] = pack("<i", sheet.rows)
    written[_TIME_AT : _TIME_AT + 17] = _stamp(sheet.material.origin.taken_at.astimezone(HOME))
    return bytes(written)


def _stamp(taken: datetime) -> bytes:
    return f"{taken:%d} {MONTHS[taken.month - 1]} {taken:%y%H:%M:%S}".encode()


def _lines(sheet: Sheet) -> Iterator[str]:
    for note in notes(sheet, missing.digits):
        for line in wrap(note, _NOTE // 2):
            yield cut_bytes(line, _NOTE)


def _labels(plan: Plan, sheet: Sheet) -> dict[float, str]:
    if plan.is_text:
        return {}
    origin, asked = sheet.material.origin, plan.variable.path
    kinds = {kind: origin.words(missing.WORDS[kind]) for kind in missing.OF_A_CELL} if asked else {}
    labels: dict[float, str] = {}
    if plan.coding:
        kinds = dict(plan.coding.kind_labels)
        labels = {float(number): words for number, words in plan.coding.labels.items()}
    labels |= {missing.spss(kind): words for kind, words in kinds.items()}
    return {number: cut_label(labels[number], _VALUE_LABEL, in_bytes=True) for number in sorted(labels)}


def _ranges(plan: Plan) -> list[Any]:
    kinds = {*missing.OF_A_CELL} if plan.variable.path else set()
    kinds |= {*plan.coding.kinds.values()} if plan.coding else set()
    if plan.is_text or not kinds:
        return []
    return [{"lo": missing.spss(max(kinds)), "hi": missing.spss(missing.DONT_KNOW)}]


def _shown(plan: Plan) -> int:
    return max(8, min(40, width(plan))) if plan.is_text else 12


def _measure(plan: Plan) -> str:
    return "nominal" if plan.is_text or plan.coding else "scale"


def _format(plan: Plan) -> str:
    places = plan.extent.places
    number = f"F{12 + places}.{places}" if places else "F11.0"
    return _FORMATS.get(plan.variable.kind, number)


def _rows(sheet: Sheet, batch: pa.RecordBatch, row_bytes: int) -> Numbers:
    rows = np.full((len(batch), row_bytes), ord(" "), dtype=np.uint8)
    reasons = Reasons(batch, sheet.planned)
    at = 0
    for n, plan in enumerate(sheet.planned):
        cell = rows[:, at : at + size(plan)]
        if plan.is_text:
            _lay(cell, texts(batch.column(n), width(plan), " "))
        else:
            found, kinds = numbers(plan, batch.column(n), reasons)
            cells = np.where(kinds < 0, _counted(plan, found), _MISSING[np.maximum(kinds, 0)])
            cell[:] = cells.astype("<f8").view(np.uint8).reshape(len(batch), 8)
        at += size(plan)
    return rows


def _lay(cell: Numbers, given: Numbers) -> None:
    """Texts into their cells of spaces: 255 bytes in every 256, where there are more parts than one."""
    wide = given.shape[1]
    step = min(wide, _SHORT)
    for part, start in enumerate(range(0, wide, step)):
        piece = given[:, start : start + step]
        cell[:, part * 256 : part * 256 + piece.shape[1]] = piece


def _counted(plan: Plan, found: Numbers) -> Numbers:
    """Seconds since the calendar of 1582 began, where it is a day or a moment; of the day, where a time."""
    kind = plan.variable.kind
    if kind == "date":
        return (found.astype(np.float64) + _DAYS) * _DAY
    if kind == "moment":
        return found / 1000 + float(_DAYS * _DAY)
    return found / 1000 if kind == "time" else found.astype(np.float64)


class Packing:
    """Rows as SPSS packs them: the signs of eight values, then those of the values that no sign stands for.

    Rows are not told apart: what is left of the last eight waits for the next rows.
    """

    def __init__(self, planned: tuple[Plan, ...]) -> None:
        self._numeric = np.array([not plan.is_text for plan in planned for _ in range(size(plan) // 8)])
        self._signs = np.empty(0, dtype=np.uint8)
        self._values = np.empty(0, dtype="<u8")

    def add(self, rows: Numbers) -> bytes:
        """Rows of whole bytes in, what can be written of them out."""
        values = rows.view("<u8").ravel()
        numbers_ = values.view("<f8")
        numeric = np.tile(self._numeric, len(rows))
        with np.errstate(invalid="ignore"):
            small = numeric & (numbers_ >= _LEAST) & (numbers_ <= _MOST) & (numbers_ == np.floor(numbers_))
        signs = np.full(len(values), _AS_IT_IS, dtype=np.uint8)
        signs[small] = (numbers_[small] + _BIAS).astype(np.uint8)
        signs[numeric & (numbers_ == _SYSTEM_MISSING)] = _NOTHING
        signs[~numeric & (values == np.uint64(0x2020202020202020))] = _SPACES
        self._signs = np.concatenate([self._signs, signs])
        self._values = np.concatenate([self._values, values])
        whole = len(self._signs) // 8 * 8
        packed = _packed(self._signs[:whole], self._values[:whole])
        self._signs, self._values = self._signs[whole:].copy(), self._values[whole:].copy()
        return packed

    def end(self) -> bytes:
        """What waits, filled up with signs that say nothing."""
        empty = -len(self._signs) % 8
        return _packed(np.pad(self._signs, (0, empty)), np.pad(self._values, (0, empty)))


def _packed(signs: Numbers, values: Numbers) -> bytes:
    at = np.flatnonzero(signs == _AS_IT_IS)
    written = np.empty(len(signs) // 8 + len(at), dtype="<u8")
    written[at // 8 + 1 + np.arange(len(at))] = values[at]
    groups = np.arange(len(signs) // 8)
    written[groups + np.searchsorted(at, groups * 8)] = signs.view("<u8")
    return written.tobytes()


write_sav = partial(write_labelled, Program("sav", SPSS, missing.digits, sav))
"""Write a dataset for SPSS: `(material, path, progress)`."""
