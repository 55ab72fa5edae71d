"""Findings are known again; thresholds are read, and refused where they stand."""

from __future__ import annotations

import pytest

from forms.checks.catalogue import CHECKS
from forms.checks.check import SEVERITIES
from forms.checks.found import Found
from forms.checks.thresholds import Thresholds, known_thresholds, read_thresholds
from forms.problems import FormRefused
from forms.spreadsheet import SheetRow

SAME = Found("place_missing", (4, 7), path="/f/place", key="uuid:1", subject="village:1", variant="2026")


def test_a_finding_is_the_same_whatever_it_says_and_in_whatever_order_its_records_stand() -> None:
    again = Found(
        "place_missing",
        (7, 4),
        path="/f/place",
        key="uuid:1",
        subject="village:1",
        variant="2026",
        value="31 %",
        expected="30 %",
        severity="error",
        place_code="08001",
        details={"share": "31"},
    )
    assert again.fingerprint == SAME.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"check": "place_unknown"},
        {"records": (4, 8)},
        {"path": "/f/other"},
        {"key": "uuid:2"},
        {"subject": "village:2"},
        {"variant": "2027"},
        {"form": "f02"},
    ],
)
def test_it_is_another_one_where_check_records_row_or_variant_differ(other: dict[str, object]) -> None:
    facts: dict[str, object] = {
        "check": "place_missing",
        "records": (4, 7),
        "path": "/f/place",
        "key": "uuid:1",
        "subject": "village:1",
        "variant": "2026",
    }
    assert Found(**{**facts, **other}).fingerprint != SAME.fingerprint  # type: ignore[arg-type]


def test_every_check_says_how_much_it_weighs_and_keeps_its_numbers_within_bounds() -> None:
    for code, check in CHECKS.items():
        assert check.code == code
        assert check.severity in SEVERITIES
        assert "{" not in check.title
        for number in check.numbers.values():
            assert number.least <= number.default <= number.most, code


def row(number: int, **cells: str) -> SheetRow:
    return SheetRow("thresholds", number, cells)


def test_a_number_holds_for_one_survey_before_it_holds_for_all() -> None:
    rows = [
        row(2, code="place_missing", name="on", value="0"),
        row(3, code="place_missing", name="on", value="1", form="f02"),
    ]
    numbers = Thresholds(read_thresholds(rows))
    assert [numbers.on("place_missing", form) for form in ("f01", "f02")] == [False, True]
    assert numbers.of("place_unknown", "f01") == {"on": 1.0}


def test_a_survey_sets_its_own_numbers() -> None:
    numbers = Thresholds(read_thresholds([row(2, code="place_missing", name="on", value="0")], "f02"))
    assert [numbers.on("place_missing", form) for form in ("f01", "f02")] == [True, False]


@pytest.mark.parametrize(
    ("cells", "own", "said"),
    [
        (
            {"code": "place_mising", "name": "on", "value": "0"},
            "",
            (
                "Sheet thresholds, row 2, column code: There is no check place_mising. "
                "Correct the code; the nearest one is place_missing."
            ),
        ),
        (
            {"code": "place_missing", "name": "most", "value": "0"},
            "",
            (
                "Sheet thresholds, row 2, column name: The check place_missing has no number called most. "
                "Use one of: on."
            ),
        ),
        (
            {"code": "place_missing", "name": "on", "value": "nan"},
            "",
            (
                "Sheet thresholds, row 2, column value: “nan” is no value for on of the check place_missing. "
                "Write a number from 0 to 1."
            ),
        ),
        (
            {"code": "place_missing", "name": "on", "value": "1", "formm": "f01"},
            "",
            (
                "Sheet thresholds, row 2, column formm: The sheet has no such column. "
                "Correct its name; the nearest one is form."
            ),
        ),
        (
            {"code": "place_missing", "name": "on", "value": "1", "form": "f01"},
            "f02",
            (
                "Sheet thresholds, row 2, column form: A survey sets the numbers of its own records only. "
                "Leave the column form empty, or write f02."
            ),
        ),
    ],
)
def test_a_fault_is_told_where_it_stands(cells: dict[str, str], own: str, said: str) -> None:
    with pytest.raises(FormRefused) as refused:
        read_thresholds([row(2, **cells)], own)
    assert [str(remark) for remark in refused.value.remarks] == [said]
    assert known_thresholds([row(2, **cells)], own) == {}


def test_a_number_is_set_once() -> None:
    rows = [
        row(2, code="place_missing", name="on", value="0"),
        row(3, code="place_missing", name="on", value="1"),
    ]
    with pytest.raises(
        FormRefused, match="row 3, column name: on of the check place_missing was set in row 2"
    ):
        read_thresholds(rows)
