"""What a `$filter` of OData may say, and where it is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from forms.odata.checking import FUNCTIONS, read_filter, read_order
from forms.odata.model import Model, model_of
from forms.odata.parser import LARGEST, LONGEST, parse
from forms.odata.problems import (
    FieldUnknown,
    FilterMisfit,
    FilterTooLong,
    FilterUnreadable,
    FilterUnsupported,
)
from forms.odata.tree import Chain, Compared, Field, Kind, Literal, Negated, Source, fields
from forms.problems import Problem
from forms.schema import Schema
from tests.forms.laid import questions

ASKED = (
    "/head string",
    "/age int",
    "/born date",
    "/seen dateTime",
    "/here geopoint",
    "/poor boolean",
    "/g structure",
    "/g/in string",
    "/1q.8-test string",
    "/m repeat",
    "/m/age int",
)


def model() -> Model:
    return model_of(Schema("ho", "1", "Hộ", "data", tuple(questions(*ASKED))))


def reach(path: str = "") -> dict[str, Field]:
    made = model()
    return made.reach(made.tables[path])


def refusal(text: str, path: str = "") -> Problem:
    with pytest.raises(Problem) as caught:
        read_filter(text, reach(path))
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("age eq 15", 15),
        ("age eq -1.5e2", -150.0),
        ("age eq '15'", 15),
        ("head eq 'Mường Lài''s'", "Mường Lài's"),
        ("head eq ''", ""),
        ("head eq null", None),
        ("born eq 2026-02-28", date(2026, 2, 28)),
        ("born eq '2026-02-28'", date(2026, 2, 28)),
        ("born eq 2026-02-28T01:00:00+07:00", date(2026, 2, 27)),
        ("seen eq 2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("seen eq 2026-01-01T07:00:00.000+07:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("seen eq 2026-01-01T07:00:00 07:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("poor eq true", True),
        ("__system/reviewState eq org.opendatakit.submission.ReviewState'approved'", "approved"),
        ("__system/submitterId eq '5'", 5),
    ],
)
def test_a_value_is_read_as_what_it_stands_beside(text: str, value: object) -> None:
    read = read_filter(text, reach())
    assert isinstance(read, Compared)
    assert isinstance(read.right, Literal)
    assert read.right.value == value
    assert type(read.right.value) is type(value)


def test_and_binds_closer_than_or_and_not_takes_the_comparison() -> None:
    read = read_filter("age eq 1 or age eq 2 and not age eq 3", reach())
    assert isinstance(read, Chain)
    assert read.word == "or"
    inner = read.terms[1]
    assert isinstance(inner, Chain)
    assert inner.word == "and"
    assert isinstance(inner.terms[1], Negated)
    bracketed = read_filter("(age eq 1 or age eq 2) and age eq 3", reach())
    assert isinstance(bracketed, Chain)
    assert bracketed.word == "and"


@pytest.mark.parametrize(
    ("name", "path"),
    [("g/in", "/g/in"), ("_1q_8_test", "/1q.8-test"), ("1q.8-test", None), ("$root/Submissions/age", "/age")],
)
def test_a_field_is_written_as_rows_do(name: str, path: str | None) -> None:
    if path is None:
        assert isinstance(refusal(f"{name} eq null"), FilterUnreadable)
        return
    [field] = fields(read_filter(f"{name} eq null", reach()))
    assert (field.source, field.path, field.table) == (Source.ANSWER, path, "")


def test_a_name_the_form_uses_serves_too_where_it_can_be_read() -> None:
    schema = Schema("ho", "1", "Hộ", "data", tuple(questions("/q1.8-test string", "/tuổi int")))
    known = model_of(schema).reach(model_of(schema).tables[""])
    assert {field.path for field in fields(read_filter("q1.8-test eq null or tuổi gt 1", known))} == {
        "/q1.8-test",
        "/tuổi",
    }


def test_case_23_rows_of_a_repeat_reach_the_record_only_under_its_root() -> None:
    read = read_filter(
        "age gt 15 and $root/Submissions/age gt 30 and __Submissions-id eq 'uuid:1'", reach("/m")
    )
    assert [(field.table, field.path) for field in fields(read)] == [
        ("/m", "/m/age"),
        ("", "/age"),
        ("/m", "__parent"),
    ]
    problem = refusal("__system/reviewState eq 'rejected'", "/m")
    assert isinstance(problem, FieldUnknown)
    assert problem.details == {"text": "__system/reviewState", "at": 0}


@pytest.mark.parametrize(
    ("text", "character"),
    [("age eq", 7), ("age eq 15 head", 11), ("age eq 2026-02-31", 8), ("", 1), ("`age`", 1), ("age = 1", 5)],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, character: int) -> None:
    problem = refusal(text)
    assert isinstance(problem, FilterUnreadable)
    assert problem.details["character"] == character


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("age eq 'mười'", 8),
        ("head gt 5", 9),
        ("born gt 5", 9),
        ("here eq 'x'", 9),
        ("age", 1),
        ("age and head eq 'x'", 1),
        ("poor gt true", 9),
        ("age eq 1 or age in (1, 'a')", 24),
        ("head eq age", 9),
        ("born eq seen", 9),
        ("contains(age, 'x')", 1),
        ("year(head) eq 1", 1),
        ("now(1) eq seen", 1),
    ],
)
def test_values_that_do_not_fit_are_refused_with_their_place(text: str, character: int) -> None:
    problem = refusal(text)
    assert isinstance(problem, FilterMisfit)
    assert problem.details["character"] == character


def test_what_the_server_leaves_out_is_named() -> None:
    problem = refusal("age eq 1 and tolower(head) eq 'x'")
    assert isinstance(problem, FilterUnsupported)
    assert problem.details == {"text": "tolower", "at": 13, "known": ", ".join(FUNCTIONS)}
    unknown = refusal("age eq 1 and tuoi eq 1")
    assert isinstance(unknown, FieldUnknown)
    assert unknown.details == {"text": "tuoi", "at": 13}


def test_no_expression_is_longer_or_deeper_than_databases_read() -> None:
    assert isinstance(refusal("age eq 1".ljust(LONGEST + 1)), FilterTooLong)
    assert isinstance(refusal(" or ".join(["age eq 1"] * LARGEST)), FilterTooLong)
    assert isinstance(refusal("not " * 60 + "age eq 1"), FilterTooLong)
    brackets = "(" * 1000 + "age eq 1" + ")" * 1000
    assert isinstance(parse(brackets), Compared)


def test_the_order_is_read_clause_by_clause() -> None:
    [(age, down), (date_, up)] = read_order("g/in DESC , __system/submissionDate", reach())
    assert (age.path, down) == ("/g/in", True)
    assert (date_.path, date_.kind, up) == ("submissionDate", Kind.MOMENT, False)
    for text in ("age down", "age,,head", ""):
        with pytest.raises(FilterUnreadable):
            read_order(text, reach())
    with pytest.raises(FieldUnknown) as caught:
        read_order("age, here", reach())
    assert caught.value.details == {"text": "here", "at": 5}
