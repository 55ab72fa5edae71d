"""Q31 · Required questions without an answer: ODK Collect lets none pass, other programs do.

Silent when: the question was not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from forms.checks.check import ERROR, Check
from forms.checks.found import Found
from forms.checks.interviews import Block, Rows, Survey, Watch

CHECK = Check(
    "Q31",
    ERROR,
    "Q31 Required question without an answer",
    "Required questions have no answer: {names}.",
    "Answer them, or reject the record.",
)
CHECKS = (CHECK,)

_SHOWN = 5


class RequiredAnswers(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._required = survey.required

    def see(self, block: Block) -> Iterable[Found]:
        """The records that lack one."""
        missing: defaultdict[int, list[str]] = defaultdict(list)
        for table in block.tables.values():
            for record, path in self._empty(table):
                missing[record].append(path)
        for record, paths in missing.items():
            names = ", ".join(sorted({path.rpartition("/")[2] for path in paths})[:_SHOWN])
            yield Found(CHECK.code, (record,), min(paths), value="", variant=names, details={"names": names})

    def _empty(self, table: Rows) -> Iterator[tuple[int, str]]:
        # A text that was left empty is a text of no signs, anything else is noted beside the row.
        for path in sorted(self._required & table.columns.keys()):
            column = table.columns[path]
            if "" in column:
                yield from ((table.records[at], path) for at, value in enumerate(column) if value == "")
        for record, blank in zip(table.records, table.blank, strict=True):
            yield from ((record, path) for path in blank if path in self._required)
