"""Where the members of an old register live: villages and communes by their names, within what is known.

Knows: communes closed since (what they became is meant), addresses, names that several villages have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from forms.member_rows import at
from forms.register_rows import Entry, word_key
from forms.register_words import COMMUNE, VILLAGE
from forms.remarks import Remark
from forms.volunteers import PLACE_NEAR, PLACE_SEVERAL, PLACE_UNKNOWN, bare, near
from storage.queries import registers
from storage.queries.volunteers import PlaceName

NO_PLACE = Remark(
    "It is not said in which village or commune this is.",
    "Fill it in, or name the commune of the whole file.",
)
REMARKS = (NO_PLACE,)
"""What is said here and nowhere else."""

MOST_OFFERED = 12
"""Villages that are offered for a name."""

_COMMUNE = re.compile(r"^\s*(?:xã|phường|thị trấn|xa|p\.|tt\.)\s*\S", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the places of a whole file, as written: what its sender says, what its title says."""

    said: str = ""
    commune: str = ""
    village: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A village's name that is not clear, how often it stands there, and the villages it may be."""

    word: str
    times: int
    offered: tuple[PlaceName, ...]


@dataclass(slots=True)
class Found:
    """The place of each row (None: not found), what is wrong, and the names that are not clear."""

    places: dict[int, PlaceName] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)
    commune: PlaceName | None = None


@dataclass(frozen=True, slots=True)
class Headings:
    """What the columns with the places are called in the file, for remarks."""

    village: str = ""
    commune: str = ""


def find_places(session: Session, entries: Sequence[Entry], asked: Asked, headings: Headings) -> Found:
    """The village of each entry, or its commune where no village is said."""
    return _Finding(session, asked, headings).find(entries)


class _Finding:
    """The places of one file, each name looked up once."""

    def __init__(self, session: Session, asked: Asked, headings: Headings) -> None:
        self._session = session
        self._asked = asked
        self._headings = headings
        self._found = Found()
        self._named: dict[str, list[PlaceName]] = {}
        self._by_code: dict[str, PlaceName] = {}
        self._communes: dict[str, list[PlaceName]] = {}
        self._inside: dict[str, list[PlaceName]] = {}
        self._doubtful: dict[str, tuple[int, tuple[PlaceName, ...]]] = {}

    def find(self, entries: Sequence[Entry]) -> Found:
        self._found.commune = self._of_file()
        written = [(one, *_split(one, self._asked.village)) for one in entries]
        names = {village for _one, village, _commune in written if village}
        chosen = (self._asked.words.get(word_key(VILLAGE, name), "") for name in names)
        self._by_code = registers.places_coded(self._session, {*names, *filter(None, chosen)}, "village")
        for one in registers.villages_named(self._session, {bare(name) for name in names}):
            self._named.setdefault(bare(one.name), []).append(one)
        for entry, village, commune in written:
            place = self._place(entry, village, commune)
            if place is not None:
                self._found.places[entry.row] = place
        self._found.doubtful = [Doubtful(word, *rest) for word, rest in self._doubtful.items()]
        return self._found

    def _of_file(self) -> PlaceName | None:
        """The commune of the whole file: the one its sender names, else the one in its title."""
        if self._asked.said:
            several = self._commune(self._asked.said)
            if len(several) != 1:
                self._found.remarks.extend(_unclear(0, "", self._asked.said, several))
            return several[0] if len(several) == 1 else None
        several = self._commune(self._asked.commune) if self._asked.commune else []
        return several[0] if len(several) == 1 else None

    def _commune(self, text: str) -> list[PlaceName]:
        if text not in self._communes:
            coded = registers.places_coded(self._session, [text.strip()], COMMUNE.partition(":")[2])
            self._communes[text] = [*coded.values()] or registers.communes_named(self._session, bare(text))
        return self._communes[text]

    def _place(self, entry: Entry, village: str, commune: str) -> PlaceName | None:
        inside = self._found.commune
        if commune:
            several = self._commune(commune)
            if len(several) != 1:
                self._found.remarks.extend(_unclear(entry.row, self._headings.commune, commune, several))
                return None
            inside = several[0]
        if not village:
            if inside is None:
                self._found.remarks.append(at(NO_PLACE, entry.row, self._headings.village))
            return inside
        return self._village(entry, village, inside)

    def _village(self, entry: Entry, text: str, inside: PlaceName | None) -> PlaceName | None:
        chosen = self._asked.words.get(word_key(VILLAGE, text))
        if chosen == "":
            # The officer leaves the name out: the commune is all that is known.
            return inside
        coded = self._by_code.get(chosen or text)
        if coded is not None:
            return coded
        several = self._named.get(bare(text), [])
        if inside is not None:
            several = [one for one in several if one.parent_code == inside.code]
        if len(several) > 1:
            exact = [one for one in several if one.name.casefold() == text.casefold()]
            several = exact if len(exact) == 1 else several
        if len(several) == 1:
            return several[0]
        offered = several or self._near(text, inside)
        self._found.remarks.extend(_unclear(entry.row, self._headings.village, text, several, offered))
        times = self._doubtful.get(text, (0, ()))[0]
        self._doubtful[text] = times + 1, tuple(offered[:MOST_OFFERED])
        return None

    def _near(self, text: str, inside: PlaceName | None) -> list[PlaceName]:
        if inside is None:
            return []
        if inside.code not in self._inside:
            self._inside[inside.code] = registers.villages_in(self._session, inside.code)
        several = self._inside[inside.code]
        close = near(text, [one.name for one in several])
        by_name = {one.name: one for one in several}
        rest = several if len(several) <= MOST_OFFERED else []
        return list({one.code: one for one in (*(by_name[name] for name in close), *rest)}.values())


def _split(entry: Entry, titled: str) -> tuple[str, str]:
    """The village and the commune an entry names; «Bản Pho, xã Mường Lai» names both."""
    first, *rest = [part.strip() for part in re.split(r"[,;]| [-–] ", entry.village)] or [""]
    commune = entry.commune or next((part for part in rest if _COMMUNE.match(part)), "")
    if _COMMUNE.match(first):
        return titled, commune or first
    return first or titled, commune


def _unclear(
    row: int,
    column: str,
    text: str,
    several: Sequence[PlaceName],
    offered: Iterable[PlaceName] = (),
) -> Iterator[Remark]:
    shown = text[:60]
    if len(several) > 1:
        names = ", ".join(f"{one.full} ({one.code})" for one in several[:MOST_OFFERED])
        yield at(PLACE_SEVERAL, row, column, text=shown, several=names)
        return
    close = near(text, [one.name for one in offered])
    if close:
        yield at(PLACE_NEAR, row, column, text=shown, near=", ".join(close))
    else:
        yield at(PLACE_UNKNOWN, row, column, text=shown)
