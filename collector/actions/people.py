"""The people of a project found by what an officer remembers of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from forms.vietnamese import folded
from storage.queries import volunteers
from storage.queries.volunteers import PhoneLine, PlaceName


class State(StrEnum):
    """How a phone is doing."""

    ANY = ""
    NEVER = "never"
    SEEN = "seen"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: `words` of name, number, organisation or place; a place means all it holds too."""

    words: str = ""
    place: str = ""
    organisation: str = ""
    state: State = State.ANY
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found, newest first, and the places they work in by code."""

    lines: Sequence[PhoneLine]
    places: Mapping[str, PlaceName]

    def where(self, line: PhoneLine) -> list[str]:
        """What the places of somebody are called."""
        return [self.places[code].name if code in self.places else code for code in line.place_codes]

    def communes(self, line: PhoneLine) -> list[str]:
        """What the places above them are called, each once."""
        above = [self.places[code].parent_name for code in line.place_codes if code in self.places]
        return list(dict.fromkeys(filter(None, above)))


def find(session: Session, project_id: int, search: Search) -> Found:
    """The people of a project whom a search means: those of a province are looked through in a moment."""
    lines = volunteers.phone_lines(session, project_id, batch_id=search.batch_id)
    places = volunteers.place_lines(session, {code for line in lines for code in line.place_codes})
    within = volunteers.inside(session, search.place) if search.place else None
    words = folded(search.words).split()
    digits = "".join(sign for sign in search.words if sign.isdigit())

    def is_meant(line: PhoneLine) -> bool:
        if search.organisation and line.organisation != search.organisation:
            return False
        if within is not None and within.isdisjoint(line.place_codes):
            return False
        return _is_in(search.state, line) and (not words or holds(line))

    def holds(line: PhoneLine) -> bool:
        named = [places[code].full for code in line.place_codes if code in places]
        text = folded(" ".join((line.name, line.organisation, *line.place_codes, *named)))
        return all(word in text for word in words) or (bool(digits) and digits in line.phone)

    return Found([line for line in lines if is_meant(line)], places)


def _is_in(state: State, line: PhoneLine) -> bool:
    match state:
        case State.NEVER:
            return line.has_access and line.last_used_at is None
        case State.SEEN:
            return line.has_access and line.last_used_at is not None
        case State.WITHDRAWN:
            return not line.has_access
        case _:
            return True
