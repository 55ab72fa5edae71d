"""⑨ What a writer is handed: the rows, and all that must be said beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from forms.datasets.spool import Spool
from forms.phrases import Phrase

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many rows of how many are done."""

Words: TypeAlias = Literal["labels", "codes", "both"]
"""What stands over columns and in cells: the form's words, its names and codes, or both beside each other."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a reader wants it, where a format leaves a choice (Excel, CSV, GeoJSON).

    `for_people` False is for programs: CSV with names and ISO dates, no byte order mark, no apostrophe before
    what looks like a formula, and the hidden columns. `separator` stands between the cells of CSV; beside
    `;` decimals have a comma, as Vietnamese Windows wants it.
    """

    words: Words = "labels"
    for_people: bool = True
    separator: Literal[",", ";"] = ","


@dataclass(frozen=True, slots=True)
class Correction:
    """One answer that somebody changed after it was sent, for the correction log.

    `key` is the KEY of the row, `variable` its column's name; what a class of personal data hides stands
    as None in `before` and `after`.
    """

    key: str
    table: str
    variable: str
    before: str | None
    after: str | None
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """Records left out, and why (a sentence in the reader's language)."""

    why: str
    count: int


@dataclass(frozen=True)
class Origin:
    """Where a dataset comes from: what an export report says.

    `asked` are the filters, heading to words, as the reader chose them; `received` how many records the
    survey had then, `counts` rows by table name; `release` and `digest` are a frozen release's ("" = none).
    `protection` says how persons were protected, heading to words. `corrections` may be asked once for each
    file that holds the log. `say` gives the English templates of this package in `language`.
    """

    project: str
    publisher: str
    places: str
    taken_at: datetime
    language: str
    asked: Mapping[str, str] = field(default_factory=dict)
    received: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    excluded: tuple[Excluded, ...] = ()
    protection: Mapping[str, str] = field(default_factory=dict)
    release: str = ""
    digest: str = ""
    corrections: Callable[[], Iterable[Correction]] = tuple
    say: Callable[[str], str] = str

    def words(self, template: str, **details: object) -> str:
        """A sentence of this package in the reader's language, its holes filled; phrases are said too."""
        return self.say(template).format_map({
            name: self.words(value.template, **value.details) if isinstance(value, Phrase) else value
            for name, value in details.items()
        })


@dataclass(frozen=True, slots=True)
class Material:
    """Rows and what is said beside them; `folder` is where a writer may keep what it needs meanwhile.

    Labels are those of `origin.language`.
    """

    spool: Spool
    origin: Origin
    folder: Path
    style: Style = field(default_factory=Style)


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a dataset: `code` in addresses, `ending` of the file, and who writes it.

    `write(material, path, progress)` makes the whole file at `path`, in bounded memory, the same bytes for
    the same material.
    """

    code: str
    ending: str
    content_type: str
    write: Callable[[Material, Path, Progress], None]
