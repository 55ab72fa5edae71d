"""⑨ What a dataset holds, said once: every format, the codebook and the protection of persons read it.

Source: the columns of a data dictionary as peers.md §3.4 lists them; the tables of §3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Labels: TypeAlias = Mapping[str, str]
"""Words by language code ("vi", "en", "" where the form has no languages)."""

NO_LABELS: Labels = MappingProxyType({})

Kind: TypeAlias = Literal["text", "whole", "decimal", "date", "time", "moment", "code", "codes", "flag"]
"""What the cells of a variable are: `time` a text `HH:MM:SS`, `moment` an instant, `code` one code of a list,
`codes` several with spaces between, `flag` 0 or 1 for one code of such a list."""

Pii: TypeAlias = Literal["", "none", "indirect", "direct", "sensitive"]
"""Class of personal data; "" where the form does not say, which protection takes for the worst."""

KEY: Final = "KEY"
PARENT_KEY: Final = "PARENT_KEY"
ORDINAL: Final = "n"
"""The columns that tie tables together: `uuid:…`, `uuid:…/member[2]`, and the number in its parent."""


@dataclass(frozen=True, slots=True)
class Value:
    """A code and what it is called; `missing` for codes that say why there is no answer (don't know …)."""

    code: str
    labels: Labels = field(default_factory=lambda: NO_LABELS)
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of a table.

    `name` is the same in every format that allows it, and unique in its table whatever the case. `path` is
    the question's, "" for a column of ours (KEY, places, receipt). `part_of` names the variable a column
    was made from (`flag` of one code, latitude of a point); `code` is the code a flag stands for. `role`
    is the `unit` of the survey sheet, for our columns `place`, `receipt`, `review`, `submitter` or `device`,
    for parts of a point `latitude`, `longitude`, `altitude` or `accuracy`. `group` holds labels of the groups
    around, outer first; `relevant`, `required` and `constraint` are the form's expressions; `first` and
    `last` the versions that have the question.
    """

    name: str
    kind: Kind
    path: str = ""
    labels: Labels = field(default_factory=lambda: NO_LABELS)
    values: tuple[Value, ...] = ()
    pii: Pii = ""
    role: str = ""
    part_of: str = ""
    code: str = ""
    group: tuple[Labels, ...] = ()
    hint: Labels = field(default_factory=lambda: NO_LABELS)
    relevant: str = ""
    required: str = ""
    constraint: str = ""
    first: str = ""
    last: str = ""

    def label(self, language: str) -> str:
        """What it is called in a language, else in any, else its name."""
        return spoken(self.labels, language) or self.name


@dataclass(frozen=True)
class Table:
    """The root (`path` "") or a repeat; `name` is what its sheet or file is called, ASCII.

    The first variables are ours: KEY, in repeats PARENT_KEY and ORDINAL too, then the places.
    """

    name: str
    path: str
    parent: str | None
    variables: tuple[Variable, ...]
    labels: Labels = field(default_factory=lambda: NO_LABELS)

    @cached_property
    def by_name(self) -> dict[str, Variable]:
        """Name to variable."""
        return {one.name: one for one in self.variables}


@dataclass(frozen=True)
class Dataset:
    """The tables of one survey, the root first, outer repeats before inner ones.

    `form_id` is the XLSForm's id, `versions` those whose records may be in it, oldest first; `languages`
    those of the labels, the form's default first.
    """

    form_id: str
    title: str
    tables: tuple[Table, ...]
    versions: tuple[str, ...] = ()
    languages: tuple[str, ...] = field(default=("vi",))

    @property
    def root(self) -> Table:
        """The table with one row for each record."""
        return self.tables[0]

    @cached_property
    def by_path(self) -> dict[str, Table]:
        """Path of the repeat to its table."""
        return {one.path: one for one in self.tables}


def spoken(labels: Labels, language: str) -> str:
    """The words in a language, else in the form's first one; "" where there are none."""
    return labels.get(language) or next((words for words in labels.values() if words), "")
