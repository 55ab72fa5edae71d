"""Rows of a repeat that come and go in a correction, and how two versions are held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from forms.corrections.amending import Amended, Names, Typed, amend
from forms.corrections.comparing import changes
from forms.corrections.filled import Spot
from forms.corrections.logic import Logic, read_logic
from forms.corrections.problems import RowUnknown
from forms.corrections.rosters import Rows
from forms.schema import Node
from forms.submission import read
from forms.xform import read_schema
from forms.xlsform import convert

FORM = """
| survey |
| | type | name | label | calculation | repeat_count | default |
| | text | head | Chủ hộ | | | |
| | integer | size | Số người | | | |
| | begin_repeat | member | Người | | ${size} | |
| | text | name | Tên | | | |
| | integer | age | Tuổi | | | |
| | text | tongue | Tiếng | | | mông |
| | calculate | adult | | if(${age} >= 15, 1, 0) | | |
| | end_repeat | | | | | |
| | begin_repeat | plot | Thửa ruộng | | | |
| | text | field | Tên ruộng | | | |
| | begin_repeat | crop | Cây | | | |
| | text | plant | Cây gì | | | |
| | end_repeat | | | | | |
| | end_repeat | | | | | |
| | calculate | adults | | sum(${adult}) | | |
| | calculate | oldest | | max(${age}) | | |
| settings |
| | form_title | form_id | version |
| | Hộ | ho | 1 |
"""
PEOPLE = """<member><name>Mỷ</name><age>40</age><tongue>mông</tongue><adult>1</adult></member>
<member><name>Sử</name><age>14</age><tongue/><adult>0</adult></member>
<member><name>Pà</name><age>70</age><tongue/><adult>1</adult></member>"""
SENT = f"""<data id="ho" version="1" xmlns:orx="http://openrosa.org/xforms"><head>Lò Văn Pỉnh</head>
<size>3</size>{PEOPLE}<adults>2</adults><oldest>70</oldest>
<orx:meta><orx:instanceID>uuid:1</orx:instanceID></orx:meta></data>""".encode()
NAMES = Names("uuid:2", "uuid:1", date(2026, 8, 3))


@pytest.fixture(scope="module")
def logic() -> Logic:
    xform = convert(FORM.encode(), "form.md").xform
    return read_logic(xform, read_schema(xform))


def corrected(
    logic: Logic, typed: Mapping[str, str], *, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()
) -> Amended:
    def codes(_node: Node) -> None:
        return None

    spots = {Spot.read(name): text for name, text in typed.items()}
    return amend(SENT, logic, Typed(spots, Rows(added, removed)), codes, NAMES)


def names(done: Amended) -> list[str]:
    return [str(one.text) for one in read(done.xml).root.iter("{*}member/{*}name", "name")]


def answers(done: Amended) -> dict[str, str | None]:
    return {str(one.tag).rpartition("}")[2]: one.text for one in read(done.xml).root if not len(one)}


def test_a_row_is_added_as_the_form_would_begin_it(logic: Logic) -> None:
    key = "/member[4]"
    typed = {f"{key}|/member/name": "Dợ", f"{key}|/member/age": "80", "|/size": "4"}
    done = corrected(logic, typed, added=(key,))
    assert done.refused == {}
    rows = [[(one.tag, one.text) for one in row] for row in read(done.xml).root.iter("member")]
    assert rows[3] == [("name", "Dợ"), ("age", "80"), ("tongue", "mông"), ("adult", "1")]
    assert rows[:3] == [[(one.tag, one.text) for one in row] for row in read(SENT).root.iter("member")]
    assert answers(done) == {
        "head": "Lò Văn Pỉnh", "size": "4", "adults": "3", "oldest": "80"
    }  # fmt: skip
    assert (done.stale, done.rows) == ((), (key,))


def test_a_row_goes_and_the_others_keep_what_was_typed_in_them(logic: Logic) -> None:
    typed = {"/member[3]|/member/age": "71", "/member[1]|/member/age": "nhiều", "|/size": "2"}
    done = corrected(logic, typed, removed=("/member[1]",))
    assert names(done) == ["Sử", "Pà"]
    assert answers(done) == {
        "head": "Lò Văn Pỉnh", "size": "2", "adults": "1", "oldest": "71"
    }  # fmt: skip
    assert done.stale == ()


def test_a_count_somebody_answered_has_to_go_along(logic: Logic) -> None:
    done = corrected(logic, {}, removed=("/member[1]",))
    assert {str(spot): one.details for spot, one in done.refused.items()} == {"|/size": {"number": 2}}
    assert done.xml == b""


def test_rows_come_inside_new_rows_and_where_none_was(logic: Logic) -> None:
    keys = ("/plot[1]", "/plot[1]/crop[1]", "/plot[1]/crop[2]")
    typed = {
        f"{keys[0]}|/plot/field": "Nà Pán",
        f"{keys[1]}|/plot/crop/plant": "lúa",
        f"{keys[2]}|/plot/crop/plant": "ngô",
    }
    done = corrected(logic, typed, added=keys)
    root = read(done.xml).root
    [plot] = root.iter("plot")
    assert [one.findtext("plant") for one in plot.iter("crop")] == ["lúa", "ngô"]
    order = [str(one.tag).rpartition("}")[2] for one in root]
    assert order == [
        "head", "size", "member", "member", "member", "plot", "adults", "oldest", "meta"
    ]  # fmt: skip


@pytest.mark.parametrize("keys", [("/member[5]",), ("/nobody[1]",), ("/plot[1]/crop[1]",), ("x",)])
def test_a_row_that_fits_nowhere_is_refused(logic: Logic, keys: tuple[str, ...]) -> None:
    with pytest.raises(RowUnknown):
        corrected(logic, {}, added=keys)
    with pytest.raises(RowUnknown):
        corrected(logic, {}, removed=keys)
    with pytest.raises(RowUnknown):
        corrected(logic, {}, removed=("",))


def test_a_blank_new_row_is_refused(logic: Logic) -> None:
    done = corrected(logic, {"/plot[1]|/plot/field": " "}, added=("/plot[1]",))
    assert [str(spot) for spot in done.refused] == ["/plot[1]|/plot/field"]


def test_two_versions_are_held_against_each_other_row_by_row(logic: Logic) -> None:
    typed = {"/member[2]|/member/age": "15", "|/size": "2"}
    done = corrected(logic, typed, removed=("/member[1]",))
    told = [
        (f"{one.spot.row}{one.spot.path}", one.before, one.after, one.row)
        for one in changes(SENT, done.xml, logic)
        if not one.worked_out
    ]
    assert told == [
        ("/size", "3", "2", ""),
        ("/member[1]/member/name", "Mỷ", "", "removed"),
        ("/member[1]/member/age", "40", "", "removed"),
        ("/member[1]/member/tongue", "mông", "", "removed"),
        ("/member[1]/member/age", "14", "15", ""),
    ]
    back = {one.row for one in changes(done.xml, SENT, logic)}
    assert back == {"", "added"}
