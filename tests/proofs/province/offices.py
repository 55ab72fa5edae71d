"""What villages, centres, classes and communes of the made-up province report: every answer drawn by chance.

What a phone would work out from the answers is worked out here too, by the definitions of the surveys.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.proofs.province.paper import Asked, Paper

Drawn = dict[str, str]
_LEFT_OUT = frozenset({
    "start", "end", "today", "deviceid", "username", "audit", "village_other", "reporter_role_other",
    "photo", "photo_sign", "photo_list", "photo_att", "signed_paper", "signed_file", "o_photo", "gps",
})  # fmt: skip
_BANDS = ("1525", "2635", "3660")


@dataclass(frozen=True, slots=True)
class Report:
    """One form as sent: `day` is when; `rows` of its repeats."""

    form_id: str
    instance_id: str
    place: str
    day: date
    answers: Drawn
    rows: Mapping[str, list[Drawn]] = field(default_factory=dict)

    @property
    def counts_on(self) -> date:
        """The last day of the period it speaks of, which is the day it counts for; else its own."""
        period = self.answers.get("rep_period") or self.answers.get("rep_ym") or ""
        if period.endswith("-H1"):
            return date(int(period[:4]), 6, 30)
        if len(period) == len("2026"):
            return date(int(period), 12, 31)
        return self.day


def draw(dice: random.Random, paper: Paper, day: date, said: Drawn) -> Drawn:
    """An answer to every question a person is asked at the top of a form; `said` is settled before."""
    drawn: Drawn = {
        asked.name: answer
        for asked in paper.questions.values()
        if asked.control and asked.name not in _LEFT_OUT
        if (answer := _answer(dice, asked, day)) is not None
    }
    moment = f"{day.isoformat()}T09:00:00.000+07:00"
    return drawn | {"start": moment, "end": moment, "today": day.isoformat(), "cy": str(day.year)} | said


def _answer(dice: random.Random, asked: Asked, day: date) -> str | None:
    if asked.control == "select1":
        return dice.choice(asked.choices) if asked.choices and asked.choices[0] else None
    if asked.control == "select":
        several = [one for one in asked.choices if one and one != "khong"]
        return " ".join(dice.sample(several, min(len(several), dice.randint(1, 3)))) if several else None
    if asked.type in {"int", "decimal"}:
        return str(dice.randint(0, 20) if asked.type == "int" else dice.randint(0, 900) / 4)
    if asked.type == "date":
        return (day - timedelta(days=dice.randint(0, 200))).isoformat()
    return "Ghi chép" if asked.control == "input" and asked.type == "string" else None


def instance(dice: random.Random) -> str:
    """A new instance id."""
    return f"uuid:{uuid.UUID(int=dice.getrandbits(128), version=4)}"


def village_count(dice: random.Random, drawn: Drawn) -> Drawn:
    """F02: what a village head counted; the parts fit into the whole."""
    said: Drawn = {
        "changed": "1",
        "hh_total": str(dice.randint(60, 240)),
        "pop_t": str(dice.randint(300, 900)),
    }
    totals: dict[str, int] = {}
    for band in _BANDS:
        people = dice.randint(20, 120)
        level2 = dice.randint(0, people // 2)
        level1 = dice.randint(0, level2)
        for name, most in (("p", people), ("il2_", level2), ("il1_", level1)):
            women = dice.randint(0, most)
            said |= {f"{name}{band}_t": str(most), f"{name}{band}_f": str(women)}
            for end, number in (("t", most), ("f", women)):
                whole = {"p": "p1560_", "il2_": "il2_", "il1_": "il1_"}[name] + end
                totals[whole] = totals.get(whole, 0) + number
    said |= {name: str(number) for name, number in totals.items()}
    for name in ("rel_t", "in1_t", "in2_t", "done1_t", "done2_t", "will1_t", "n_tlg", "n_class_wanted"):
        said[name] = str(dice.randint(0, 9))
    for name in (
        "rel_f",
        "in1_f",
        "in2_f",
        "done1_f",
        "done2_f",
        "will1_f",
        "oos_6_14",
        "oos_15_18",
        "oos_back",
    ):
        said[name] = str(dice.randint(0, 5))
    said |= {"p1560_excl": str(dice.randint(0, 4)), "done1_stock": str(dice.randint(0, 40))}
    said |= {"il1_dtts": said["il1_t"], "il1_away": "0", "il1_61p": str(dice.randint(0, 9))}
    return drawn | said


def centre_profile(_dice: random.Random, drawn: Drawn) -> Drawn:
    """F03: the calculated answers of a centre's report."""
    number = {name: int(drawn.get(name, "0")) for name in drawn if drawn[name].isdigit()}
    sources = drawn.get("net_src", "").split()
    reading = drawn.get("reading", "").split()
    said = {
        "has_network": "khong" not in sources and bool(sources),
        "has_vol_th": number["v_retired"] + number["v_head"] + number["v_student"] > 0,
        "has_vol_lc": number["v_retired"] + number["v_elder"] + number["v_head"] + number["v_youth"] > 0,
        "has_office": drawn["office"] in {"rieng", "ghep"},
        "has_pc_net": number["pcs_net"] >= 1,
        "has_library": bool({"tusach", "thuvien"} & set(reading)),
        "has_free_net": drawn["free_wifi"] == "1",
    }
    volunteers = ("v_retired", "v_head", "v_elder", "v_student", "v_youth", "v_other")
    whole = {
        "v_total": sum(number[one] for one in volunteers),
        "trainable": number["mgr_total"] + number["gv_sec_t"] + number["bcv_n"],
    }
    flags = {name: "1" if value else "0" for name, value in said.items()}
    return drawn | flags | {name: str(value) for name, value in whole.items()}


def class_opening(dice: random.Random, drawn: Drawn, learners: list[Drawn]) -> Drawn:
    """F04: the sums over the learners of a class."""
    inside = [one for one in learners if one["l_in"] == "1"]
    return drawn | {
        "learners_n": str(len(inside)),
        "n_f": str(sum(one["l_sex"] == "2" for one in inside)),
        "n_1560": str(sum(15 <= int(one["l_age"]) <= 60 for one in inside)),
        "n_support": str(dice.randint(0, len(inside))),
        "rows_n": str(len(learners)),
    }


def class_report(drawn: Drawn, learners: list[Drawn]) -> Drawn:
    """F05: the sums over the learners of a month."""

    def of(name: str) -> int:
        return sum(int(one[name]) for one in learners)

    return drawn | {
        "n_reg": str(len(learners)),
        "n_active": str(of("l_active")),
        "sum_days": str(of("l_days")),
        "n_pass": str(of("l_pass")),
        "n_p1": str(of("l_p1")),
        "n_p2": str(of("l_p2")),
    }
