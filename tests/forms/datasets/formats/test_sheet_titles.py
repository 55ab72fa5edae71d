"""Titles of sheets: as wanted as far as Excel lets them, and never twice."""

from __future__ import annotations

import pytest

from forms.datasets.formats.sheet_titles import Titles


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("Hộ gia đình", "Hộ gia đình"),
        ("Lớp [1/2]: ngày?", "Lớp 1 2 ngày"),
        ("'x'", "x"),
        ("", "_"),
        ("???", "_"),
        ("History", "History (2)"),
        ("Danh sách những người học xóa mù chữ", "Danh sách những người học xóa m"),
    ],
)
def test_what_excel_forbids_is_left_out(wanted: str, title: str) -> None:
    assert Titles().of(wanted) == title


def test_a_title_that_is_taken_gets_a_number_and_still_fits() -> None:
    titles = Titles()
    long = "a" * 40
    assert [titles.of(one) for one in ("Hộ", "HỘ", "hộ", long, long)] == [
        "Hộ",
        "HỘ (2)",
        "hộ (3)",
        "a" * 31,
        "a" * 27 + " (2)",
    ]
