"""Invented names as they are usual among the peoples of the demo villages, and who lives where."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

MALE, FEMALE = "1", "2"
HMONG, LO_LO, DAO, TAY, NUNG, KINH = "08", "43", "09", "02", "07", "01"


@dataclass(frozen=True, slots=True)
class People:
    """How people are named, and how school reached those who are old now.

    `unschooled` is the share of those over 45 who never went to school; among the young it is a fraction
    of that. `fluent` is the share of adults at home in Vietnamese; `children` the usual most of a family.
    """

    families: tuple[str, ...]
    men: tuple[str, ...]
    women: tuple[str, ...]
    unschooled: float
    fluent: float
    children: int


PEOPLES: Mapping[str, People] = {
    HMONG: People(
        ("Giàng", "Vàng", "Sùng", "Thào", "Vừ", "Mua", "Ly", "Lầu", "Hầu", "Cứ", "Thò"),
        ("Mí Sính", "Mí Po", "Mí Chơ", "Mí Nô", "Mí Già", "Mí Lình", "Mí Và", "Mí Súng", "A Sử", "A Páo"),
        ("Thị Mỷ", "Thị Dợ", "Thị Máy", "Thị Sua", "Thị Chở", "Thị Pà", "Thị Dính", "Thị Say", "Thị Xúa"),
        unschooled=0.55,
        fluent=0.4,
        children=5,
    ),
    LO_LO: People(
        ("Sình", "Lùng", "Dìu", "Mìa", "Vàng"),
        ("Dỉ Gai", "Dỉ Chài", "Dỉ Tủa", "Dỉ Sàng", "Dỉ Phủ", "Dỉ Khén"),
        ("Thị Hương", "Thị Mến", "Thị Phương", "Thị Xuyến", "Thị Chiến", "Thị Ná"),
        unschooled=0.4,
        fluent=0.55,
        children=4,
    ),
    DAO: People(
        ("Triệu", "Bàn", "Đặng", "Phàn", "Lý", "Chúc"),
        ("Chòi Phin", "Văn Quý", "Văn Vạng", "Tiến Sơn", "Chòi Chìu", "Văn Kinh", "Tà Pu"),
        ("Mùi Ghển", "Thị Nái", "Mùi Pham", "Thị Lai", "Mùi Khé", "Thị Mùi"),
        unschooled=0.3,
        fluent=0.65,
        children=4,
    ),
    TAY: People(
        ("Nông", "Hoàng", "Ma", "Quan", "Chẩu", "Lương"),
        ("Văn Thắng", "Văn Tuyên", "Đức Định", "Văn Khánh", "Văn Huấn", "Đức Lâm", "Văn Thuận"),
        ("Thị Lan", "Thị Huyền", "Thị Nhung", "Thị Tuyết", "Thị Biên", "Thị Thơm", "Thị Hạnh"),
        unschooled=0.05,
        fluent=0.95,
        children=3,
    ),
    NUNG: People(
        ("Nông", "Lục", "Vương", "Lộc", "Vi", "Hoàng"),
        ("Văn Páo", "Văn Sìn", "Thanh Hải", "Văn Cường", "Văn Dũng", "Văn Slấn"),
        ("Thị Coóng", "Thị Slao", "Thị Hồng", "Thị Ngân", "Thị Diệp", "Thị Kim"),
        unschooled=0.12,
        fluent=0.85,
        children=3,
    ),
    KINH: People(
        ("Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Đỗ"),
        ("Văn Hùng", "Minh Đức", "Văn Toàn", "Hữu Phước", "Quang Vinh", "Văn Nam"),
        ("Thị Hoa", "Thu Trang", "Thị Mai", "Thị Nga", "Thanh Thủy", "Thị Bích"),
        unschooled=0.02,
        fluent=1.0,
        children=3,
    ),
}
"""Code of the ethnic group in the surveys to what is usual there."""


@dataclass(frozen=True, slots=True)
class Valley:
    """A commune: where it lies (degrees, metres), and how many of ten households are of which people."""

    latitude: float
    longitude: float
    altitude: int
    homes: Mapping[str, int]


VALLEYS: Mapping[str, Valley] = {
    "00715": Valley(23.361, 105.309, 1430, {HMONG: 6, LO_LO: 3, KINH: 1}),
    "01156": Valley(22.263, 104.872, 95, {TAY: 4, DAO: 3, KINH: 2, NUNG: 1}),
    "02269": Valley(22.462, 105.308, 210, {TAY: 5, DAO: 3, HMONG: 2}),
}
"""Commune code to what is known of it: Lũng Cú, Vĩnh Tuy and Thượng Lâm in the province of Tuyên Quang."""

ELSEWHERE = Valley(22.8, 104.98, 400, {TAY: 4, HMONG: 3, DAO: 2, KINH: 1})


def people_of(dice: random.Random, valley: Valley) -> str:
    """The people of a household there."""
    return dice.choices(list(valley.homes), list(valley.homes.values()))[0]


def family_name(dice: random.Random, ethnic: str) -> str:
    """A family name."""
    return dice.choice(PEOPLES[ethnic].families)


def full_name(dice: random.Random, family: str, ethnic: str, sex: str) -> str:
    """A whole name in that family."""
    people = PEOPLES[ethnic]
    return f"{family} {dice.choice(people.men if sex == MALE else people.women)}"
