"""What names a record: the person it is sorted by, the texts it is found by."""

from __future__ import annotations

from forms.naming import Naming, naming_of
from forms.vietnamese import folded, person_key
from forms.xform import read_schema
from forms.xlsform import convert

FORM = """
| survey |
| | type | name | label |
| | text | village | Thôn |
| | text | head | Chủ hộ |
| | integer | year | Năm sinh |
| | text | note | Ghi chú |
| | begin_repeat | member | Người |
| | text | name | Tên |
| | end_repeat | | |
| settings |
| | form_id | version | instance_name |
| | hk | 1 | concat(${village}, ' – ', ${head}, ' – ', ${year}) |
"""


def naming(marks: dict[str, dict[str, str]]) -> Naming:
    xml = convert(FORM.encode(), "form.md").xform
    return naming_of(read_schema(xml), xml, marks)


def test_a_record_is_found_by_what_its_name_is_made_of() -> None:
    assert naming({}) == Naming("", ("/village", "/head"))


def test_people_of_the_form_name_it_too() -> None:
    marks = {"/head": {"pii": "direct"}, "/member/name": {"pii": "direct"}, "/year": {"pii": "direct"}}
    assert naming(marks) == Naming("/head", ("/village", "/head", "/member/name"))


def test_people_sort_by_given_family_and_middle_name() -> None:
    several = [
        "Lò Văn Pỉnh",
        "Giàng A Páo",
        "Đỗ Ân",
        "Giàng Thị Mỷ",
        "Lò Thị Pỉnh",
        "Đặng An",
        "Vừ Mí Páo",
        "Páo",
        "",
    ]
    assert sorted(several, key=person_key) == [
        "", "Đặng An", "Đỗ Ân", "Giàng Thị Mỷ", "Páo", "Giàng A Páo", "Vừ Mí Páo",
        "Lò Thị Pỉnh", "Lò Văn Pỉnh",
    ]  # fmt: skip


def test_a_search_begins_with_the_beginning_of_a_word() -> None:
    text = Naming.text("00715-001 – Giàng A Páo", ["Đỗ Thị Ân", "Giàng A Páo"])
    assert (" do" in text, " an" in text, " ang" in text) == (True, True, False)
    assert len(Naming.text("a" * 5_000, [])) == 1_000


def test_signs_and_spaces_of_other_worlds_fold_as_before() -> None:
    given = ["ĐẮK  LẮK–x", "Cư M'gar", "Cư M’gar", "Straße", "a\u0301\u0323", "Ⅷ", "中 村", "_x_", "Ñandú"]
    assert list(map(folded, given)) == [
        "dak lak x", "cu mgar", "cu mgar", "strasse", "a", "ⅷ", "中 村", "x", "nandu"
    ]  # fmt: skip
