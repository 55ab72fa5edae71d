"""A member of a household as the household survey has him answered, its calculations worked out by hand.

Knows: relevance and formulas of f01_hh_survey, sections D1 to D6; a test holds them against the engine of
the phones.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from collector.demo.family import AWAY, AWAY_SHORTLY, HEAD, LEFT, NEVER, Person
from collector.demo.names import FEMALE, PEOPLES
from collector.demo.writing import Answers, entity

_TOPICS = (
    "xmc1",
    "tiengviet",
    "kynangso",
    "trongtrot",
    "channuoi",
    "nghengan",
    "dulich",
    "phapluat",
    "suckhoe",
)
_BARRIERS = ("viec", "xa", "con", "ngai", "tuoi", "tieng", "khonglop")
_SLOTS = ("toi", "trua", "cuoituan", "nongnhan")
_MODES = ("tructiep", "hientruong", "truyenthanh", "dienthoai")
_ICT = ("tim", "danhgia", "nhan", "dvc", "tra", "antoan")
_LIFE = ("gtiep", "gquyet", "hoptac", "suckhoe", "taichinh", "camxuc")


@dataclass(frozen=True, slots=True)
class Home:
    """What members take over from their household."""

    household: str
    village: str
    village_code: str
    commune: str
    year: int


def some(dice: random.Random, several: Sequence[str], most: int) -> str:
    """Up to `most` codes of a list in its own order, as a phone writes them."""
    chosen = set(dice.sample(several, dice.randint(0, min(most, len(several)))))
    return " ".join(code for code in several if code in chosen)


def yes(dice: random.Random, share: float) -> str:
    """A yes with that probability."""
    return "1" if dice.random() < share else "0"


def flag(*, true: bool) -> str:
    """What the form's if(…, 1, 0) writes."""
    return "1" if true else "0"


def answers(dice: random.Random, person: Person, position: int, home: Home) -> Answers:
    """Everything about one member, in the order of the form; what is not asked is absent."""
    schooling = _schooling(dice, person, home)
    work = _worked_out(person, schooling)
    told: Answers = {"m_pos": str(position), "g_m1": _demographics(person, position, home)}
    if person.age >= 5:
        told["g_m2"] = schooling
    told |= {name: work[name] for name in ("is_15_60", "lit_formal", "test_due")}
    check = _check(dice, person)
    if work["test_due"] == "1":
        told["g_test"] = check
    classed = _classed(person, work, check)
    told |= classed
    told["learner_uuid"] = number = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    if classed["is_learner"] == "1":
        told["g_xmc"] = _classes(dice, person, home, work | classed)
    told["learner_id"] = number
    if person.age >= 15 and person.residence != AWAY:
        told["g_need"] = _needs(dice)
        if person.age <= 61:
            told["g_comp"] = _competences(dice, person)
    if person.age >= 18:
        told["m_citizen"] = dice.choice("1009")
    label = f"{person.name} ({home.year - person.age})"
    told["meta"] = entity("learners", number, label, create=classed["is_learner"] == "1")
    return told


def _demographics(person: Person, position: int, home: Home) -> Answers:
    born = str(home.year - person.age)
    entered: Answers = {"m_head_note": ""}
    if position > 1:
        entered = {
            "m_name_in": person.name,
            "m_rel_in": person.relation,
            "m_sex_in": person.sex,
            "m_by_in": born,
            "m_eth_in": person.ethnic,
        }
    shown: Answers = {
        "m_name": person.name,
        "m_relation": person.relation,
        "m_sex": person.sex,
        "m_birth_year": born,
        "m_ethnic": person.ethnic,
        "m_age": str(person.age),
        "m_age_note": "",
        "m_residence": person.residence,
        "m_disability": person.disability,
    }
    if person.disability != "0":
        shown["m_able_learn"] = flag(true=person.able)
    return entered | shown


def _schooling(dice: random.Random, person: Person, home: Home) -> Answers:
    told: Answers = {"m_school": person.school}
    if person.school != NEVER:
        told["m_grade_done"] = str(person.grade)
    if person.school in {LEFT, NEVER} and 6 <= person.age <= 18 and person.grade < 12:
        told["m_dropout_reason"] = dice.choice("1123467")
    if person.age < 15:
        return told
    credential = _credential(dice, person)
    told["m_credential"] = credential
    if person.grade < 5 and credential in "04":
        told["m_xmc_done"] = str(person.phase)
        if person.phase:
            earliest = max(1995, home.year - person.age + 15)
            told["m_xmc_year"] = str(dice.randint(min(earliest, home.year), home.year))
    told["m_vn"] = "2" if person.grade >= 5 or dice.random() < PEOPLES[person.ethnic].fluent else "1"
    return told


def _credential(dice: random.Random, person: Person) -> str:
    if person.grade >= 12:
        return dice.choice("3333678") if person.age >= 23 else "3"
    if person.grade >= 9:
        return "2"
    if person.grade >= 5:
        return "1"
    return "4" if dice.random() < 0.05 else "0"


