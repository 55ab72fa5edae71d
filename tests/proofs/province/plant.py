"""Errors planted among the households of the made-up province, each known by the records it lies in."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.proofs.province.offices import Drawn
from tests.proofs.province.people import YEAR, Home

_MOMENT = "milliseconds"


@dataclass(frozen=True, slots=True)
class Planted:
    """One error: what kind, and the instance ids of the records it may be found in."""

    kind: str
    records: tuple[str, ...]


Made = tuple[Home, Planted]


def _identity(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _anew(dice: random.Random, home: Home, start: datetime, changed: Drawn) -> Home:
    """A visit of its own that says the same as another one, but for what changed."""
    identity = _identity(dice)
    end = start + (home.end - home.start)
    moments = {
        "start": start.isoformat(timespec=_MOMENT),
        "end": end.isoformat(timespec=_MOMENT),
        "today": start.date().isoformat(),
        "hh_last_visit": start.date().isoformat(),
        "hh_uuid": identity,
        "hh_id": identity,
    }
    members = [one | {"learner_id": _identity(dice)} for one in home.members]
    return replace(
        home,
        household_id=identity,
        instance_id=f"uuid:{_identity(dice)}",
        start=start,
        end=end,
        answers=home.answers | moments | changed,
        members=members,
    )


def _unaccented(name: str) -> str:
    plain = str.maketrans("ăâđêôơưàáảãạìíýúùủũụòóỏõọèéẻẽẹ", "aadeoouaaaaaiiyuuuuuoooooeeeee")
    return name.lower().translate(plain).title()


def entered_twice(dice: random.Random, home: Home) -> Made:
    """Another volunteer enters the same household days later, without accents, standing at the same door."""
    phone = f"{home.device}-2"
    start = home.start + timedelta(days=40, minutes=dice.randint(0, 3))
    head = _unaccented(home.answers["head_name"])
    changed = {"head_name": head, "deviceid": phone, "username": phone}
    made = _anew(dice, home, start, changed)
    first = made.members[0] | {"m_name": head}
    made = replace(made, device=phone, members=[first, *made.members[1:]])
    return made, Planted("entered_twice", (home.instance_id, made.instance_id))


def counted_elsewhere(dice: random.Random, home: Home, other: Home) -> Made:
    """A household of another commune is entered here as well, on this village's phone."""
    start = home.start + timedelta(days=60, minutes=dice.randint(0, 3))
    here = (
        "province",
        "commune",
        "village",
        "village_code",
        "hh_village_id",
        "hh_village_code",
        "deviceid",
        "username",
        "gps",
    )
    changed = {name: home.answers[name] for name in here if name in home.answers}
    latitude, longitude, *rest = changed["gps"].split()
    changed["gps"] = " ".join((f"{float(latitude) + 0.0001:.6f}", longitude, *rest))
    made = replace(_anew(dice, other, start, changed), village=home.village, device=home.device)
    return made, Planted("counted_elsewhere", (other.instance_id, made.instance_id))


def _mended(home: Home, answers: Drawn, at: int = -1, member: Drawn | None = None) -> Home:
    members = [one | (member or {}) if number == at else one for number, one in enumerate(home.members)]
    return replace(home, answers=home.answers | answers, members=members)


def parent_too_young(dice: random.Random, home: Home) -> Made | None:
    """A child was born when its parent was a child."""
    at = next((number for number, one in enumerate(home.members) if one["m_relation"] == "3"), None)
    if at is None:
        return None
    born = str(int(home.members[0]["m_birth_year"]) + dice.randint(2, 8))
    changed = {"m_birth_year": born, "m_by_in": born, "m_age": str(YEAR - int(born))}
    return _mended(home, {}, at, changed), Planted("parent_too_young", (home.instance_id,))


def wrong_age(dice: random.Random, home: Home) -> Made:
    """A year of birth was mended in transit, and the age was not."""
    at = len(home.members) - 1
    age = str(int(home.members[at]["m_age"]) + dice.randint(9, 30))
    return _mended(home, {}, at, {"m_age": age}), Planted("wrong_age", (home.instance_id,))


def too_fast(dice: random.Random, home: Home) -> Made:
    """The whole form was filled in under two minutes."""
    end = home.start + timedelta(seconds=dice.randint(40, 110))
    made = replace(home, end=end, answers=home.answers | {"end": end.isoformat(timespec=_MOMENT)})
    return made, Planted("too_fast", (home.instance_id,))


def fewer_rows(_dice: random.Random, home: Home) -> Made:
    """More members are declared than are listed."""
    more = {"members_n": str(len(home.members) + 2)}
    return _mended(home, more), Planted("fewer_rows", (home.instance_id,))


def far_away(dice: random.Random, home: Home) -> Made:
    """The form was filled in at home, not at the household's door."""
    latitude, longitude, *rest = home.answers["gps"].split()
    gps = " ".join((f"{float(latitude) + dice.uniform(0.3, 0.9):.6f}", longitude, *rest))
    return _mended(home, {"gps": gps}), Planted("far_away", (home.instance_id,))


ALONE: tuple[Callable[[random.Random, Home], Made | None], ...] = (
    parent_too_young,
    wrong_age,
    too_fast,
    fewer_rows,
    far_away,
)
"""What is wrong with one record."""
