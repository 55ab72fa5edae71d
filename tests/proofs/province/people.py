"""Households of the made-up province: who lives there, what they learnt, and what a phone says of them.

The literacy of a member is worked out here by the truth table of the survey's definitions, not by the form.
"""

from __future__ import annotations

import random
import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

YEAR = 2026
_SURNAMES = re.findall(
    r"\w+", "Lò Giàng Vàng Nguyễn Đinh Hà Sùng Cầm Quàng Tòng Lường Bạc Phạm Lê Trần Thào Mùa Lý"
)
_MIDDLE = {
    "1": ("Văn", "A", "Xuân", "Minh", "Đức", "Quang", "Hữu", "Bá", "Ngọc", "Mạnh"),
    "2": ("Thị", "Mai", "Thu", "Ngọc", "Hồng"),
}
_GIVEN = re.findall(
    r"\w+",
    "Pỉnh Sử Hạnh Mỷ Dơ Chứ Páo Hoa Lan Thắng Bình Dũng Yên Ín Phương Tuyết Sáng Nhia Dế Mạnh Hùng Xuyến "
    "Ánh Ngà Thoa Kiên Lực Toán Nở Chài Pản Ốt Hặc Inh Đôi Nam Bắc Đoàn Kết Tiến Lợi Quý Trọng Nghĩa",
)
_DROPPED = "2"
_TOPICS = ("xmc1", "kynangso", "trongtrot", "channuoi", "suckhoe", "phapluat", "dulich")
_SKILLS_ICT = ("tim", "danhgia", "nhan", "dvc", "tra", "antoan")
_SKILLS_LIFE = ("gtiep", "gquyet", "hoptac", "suckhoe", "taichinh", "camxuc")


@dataclass(frozen=True, slots=True)
class Home:
    """A household as visited once: its answers, and its members' in order."""

    household_id: str
    instance_id: str
    village: str
    device: str
    start: datetime
    end: datetime
    answers: dict[str, str]
    members: list[dict[str, str]] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Whether anybody answered."""
        return self.answers.get("consent") == "1"


def name(dice: random.Random, sex: str, surname: str = "") -> str:
    """A person's name, with its accents."""
    return f"{surname or dice.choice(_SURNAMES)} {dice.choice(_MIDDLE[sex])} {dice.choice(_GIVEN)}"


@dataclass(frozen=True, slots=True)
class Visit:
    """When and by whom a household is visited; `number` tells apart the houses of a village."""

    village_id: str
    village_code: str
    commune: str
    province: str
    device: str
    start: datetime
    number: int


def household(dice: random.Random, visit: Visit) -> Home:
    """A first visit, mostly answered."""
    identity = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    instance = f"uuid:{uuid.UUID(int=dice.getrandbits(128), version=4)}"
    result = dice.choices(("1", "2", "3"), (94, 4, 2))[0]
    consent = dice.choices(("1", "0"), (98, 2))[0]
    answered = result == "1" and consent == "1"
    members = _members(dice) if answered else []
    minutes = 8 + 3 * len(members) + dice.uniform(0, 6)
    end = visit.start + timedelta(minutes=minutes if answered else 3)
    answers = _door(visit, end, identity, result)
    if result == "1":
        answers |= {"talk_lang": "vi", "consent": consent}
    home = Home(identity, instance, visit.village_code, visit.device, visit.start, end, answers, members)
    if answered:
        answers.update(_house(dice, visit, members))
    return home


def again(dice: random.Random, home: Home, later: datetime) -> Home:
    """The same household visited again: somebody was taught in between, and the phone says so."""
    members = [dict(one) for one in home.members]
    for one in members:
        if one["is_illit1"] == "1" and dice.random() < 0.5:
            one.update(_literacy(one | {"t_read": "2", "t_write": "2", "t_present": "1"}))
            one.update({"t_read": "2", "t_write": "2", "t_present": "1"})
    instance = f"uuid:{uuid.UUID(int=dice.getrandbits(128), version=4)}"
    end = later + (home.end - home.start)
    answers = home.answers | _moments(later, end) | {"visit_kind": "2", "household": home.household_id}
    answers |= {"hh_last_visit": later.date().isoformat(), **_sums(members)}
    return replace(home, instance_id=instance, start=later, end=end, answers=answers, members=members)


def _moments(start: datetime, end: datetime) -> dict[str, str]:
    return {
        "start": start.isoformat(timespec="milliseconds"),
        "end": end.isoformat(timespec="milliseconds"),
        "today": start.date().isoformat(),
    }


