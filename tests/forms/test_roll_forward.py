"""A new year for classes, learners and households."""

from __future__ import annotations

from datetime import date

import pytest

from forms.roll_forward import NewYear, computed_of_household, computed_of_learner, of_class, of_learner

YEAR = NewYear(2027, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("said", "closes"),
    [
        ({"state": "open", "start_date": "2026-10-05"}, True),
        ({"state": "open", "start_date": "2027-01-01"}, False),
        ({"state": "closed", "start_date": "2025-10-05"}, False),
        ({"state": "open", "start_date": ""}, False),
        ({"state": "open"}, False),
    ],
)
def test_a_class_that_began_before_the_year_is_over(said: dict[str, str], *, closes: bool) -> None:
    assert of_class(said, YEAR) == ({"state": "closed"} if closes else {})


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ({"class_id": "old", "state": "1"}, {"class_id": "", "state": "", "term_result": ""}),
        (
            {"class_id": "old", "state": "5", "term_result": "ht"},
            {"class_id": "", "state": "", "term_result": ""},
        ),
        ({"class_id": "old", "state": "3"}, {"class_id": ""}),
        ({"class_id": "old", "state": "4"}, {"class_id": ""}),
        ({"class_id": "new", "state": "1"}, {}),
        ({"state": "1"}, {}),
    ],
)
def test_who_sat_in_it_is_free_and_who_left_keeps_why(said: dict[str, str], becomes: dict[str, str]) -> None:
    assert of_learner(said, {"old"}) == becomes


@pytest.mark.parametrize(
    ("born", "age", "out"), [("1967", "60", ""), ("1966", "61", "1"), ("2012", "15", "")]
)
def test_everybody_grows_older(born: str, age: str, out: str) -> None:
    assert computed_of_learner({"birth_year": born}, YEAR) == {"age": age, "out_of_age": out}


@pytest.mark.parametrize("born", ["", "unknown", "²"])
def test_an_unknown_birth_year_makes_no_age(born: str) -> None:
    assert computed_of_learner({"birth_year": born}, YEAR) == {}


@pytest.mark.parametrize(("visited", "due"), [("2026-12-31", "2027"), ("2027-01-01", ""), ("", "2027")])
def test_a_household_is_due_until_it_was_visited_in_the_year(visited: str, due: str) -> None:
    assert computed_of_household({"last_visit": visited}, YEAR) == {"visit_due": due}
