"""The checks that look at one record: each fires on what is planted and is silent at its limit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from forms.checks import (
    clocks,
    cross_field,
    duplicate_ids,
    interview_time,
    late_uploads,
    odd_hours,
    old_versions,
    overlaps,
    ranges,
    resent,
    roster_totals,
)
from forms.checks.interviews import Interview
from forms.checks.roles import Limits
from tests.forms.checked import HOME, MORNING, all_found, block, found, record, survey

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_an_id_with_two_contents_is_a_conflict_and_the_same_content_again_is_not() -> None:
    one, same, other = (resent.Sent("uuid:1", *rest) for rest in (("a", 1), ("a", 2), ("b", 3)))
    assert [found.records for found in resent.resent([one, other])] == [(1, 3)]
    assert list(resent.resent([one, same])) == []
    assert list(resent.resent([one, resent.Sent("uuid:1", "c", 1)])) == []


DUPLICATE = {"id": "village household", "only": "kind=1", "x": "q0 q1 q2 q3 q4 q5 q6 q7 q8 q9"}


@pytest.mark.parametrize(
    ("differ", "expected"),
    [(0, "double_entry"), (1, "double_entry"), (2, "duplicate_id"), (7, "duplicate_id"), (8, "wrong_id")],
)
def test_an_id_twice_in_a_round_and_what_the_share_of_other_answers_says(differ: int, expected: str) -> None:
    answers = {f"q{at}": ["a", "b" if at < differ else "a"] for at in range(10)}
    answers |= {"village": ["1", "1"], "household": ["Lò Văn A", "lo van a"], "kind": ["1", "1"]}
    # The kind is the same in both as well; it is left out so that ten answers are compared.
    answers.pop("kind")
    made = survey({name: value for name, value in DUPLICATE.items() if name != "only"})
    assert found(duplicate_ids.DuplicateIds(made), block([record(1), record(2)], answers)) == [expected]


def test_an_id_in_another_round_or_of_a_follow_up_is_no_duplicate() -> None:
    watch = duplicate_ids.DuplicateIds(survey(DUPLICATE))
    same = {"village": ["1", "1"], "household": ["A", "A"]}
    assert found(watch, block([record(1), record(2)], same | {"kind": ["1", "2"]})) == []
    assert found(watch, block([record(1), record(2)], same | {"kind": ["1", "1"]})) == ["double_entry"]
    later = record(2, reported_on=date(2027, 1, 1))
    assert found(watch, block([record(1), later], same | {"kind": ["1", "1"]})) == []
    unanswered = {"village": ["1", "1"], "household": [None, None], "kind": ["1", "1"]}
    assert found(watch, block([record(1), record(2)], unanswered)) == []


FAST = {"share": 0.5, "z": 2.0, "least": 5.0}
SLOW = {"times": 3.0, "least": 5.0}


def test_too_fast_is_less_than_half_the_median() -> None:
    usual = [20.0] * 9
    wide = FAST | {"z": 10.0}
    assert list(interview_time.too_fast([*usual, 9.99], wide)) == [9]
    assert list(interview_time.too_fast([*usual, 10.0], wide)) == []
    assert list(interview_time.too_fast([20.0] * 3 + [1.0], wide)) == []
    # Far below in the logarithm, though not below half.
    assert list(interview_time.too_fast([20.0] * 30 + [11.0], FAST)) == [30]


def test_too_slow_is_more_than_three_medians() -> None:
    assert list(interview_time.too_slow([20.0] * 9 + [60.01], SLOW)) == [9]
    assert list(interview_time.too_slow([20.0] * 9 + [60.0], SLOW)) == []


def test_the_time_of_an_interview_is_compared_with_all_of_the_survey() -> None:
    watch = interview_time.InterviewTimes(survey(interview_too_fast__least=5, interview_too_slow__least=5))
    usual = [record(number) for number in range(1, 10)]
    fast = record(10, ended=MORNING + 3 * MINUTE)
    slow = record(11, ended=MORNING + 90 * MINUTE)
    backwards = record(12, ended=MORNING - MINUTE)
    told = all_found(watch, block([*usual, fast]), block([slow, backwards]))
    assert [(one.check, one.records) for one in told] == [
        ("interview_too_fast", (10,)),
        ("interview_too_slow", (11,)),
    ]


@pytest.mark.parametrize(
    ("gap", "household", "expected"),
    [
        (-1.0, "h2", ["interviews_overlap"]),
        (0.0, "h2", ["no_travel_time"]),
        (1.9, "h2", ["no_travel_time"]),
        (2.0, "h2", []),
        (1.0, "h1", []),
    ],
)
def test_two_interviews_of_one_phone(gap: float, household: str, expected: list[str]) -> None:
    first = record(1, device="p", household="h1")
    after = MORNING + 20 * MINUTE + gap * MINUTE
    second = record(2, device="p", household=household, started=after)
    elsewhere = record(3, device="q", sender="sender:2", household="h3")
    assert found(overlaps.Overlaps(survey()), block([second, first, elsewhere])) == expected


@pytest.mark.parametrize(
    ("began", "minutes", "expected"),
    [
        ("05:29", 20, True),
        ("05:30", 20, False),
        ("22:00", 20, False),
        ("22:01", 20, True),
        ("21:50", 140, True),
    ],
)
def test_hours_at_which_nobody_is_visited(began: str, minutes: int, expected: object) -> None:
    started = datetime.fromisoformat(f"2026-08-03T{began}:00+07:00")
    one = record(started=started, ended=started + minutes * MINUTE)
    assert odd_hours.is_odd(one, 5.5, 22.0) is expected
    assert odd_hours.is_odd(record(started=started.astimezone(UTC), ended=one.ended), 5.5, 22.0) is expected
    assert odd_hours.is_odd(record(started=None), 5.5, 22.0) is False


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"ended": MORNING}, []),
        ({"ended": MORNING - MINUTE}, ["clock_backwards"]),
        ({"received": MORNING - 10 * MINUTE}, []),
        ({"received": MORNING - 10.1 * MINUTE}, ["clock_ahead"]),
        ({"today": date(2026, 8, 2)}, ["clock_other_day"]),
        ({"today": None}, []),
        ({"received": datetime(2027, 8, 3, tzinfo=HOME)}, []),
        ({"received": datetime(2028, 8, 3, tzinfo=HOME)}, ["clock_other_year"]),
    ],
)
def test_times_that_cannot_be(more: dict[str, Any], expected: list[str]) -> None:
    assert found(clocks.Clocks(survey()), block([record(**more)])) == expected


def test_a_record_is_late_after_seven_days() -> None:
    ended = MORNING + 20 * MINUTE
    assert late_uploads.is_late(record(received=ended + 7 * DAY), 7) is False
    assert late_uploads.is_late(record(received=ended + 7 * DAY + MINUTE), 7) is True
    assert found(late_uploads.LateUploads(survey()), block([record(received=ended + 9 * DAY)])) == [
        "late_upload"
    ]


def test_a_version_is_old_three_days_after_the_next_one() -> None:
    versions = {1: ("1", MORNING - 30 * DAY), 2: ("2", MORNING - 3 * DAY)}

    def newer(started: datetime, version: int = 1) -> tuple[str, datetime] | None:
        one = Interview(1, "k", "s", "d", MORNING, version, started)
        return old_versions.newer(one, versions, 3)

    assert newer(MORNING) == versions[2]
    assert newer(MORNING - MINUTE) is None
    assert newer(MORNING, 2) is None


@pytest.mark.parametrize(
    ("value", "age", "expected"),
    [(12, 8, False), (13, 8, True), (0, 8, False), (-1, 8, True), (13, 11, False), (13, None, False)],
)
def test_a_number_outside_of_its_limits(value: float, age: float | None, expected: object) -> None:
    assert ranges.outside(value, Limits("/n", 0, 12, (6, 10)), age) is expected


def test_ranges_are_hard_or_soft_and_may_hold_for_some_ages() -> None:
    made = survey({"hard_range": "n=0..30", "soft_range": "n=1..15 m_grade=0..5@6..10", "age": "m_age"})
    watch = ranges.Ranges(made)
    assert found(watch, block([record(1), record(2)], {"n": [31, 16]})) == [
        "out_of_range", "unusual_number", "unusual_number",
    ]  # fmt: skip
    assert found(watch, block([record(1), record(2)], {"n": [30, 15]})) == ["unusual_number"]
    people = [
        (1, {"m_age": "10", "m_grade": 6}),
        (1, {"m_age": "11", "m_grade": 6}),
        (1, {"m_age": "9", "m_grade": 5}),
    ]
    assert found(watch, block([record(1)], {}, people)) == ["unusual_number"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"m_birth": 1980, "m_age": "46"}, []),
        ({"m_birth": 1980, "m_age": "45"}, []),
        ({"m_birth": 1980, "m_age": "44"}, ["birth_and_age"]),
        ({"m_birth": None, "m_age": "44"}, []),
        ({"m_age": "10", "m_grade": 5}, []),
        ({"m_age": "10", "m_grade": 6}, ["grade_and_age"]),
        ({"m_l1": "0", "m_l2": "1"}, ["levels_disagree"]),
        ({"m_l1": "1", "m_l2": "1"}, []),
        ({"m_l1": None, "m_l2": "1"}, []),
        ({"m_reads": "0", "m_test": "2"}, ["reading_disagrees"]),
        ({"m_reads": "0", "m_test": None}, []),
        ({"m_reads": "1", "m_test": "2"}, []),
    ],
)
def test_answers_that_do_not_go_together(said: dict[str, Any], expected: list[str]) -> None:
    roles = {"birth": "m_birth", "age": "m_age", "grade": "m_grade", "level1": "m_l1=1", "level2": "m_l2=1"}
    roles |= {"cannot_read": "m_reads=0", "reading_test": "m_test"}
    watch = cross_field.CrossFields(survey(roles))
    assert found(watch, block([record(1)], {}, [(1, said)])) == expected


ROSTER = {
    "declared": "n=person", "total": "total=men:women", "birth": "m_birth",
    "is_head": "m_rel=1", "is_child": "m_rel=3", "is_parent": "m_rel=5",
}  # fmt: skip


def roster(n: int | None, *people: tuple[str, int | None], **answers: Any) -> list[str]:
    """What is found in a household of people (relation, year of birth)."""
    said = {
        "n": [n],
        "total": [answers.get("total")],
        "men": [answers.get("men")],
        "women": [answers.get("women")],
    }
    rows = [(1, {"m_rel": relation, "m_birth": birth}) for relation, birth in people]
    return found(roster_totals.RosterTotals(survey(ROSTER)), block([record(1)], said, rows))


def test_rosters_that_do_not_add_up() -> None:
    assert roster(2, ("1", 1980), ("3", 2000)) == []
    assert roster(3, ("1", 1980), ("3", 2000)) == ["roster_count"]
    assert roster(None, ("1", 1980)) == []
    assert roster(2, ("1", 1980), ("1", 1985)) == ["roster_heads"]
    assert roster(1, ("3", 1980)) == ["roster_heads"]
    assert roster(1, ("1", 1980), total=5, men=2, women=3) == []
    assert roster(1, ("1", 1980), total=5, men=2, women=2) == ["total_differs"]
    assert roster(1, ("1", 1980), total=5, men=2) == []


def test_a_parent_is_thirteen_years_older_than_his_child() -> None:
    assert roster(2, ("1", 1980), ("3", 1993)) == []
    assert roster(2, ("1", 1980), ("3", 1992)) == ["parent_too_young"]
    assert roster(2, ("1", 1980), ("5", 1967)) == []
    assert roster(2, ("1", 1980), ("5", 1968)) == ["parent_too_young"]
    assert roster(2, ("1", 1980), ("3", None)) == []
