"""Q20 · Names that are no full names: digits, one word only, all capitals, or without the marks they have.

Roles: `person_name`; `marked_names` (answers: people whose names are written with marks, such as Kinh).
Silent when: the name has two words, one mark and a small letter.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from forms.checks.check import INFO, Check
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch

CHECK = Check(
    "Q20",
    INFO,
    "Q20 Name not written in full",
    "Write names with their marks, family name and given name: {names}.",
)
CHECKS = (CHECK,)

_SHOWN = 5
_WORDS = 2
"""Of a full name: the family's and the given one."""


@lru_cache(maxsize=65_536)
def unlike_a_name(name: str, *, marked: bool) -> bool:
    """Whether a name is none as it should be written; `marked`: it has to have marks."""
    letters = [sign for sign in name if sign.isalpha()]
    if any(sign.isdigit() for sign in name) or len(name.split()) < _WORDS or not letters:
        return True
    if all(sign.isupper() for sign in letters):
        return True
    return marked and not _has_marks(name)


def _has_marks(name: str) -> bool:
    return any(sign in "đĐ" or unicodedata.decomposition(sign) for sign in unicodedata.normalize("NFC", name))


class Names(Watch):
    """The people of each record."""

    def __init__(self, survey: Survey) -> None:
        self._name = survey.roles.path("person_name")
        self._marked = survey.roles.answers("marked_names")

    def see(self, block: Block) -> Iterable[Found]:
        """One finding for each record with such names."""
        table = block.table_of(self._name)
        if table is None:
            return
        codes = frozenset(one.code for one in self._marked)
        ethnic = table.column(self._marked[0].path if self._marked else None)
        wrong: defaultdict[int, list[str]] = defaultdict(list)
        for record, name, people in zip(table.records, table.column(self._name), ethnic, strict=True):
            if name and unlike_a_name(str(name), marked=str(people) in codes):
                wrong[record].append(str(name))
        for record, names in wrong.items():
            said = ", ".join(names[:_SHOWN])
            yield Found(
                CHECK.code, (record,), self._name or "", value=said, variant=said, details={"names": said}
            )
