"""The engine fills what it is given, truly and to the end.

Why: the proofs of intake compare what the server keeps with what these records say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from tests.javarosa.engine import DeadEnd, Engine, EngineFailed, Filled, Form, one_of
from tests.xlsforms import surveys

pytestmark = pytest.mark.java

VILLAGES = """name,label,commune
v1,"Bản Phìn Hồ, cũ",c1
v2,Sin Chải,c1
v3,Lao Chải,c2
"""

HOUSEHOLD = """
| survey  |                               |          |                 |          |                         |               |                          |
|         | type                          | name     | label           | required | constraint              | choice_filter | calculation              |
|         | start                         | start    |                 |          |                         |               |                          |
|         | end                           | end      |                 |          |                         |               |                          |
|         | deviceid                      | deviceid |                 |          |                         |               |                          |
|         | username                      | username |                 |          |                         |               |                          |
|         | audit                         | audit    |                 |          |                         |               |                          |
|         | select_one communes           | commune  | Xã              | yes      |                         |               |                          |
|         | select_one_from_file villages.csv | village | Thôn         | yes      |                         | commune=${commune} |                     |
|         | text                          | phone    | Điện thoại      | yes      | regex(., '^0[35789][0-9]{8}$') |        |                          |
|         | begin_repeat                  | house    | Nhà             |          |                         |               |                          |
|         | text                          | owner    | Chủ nhà         | yes      |                         |               |                          |
|         | integer                       | built    | Năm làm nhà     | yes      | . >= 1950 and . <= 2026 |               |                          |
|         | begin_repeat                  | member   | Người           |          |                         |               |                          |
|         | integer                       | age      | Tuổi            | yes      | . >= 0 and . <= 2026 - ${built} + 60 |  |                          |
|         | select_multiple skills        | skills   | Biết            | yes      | not(selected(., 'none') and count-selected(.) > 1) | | |
|         | image                         | face     | Ảnh             |          |                         |               |                          |
|         | end_repeat                    |          |                 |          |                         |               |                          |
|         | end_repeat                    |          |                 |          |                         |               |                          |
|         | calculate                     | people   |                 |          |                         |               | count(${member})         |
|         | decimal                       | income   | Thu nhập        |          |                         |               |                          |
|         | geopoint                      | place    | Vị trí          | yes      |                         |               |                          |
| choices |                               |          |                 |          |                         |               |                          |
|         | list_name                     | name     | label           |          |                         |               |                          |
|         | communes                      | c1       | Sín Chéng       |          |                         |               |                          |
|         | communes                      | c2       | Bản Mế          |          |                         |               |                          |
|         | skills                        | read     | đọc             |          |                         |               |                          |
|         | skills                        | write    | viết            |          |                         |               |                          |
|         | skills                        | none     | không           |          |                         |               |                          |
| settings |                              |          |                 |          |                         |               |                          |
|         | form_title                    | form_id  | version         | instance_name |                    |               |                          |
|         | Khảo sát & hộ                 | household | 3              | concat(${village}, ' / ', ${people}) | |          |                          |
"""  # noqa: E501  a form is read as a table


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


@pytest.fixture(scope="module")
def household(engine: Engine) -> Form:
    return engine.load(xform(HOUSEHOLD), {"villages.csv": VILLAGES.encode()})


def xform(markdown: str) -> bytes:
    converted: str = convert(markdown, file_type=".md", form_name="data", validate=False).xform
    return converted.encode()


def small(questions: str) -> bytes:
    return xform(f"| survey |\n| | type | name | label | required | constraint |\n{questions}")


def texts(filled: Filled, name: str) -> list[str]:
    """What the XML itself says in each `name`, in document order."""
    return [element.text or "" for element in etree.fromstring(filled.xml).iter(f"{{*}}{name}")]


def test_a_form_names_itself(household: Form) -> None:
    assert (household.title, household.form_id, household.version) == ("Khảo sát & hộ", "household", "3")


@pytest.mark.parametrize("seed", range(20))
def test_every_household_is_filled_to_the_end(household: Form, seed: int) -> None:
    filled = household.fill(seed)
    assert filled.unanswered == ()
    assert all(a.value for a in filled.answers if not re.search(r"/(house|member)(\[\d+\])?$", a.ref)), (
        filled.answers
    )
    assert re.fullmatch(r"uuid:[0-9a-f-]{36}", filled.instance_id)


def test_a_village_lies_in_its_commune(household: Form) -> None:
    pairs = {
        (f.value("/data/commune"), f.value("/data/village")) for f in (household.fill(s) for s in range(30))
    }
    assert pairs == {("c1", "v1"), ("c1", "v2"), ("c2", "v3")}


def test_repeats_are_as_many_as_wished(household: Form) -> None:
    filled = household.fill(1, repeats={"house": 3, "/data/house[2]/member": 0, "member": [2, 4]})
    refs = [answer.ref for answer in filled.answers if answer.ref.endswith("/age")]
    assert refs == [
        "/data/house[1]/member[1]/age",
        "/data/house[1]/member[2]/age",
        "/data/house[3]/member[1]/age",
        "/data/house[3]/member[2]/age",
        "/data/house[3]/member[3]/age",
        "/data/house[3]/member[4]/age",
    ]
    assert filled.value("/data/people") == "6"
    assert filled.instance_name == f"{filled.value('/data/village')} / 6"


def test_a_house_may_be_left_out_altogether(household: Form) -> None:
    filled = household.fill(1, repeats={"house": 0})
    assert b"<house" not in filled.xml
    assert filled.value("/data/people") == "0"


def test_wishes_are_answers(household: Form) -> None:
    filled = household.fill(
        5,
        repeats={"house": 1, "member": 2},
        answers={
            "commune": "c1",
            "village": "v1",
            "/house/built": 1990,
            "/data/house/member/age": [41, 7],
            "/data/house[1]/member[2]/skills": "none",
            "income": 10_000_000,
            "place": "21.5 104.25 800.5 4",
            "face": None,
        },
    )
    assert filled.value("/data/village") == "v1"
    assert texts(filled, "age") == ["41", "7"]
    assert filled.value("/data/house[1]/member[2]/skills") == "none"
    assert filled.value("/data/house[1]/member[1]/face") is None
    assert filled.files == ("audit.csv",)
    # What a phone writes: Java's own way with big numbers, an empty element for what was shown and left.
    assert b"<income>1.0E7</income>" in filled.xml
    assert b"<place>21.5 104.25 800.5 4.0</place>" in filled.xml
    assert b"<face />" in filled.xml


def test_a_wish_may_leave_a_choice_to_chance(household: Form) -> None:
    communes = {household.fill(s, answers={"commune": one_of("c2")}).value("/data/commune") for s in range(5)}
    assert communes == {"c2"}


def test_answers_say_what_the_xml_says(household: Form) -> None:
    filled = household.fill(11)
    for name in ("owner", "phone", "village", "age", "skills", "face", "place", "income", "deviceid"):
        assert texts(filled, name) == [a.value or "" for a in filled.answers if a.ref.endswith(f"/{name}")]
    assert filled.by_ref["/data/house[1]/member[1]/face"].type == "binary"
    assert filled.value("/data/deviceid") == "collect:kT3vB9xQ2mLw7RzA"


def test_files_are_named_and_made(household: Form) -> None:
    filled = household.fill(3, repeats={"house": 2, "member": 2})
    attachments = filled.attachments()
    assert list(attachments)[-1] == "audit.csv"
    pictures = [data for name, data in attachments.items() if name.endswith(".jpg")]
    assert len(set(pictures)) == 4
    assert all(data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9") for data in pictures)


def test_a_seed_is_a_household_however_often_the_form_was_filled(engine: Engine, household: Form) -> None:
    again = engine.load(xform(HOUSEHOLD), {"villages.csv": VILLAGES.encode()})
    assert said(again.fill(42)) == said(household.fill(42)) == said(household.fill(42))
    assert said(household.fill(43)) != said(household.fill(42))


def said(filled: Filled) -> list[tuple[str, str | None]]:
    """The answers that do not change with the clock or by chance."""
    return [(a.ref, a.value) for a in filled.answers if not a.ref.endswith(("/start", "/end", "/instanceID"))]


def test_optional_questions_may_stay_blank(household: Form) -> None:
    filled = household.fill(1, blanks=1)
    assert filled.value("/data/income") is None
    assert filled.value("/data/phone")


def test_expressions_are_worked_out_over_the_record(household: Form) -> None:
    household.fill(1, repeats={"house": 2, "member": [1, 2]}, answers={"age": [9, 10, 30], "built": 2000})
    assert household.evaluate("sum(/data/house/member/age) div 2") == 24.5
    assert household.evaluate("../../built = 2000", at="/data/house[2]/member[2]/age") is True
    assert household.evaluate("/data/house/member/age") == ["9", "10", "30"]
    assert household.evaluate("concat(/data/commune, '!')") in {"c1!", "c2!"}


KINDS = """
| | text            | t       | T | yes | |
| | date            | d       | D | yes | . <= today() and . >= date('2020-01-31') |
| | dateTime        | dt      | D | yes | |
| | time            | tm      | T | yes | |
| | geotrace        | trace   | G | yes | |
| | geoshape        | shape   | G | yes | |
| | barcode         | bar     | B | yes | |
| | acknowledge     | ok      | O | yes | |
| | audio           | sound   | A | yes | |
| | video           | film    | V | yes | |
| | file            | paper   | F | yes | |
| | decimal         | money   | M | yes | . > 1000000 and . < 1000000.5 |
| | integer         | even    | E | yes | . mod 2 = 0 and . > 100000 |
| | text            | short   | S | yes | string-length(.) = 12 |
| | note            | told    | N |     | |
"""


def test_every_kind_of_question_is_answered(engine: Engine) -> None:
    filled = engine.load(small(KINDS)).fill(1)
    patterns = {
        "d": r"20\d\d-\d\d-\d\d",
        "dt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00",
        "tm": r"\d\d:\d\d:\d\d\.\d{3}\+07:00",
        "trace": r"(-?[\d.]+ -?[\d.]+ [\d.]+ [\d.]+(; |;?$)){2,}",
        "bar": r"\d{12}",
        "ok": "OK",
        "sound": r"\d{13}\.m4a",
        "film": r"\d{13}\.mp4",
        "paper": r"\d{13}\.pdf",
        "money": r"1000000\.\d+",
        "even": r"\d{5,}[02468]",
        "short": r".{12}",
        "told": "",
    }
    found = {name: texts(filled, name)[0] for name in patterns}
    assert {name: found[name] for name in patterns if not re.fullmatch(patterns[name], found[name])} == {}
    corners = texts(filled, "shape")[0].rstrip(";").split(";")
    assert corners[0].split() == corners[-1].split()


@pytest.mark.parametrize(
    "pattern", [r"^\d{12}$", r"^[A-Z]{2}-[0-9]{3,5}(/[a-z]+)?$", r"^(09|03)\d{8}$|^none$"]
)
def test_a_text_that_must_match_is_made_to(engine: Engine, pattern: str) -> None:
    form = engine.load(small(f"| | text | t | T | yes | regex(., '{pattern.replace('|', chr(92) + '|')}') |"))
    assert all(re.search(pattern, form.fill(seed).value("/data/t") or "") for seed in range(10))


@pytest.mark.parametrize(
    ("question", "answers", "reason"),
    [
        ("| | integer | n | N | yes | . > 3 and . < 3 |", {}, "no guess was accepted"),
        ("| | integer | n | N | yes | . < 10 |", {"n": 10}, "'10' is refused"),
        ("| | integer | n | N | yes | |", {"n": None}, "an answer is required"),
    ],
)
def test_a_dead_end_is_told(
    engine: Engine, question: str, answers: dict[str, int | None], reason: str
) -> None:
    form = engine.load(small(question))
    with pytest.raises(DeadEnd) as end:
        form.fill(1, answers=answers)
    assert (end.value.ref, end.value.reason) == ("/data/n", reason)


def test_a_choice_that_is_not_offered_is_a_dead_end(household: Form) -> None:
    with pytest.raises(DeadEnd, match="'v3' is not offered"):
        household.fill(1, answers={"commune": "c1", "village": "v3"})


def test_pulldata_reads_the_media(engine: Engine) -> None:
    form = engine.load(
        xform(
            "| survey |\n| | type | name | label | calculation |\n"
            "| | calculate | label | | pulldata('villages', 'label', 'name', 'v1') |\n"
        ),
        {"villages.csv": b"\xef\xbb\xbf" + VILLAGES.encode()},
    )
    assert form.fill(1).value("/data/label") == "Bản Phìn Hồ, cũ"


def test_what_is_no_form_is_refused_and_the_engine_lives_on(engine: Engine, household: Form) -> None:
    with pytest.raises(EngineFailed, match="XFormParser"):
        engine.load(b"<html/>")
    assert household.fill(1).xml.startswith(b"<?xml version='1.0' encoding='UTF-8' ?><data ")


def test_the_household_survey_is_filled_without_a_dead_end(engine: Engine) -> None:
    form = engine.load(surveys.converted("f01_hh_survey").xform, surveys.media("f01_hh_survey"))
    wishes = {"visit_result": "1", "consent": "1", "members_n": one_of(1, 2, 3, 4, 5)}
    filled = [form.fill(seed, answers=wishes) for seed in range(12)]
    assert all(len(one.answers) > 60 for one in filled), json.dumps([len(one.answers) for one in filled])
