"""Q31 · Required questions without an answer: ODK Collect lets none pass, other programs do.

Silent when: the question was not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from forms.checks.check import ERROR, Check
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch

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
            for record, blank in zip(table.records, table.blank, strict=True):
                for path in blank:
                    if path in self._required:
                        missing[record].append(path)
        for record, paths in missing.items():
            names = ", ".join(dict.fromkeys(path.rpartition("/")[2] for path in paths[:_SHOWN]))
            yield Found(CHECK.code, (record,), paths[0], value="", variant=names, details={"names": names})
