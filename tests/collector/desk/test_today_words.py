"""The first page's text for Zalo and its picture: short enough, whole, and nothing drawn over anything."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from collector.actions.today import Part, Round
from collector.desk import today_words as words
from collector.desk.today_picture import WIDTH, draw
from collector.desk.today_words import LONGEST_TEXT, MOST_DRAWN, Table
from storage.models import Campaign
from tests.office import NOW, Office


def round_(left: int, parts: list[Part], name: str = "Rà soát") -> Round:
    return Round(Campaign(name=name, due_on=date(2026, 11, 25)), left, left < 0, parts)


@pytest.mark.parametrize(
    ("left", "call", "said"),
    [
        (7, "Nhắc lần 1", "còn 7 ngày"),
        (3, "Nhắc lần 2", "còn 3 ngày"),
        (1, "Nhắc lần cuối", "còn 1 ngày"),
        (0, "Nhắc lần cuối", "hết hạn hôm nay"),
        (-4, "Quá hạn", "quá hạn 4 ngày"),
    ],
)
def test_a_reminder_says_how_many_days_are_left(kept_office: Office, left: int, call: str, said: str) -> None:
    with kept_office.app.test_request_context():
        told = words.text_of(
            round_(left, [Part("1", "Xã A", awaited=2)]),
            "Tỉnh",
            of_units=False,
            now=NOW,
            address="http://x/1",
        )
    assert told.startswith(f"[{call}] Rà soát – Tỉnh\nHạn nộp 25/11/2026 ({said}).\nĐã nộp 0/2, chưa nộp 2.")
    assert told.endswith("\nhttp://x/1")


@pytest.mark.parametrize("count", [1, 12, 40, 166])
def test_a_message_fits_into_one_and_says_how_many_it_leaves_out(kept_office: Office, count: int) -> None:
    parts = [Part(str(one), f"Xã Nghĩa Thuận {one}", awaited=3, received=1) for one in range(count)]
    with kept_office.app.test_request_context():
        told = words.text_of(
            round_(2, parts, "N" * 255), "Tỉnh Tuyên Quang", of_units=False, now=NOW, address="a" * 90
        )
        table = words.table_of(round_(2, parts), "Tỉnh Tuyên Quang", now=NOW)
    assert len(told) <= LONGEST_TEXT
    named = told.count("Xã Nghĩa Thuận")
    assert named >= 1
    assert (f"và {count - named} nơi khác" in told) == (named < count)
    assert len(table.rows) == min(count, MOST_DRAWN)
    assert table.total == ("Tổng", *(str(count * one) for one in (4, 1, 0, 3)))


def test_every_letter_of_vietnamese_can_be_drawn() -> None:
    def drawn_of(sign: str) -> bytes:
        return draw(Table(sign, (), (), (), ("",), ""))

    nothing = {drawn_of(""), drawn_of("\uffff")}
    letters = "ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
    letters += letters.upper()
    drawn = {one: drawn_of(one) for one in letters}
    assert [one for one, picture in drawn.items() if picture in nothing] == []
    assert len(set(drawn.values())) == len(letters)


def test_a_name_that_is_too_long_is_cut_and_not_drawn_over_numbers() -> None:
    row = ("Xã " + "Ươm " * 60, "1", "2", "3", "4")
    image = Image.open(io.BytesIO(draw(Table("T " * 200, ("f",), ("a", "b", "c", "d"), (row,), row, "x"))))
    assert image.width == WIDTH
    assert image.height < WIDTH
