"""What stands over columns and in cells: words, codes, or both; texts in one normal form."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pyarrow as pa
import pytest

from forms.datasets.description import Table, Value, Variable
from forms.datasets.formats.columns import Column, Lists, columns, composed, days, moments, per_word, said
from forms.datasets.material import Style
from tests.forms.datasets.made import COURSE, MEMBER, ROOT, made_origin


def heads(table: Table, words: str) -> list[str]:
    """What stands over the columns."""
    return [one.head for one in columns(table, Style(words), made_origin())]  # type: ignore[arg-type]


def test_words_stand_over_columns_or_names_or_both() -> None:
    assert heads(COURSE, "labels")[-2:] == ["Tên lớp", "Số giờ"]
    assert heads(COURSE, "codes") == [one.name for one in COURSE.variables]
    assert heads(MEMBER, "both")[10:12] == ["Giới tính [sex]", "Giới tính (code) [sex]"]


def test_no_two_heads_are_the_same() -> None:
    twice = tuple(
        Variable(name, "text", f"/{name}", {"vi": label})
        for name, label in (("a", "Họ tên"), ("b", "HỌ TÊN"), ("c", "Tuổi"), ("d", "a"))
    )
    assert heads(replace(ROOT, variables=twice), "labels") == ["Họ tên [a]", "HỌ TÊN [b]", "Tuổi", "a [d]"]


def test_marks_in_a_label_do_not_reach_the_head() -> None:
    marked = Variable("a", "text", "/a", {"vi": "**Tuổi** của\n${name}"})
    assert heads(replace(ROOT, variables=(marked,)), "labels") == ["Tuổi của …"]


@pytest.mark.parametrize("many", [1, 50])
def test_codes_become_words_and_one_that_no_list_has_stands(many: int) -> None:
    values = (Value("1", {"vi": "Có"}), Value("2", {"en": "No"}), Value("3"))
    variable = Variable("x", "code", "/x", values=values)
    one = Column("x", variable, Lists("vi").of(variable))
    array = pa.array(["1", "2", None, "3", "77"] * many)
    assert said(array, one).to_pylist() == ["Có", "No", None, "3", "77"] * many


def test_several_codes_become_several_words() -> None:
    tongues = MEMBER.by_name["tongues"]
    array = pa.array(["vie hmn", "", None, "vie  xx"])
    words = said(array, Column("x", tongues, Lists("vi").of(tongues))).to_pylist()
    assert words == ["Tiếng Việt; Tiếng Mông", "", None, "Tiếng Việt; xx"]


def test_texts_are_changed_one_way_after_the_other() -> None:
    def twice(texts: pa.Array) -> pa.Array:
        return pa.array([one and one * 2 for one in texts.to_pylist()], pa.string())

    for texts in (["a", "b", None], ["a", None] * 9):
        wanted = [one and one * 4 for one in texts]
        assert per_word(pa.array(texts, pa.string()), twice, twice).to_pylist() == wanted


@pytest.mark.parametrize(
    "text",
    ["Vàng A Sùng", "Nguyễn Thị Hường", "Ê Đê", "đường", "q\u0323u\u0302", "\u1100\u1161", "\u212b", "“…”"],
)
def test_texts_are_composed(text: str) -> None:
    for form in ("NFC", "NFD"):
        sent = unicodedata.normalize(form, text)
        assert composed(pa.array([sent, None])).to_pylist() == [unicodedata.normalize("NFC", text), None]


def test_days_and_moments_as_people_in_viet_nam_write_them() -> None:
    there = pa.array([0, 1785550000678, None, -1], pa.timestamp("ms", "UTC"))
    assert moments(there).to_pylist() == ["01/01/1970 07:00", "01/08/2026 09:06", None, "01/01/1970 06:59"]
    on = pa.array([0, -25568, None, 20666], pa.date32())
    assert days(on).to_pylist() == ["01/01/1970", "31/12/1899", None, "01/08/2026"]
