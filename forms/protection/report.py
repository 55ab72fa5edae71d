"""⑨ What the protection of persons did to a dataset, in numbers and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from forms.phrases import template
from forms.protection.policy import WORDS, Policy

_PROTECTION: Final = template("Protection of persons")
_FEWEST: Final = template("Records alike, at least (k)")
_REACHED: Final = template("{reached} (asked for: {asked})")
_EMPTY: Final = template("none left")
_BROADER: Final = template("Said more broadly")
_TABLE: Final = template("Table {table}")
_ROWS: Final = template(
    "{rows} rows; {failing} could be told apart before; {changed} lost answers ({cells} cells); "
    "{left_out} left out"
)
_LEFT_OUT: Final = template("Columns left out, table {table}")
_NOTHING: Final = template("nothing")


@dataclass(frozen=True)
class TableReport:
    """One table: `failing` rows were alike with fewer than k before, `changed` lost answers in `cells` cells.

    `blanked` counts cells by column, `dropped` says why by column; the pseudonymous KEYs of the rows that
    failed stand in `path`, one a line.
    """

    name: str
    rows: int
    left_out: int = 0
    failing: int = 0
    changed: int = 0
    smallest: int = 0
    quasi: tuple[str, ...] = ()
    blanked: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None

    @property
    def cells(self) -> int:
        """How many cells were blanked."""
        return sum(self.blanked.values())

    def failing_keys(self) -> Iterator[str]:
        """Which rows failed before, by pseudonymous KEY."""
        if self.path is not None:
            with self.path.open(encoding="ascii") as lines:
                yield from (line.rstrip("\n") for line in lines)


@dataclass(frozen=True)
class Report:
    """What was done: the k asked for, what was said more broadly (templates), and each table."""

    policy: Policy
    steps: Sequence[str] = ()
    tables: tuple[TableReport, ...] = ()

    @property
    def k(self) -> int:
        """Units of the smallest group of any table that has rows; 0 where none has."""
        return min((one.smallest for one in self.tables if one.rows > one.left_out), default=0)

    def words(self) -> dict[str, str]:
        """Heading to words, in the reader's language."""
        say = self.policy.say
        told = {say(_PROTECTION): say(WORDS[self.policy.protection])}
        if self.policy.protection == "deidentified":
            told |= self._anonymity(say)
        for one in self.tables:
            if one.dropped:
                told[say(_LEFT_OUT).format(table=one.name)] = "; ".join(_reasons(one.dropped, say))
        return told

    def _anonymity(self, say: Callable[[str], str]) -> dict[str, str]:
        reached = say(_REACHED).format(reached=self.k or say(_EMPTY), asked=self.policy.k)
        told = {say(_FEWEST): reached, say(_BROADER): "; ".join(map(say, self.steps)) or say(_NOTHING)}
        for one in self.tables:
            told[say(_TABLE).format(table=one.name)] = say(_ROWS).format(
                rows=one.rows,
                failing=one.failing,
                changed=one.changed,
                cells=one.cells,
                left_out=one.left_out,
            )
        return told

    def numbers(self) -> dict[str, Any]:
        """The same for programs, as JSON."""
        return {
            "protection": self.policy.protection,
            "k_asked": self.policy.k,
            "k": self.k,
            "steps": list(self.steps),
            "tables": [
                {
                    "name": one.name,
                    "rows": one.rows,
                    "left_out": one.left_out,
                    "failing": one.failing,
                    "changed": one.changed,
                    "k": one.smallest,
                    "quasi_identifiers": list(one.quasi),
                    "blanked": dict(one.blanked),
                    "dropped": dict(one.dropped),
                }
                for one in self.tables
            ],
        }


def _reasons(dropped: Mapping[str, str], say: Callable[[str], str]) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for name, why in dropped.items():
        names.setdefault(why, []).append(name)
    for why, several in names.items():
        yield f"{say(why)}: {', '.join(several)}"
