"""The map of the country with its history: what a code meant on a day, what lay in what, what is found."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from collector.actions.places import load_places
from forms.vietnamese import sort_key
from storage.models import Place, PlaceChange, PlaceLink, PlacePath, PlaceSpan
from storage.queries import places
from tests.country import *  # noqa: F403 - fixtures
from tests.country import EARLIER, LISTS
from tests.office import NOW

BEFORE, REFORM = date(2024, 12, 31), date(2025, 7, 1)


def names(found: list[Place]) -> list[str]:
    return [place.name for place in found]


def test_the_country_is_loaded(session: Session) -> None:
    assert len(places.children(session, None)) == 34
    in_force = select(func.count()).select_from(Place).where(Place.valid_to.is_(None))
    assert session.scalar(in_force.where(Place.level == "commune")) == 3_321
    assert session.scalar(in_force.where(Place.level == "district")) == 0
    ended = select(func.count()).select_from(PlaceSpan).where(PlaceSpan.valid_to == date(2025, 6, 30))
    assert session.scalar(ended.where(PlaceSpan.level == "province")) == 63
    assert session.scalar(ended.where(PlaceSpan.level == "district")) == 696
    assert session.scalar(ended.where(PlaceSpan.level == "commune")) == 10_035


def test_every_commune_of_today_was_made_of_something_but_the_five_islands_without_communes(
    session: Session,
) -> None:
    made = set(session.scalars(select(PlaceLink.new_code)))
    today = select(Place.name).where(Place.level == "commune", Place.valid_to.is_(None))
    assert session.scalars(today.where(~Place.code.in_(made))).all() == []
    basis = select(PlaceChange.legal_basis).join(PlaceLink).where(PlaceLink.old_code == "01159")
    assert session.scalar(basis) == "Nghị quyết 1684/NQ-UBTVQH15 ngày 16/06/2025"


def test_a_code_is_told_apart_by_the_day(session: Session) -> None:
    before, after = places.as_of(session, "01153", BEFORE), places.as_of(session, "01153", REFORM)
    assert before is not None
    assert after is not None
    assert (before.span.name, before.span.parent) == ("Thị trấn Việt Quang", "034")
    assert (after.span.name, after.span.parent) == ("Xã Bắc Quang", "08")
    assert places.as_of(session, "034", REFORM) is None


BAC_QUANG = {
    "01153": "Thị trấn Việt Quang, Xã Quang Minh, Xã Việt Vinh",
    "01156": "Thị trấn Vĩnh Tuy, Xã Đông Thành, Xã Vĩnh Hảo",
    "01165": "Xã Đồng Tâm, Xã Đồng Tiến, Xã Thượng Bình",
    "01171": "Xã Tân Lập, Xã Tân Quang, Xã Tân Thành",
    "01180": "Xã Bằng Hành, Xã Kim Ngọc, Xã Vô Điếm",
    "01192": "Xã Đức Xuân, Xã Hữu Sản, Xã Liên Hiệp",
    "01201": "Xã Hùng An, Xã Tiên Kiều, Xã Việt Hồng",
    "01216": "Xã Đồng Yên, Xã Vĩnh Phúc",
}
"""Resolution 1684/NQ-UBTVQH15 on the communes of the former district."""


def test_bac_quang_of_ha_giang(session: Session) -> None:
    found: dict[str, list[str]] = {}
    for known in places.children(session, "034", BEFORE):
        found.setdefault(places.resolve(session, known.code, BEFORE) or "", []).append(known.span.name)
    assert {code: ", ".join(sorted(several, key=sort_key)) for code, several in found.items()} == BAC_QUANG


@pytest.mark.parametrize(
    ("district", "communes", "today"),
    [
        ("384", 8, 8),  # Mường Lát
        ("385", 15, 8),  # Quan Hóa
        ("387", 12, 8),  # Quan Sơn
        ("386", 21, 8),  # Bá Thước
        ("388", 10, 6),  # Lang Chánh
        ("396", 16, 9),  # Thường Xuân
        ("402", 16, 6),  # Như Xuân
        ("403", 14, 7),  # Như Thanh
        ("389", 21, 6),  # Ngọc Lặc
        ("390", 17, 5),  # Cẩm Thủy
        ("391", 24, 6),  # Thạch Thành
    ],
)
def test_the_mountain_districts_of_thanh_hoa(
    session: Session, district: str, communes: int, today: int
) -> None:
    before = places.children(session, district, BEFORE)
    links = select(PlaceLink.new_code).where(PlaceLink.old_code.in_([known.code for known in before]))
    became = set(session.scalars(links))
    assert (len(before), len(became)) == (communes, today)
    assert became <= places.subtree_codes(session, ["38"])


def test_a_divided_commune_stays_itself_and_is_seen_from_both_parts(session: Session) -> None:
    assert places.resolve(session, "15637", BEFORE) == "15637"  # Luận Khê of Thường Xuân
    for part in ("15634", "15661", "38"):
        assert "15637" in places.subtree_codes(session, [part])
        assert "15637" not in places.subtree_codes(session, [part], predecessors=False)
    assert "15637" not in places.subtree_codes(session, ["15658"])


@pytest.mark.parametrize(
    ("sent", "on", "today"),
    [
        ("01159", BEFORE, "01171"),
        ("01159", None, "01171"),
        ("01159", date(2026, 3, 1), "01171"),  # a phone that still has the old list
        ("01153", BEFORE, "01153"),
        ("01153", date(2026, 3, 1), "01153"),
        ("02", BEFORE, "08"),
        ("034", BEFORE, "034"),
        ("42ceb952-d417-4541-a323-cf2f078b0ef9", date(2026, 3, 1), "00715-001"),
        ("00715-000", None, "00715-000"),
        ("nowhere", None, None),
    ],
)
def test_old_codes_resolve(session: Session, sent: str, on: date | None, today: str | None) -> None:
    assert places.resolve(session, sent, on) == today


def test_a_subtree_is_that_of_the_day(session: Session) -> None:
    district = places.subtree_codes(session, ["034"], BEFORE)
    assert len(district) == 24
    assert district < places.subtree_codes(session, ["02"], BEFORE)
    assert places.subtree_codes(session, ["034"]) == set()
    assert places.subtree_codes(session, ["01171"]) == {"01171", "01171-000", "01159", "01162"}
    assert places.lies_in(session, "00715-001", ["08"])
    assert places.lies_in(session, "034", ["08"])
    assert not places.lies_in(session, "00715-001", ["38", "02269"])


def test_what_a_place_lies_in_is_that_of_the_day(session: Session) -> None:
    def above(code: str, on: date | None = None) -> list[str]:
        return [known.span.name for known in places.ancestors(session, code, on)]

    assert above("01171", BEFORE) == ["Huyện Bắc Quang", "Tỉnh Hà Giang"]
    assert above("01171") == ["Tuyên Quang"]
    assert above("00715-001") == ["Xã Lũng Cú", "Tuyên Quang"]


def test_children_sort_as_in_a_vietnamese_dictionary(session: Session) -> None:
    provinces = [known.span.name for known in places.children(session, None)]
    assert provinces[:5] == ["An Giang", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Thành phố Cần Thơ"]
    assert provinces.index("Đắk Lắk") < provinces.index("Điện Biên") < provinces.index("Gia Lai")
    villages = [known.span.name for known in places.children(session, "00715")]
    assert "Thôn/bản chưa có trong danh sách" not in villages
    assert len(villages) == 4


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("muong lai", "Xã Mường Lai"),
        ("Mường Lát", "Xã Mường Lát"),
        ("lo lo", "Thôn Lô Lô Chải"),
        ("lô lô chải", "Thôn Lô Lô Chải"),
        ("ha noi", "Thành phố Hà Nội"),
        ("00715-001", "Thôn Lô Lô Chải"),
        ("01171", "Xã Tân Quang"),
        ("cu mgar", "Xã Cư M’gar"),
        ("dien bien", "Điện Biên"),
    ],
)
def test_search_needs_no_accents(session: Session, text: str, first: str) -> None:
    assert names(places.find(session, text))[0] == first


def test_search_keeps_to_a_subtree_and_a_level(session: Session) -> None:
    assert names(places.find(session, "ban", within=["02269"], level="village"))[0] == "Thôn Bản Bó"
    assert places.find(session, "lung cu", within=["38"]) == []
    assert {place.level for place in places.find(session, "thanh hoa", level="province")} == {"province"}
    assert places.find(session, "chua co trong danh sach") == []
    assert places.find(session, "viet quang") == []
    assert places.find(session, "%") == []


def test_loading_again_changes_nothing(country: Engine) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(country, "before_cursor_execute", note)
    with Session(country.execution_options(collector_writes=True)) as session, session.begin():
        assert load_places(session, villages=LISTS / "villages_demo.csv", earlier=EARLIER, now=NOW) == 0
    event.remove(country, "before_cursor_execute", note)
    assert [one for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_no_pair_of_the_closure_is_there_twice(session: Session) -> None:
    pair = (PlacePath.ancestor, PlacePath.descendant, PlacePath.via, PlacePath.valid_from)
    twice = select(*pair).group_by(*pair).having(func.count() > 1)
    assert session.execute(twice).all() == []
