"""A visit to a household as the household survey has it written down.

Knows: relevance and formulas of f01_hh_survey, sections A to C, E and F.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from collector.demo import member
from collector.demo.family import Person, household
from collector.demo.member import Home, flag, yes
from collector.demo.names import PEOPLES, Valley, people_of
from collector.demo.writing import Answers, entity

MET, NOBODY_HOME, REFUSED, MOVED, NOT_FOUND = "1", "2", "3", "4", "5"
_REMARKS = (
    "Nhà ở cuối thôn, đường đất, xe máy đi được khi trời khô.",
    "Chủ hộ đề nghị mở lớp buổi tối tại nhà văn hóa thôn.",
    "Phỏng vấn bằng tiếng địa phương, con gái chủ hộ giúp phiên dịch.",
    "Hẹn quay lại gặp hai con đi làm ở Bắc Ninh dịp Tết.",
)


@dataclass(frozen=True, slots=True)
class Village:
    """Where the household is: codes as the phone's lists have them, and the middle of the village."""

    uuid: str
    code: str
    commune: str
    commune_name: str
    province: str
    valley: Valley
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Interviewer:
    """Who fills in, on which phone."""

    name: str
    role: str
    device_id: str


@dataclass(frozen=True)
class Visit:
    """A filled form: its answers, when the visit began and ended, its id, its name, and its photo's."""

    answers: Answers
    began: datetime
    ended: datetime
    instance_id: str
    name: str
    photo: str

    @property
    def interviewed(self) -> bool:
        """Whether somebody was met and agreed."""
        return "g_main" in self.answers


def visit(
    dice: random.Random,
    village: Village,
    interviewer: Interviewer,
    began: datetime,
    odd: Mapping[str, str] = MappingProxyType({}),
) -> Visit:
    """One visit; `began` is local time, `odd` are answers about the household that replace what was drawn.

    The same dice make the same visit, whatever is odd in it.
    """
    ended = began + timedelta(minutes=dice.randint(9, 42), seconds=dice.randint(0, 59))
    home = Home(_uuid(dice), village.uuid, village.code, village.commune, began.year)
    result = dice.choices((MET, NOBODY_HOME, REFUSED, MOVED, NOT_FOUND), (91, 4, 3, 1, 1))[0]
    agrees = result == MET and dice.random() < 0.97
    told: Answers = {
        "start": _instant(began),
        "end": _instant(ended),
        "today": began.date().isoformat(),
        "deviceid": interviewer.device_id,
        "username": "",
        "cy": str(began.year),
        "g_id": _place(village, interviewer),
        "g_visit": _meeting(home, result, agrees=agrees),
    }
    name, photo = f"{village.code} –  – ", ""
    if agrees:
        people = household(dice, people_of(dice, village.valley))
        photo = f"{int(ended.timestamp())}{dice.randint(0, 999):03d}.png" if dice.random() < 0.1 else ""
        told["g_main"] = _interview(dice, people, home, (village, began, photo, odd))
        name = f"{village.code} – {people[0].name} – {began.year - people[0].age}"
    instance_id = f"uuid:{_uuid(dice)}"
    told["meta"] = {
        "audit": "audit.csv" if photo else "",
        "instanceID": instance_id,
        "instanceName": name,
    }
    return Visit(told, began, ended, instance_id, name, photo)


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _place(village: Village, interviewer: Interviewer) -> Answers:
    return {
        "reporter_name": interviewer.name,
        "reporter_role": interviewer.role,
        "reporter_phone": "",
        "province": village.province,
        "commune": village.commune,
        "commune_name": village.commune_name,
        # What the server's lists of places leave blank (forms/places.py).
        **dict.fromkeys(("legacy_district", "zone_border", "zone_dbkk", "zone_dtts"), ""),
        "village": village.uuid,
        "village_code": village.code,
        "legacy_commune": "",
    }


