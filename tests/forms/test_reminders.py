"""Texts for the chat stay short, whole and in order."""

from __future__ import annotations

from forms.reminders import fitted, messages


def more(count: int) -> str:
    return f"và {count} nơi khác"


def test_all_names_where_there_is_room() -> None:
    assert fitted("Còn chờ:", ["Xã Một", "Xã Hai"], more) == "Còn chờ: Xã Một, Xã Hai."


def test_as_many_names_as_there_is_room_for() -> None:
    text = fitted("Còn chờ:", [f"Xã {number}" for number in range(100)], more, limit=60)
    assert text == "Còn chờ: Xã 0, Xã 1, Xã 2, Xã 3, Xã 4, Xã 5 và 94 nơi khác."
    assert fitted("Còn chờ:", ["Xã tên dài"] * 9, more, limit=30) == "Còn chờ: và 9 nơi khác."
    assert fitted("Đủ.", [], more) == "Đủ."


def test_one_message_needs_no_number_and_none_of_nothing() -> None:
    assert messages("Thiếu:", ["Xã Một: Bản Áng"]) == ["Thiếu:\nXã Một: Bản Áng"]
    assert messages("Thiếu:", []) == []


def test_many_lines_become_several_messages_each_with_its_head() -> None:
    lines = [f"Xã {number}: Bản Áng, Bản Bó" for number in range(40)]
    several = messages("Thiếu:", lines, limit=200)
    assert max(map(len, several)) <= 200
    assert several[0].startswith(f"Thiếu: (1/{len(several)})\nXã 0")
    assert [line for text in several for line in text.split("\n")[1:]] == lines


def test_a_line_longer_than_a_message_is_parted_at_its_commas() -> None:
    line = "Xã Một: " + ", ".join(f"Bản {number}" for number in range(60))
    several = messages("Thiếu:", [line], limit=150)
    assert max(map(len, several)) <= 150
    assert ", ".join(part for text in several for part in text.split("\n")[1:]) == line
