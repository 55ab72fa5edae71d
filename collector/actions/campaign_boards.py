"""How a campaign stands, as people ask for it: narrowed and sorted, in words for the chat, as a table.

The texts are in the language of whoever asks, because he is the one who sends them on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from collector.actions.campaigns import Board, Line, State, Tally
from forms.exports.harmless import harmless
from forms.places import COMMUNE
from forms.vietnamese import folded, sort_key
from storage.queries.campaigns import CENTRE
from storage.queries.volunteers import PhoneLine, phones_working_in

LATE, MISSING = "late", "missing"
ONLY = ("", LATE, MISSING)
"""Which communes are shown: all, those with somebody late, those that wait for somebody."""

SORTS = ("awaited", "name", "share", "last")
"""By who waits for most, by name, by the part that has reported, by who has been silent longest."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a board is looked at: `only` one of ONLY, `sort` one of SORTS, `words` searched in the names."""

    only: str = ""
    sort: str = SORTS[0]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of a board: its code, its name, and its units with what came of them."""

    code: str
    name: str
    tally: Tally

    @property
    def look(self) -> str:
        """How it looks on a map (`forms.maps.LOOKS`)."""
        if not self.tally.expected:
            return "plain"
        if self.tally.of(State.MISSING):
            return "bad"
        if self.tally.late:
            return "fair"
        return "none" if self.tally.awaited else "good"


def communes_of(board: Board, seen: Seen) -> list[Commune]:
    """The communes of a board as they are asked for."""
    wanted = folded(seen.words)
    found = [
        Commune(code, name, tally)
        for code, name, tally in board.communes
        if _is_shown(tally, seen.only) and wanted in folded(name)
    ]
    return sorted(found, key=_ORDER.get(seen.sort, _ORDER["awaited"]))


def communes_of_all(board: Board | None) -> list[Commune]:
    """All communes of a board, by name."""
    return communes_of(board, Seen(sort="name")) if board else []


def _is_shown(tally: Tally, only: str) -> bool:
    if only == LATE:
        return bool(tally.late)
    return bool(tally.awaited) if only == MISSING else True


_ORDER: Mapping[str, Callable[[Commune], tuple[object, ...]]] = {
    "awaited": lambda one: (-len(one.tally.awaited), sort_key(one.name)),
    "name": lambda one: (sort_key(one.name), one.code),
    "share": lambda one: (one.tally.share if one.tally.share is not None else 101, sort_key(one.name)),
    "last": lambda one: (one.tally.last_at or _LONG_AGO, sort_key(one.name)),
}


def names_of(lines: Sequence[Line]) -> list[str]:
    """The names of units, in the order of the alphabet."""
    return sorted((line.unit.name for line in lines), key=sort_key)


@dataclass(frozen=True, slots=True)
class Reporters:
    """Who reports: by the code of a village, and those whose work is the whole commune."""

    by_village: Mapping[str, Sequence[PhoneLine]]
    everywhere: Sequence[PhoneLine]


def reporters(session: Session, project_id: int, commune: str, lines: Sequence[Line]) -> Reporters:
    """The volunteers whose phones are given out for a commune and its villages."""
    codes = {line.unit.key for line in lines} | {commune}
    held: dict[str, list[PhoneLine]] = {}
    for phone in phones_working_in(session, project_id, codes):
        for code in set(phone.place_codes) & codes:
            held.setdefault(code, []).append(phone)
    everywhere = held.pop(commune, [])
    return Reporters(held, everywhere)


@dataclass(frozen=True, slots=True)
class TableWords:
    """What the table says in the reader's language: its heads, and the states by name."""

    heads: tuple[str, ...]
    states: Mapping[State, str]
    day: Callable[[datetime], str]


def table(board: Board, communes: Sequence[Commune], words: TableWords) -> Iterator[tuple[str, ...]]:
    """A row of heads, then a row for each unit; no cell is taken for a formula.

    Columns: commune, code of the commune, unit, code of the unit, state, records, first and last arrival.
    """
    yield tuple(map(harmless, words.heads))
    for one in communes:
        for line in one.tally.lines:
            row = (
                one.name,
                one.code,
                line.unit.name,
                "" if board.asked.unit == CENTRE else line.unit.key,
                words.states[line.state],
                str(line.records),
                words.day(line.first_at) if line.first_at else "",
                words.day(line.last_at) if line.last_at else "",
            )
            yield tuple(map(harmless, row))


def is_by_commune(board: Board) -> bool:
    """Whether the commune itself is what is expected to report, so that nothing lies in it."""
    return board.asked.unit == COMMUNE


def stage(left: int) -> str:
    """Which reminder fits so many days before the last one: early, soon, tomorrow, over."""
    if left < 0:
        return "over"
    if left <= 1:
        return "tomorrow"
    return "soon" if left <= 3 else "early"  # noqa: PLR2004 - a reminder each at seven, three and one day