def _worked_out(person: Person, schooling: Answers) -> dict[str, str]:
    literate_age = 15 <= person.age <= 60
    phase, held = schooling.get("m_xmc_done"), schooling.get("m_credential", "0")
    formal = 1 if person.grade >= 3 or phase == "1" else 0
    if person.grade >= 5 or phase == "2" or held not in {"0", "4"}:
        formal = 2
    due = literate_age and person.grade <= 5 and person.able
    return {
        "is_15_60": flag(true=literate_age),
        "lit_formal": str(formal),
        "test_due": flag(true=due),
    }


def _check(dice: random.Random, person: Person) -> Answers:
    """The quick check of reading, writing and numbers; of those away, the family's word."""
    if person.residence in {AWAY, AWAY_SHORTLY} or dice.random() < 0.08:
        return {"t_present": "0", "t_self": flag(true=person.reads)}
    shown: Answers = {"t_present": "1", "t_card": ""}
    if person.reads:
        return shown | {"t_read": "2", "t_write": "2", "t_num": dice.choice("122")}
    return shown | {"t_read": dice.choice("0012"), "t_write": dice.choice("001"), "t_num": dice.choice("011")}


def _classed(person: Person, work: dict[str, str], check: Answers) -> dict[str, str]:
    """The classification, by the formulas of the form."""
    asked, due = work["is_15_60"] == "1", work["test_due"] == "1"
    formal = work["lit_formal"]
    passed = check.get("t_self") == "1" or (check.get("t_read") == "2" and check.get("t_write") == "2")
    fails = due and not passed
    status = _status(person.age, formal, due=due, fails=fails)
    counts = asked and person.able
    illiterate = counts and status == "mc1"
    relapsed, below_2 = counts and status == "tmc", counts and formal != "2"
    woman = person.sex == FEMALE
    away_from_school = 6 <= person.age <= 18 and person.school in {NEVER, LEFT} and person.grade < 12
    return {
        "t_fail": flag(true=fails),
        "lit_status": status,
        "excl_disab": flag(true=not person.able),
        "is_illit1": flag(true=illiterate),
        "is_relapse": flag(true=relapsed),
        "is_illit2": flag(true=below_2),
        "is_below1": flag(true=counts and formal == "0"),
        "is_illit1_here": flag(true=illiterate and person.residence != AWAY),
        "is_f_15_60": flag(true=asked and woman),
        "is_f_illit1": flag(true=illiterate and woman),
        "is_head": flag(true=person.relation == HEAD),
        "is_oos": flag(true=away_from_school),
        "is_learner": flag(true=below_2 or relapsed),
    }


def _status(age: int, formal: str, *, due: bool, fails: bool) -> str:
    if age < 15:
        return ""
    by_grade = {"0": "mc1", "1": "mc2", "2": "bc2"}[formal]
    if not due:
        return by_grade
    if fails:
        return "mc1" if formal == "0" else "tmc"
    return "tbc" if formal == "0" else by_grade


def _classes(dice: random.Random, person: Person, home: Home, work: dict[str, str]) -> Answers:
    attends, willing = dice.random() < 0.15, dice.random() < 0.62
    told: Answers = {"lit_note": "", "x_in_class": flag(true=attends)}
    if not attends:
        told["x_willing"] = flag(true=willing)
        told["x_barriers"] = some(dice, _BARRIERS, 3) or "viec"
    if attends or willing:
        told["x_slots"] = some(dice, _SLOTS, 2) or "toi"
    if not attends and willing:
        told["x_months"] = some(dice, ("01", "02", "07", "08", "11", "12"), 3)
    if attends or willing:
        told["x_place"] = dice.choice(("nvh", "nvh", "truong", "ttx"))
    return told | {
        "x_phone": yes(dice, 0.7 if person.age < 40 else 0.3),
        "x_village_id": home.village,
        "x_village_code": home.village_code,
        "x_commune": home.commune,
        "x_household_id": home.household,
        "x_phase_due": "1" if work["lit_formal"] == "0" or work["lit_status"] == "tmc" else "2",
    }


def _needs(dice: random.Random) -> Answers:
    topics = some(dice, _TOPICS, 4)
    told: Answers = {"n_topics": topics}
    if topics.count(" "):
        told["n_first"] = dice.choice(topics.split())
    if topics:
        told["n_modes"] = some(dice, _MODES, 2)
    told["n_turns12"] = str(dice.choice((0, 0, 0, 1, 1, 2, 3, 5)))
    return told


def _competences(dice: random.Random, person: Person) -> Answers:
    able = some(dice, _ICT, 6 if person.age < 35 and person.grade >= 5 else 2)
    life = some(dice, _LIFE, 5)
    return {
        "c_ict": able,
        "c_life": life,
        "c_ict_ok": flag(true=len(able.split()) >= 3),
        "c_life_ok": flag(true=len(life.split()) >= 3),
    }
