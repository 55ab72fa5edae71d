"""⑨ Cells of a worksheet, whole columns at a time: Arrow in, SpreadsheetML out.

Why not cell by cell: a province has thirty million of them, and a library that takes each by itself needs an
hour. Texts are always texts (`inlineStr`), so no sign in front makes a formula of them.
Source: ECMA-376 part 1, §18.3.1.4 (c), §18.4.8 (is), §22.9.2.19 (ST_Xstring).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import Kind
from forms.datasets.formats.columns import AHEAD, composed, days, moments, per_word

LONGEST: Final = 32_767
"""Characters a cell holds."""

ELLIPSIS: Final = " […]"
"""What a text ends with that had to be cut."""

_LONGEST_AS_TEXT: Final = 255
_EXACT: Final = 10**15
_EPOCH: Final = 25_569
_FIRST_DAY: Final = 61
_MILLISECONDS: Final = 86_400_000
_AT_ONCE: Final = 64
_CONTROLS: Final = r"[\x{0000}-\x{0008}\x{000B}-\x{001F}\x{FFFE}\x{FFFF}]"
_LIKE_ESCAPE: Final = r"_(x[0-9A-Fa-f]{4}_)"
_SPACE: Final = r"^\s|\s$|\n"
_BEYOND_UTF16: Final = 0x10000


class Styles(NamedTuple):
    """Numbers of the workbook's cell styles: text, day, moment, text over several lines."""

    text: str
    date: str
    moment: str
    wrapped: str


