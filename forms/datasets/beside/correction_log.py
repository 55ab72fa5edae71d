"""⑨ The log of corrections: every answer that somebody changed after it was sent, with when, who and why.

Why: whoever cites a figure can tell what came from the field and what was changed at a desk.
Silent when: persons are protected: then it says which answer was changed and when, and shows no answers, nor
who changed them: a commune or a day that was taken out of the rows would stand here again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from forms.datasets.description import Dataset, Variable
from forms.datasets.material import Correction, Origin
from forms.datasets.plain_words import plain
from forms.phrases import template

Row: TypeAlias = tuple[str | datetime | None, ...]

HEADS: Final[Sequence[str]] = (
    template("Table"),
    template("Key of the row"),
    template("Variable"),
    template("Question"),
    template("Before"),
    template("After"),
    template("Changed at"),
    template("Changed by"),
    template("Reason"),
)
NOT_SHOWN: Final = template("(not shown)")
BLANK: Final = template("(blank)")


def correction_heads(origin: Origin) -> list[str]:
    """The words over the columns of `correction_rows`."""
    return [origin.say(head) for head in HEADS]


def correction_rows(origin: Origin, dataset: Dataset | None = None) -> Iterator[Row]:
    """A row for each changed answer, in the order of the rows they stand in and of time.

    With the dataset they also say what the question is called and what its codes mean. An empty text is an
    answer left blank, None one that is not shown.
    """
    known = (
        {(table.name, one.name): one for table in dataset.tables for one in table.variables}
        if dataset
        else {}
    )
    for one in origin.corrections():
        variable = known.get((one.table, one.variable))
        yield _row(one, variable, origin, shown=not origin.protection)


def keep(path: Path, corrections: Iterable[Correction]) -> int:
    """Put corrections aside, line by line, for `kept` to give them as often as they are asked for."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for one in corrections:
            told = asdict(one) | {"at": one.at.isoformat()}
            file.write(f"{json.dumps(told, ensure_ascii=False)}\n")
            count += 1
    return count


def kept(path: Path) -> Iterator[Correction]:
    """The corrections that `keep` put aside, in their order; one line of them is held at once."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            yield Correction(**told | {"at": datetime.fromisoformat(told["at"])})


def _row(one: Correction, variable: Variable | None, origin: Origin, *, shown: bool) -> Row:
    hidden = origin.say(NOT_SHOWN)
    return (
        one.table,
        one.key,
        one.variable,
        plain(variable.label(origin.language)) if variable else "",
        _said(one.before, variable, origin) if shown else hidden,
        _said(one.after, variable, origin) if shown else hidden,
        one.at,
        # An officer's name and what he wrote himself may both lead to a person.
        hidden if origin.protection else one.by,
        one.reason.partition(": ")[0] if origin.protection else one.reason,
    )


def _said(text: str | None, variable: Variable | None, origin: Origin) -> str:
    if text is None:
        return origin.say(NOT_SHOWN)
    if not text:
        return origin.say(BLANK)
    values = variable.values if variable else ()
    words = next((value.labels for value in values if value.code == text), None)
    called = plain(words.get(origin.language) or next(iter(words.values()), "")) if words else ""
    return f"{text} = {called}" if called and called != text else text
