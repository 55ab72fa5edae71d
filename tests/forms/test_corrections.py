"""Corrected answers: only they change, the form's rules hold, what it works out follows or is said stale."""

from __future__ import annotations

from datetime import date

import pytest

from forms.corrections.amending import Amended, Names, Typed, amend, differences, renamed
from forms.corrections.filled import Spot
from forms.corrections.logic import Logic, read_logic
from forms.schema import Node
from forms.submission import read
from forms.xform import read_schema
from forms.xlsform import convert

FORM = """
| survey |
| | type | name | label | calculation | constraint | constraint_message | required |
| | text | head | Chủ hộ | | | | yes |
| | integer | rooms | Số phòng | | . > 0 and . < 100 | Từ 1 đến 99 phòng | |
| | decimal | area | Diện tích | | | | |
| | date | visited | Ngày đến | | . <= today() | | |
| | select_one yn | poor | Hộ nghèo | | | | |
| | select_multiple need | needs | Cần gì | | | | |
| | begin_repeat | member | Người | | | | |
| | text | name | Tên | | | | |
| | integer | age | Tuổi | | | | |
| | calculate | adult | | if(${age} >= 15, 1, 0) | | | |
| | end_repeat | | | | | | |
| | calculate | adults | | sum(${adult}) | | | |
| | calculate | oldest | | max(${age}) | | | |
| | calculate | title | | concat(${head}, ' – ', ${adults}) | | | |
| | calculate | code | | pulldata('villages', 'name', 'code', ${head}) | | | |
| | calculate | shown | | concat(${code}, '!') | | | |
| choices |
| | list_name | name | label |
| | yn | 1 | Có |
| | yn | 2 | Không |
| | need | a | Nước |
| | need | b | Điện |
| settings |
| | form_title | form_id | version | instance_name |
| | Hộ | ho | 1 | ${head} |
"""

SENT = """<?xml version="1.0"?>
<data xmlns:orx="http://openrosa.org/xforms" id="ho" version="1"><head>Lò Văn Pỉnh</head><rooms>3</rooms>
<area>45.5</area><visited>2026-08-01</visited><poor>1</poor>
<member><name>Mỷ</name><age>40</age><adult>1</adult></member>
<member><name>Sử</name><age>14</age><adult>0</adult></member>
<adults>1</adults><oldest>40</oldest><title>Lò Văn Pỉnh – 1</title><code>v1</code><shown>v1!</shown>
<orx:meta><orx:instanceID>uuid:1</orx:instanceID><orx:instanceName>Lò Văn Pỉnh</orx:instanceName></orx:meta>
</data>""".encode()

NAMES = Names("uuid:2", "uuid:1", date(2026, 8, 3))


@pytest.fixture(scope="module")
def logic() -> Logic:
    xform = convert(FORM.encode(), "form.md").xform
    return read_logic(xform, read_schema(xform))


def corrected(logic: Logic, sent: bytes = SENT, **typed: str) -> Amended:
    """Correct answers of the household, or of a person: `m2_age` is the age of the second one."""
    spots: dict[Spot, str] = {}
    for name, text in typed.items():
        if name.startswith("m") and name[1].isdigit():
            spots[Spot(f"/member[{name[1]}]", f"/member/{name[3:]}")] = text
        else:
            spots[Spot("", f"/{name}")] = text

    def codes(node: Node) -> dict[str, str]:
        return {one.name: one.name for one in logic.schema.choices[node.choices]}

    return amend(sent, logic, Typed(spots), codes, NAMES)


def told(amended: Amended) -> list[tuple[str, str, str]]:
    return [(f"{one.spot.row}{one.spot.path}", one.before, one.after) for one in amended.differences]


def test_only_what_was_corrected_differs(logic: Logic) -> None:
    done = corrected(logic, rooms="4", area="45.5")
    assert told(done) == [("/rooms", "3", "4")]
    known = read(done.xml).envelope
    assert (known.instance_id, known.deprecated_id) == ("uuid:2", "uuid:1")
    back = done.xml.decode().replace("<rooms>4", "<rooms>3").replace("uuid:2", "uuid:1")
    back = back.replace("<orx:deprecatedID>uuid:1</orx:deprecatedID>", "")
    assert back.partition("?>")[2].strip() == SENT.decode().partition("?>")[2].strip()