class Cells:
    """Makes the cells of one worksheet after another; `cut` counts texts that were too long for theirs."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self.cut = 0

    def of(self, array: pa.Array, kind: Kind, letter: str, rows: pa.Array) -> pa.Array:
        """The cells of a column; `rows` are the numbers of its rows as texts. Empty ones are null."""
        if kind == "date":
            return self._days(array, letter, rows)
        if kind == "moment":
            return self._moments(array, letter, rows)
        if kind in {"whole", "decimal", "flag"}:
            return self._numbers(array, letter, rows)
        return self._texts(array, letter, rows)

    @property
    def wrapping(self) -> Cells:
        """The same for a sheet that is read, where long texts go on in further lines."""
        return Cells(self._styles._replace(text=self._styles.wrapped))

    def mixed(self, cells: pa.Array, letter: str, rows: pa.Array, others: Mapping[int, str]) -> pa.Array:
        """The cells with texts in some of their rows."""
        mask = pa.array([row in others for row in range(len(cells))])
        texts = pa.array([others[row] for row in sorted(others)], pa.string())
        return pc.replace_with_mask(cells, mask, self._texts(texts, letter, rows.filter(mask)))

    def _texts(self, array: pa.Array, letter: str, rows: pa.Array) -> pa.Array:
        longest = pc.max(pc.utf8_length(array)).as_py() or 0
        if longest > LONGEST // 2:
            array = self._fitting(array)
        # Excel shows a longer text as ##### where the cell's style says that it is one.
        style = f' s="{self._styles.text}"' if longest <= _LONGEST_AS_TEXT else ""
        texts = per_word(array, _as_xml)
        space = ' xml:space="preserve"' if pc.any(pc.match_substring_regex(texts, _SPACE)).as_py() else ""
        before = f'"{style} t="inlineStr"><is><t{space}>'
        return pc.binary_join_element_wise(f'<c r="{letter}', rows, before, texts, "</t></is></c>", "")

    def _fitting(self, array: pa.Array) -> pa.Array:
        texts = array.to_pylist()
        for row, text in enumerate(texts):
            if text is not None and _units(text) > LONGEST:
                texts[row] = _cut(text)
                self.cut += 1
        return pa.array(texts, pa.string())

    def _numbers(self, array: pa.Array, letter: str, rows: pa.Array) -> pa.Array:
        if pa.types.is_floating(array.type):
            array = pc.if_else(pc.is_finite(array), array, None)
        elif _beyond(array):
            return self._texts(array.cast(pa.string()), letter, rows)
        values = array.cast(pa.string())
        return pc.binary_join_element_wise(f'<c r="{letter}', rows, '"><v>', values, "</v></c>", "")

    def _days(self, array: pa.Array, letter: str, rows: pa.Array) -> pa.Array:
        serial = pc.add(array.cast(pa.int32()), _EPOCH)
        cells = self._styled(serial.cast(pa.string()), self._styles.date, letter, rows)
        return self._or_text(cells, serial, lambda: days(array), (letter, rows))

    def _moments(self, array: pa.Array, letter: str, rows: pa.Array) -> pa.Array:
        there = pc.add(array.cast(pa.timestamp("ms")), AHEAD).cast(pa.int64())
        seconds = pc.divide(there, 1000)
        serial = pc.add(pc.divide(seconds.cast(pa.float64()), _MILLISECONDS / 1000), _EPOCH)
        cells = self._styled(serial.cast(pa.string()), self._styles.moment, letter, rows)
        return self._or_text(cells, serial, lambda: moments(array), (letter, rows))

    @staticmethod
    def _styled(values: pa.Array, style: str, letter: str, rows: pa.Array) -> pa.Array:
        return pc.binary_join_element_wise(
            f'<c r="{letter}', rows, f'" s="{style}"><v>', values, "</v></c>", ""
        )

    def _or_text(
        self, cells: pa.Array, serial: pa.Array, written: Callable[[], pa.Array], at: tuple[str, pa.Array]
    ) -> pa.Array:
        """Days before March 1900 as texts: Excel counts a day that never was, and none before it."""
        early = pc.less(serial, _FIRST_DAY)
        if not pc.any(early).as_py():
            return cells
        return pc.if_else(early, self._texts(written(), *at), cells)


def lines(columns: Sequence[pa.Array], rows: pa.Array, heights: pa.Array | None = None) -> memoryview:
    """Rows from the cells of their columns, as bytes; `heights` in points, as texts or null."""
    parts = [cells for cells in columns if cells.null_count < len(cells)]
    while len(parts) > _AT_ONCE:
        parts = [_joined(parts[at : at + _AT_ONCE]) for at in range(0, len(parts), _AT_ONCE)]
    empty = pa.nulls(len(rows), pa.string())
    cells = _joined(parts) if parts else empty
    tall = (
        empty if heights is None else pc.binary_join_element_wise(' ht="', heights, '" customHeight="1"', "")
    )
    made = pc.binary_join_element_wise(
        '<row r="', rows, '"', tall, ">", cells, "</row>", "", null_handling="skip"
    )
    length = pc.sum(pc.binary_length(made)).as_py() or 0
    return memoryview(made.buffers()[2])[:length]


def numbers(first: int, count: int) -> pa.Array:
    """The numbers of rows as texts."""
    return pa.array(range(first, first + count), pa.int32()).cast(pa.string())


def letters(column: int) -> str:
    """What Excel calls a column, counted from 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _joined(parts: Sequence[pa.Array]) -> pa.Array:
    # Arrow drops a row in which it has nothing at all to join, so that there is always an empty text.
    return pc.binary_join_element_wise("", *parts, "", null_handling="skip")


def _as_xml(texts: pa.Array) -> pa.Array:
    """Texts as they stand between tags; signs that no XML can hold are left out."""
    texts = composed(texts)
    if pc.any(pc.match_substring_regex(texts, _CONTROLS)).as_py():
        texts = pc.replace_substring_regex(texts, _CONTROLS, "")
    if pc.any(pc.match_substring_regex(texts, _LIKE_ESCAPE)).as_py():
        texts = pc.replace_substring_regex(texts, _LIKE_ESCAPE, r"_x005F_\1")
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if pc.any(pc.match_substring(texts, sign)).as_py():
            texts = pc.replace_substring(texts, sign, entity)
    return texts


def _beyond(array: pa.Array) -> bool:
    """Whether a whole number has more digits than Excel keeps."""
    ends = pc.min_max(array).as_py()
    return ends["min"] is not None and (ends["min"] <= -_EXACT or ends["max"] >= _EXACT)


def _units(text: str) -> int:
    """Length as Excel counts it: in UTF-16."""
    return len(text) + sum(ord(one) >= _BEYOND_UTF16 for one in text)


def _cut(text: str) -> str:
    kept = text[: LONGEST - len(ELLIPSIS)]
    while _units(kept) > LONGEST - len(ELLIPSIS):
        kept = kept[: -max(1, (_units(kept) - LONGEST + len(ELLIPSIS)) // 2)]
    return kept + ELLIPSIS