def _door(visit: Visit, end: datetime, identity: str, result: str) -> dict[str, str]:
    return _moments(visit.start, end) | {
        "deviceid": visit.device,
        "username": visit.device,
        "cy": str(YEAR),
        "reporter_name": "Lường Thị Hạnh",
        "reporter_role": "hoi_pn",
        "reporter_phone": "0912345678",
        "province": visit.province,
        "commune": visit.commune,
        "village": visit.village_id,
        "village_code": visit.village_code,
        "visit_kind": "1",
        "hh_uuid": identity,
        "hh_id": identity,
        "visit_result": result,
    }


def _house(dice: random.Random, visit: Visit, members: list[dict[str, str]]) -> dict[str, str]:
    head = members[0]
    # A house every thirty metres on a grid around its village, so that no two are one.
    row, column = divmod(visit.number, 40)
    village = int(visit.village_code[-3:])
    latitude = 20.0 + village * 0.002 + row * 0.0003
    longitude = 104.0 + int(visit.commune) % 166 * 0.02 + column * 0.0003
    return {
        "head_name": head["m_name"],
        "head_birth_year": head["m_birth_year"],
        "head_sex": head["m_sex"],
        "head_ethnic": head["m_ethnic"],
        "members_n": str(len(members)),
        "hh_poverty": dice.choice("123"),
        "hh_power": "luoi",
        "hh_smartphones": str(dice.randint(0, 4)),
        "hh_internet": dice.choice("01"),
        "hh_minutes_clc": str(dice.randint(2, 90)),
        "hh_village_id": visit.village_id,
        "hh_village_code": visit.village_code,
        "hh_last_visit": visit.start.date().isoformat(),
        "fam_registered": dice.choice("01"),
        "fam_recognised": dice.choice("019"),
        "confirm_sum": "1",
        "gps": f"{latitude:.6f} {longitude:.6f} 300 {dice.uniform(4, 18):.1f}",
        **_sums(members),
    }


def _members(dice: random.Random) -> list[dict[str, str]]:
    surname, sex = dice.choice(_SURNAMES), dice.choices("12", (80, 20))[0]
    ethnic = dice.choice(("01", "02", "03", "05", "06", "10"))
    age = dice.randint(26, 72)
    drawn = [(sex, age, "1")]
    if dice.random() < 0.85:
        drawn.append(("2" if sex == "1" else "1", max(22, age - dice.randint(0, 4)), "2"))
    youngest = min(one[1] for one in drawn)
    for order in range(dice.choices(range(5), (10, 22, 36, 22, 10))[0]):
        # Two years apart at least: nobody is a twin.
        child = youngest - 19 - 3 * order - dice.randint(0, 1)
        if child < 0:
            break
        drawn.append((dice.choice("12"), child, "3"))
    people, names = [], set()
    for position, (of_sex, years, relation) in enumerate(drawn, start=1):
        said = name(dice, of_sex, surname if relation != "2" else "")
        while said in names:
            said = name(dice, of_sex, surname)
        names.add(said)
        people.append(_member(dice, position, said, (of_sex, years, relation, ethnic)))
    return people


def _member(dice: random.Random, position: int, said: str, who: tuple[str, int, str, str]) -> dict[str, str]:
    sex, age, relation, ethnic = who
    disability = dice.choices("01", (96, 4))[0]
    one = {
        "m_pos": str(position),
        "m_name": said,
        "m_relation": relation,
        "m_sex": sex,
        "m_birth_year": str(YEAR - age),
        "m_ethnic": ethnic,
        "m_age": str(age),
        "m_residence": dice.choices("1234", (86, 4, 6, 4))[0],
        "m_disability": disability,
    }
    if position > 1:
        one |= {"m_name_in": said, "m_rel_in": relation, "m_sex_in": sex, "m_by_in": one["m_birth_year"]}
        one["m_eth_in"] = ethnic
    if disability != "0":
        one["m_able_learn"] = dice.choices("10", (70, 30))[0]
    if age >= 5:
        one |= _school(dice, age)
    one |= _check(dice, one)
    one |= _literacy(one)
    if one["is_learner"] == "1":
        one |= {"x_in_class": "0", "x_willing": dice.choice("01"), "learner_uuid": _uuid(dice)}
    one["learner_id"] = one.get("learner_uuid") or _uuid(dice)
    if age >= 15 and one["m_residence"] != "4":
        one |= {"n_topics": dice.choice(_TOPICS), "n_turns12": str(dice.randint(0, 6))}
    if 15 <= age <= 61 and one["m_residence"] != "4":
        one |= _skills(dice)
    if age >= 18:
        one["m_citizen"] = dice.choice("019")
    return one


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _school(dice: random.Random, age: int) -> dict[str, str]:
    status = dice.choices("123", (12, 0, 88))[0] if age > 18 else dice.choices("123", (2, 92, 6))[0]
    said = {"m_school": status}
    grade = 0
    if status != "1":
        most = min(12, age - 5)
        grade = max(0, most - dice.choice((0, 0, 1))) if age <= 18 else dice.randint(1, 12)
        said["m_grade_done"] = str(grade)
    if status != _DROPPED and 6 <= age <= 18 and grade < 12:
        said["m_dropout_reason"] = dice.choice("1234")
    if age >= 15:
        said["m_credential"] = "0" if grade < 9 else "2" if grade < 12 else dice.choices("3", (1,))[0]
        if grade == 12 and age >= 22:
            said["m_credential"] = dice.choices("35789", (50, 20, 15, 13, 2))[0]
        if grade < 5 and said["m_credential"] in "04":
            said["m_xmc_done"] = dice.choices("012", (85, 10, 5))[0]
            if said["m_xmc_done"] != "0":
                said["m_xmc_year"] = str(YEAR - dice.randint(0, min(20, age - 15)))
        said["m_vn"] = "2"
    return said