def test_what_rests_on_it_is_worked_out_anew(logic: Logic) -> None:
    done = corrected(logic, m2_age="15")
    assert told(done) == [
        ("/member[2]/member/age", "14", "15"),
        ("/member[2]/member/adult", "0", "1"),
        ("/adults", "1", "2"),
        ("/title", "Lò Văn Pỉnh – 1", "Lò Văn Pỉnh – 2"),
    ]
    assert done.stale == ()


def test_what_only_a_phone_can_work_out_is_left_and_said(logic: Logic) -> None:
    done = corrected(logic, head="Lò Thị Pỉnh")
    assert ("/title", "Lò Văn Pỉnh – 1", "Lò Thị Pỉnh – 1") in told(done)
    assert ("/meta/instanceName", "Lò Văn Pỉnh", "Lò Thị Pỉnh") in told(done)
    assert [one.path for one in done.stale] == ["/code", "/shown"]
    assert "<code>v1</code>" in done.xml.decode()


def test_what_the_phone_had_worked_out_otherwise_is_left_and_said(logic: Logic) -> None:
    other = SENT.replace(b"<adults>1<", b"<adults>7<")
    done = corrected(logic, other, m2_age="15")
    assert [one.path for one in done.stale] == ["/adults", "/title"]
    assert "<adults>7</adults>" in done.xml.decode()


@pytest.mark.parametrize(
    ("question", "text", "sentence"),
    [
        ("rooms", "ba", "is not a whole number"),
        ("rooms", "0", "does not allow"),
        ("rooms", "100", "does not allow"),
        ("area", "rộng", "is not a number"),
        ("visited", "31/02/2026", "is not a date"),
        ("visited", "2026-08-04", "does not allow"),
        ("poor", "3", "is not on the list"),
        ("needs", "a c", "is not on the list"),
        ("head", " ", "must be answered"),
        ("adults", "9", "works this answer out"),
        ("nothing", "9", "no such question"),
        ("m3_age", "9", "no such question"),
        ("head", "x" * 10_001, "longer than"),
    ],
)
def test_what_the_form_would_not_take_is_refused(
    logic: Logic, question: str, text: str, sentence: str
) -> None:
    done = corrected(logic, SENT, **{question: text})
    [refusal] = done.refused.values()
    assert sentence in refusal.sentence
    assert done.xml == b""


def test_the_form_s_own_words_come_along(logic: Logic) -> None:
    [refusal] = corrected(logic, rooms="100").refused.values()
    assert list(refusal.messages.values()) == ["Từ 1 đến 99 phòng"]


@pytest.mark.parametrize(
    ("question", "typed", "kept"),
    [
        ("rooms", "99", "99"),
        ("rooms", " 07 ", "7"),
        ("area", "45,75", "45.75"),
        ("visited", "3/8/2026", "2026-08-03"),
        ("needs", "a  b", "a b"),
        ("head", "Lo\u0300 Va\u0306n", "Lò Văn"),
        ("area", "", ""),
    ],
)
def test_answers_are_written_as_a_phone_writes_them(
    logic: Logic, question: str, typed: str, kept: str
) -> None:
    assert corrected(logic, SENT, **{question: typed}).differences[0].after == kept


def test_a_question_the_phone_left_out_comes_into_its_place(logic: Logic) -> None:
    done = corrected(logic, needs="b")
    assert b"<poor>1</poor>\n<needs>b</needs><member>" in done.xml


def test_nothing_new_is_no_correction(logic: Logic) -> None:
    assert corrected(logic, rooms="3", head="Lò Văn Pỉnh ") == Amended()


def test_a_correction_taken_back_differs_in_nothing_but_its_ids(logic: Logic) -> None:
    done = corrected(logic, m2_age="15")
    back = renamed(SENT, Names("uuid:3", "uuid:2", NAMES.today))
    assert {one.spot.path for one in differences(done.xml, back, logic)} == {
        "/member/age", "/member/adult", "/adults", "/title",
    }  # fmt: skip
    assert differences(SENT, back, logic) == ()