def _meeting(home: Home, result: str, *, agrees: bool) -> Answers:
    before = ("prev_head_name", "prev_head_by", "prev_members", "prev_learners", "prev_visit")
    told: Answers = {"visit_kind": "1", **dict.fromkeys(before, "")}
    told |= {"hh_uuid": home.household, "hh_id": home.household, "visit_result": result}
    if result == MET:
        told |= {"talk_lang": "vi", "consent_text": "", "consent": flag(true=agrees)}
    return told


def _interview(
    dice: random.Random,
    people: list[Person],
    home: Home,
    at: tuple[Village, datetime, str, Mapping[str, str]],
) -> Answers:
    village, began, photo, odd = at
    members = [
        member.answers(dice, person, position, home) for position, person in enumerate(people, start=1)
    ]
    return {
        "g_hh": _household(dice, people, home, began) | dict(odd),
        "member": members,
        "g_model": {
            "fam_registered": yes(dice, 0.45),
            "fam_recognised": dice.choice("1009"),
            "clan_name": "",
            "can_teach": yes(dice, 0.12),
            "can_host": yes(dice, 0.18),
        },
        "g_sum": _sums(members) | _end(dice, village, photo),
        "meta": entity(
            "households", home.household, f"{people[0].name} ({home.year - people[0].age})", create=True
        ),
    }


def _household(dice: random.Random, people: list[Person], home: Home, began: datetime) -> Answers:
    head = people[0]
    poor = 0.25 + PEOPLES[head.ethnic].unschooled / 2
    poverty = dice.choices("123", (poor, 0.2, max(0.1, 0.8 - poor)))[0]
    return {
        "head_name": head.name,
        "head_birth_year": str(home.year - head.age),
        "head_sex": head.sex,
        "head_ethnic": head.ethnic,
        "members_n": str(len(people)),
        "hh_poverty": poverty,
        "cluster": dice.choice(("", "", "Nhóm 1", "Nhóm 2", "Nhóm 3")),
        "hh_power": dice.choices(("luoi", "mattroi", "khong"), (90, 7, 3))[0],
        "hh_smartphones": str(dice.randint(0, min(4, len(people)))),
        "hh_internet": yes(dice, 0.75),
        "hh_minutes_clc": str(dice.choice((5, 10, 15, 20, 30, 30, 45, 60, 90))),
        "hh_village_id": home.village,
        "hh_village_code": home.village_code,
        "hh_last_visit": began.date().isoformat(),
    }


_SUMS = {
    "n_heads": "is_head",
    "n_15_60": "is_15_60",
    "n_f_15_60": "is_f_15_60",
    "n_illit1": "is_illit1",
    "n_f_illit1": "is_f_illit1",
    "n_below1": "is_below1",
    "n_illit1_here": "is_illit1_here",
    "n_illit2": "is_illit2",
    "n_relapse": "is_relapse",
    "n_oos": "is_oos",
    "n_learners": "is_learner",
}
"""A total to the flag of members that it adds up."""


def _sums(members: list[Answers]) -> Answers:
    told: Answers = {"n_members": str(len(members))}
    for total, of in _SUMS.items():
        told[total] = str(sum(one[of] == "1" for one in members))
    return told | {"hh_learners_n": told["n_learners"], "sum_note": "", "confirm_sum": "1"}


def _end(dice: random.Random, village: Village, photo: str) -> Answers:
    told: Answers = {"gps": ""}
    if dice.random() < 0.93:
        latitude, longitude = (
            middle + dice.gauss(0, 0.003) for middle in (village.latitude, village.longitude)
        )
        altitude = village.valley.altitude + dice.randint(-60, 90)
        told["gps"] = f"{round(latitude, 7)} {round(longitude, 7)} {altitude}.0 {dice.randint(35, 190) / 10}"
    else:
        told["gps_reason"] = dice.choice("123")
    return told | {"photo": photo, "remarks": dice.choice(_REMARKS) if dice.random() < 0.15 else ""}
