"""The places a list of people names, by code or by name, found in a handful of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from forms.places import COMMUNE, VILLAGE
from forms.remarks import Remark
from forms.volunteers import (
    PLACE_NEAR,
    PLACE_OUTSIDE,
    PLACE_SEVERAL,
    PLACE_UNKNOWN,
    Person,
    at,
    bare,
    near,
)
from storage.models import Place
from storage.queries import volunteers
from storage.queries.volunteers import PlaceName

_KINDS = (
    "xa",
    "phuong",
    "thi tran",
    "dac khu",
    "thon",
    "ban",
    "xom",
    "to dan pho",
    "khu",
    "ap",
    "lang",
    "buon",
)
_TOLD = 4
_LONGEST = 60


class Whereabouts:
    """Finds the villages of many people, in the places of whoever asks."""

    def __init__(self, session: Session, people: Sequence[Person]) -> None:
        texts = {text for person in people for text in (*person.villages, person.commune) if text}
        self._by_code = {one.code: one for one in volunteers.places_by(session, Place.code, texts)}
        names = texts - set(self._by_code)
        self._named: defaultdict[str, list[PlaceName]] = defaultdict(list)
        folded = {form for text in names for form in _forms(bare(text))}
        levels = Place.level.in_((COMMUNE, VILLAGE))
        for place in volunteers.places_by(session, Place.folded, folded, levels):
            self._named[bare(place.name)].append(place)
        communes = {one.code for one in self._by_code.values() if one.level == COMMUNE} | {
            one.code
            for text in {person.commune for person in people}
            for one in self._named[bare(text)]
            if one.level == COMMUNE
        }
        self._villages: defaultdict[str, list[PlaceName]] = defaultdict(list)
        for place in volunteers.places_by(session, Place.parent_code, communes, Place.level == VILLAGE):
            self._villages[place.parent_code].append(place)
        named = (*self._named.values(), *self._villages.values())
        known = {place.code for several in named for place in several}
        self._inside = volunteers.seen(session, known | set(self._by_code))

    def places(self, person: Person, columns: Mapping[str, str]) -> tuple[dict[str, str], list[Remark]]:
        """The places of a person, code to name with commune, and what cannot be understood about them."""
        communes, remarks = self._communes(person, columns.get("commune", ""))
        found: dict[str, str] = {}
        if not person.villages and len(communes) == 1:
            found[communes[0].code] = communes[0].full
        for text in person.villages if not remarks else ():
            match self._candidates(text, communes):
                case [place] if self._is_inside(place):
                    found[place.code] = place.full
                case [_place]:
                    remarks.append(at(PLACE_OUTSIDE, person.row, columns["villages"], text=text[:_LONGEST]))
                case several:
                    remarks.append(self._doubt(person.row, columns["villages"], text, several, communes))
        return found, remarks

    def _communes(self, person: Person, column: str) -> tuple[list[PlaceName], list[Remark]]:
        text = person.commune
        if not text:
            return [], []
        code = self._by_code.get(text)
        several = [code] if code else [one for one in self._named[bare(text)] if one.level == COMMUNE]
        inside = [one for one in several if self._is_inside(one)]
        if len(inside) == 1 or (inside and person.villages):
            return inside, []
        if several and not inside:
            return [], [at(PLACE_OUTSIDE, person.row, column, text=text[:_LONGEST])]
        return [], [self._doubt(person.row, column, text, several, [])]

    def _candidates(self, text: str, communes: Sequence[PlaceName]) -> list[PlaceName]:
        code = self._by_code.get(text)
        if code is not None:
            return [code]
        if not communes:
            inside = [one for one in self._named[bare(text)] if self._is_inside(one)]
            return inside or self._named[bare(text)]
        mine = [place for commune in communes for place in self._villages[commune.code]]
        exact = [place for place in mine if place.name.casefold() == text.casefold()]
        return exact or [place for place in mine if bare(place.name) == bare(text)]

    def _is_inside(self, place: PlaceName) -> bool:
        return place.code in self._inside

    def _doubt(
        self, row: int, column: str, text: str, several: Sequence[PlaceName], communes: Sequence[PlaceName]
    ) -> Remark:
        text = text[:_LONGEST]
        if several:
            told = "; ".join(f"{place.full} ({place.code})" for place in several[:_TOLD])
            return at(PLACE_SEVERAL, row, column, text=text, several=told)
        names = {place.name for commune in communes for place in self._villages[commune.code]}
        alike = near(text, names)
        if alike:
            return at(PLACE_NEAR, row, column, text=text, near=", ".join(f"“{name}”" for name in alike))
        return at(PLACE_UNKNOWN, row, column, text=text)


def _forms(plain: str) -> list[str]:
    """A bare name as places may be called: with any of the words for their kind, or none."""
    return [plain, *(f"{kind} {plain}" for kind in _KINDS)]
