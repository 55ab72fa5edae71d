"""Households as a volunteer reports them, and what may be wrong with one: for the proof of the checks."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.proofs.lists import place_codes

EVERY = 100
_HOME = timezone(timedelta(hours=7))
_FAMILIES = "Lò Giàng Vàng Nguyễn Đinh Hà Sùng Cầm Quàng Tòng Lường Bạc Phạm Lê Trần Thào Mùa Vừ Chẻo Lý"
_MEN, _WOMEN = "Văn A Xuân Minh Đức Quang Hữu Bá Mạnh", "Thị Mai Thu Ngọc Hồng"
_GIVEN_NAMES = (
    "Pỉnh Sử Hạnh Mỷ Dơ Chứ Páo Hoa Lan Thắng Bình Dũng Yên Phương Tuyết Sáng Nhia Dế Hùng Xuyến Ánh Ngà "
    "Thoa Kiên Lực Toán Nở Chài Pản Hặc Đôi Nam Bắc Đoàn Kết Tiến Lợi Quý Trọng Nghĩa"
)
_FAMILY, _GIVEN = _FAMILIES.split(), _GIVEN_NAMES.split()
_MIDDLE = {"1": _MEN.split(), "2": _WOMEN.split()}

Drawn = dict[str, Any]
"""Answers by question."""


@dataclass
class Home:
    """A household as it was reported: answers by question, of the form and of each member."""

    place: str
    sender: int
    start: datetime
    end: datetime
    root: Drawn
    members: list[Drawn]
    received: datetime


@dataclass
class Planted:
    """What was planted: check to the keys of the records it lies in."""

    by_check: dict[str, set[str]] = field(default_factory=dict)

    def add(self, code: str, home: Home) -> None:
        """Remember one."""
        self.by_check.setdefault(code, set()).add(home.root["hh_id"])


def person(dice: random.Random, sex: str, family: str) -> str:
    """A name."""
    return f"{family} {dice.choice(_MIDDLE[sex])} {dice.choice(_GIVEN)}"


def household(dice: random.Random, place: str, sender: int, start: datetime, number: int) -> Home:
    """A household in which all is well."""
    family, head = dice.choice(_FAMILY), dice.randint(1956, 2000)
    people = [("1", head, "1"), ("2", head + dice.randint(0, 4), "2")]
    people += [(dice.choice("12"), head + 20 + 3 * at, "3") for at in range(dice.choice((1, 2, 2, 3, 4)))]
    members = [_member(dice, at, one, family) for at, one in enumerate(people) if one[1] <= 2026]
    seconds = dice.randint(900, 2400)
    end = start + timedelta(seconds=seconds)
    row, column = divmod(number, 20)
    root: Drawn = {
        "start": start.isoformat(timespec="milliseconds"),
        "end": end.isoformat(timespec="milliseconds"),
        "today": start.date(),
        "hh_id": str(uuid.UUID(int=dice.getrandbits(128))),
        "village_code": place,
        "visit_kind": "1",
        "visit_result": "1",
        "consent": "1",
        "head_name": members[0]["m_name"],
        "head_birth_year": head,
        "members_n": len(members),
        "hh_poverty": dice.choice("123"),
        "hh_power": dice.choice(("luoi", "luoi", "luoi", "mattroi")),
        "hh_smartphones": dice.randint(0, 4),
        "hh_internet": dice.choice("01"),
        "hh_minutes_clc": dice.randint(15, 60),
        "fam_registered": dice.choice("01"),
        "fam_recognised": dice.choice("01010109"),
        "can_teach": dice.choice("01"),
        "can_host": dice.choice("01"),
        "confirm_sum": "1",
        "gps": (
            21.0 + int(place[:5]) * 0.05 + row * 0.0004,
            104.0 + int(place[-3:]) * 0.05 + column * 0.0004,
            8.0,
        ),
    }
    return Home(place, sender, start, end, root, members, end + timedelta(hours=dice.randint(1, 60)))


def _member(dice: random.Random, at: int, who: tuple[str, int, str], family: str) -> Drawn:
    sex, born, relation = who
    age = 2026 - born
    name = f"{person(dice, sex, family)}{' ' + _GIVEN[at] if at > 1 else ''}"
    one: Drawn = {
        "m_name": name,
        "m_relation": relation,
        "m_sex": sex,
        "m_birth_year": born,
        "m_age": str(age),
    }
    one |= {
        "m_name_in": name,
        "m_sex_in": sex,
        "m_by_in": born,
        "m_rel_in": relation,
        "m_residence": dice.choice("12"),
    }
    one |= {"m_disability": "0", "m_eth_in": dice.choice(("01", "03", "08")), "m_school": dice.choice("23")}
    if age >= 6:
        one["m_grade_done"] = max(0, min(12, age - 6 - dice.randint(0, 3)))
    if age >= 15:
        one |= {"m_credential": dice.choice("0123"), "m_vn": dice.choice("012"), "t_read": dice.choice("012")}
        one |= {
            "n_topics": dice.choice(_GIVEN),
            "n_turns12": dice.randint(0, 9),
            "c_ict": dice.choice(_GIVEN),
        }
        one |= {
            "m_citizen": dice.choice("01010109"),
            "t_present": dice.choice("1110"),
            "t_write": dice.choice("012"),
        }
    return one


def _too_fast(_dice: random.Random, home: Home) -> tuple[str, ...]:
    home.root["end"] = (home.start + timedelta(seconds=70)).isoformat(timespec="milliseconds")
    return ("interview_too_fast",)


def _fewer_rows(_dice: random.Random, home: Home) -> tuple[str, ...]:
    home.root["members_n"] += 2
    return ("roster_count",)


def _wrong_age(_dice: random.Random, home: Home) -> tuple[str, ...]:
    home.members[-1]["m_age"] = str(int(home.members[-1]["m_age"]) + 9)
    return ("birth_and_age",)


def _young_parent(dice: random.Random, home: Home) -> tuple[str, ...]:
    home.members[2]["m_birth_year"] = home.root["head_birth_year"] + dice.randint(1, 9)
    home.members[2]["m_age"] = str(2026 - home.members[2]["m_birth_year"])
    return ("parent_too_young",)


def _far_away(_dice: random.Random, home: Home) -> tuple[str, ...]:
    latitude, longitude, _accuracy = home.root["gps"]
    home.root["gps"] = (latitude + 0.2, longitude, 70.0)
    return ("far_from_village", "position_inaccurate")


def _late(_dice: random.Random, home: Home) -> tuple[str, ...]:
    home.received += timedelta(days=9)
    return ("late_upload",)


def _long_way(_dice: random.Random, home: Home) -> tuple[str, ...]:
    home.root["hh_minutes_clc"] = 500
    return ("outlier_robust", "unusual_number")


def _other_day(_dice: random.Random, home: Home) -> tuple[str, ...]:
    home.root["today"] = home.start.date() - timedelta(days=3)
    return ("clock_other_day",)


_WRONG = (_too_fast, _fewer_rows, _wrong_age, _young_parent, _far_away, _late, _long_way, _other_day)


def spoil(dice: random.Random, home: Home, told: Planted) -> Home | None:
    """Plant something in a household; another record where that is what was planted."""
    kind = dice.randrange(len(_WRONG) + 1)
    if kind == len(_WRONG):
        return _doubled(dice, home, told)
    for code in _WRONG[kind](dice, home):
        told.add(code, home)
    return None


def _doubled(dice: random.Random, home: Home, told: Planted) -> Home:
    """The household once more: here, or in the next commune."""
    start = home.end + timedelta(days=20)
    root = home.root | {"hh_id": str(uuid.UUID(int=dice.getrandbits(128))), "today": start.date()}
    end = start + (home.end - home.start)
    root |= {"start": start.isoformat(timespec="milliseconds"), "end": end.isoformat(timespec="milliseconds")}
    latitude, longitude, accuracy = home.root["gps"]
    root["gps"] = (latitude + 0.00012, longitude, accuracy)
    made = Home(
        home.place,
        home.sender,
        start,
        end,
        root,
        [dict(one) for one in home.members],
        end + timedelta(hours=2),
    )
    if dice.random() < 0.5:
        told.add("double_entry", made)
        told.add("similar_person", made)
        told.add("near_copy", made)
        return made
    commune = int(home.place[:5]) % 166 + 1
    made.place = f"{commune:05d}{home.place[5:]}"
    root |= {
        "village_code": made.place,
        "gps": (latitude + (commune - int(home.place[:5])) * 0.05, longitude, accuracy),
    }
    told.add("same_person_elsewhere", made)
    return made


def homes(dice: random.Random, wanted: int, senders: list[int], told: Planted) -> Iterator[Home]:
    """So many households, village by village."""
    villages = [code for code, level, _parent in place_codes() if level == "village"]
    for at, place in enumerate(villages):
        share = wanted * (at + 1) // len(villages) - wanted * at // len(villages)
        for number in range(share):
            day = datetime(2026, 7, 1, 7, tzinfo=_HOME) + timedelta(days=number // 10)
            start = day + timedelta(minutes=60 * (number % 10) + dice.randint(0, 10))
            home = household(dice, place, senders[at], start, number)
            if dice.randrange(EVERY) == 0:
                other = spoil(dice, home, told)
                if other is not None:
                    yield other
            yield home
