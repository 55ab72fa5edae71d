"""Where an entity is: the place its properties name, and the commune whose stamp its changes count for.

Why: a phone gets only the entities of its places, and learns by the stamps of its communes that something
changed. A list says which property names the place; else the usual names are tried in turn.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.cuts import within
from storage.models import AppUser, Assignment, Entity, EntityList, Place, PlacePath
from storage.queries.places import resolve, resolve_all
from storage.scope import WHOLE

USUAL = ("village_code", "village_id", "place_code", "commune_code", "district_code", "province_code")
"""The names that forms give the property with the place, the nearest first."""

NOWHERE = ""
"""The commune of what has no place."""

_VILLAGE = "village"
_LONGEST = 40


class Placing:
    """Finds the places of entities, each code once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._codes: dict[str, str | None] = {}
        self._communes: dict[str, str] = {}

    # On nobody's behalf: who writes outside his places is to be refused, not to write it nowhere. And
    # without writing anything meanwhile: that is held to the places of whoever writes (`storage.cuts`).

    def of(self, where: EntityList, data: Mapping[str, str]) -> str | None:
        """The code of the place an entity of that list lies in, as it is called today; None without one."""
        names = (where.place_property,) if where.place_property else USUAL
        for name in names:
            text = data.get(name, "").strip()
            code = self._code(text) if 0 < len(text) <= _LONGEST else None
            if code is not None:
                return code
        return None

    def commune(self, code: str | None) -> str:
        """The commune of a place; the code itself of a place above communes; NOWHERE without a place."""
        if code is None:
            return NOWHERE
        found = self._communes.get(code)
        if found is None:
            found = self._communes[code] = self._commune(code)
        return found

    def _commune(self, code: str) -> str:
        with within(WHOLE), self._session.no_autoflush:
            place = self._session.get(Place, code)
        if place is None or place.level != _VILLAGE:
            return code
        return place.parent_code or code

    def _code(self, text: str) -> str | None:
        if text not in self._codes:
            # Of today's units: what a closed one became sees its entities.
            with within(WHOLE), self._session.no_autoflush:
                self._codes[text] = resolve(self._session, text)
        return self._codes[text]


class SendersPlaces:
    """Where the sender of a record works; asked for once, and only when he changes what is there."""

    def __init__(self, session: Session, actor_id: int | None) -> None:
        self._session = session
        self._actor_id = actor_id
        self._codes: set[str] | None = None

    def hold(self, entity: Entity) -> bool:
        """Whether an entity lies there; what has no place lies anywhere, and who made it keeps it."""
        if entity.place_code is None or self._actor_id in {None, entity.creator_id}:
            return True
        codes = self._known()
        if not codes:
            return True
        found = select(PlacePath.ancestor).where(
            PlacePath.ancestor.in_(codes),
            PlacePath.descendant == entity.place_code,
            PlacePath.valid_to.is_(None),
        )
        return self._session.scalars(found.limit(1)).first() is not None

    def _known(self) -> set[str]:
        """Codes of places, as they are called today too; none where he works everywhere."""
        if self._codes is None:
            given = self._session.scalar(
                select(AppUser.place_codes).where(AppUser.actor_id == self._actor_id)
            )
            if given is None:
                held = select(Assignment.place_code).where(
                    Assignment.actor_id == self._actor_id, Assignment.form_id.is_(None)
                )
                several = self._session.scalars(held).all()
                given = [] if None in several else [code for code in several if code]
            today = resolve_all(self._session, [(code, None) for code in given]) if given else {}
            self._codes = {*given, *today.values()}
        return self._codes
