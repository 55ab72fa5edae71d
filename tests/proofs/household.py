"""A household form of the usual size, and answers to it: 60 questions, 3 to 7 members, about 3.4 KB."""

from __future__ import annotations

import random
import uuid

FORM_ID = "bench_household"
_ROOT = 38
_MEMBER = 20


def _kind(number: int) -> str:
    return ("text", "integer", "select_one yn", "date", "decimal", "select_multiple yn")[number % 6]


def workbook() -> str:
    """The form as a markdown workbook."""
    rows = ["| survey |", "| | type | name | label |", "| | start | start | |", "| | end | end | |"]
    rows += [f"| | {_kind(number)} | question_{number:02d} | Question {number} |" for number in range(_ROOT)]
    rows += ["| | geopoint | gps | Place |", "| | image | photo | Photo |"]
    rows.append("| | begin_repeat | member | Member |")
    rows += [
        f"| | {_kind(number)} | member_{number:02d} | Member question {number} |" for number in range(_MEMBER)
    ]
    rows += ["| | end_repeat | | |", "| choices |", "| | list_name | name | label |"]
    rows += ["| | yn | 1 | Yes |", "| | yn | 0 | No |"]
    rows += ["| settings |", "| | form_id | version |", f"| | {FORM_ID} | 1 |"]
    return "\n".join(rows)


def _answer(dice: random.Random, number: int) -> str:
    return (
        lambda: dice.choice(("Lò Văn Pỉnh", "Giàng A Sử", "Nguyễn Thị Hạnh", "Vàng Thị Mỷ")),
        lambda: str(dice.randint(0, 5000)),
        lambda: dice.choice("01"),
        lambda: f"19{dice.randint(50, 99)}-0{dice.randint(1, 9)}-1{dice.randint(0, 9)}",
        lambda: f"{dice.randint(1, 900) / 4}",
        lambda: dice.choice(("1", "0", "1 0")),
    )[number % 6]()


def answered(dice: random.Random, *, photo: str = "") -> bytes:
    """One household, as a phone writes it, with an instance id of its own."""
    root = "".join(
        f"<question_{number:02d}>{_answer(dice, number)}</question_{number:02d}>" for number in range(_ROOT)
    )
    members = "".join(
        "<member>"
        + "".join(
            f"<member_{number:02d}>{_answer(dice, number)}</member_{number:02d}>" for number in range(_MEMBER)
        )
        + "</member>"
        for _ in range(dice.randint(3, 7))
    )
    number = uuid.UUID(int=dice.getrandbits(128), version=4)
    picture = f"<photo>{photo}</photo>" if photo else "<photo />"
    return (
        f'<?xml version=\'1.0\' ?><data id="{FORM_ID}" version="1" xmlns:orx="http://openrosa.org/xforms">'
        "<start>2026-08-03T08:00:00.000+07:00</start><end>2026-08-03T08:25:00.000+07:00</end>"
        f"{root}<gps>22.3 104.9 812.0 4.5</gps>{picture}{members}"
        f"<orx:meta><orx:instanceID>uuid:{number}</orx:instanceID></orx:meta></data>"
    ).encode()
