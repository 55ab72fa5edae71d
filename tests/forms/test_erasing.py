"""A person taken out of a filled form: what names him, where he stands in each version, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from forms.corrections.logic import Logic, read_logic
from forms.erasing import names_him, plain, row_in_each, traces_of_row, without_names, without_row
from forms.keeping import months_after, months_before
from forms.xform import read_schema
from tests.asked import asked

XFORM = asked("house", "1", "head hh member*/name member*/hh member*/age:int member*/pet*/kind")
SCHEMA = read_schema(XFORM)
DIRECT = {"/head", "/member/name", "/member/hh"}
HH = "6f1c7c7e-0f0a-4e57-9c36-0d2a4f1f9b11"


def home(*members: str, head: str = "Giàng A Páo") -> bytes:
    """A household; each member knows its id."""
    people = "".join(
        f"<member><name>{one}</name><hh>{HH}</hh><age>30</age><pet><kind>chó</kind></pet></member>"
        for one in members
    )
    return f'<data id="house" version="1"><head>{head}</head><hh>{HH}</hh>{people}</data>'.encode()


def logic() -> Logic:
    return read_logic(XFORM, SCHEMA)


@pytest.mark.parametrize(
    ("text", "trace", "named"),
    [
        ("Nhà GIÀNG A PÁO, thôn 1", "Giàng A Páo", True),
        ("Giàng A Páo", "giàng  a páo", True),
        ("Giàng A Páoo", "Giàng A Páo", False),
        ("gọi 0912345678 nhé", "0912345678", True),
        ("số 30", "30", False),
        ("30", "30", True),
        ("chị Mai đi vắng", "Mai", False),
        ("", "Mai", False),
    ],
)
def test_a_name_is_told_from_a_word_that_looks_like_it(text: str, trace: str, named: bool) -> None:  # noqa: FBT001 - a table
    assert names_him(text, {plain(trace)}) is named


def test_who_is_taken_out_goes_with_what_names_him_and_the_household_keeps_its_id() -> None:
    data = home("Giàng A Páo", "Vàng Thị Mai")
    traces = traces_of_row(data, SCHEMA, "/member[1]", DIRECT)
    assert traces == {"giàng a páo"}
    done = without_row(data, SCHEMA, "/member[1]", traces)
    assert done.xml.split(b"?>")[-1].strip() == home("Vàng Thị Mai", head="").replace(
        b"<head></head>", b"<head/>"
    )
    assert done.blanked == ("/head",)


def test_a_person_is_found_in_older_versions_wherever_he_stood() -> None:
    versions = {"3": home("Lềnh", "Mai"), "2": home("Mai"), "1": home("Sùng", "Mai")}
    assert row_in_each(versions, "/member[2]", logic()) == {
        "3": "/member[2]",
        "2": "/member[1]",
        "1": "/member[2]",
    }
    # Who came later is in none before; who was corrected letter by letter is told by his place.
    assert row_in_each(versions, "/member[1]", logic()) == {"3": "/member[1]"}
    assert (
        row_in_each({"2": home("A", "Mai"), "1": home("A", "Mải")}, "/member[2]", logic())["1"]
        == "/member[2]"
    )


def test_answers_that_name_people_go_and_the_rest_stays() -> None:
    done = without_names(home("Giàng A Páo"), SCHEMA, {"/head", "/member/name"})
    assert done is not None
    assert b"Giang" not in done.xml
    assert "Giàng".encode() not in done.xml
    assert b"<age>30</age>" in done.xml
    assert without_names(done.xml, SCHEMA, {"/head", "/member/name"}) is None


def test_months_are_those_of_the_calendar() -> None:
    last = datetime(2026, 3, 31, tzinfo=UTC)
    assert months_before(last, 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_before(last, 25) == datetime(2024, 2, 29, tzinfo=UTC)
    assert months_after(datetime(2026, 11, 30, tzinfo=UTC), 3) == datetime(2027, 2, 28, tzinfo=UTC)