def _check(dice: random.Random, one: dict[str, str]) -> dict[str, str]:
    grade = int(one.get("m_grade_done", "0"))
    able = one["m_disability"] == "0" or one.get("m_able_learn") == "1"
    if not (15 <= int(one["m_age"]) <= 60 and grade <= 5 and able):
        return {}
    if dice.random() < 0.08:
        return {"t_present": "0", "t_self": dice.choice("01")}
    passes = dice.random() < (0.3 if grade < 3 else 0.9)
    # Who never went to school does not read a whole sentence at the first try here.
    read, write = ("2", "2") if passes else (dice.choice("01"), dice.choice("01"))
    return {"t_present": "1", "t_read": read, "t_write": write, "t_num": dice.choice("012")}


def _literacy(one: dict[str, str]) -> dict[str, str]:
    age, grade = int(one["m_age"]), int(one.get("m_grade_done", "0"))
    done, credential = one.get("m_xmc_done"), one.get("m_credential", "0")
    formal = (
        2 if grade >= 5 or done == "2" or credential not in "04" else 1 if grade >= 3 or done == "1" else 0
    )
    aged = 15 <= age <= 60
    excluded = one["m_disability"] != "0" and one.get("m_able_learn") == "0"
    due = aged and grade <= 5 and (one["m_disability"] == "0" or one.get("m_able_learn") == "1")
    if one.get("t_present") == "1":
        fails = due and not (one["t_read"] == one["t_write"] == "2")
    else:
        fails = due and one.get("t_self") != "1"
    status = _status(formal, due=due, fails=fails) if age >= 15 else ""
    counts = aged and not excluded
    flags = {
        "is_15_60": aged,
        "is_illit1": counts and status == "mc1",
        "is_relapse": counts and status == "tmc",
        "is_illit2": counts and formal < 2,
        "is_below1": counts and formal == 0,
        "is_f_15_60": aged and one["m_sex"] == "2",
        "is_f_illit1": counts and status == "mc1" and one["m_sex"] == "2",
        "is_illit1_here": counts and status == "mc1" and one["m_residence"] != "4",
        "is_head": one["m_relation"] == "1",
        "is_oos": 6 <= age <= 18 and one.get("m_school") != _DROPPED and grade < 12,
        "excl_disab": excluded,
        "test_due": due,
        "t_fail": fails,
        "is_learner": counts and (formal < 2 or status == "tmc"),
    }
    said = {key: "1" if value else "0" for key, value in flags.items()}
    return said | {"lit_formal": str(formal), "lit_status": status}


def _status(formal: int, *, due: bool, fails: bool) -> str:
    if not due:
        return ("mc1", "mc2", "bc2")[formal]
    if formal == 0:
        return "mc1" if fails else "tbc"
    return "tmc" if fails else ("", "mc2", "bc2")[formal]


def _skills(dice: random.Random) -> dict[str, str]:
    said: dict[str, str] = {}
    for question, known in (("c_ict", _SKILLS_ICT), ("c_life", _SKILLS_LIFE)):
        chosen = dice.sample(known, dice.randint(0, 6))
        said |= {question: " ".join(chosen), f"{question}_ok": "1" if len(chosen) >= 3 else "0"}
    return said


def _sums(members: list[dict[str, str]]) -> dict[str, str]:
    of = {
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
    sums = {said: str(sum(one[flag] == "1" for one in members)) for said, flag in of.items()}
    return sums | {"n_members": str(len(members)), "hh_learners_n": sums["n_learners"]}
