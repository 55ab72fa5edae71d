"""One line for each record, its repeats spread out beside it: `member_1_name`, `member_2_name` and so on.

Why: whoever counts households in a spreadsheet does not join tables. Central has no such layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from forms.exports.csv_text import BOM, TAIL, CsvFile
from forms.exports.lines import encoded, line
from forms.problems import TooManyColumns

MOST_COLUMNS: Final = 16_384
"""Columns a sheet of Excel has."""

_KEYS = 2
"""Columns a repeat ends with that are no answers."""

Page: TypeAlias = Sequence[tuple[CsvFile, Sequence[Sequence[Any]]]]


class Outgrown(RuntimeError):
    """A record got more rows of a repeat than any had when the columns were made."""


@dataclass
class _Block:
    """The columns of one repeat: `count` times its own and those of the repeats in it, from `start` on."""

    file: CsvFile
    count: int
    start: int
    inner: list[_Block] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Columns of one instance."""
        return len(self.file.header) - _KEYS + sum(one.count * one.width for one in self.inner)

    def heads(self, before: str) -> Iterator[str]:
        """The header of all instances."""
        name = self.file.path.rpartition("/")[2]
        for number in range(1, self.count + 1):
            stem = f"{before}{name}_{number}_"
            for head in self.file.header[:-_KEYS]:
                yield f"{stem}{head}"
            for one in self.inner:
                yield from one.heads(stem)


class WideFile:
    """The file of a form whose CSV files are `files`, the root first, outer repeats before inner ones.

    `parents` says in which table each repeat lies, `counts` how many rows of it one row of that has at
    most. Raises TooManyColumns.
    """

    def __init__(
        self,
        files: Sequence[CsvFile],
        parents: Mapping[str, str],
        counts: Mapping[str, int],
        *,
        bom: bool = False,
    ) -> None:
        root, *repeats = files
        self.name = root.name
        self._bom = bom
        self._blocks = {one.path: _Block(one, counts.get(one.path, 0), 0) for one in repeats}
        outer: list[_Block] = []
        for path, block in self._blocks.items():
            (self._blocks[parents[path]].inner if parents[path] else outer).append(block)
        for block in self._blocks.values():
            _line_up(block.inner, len(block.file.header) - _KEYS)
        self._before = len(root.header) - TAIL
        self._width = _line_up(outer, 0)
        columns = len(root.header) + self._width
        if columns > MOST_COLUMNS:
            raise TooManyColumns(columns=columns, limit=MOST_COLUMNS)
        spread = (head for block in outer for head in block.heads(""))
        self.header = (*root.header[: self._before], *spread, *root.header[self._before :])

    @property
    def head(self) -> bytes:
        """The first line."""
        return (BOM if self._bom else b"") + line(self.header).encode()

    def body(self, page: Page) -> Iterator[bytes]:
        """The lines of a page: rows of the root with all rows of repeats that belong to them."""
        return encoded(self._lines(page))

    def _lines(self, page: Page) -> Iterator[list[Any]]:
        (root, rows), *repeats = page
        spread = self._spread(repeats)
        for answers in root.lines(rows):
            cells: list[Any] = [None] * self._width
            for start, values in spread.get(answers[self._before], ()):
                cells[start : start + len(values)] = values
            yield [*answers[: self._before], *cells, *answers[self._before :]]

    def _spread(self, repeats: Page) -> dict[Any, list[tuple[int, list[Any]]]]:
        """By key of the record: where its rows of repeats begin, and what stands there."""
        found: dict[Any, list[tuple[int, list[Any]]]] = {}
        places: dict[Any, tuple[Any, int]] = {}
        for file, rows in repeats:
            block = self._blocks[file.path]
            for *values, parent, key in file.lines(rows):
                number = int(key[key.rindex("[") + 1 : -1])
                if number > block.count:
                    raise Outgrown(key)
                record, begin = places.get(parent, (parent, 0))
                start = begin + block.start + (number - 1) * block.width
                places[key] = record, start
                found.setdefault(record, []).append((start, values))
        return found


def _line_up(blocks: Sequence[_Block], start: int) -> int:
    """Give each block its place after the one before; returns where the last one ends."""
    for block in blocks:
        block.start = start
        start += block.count * block.width
    return start
