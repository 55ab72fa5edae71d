"""The checks that compare many: each fires on what is planted and is silent at its limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from forms.checks import (
    age_heaping,
    back_checks,
    coverage,
    dont_know,
    enumerator_effect,
    missing_items,
    near_copies,
    other_specify,
    outliers,
    positions,
    similar_people,
    straight_lining,
)
from forms.checks.people import Person, score
from tests.forms.checked import MORNING, all_found, at, block, found, record, survey

PEOPLE = {"person_name": "m_name", "sex": "m_sex", "birth": "m_birth", "head": "head"}
MINUTE = timedelta(minutes=1)


def person(name: str, birth: str = "1985", home: str = "", number: int = 1) -> Person:
    """A person of a record."""
    return Person(number, f"k{number}", name, name, "2", birth, home)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (person("lo thi mai"), person("lo thi mai", number=2), 0.8),
        (person("lo thi mai", home="a"), person("lo thi mai", home="a", number=2), 1.0),
        (person("martha", home="a"), person("marhta", home="a", number=2), 0.5 * 0.961111 + 0.5),
        (person("x", "1985-02-03", "a"), person("x", "1985-02-03", "a", 2), 1.0),
        (person("x", "1985-02-03", "a"), person("x", "1985-04-03", "a", 2), 0.85),
        (person("x", "1985", "a"), person("x", "1986", "a", 2), 0.7),
        (person("x"), person("x"), 1.0),
        (person("lo van a", home="lo van a 1985"), person("lo van a", home="lo van a 1985", number=2), 0.8),
        (person("martha"), person("marhta"), 0.5 * 0.961111 + 0.3),
    ],
)
def test_how_likely_two_people_are_one(one: Person, other: Person, expected: float) -> None:
    assert score(one, other) == pytest.approx(expected, abs=1e-6)


def homes(*several: tuple[str, str, int], **more: Any) -> list[str]:
    """What is found of people (head, name, birth), each in a record of its own."""
    records = [record(number, household=f"h{number}") for number in range(1, len(several) + 1)]
    people = [
        (at, {"m_name": name, "m_sex": "2", "m_birth": born}) for at, (_, name, born) in enumerate(several, 1)
    ]
    made = block(records, {"head": [head for head, *_ in several]}, people, **more)
    return found(similar_people.SimilarPeople(survey(PEOPLE)), made)


def test_one_person_in_two_households_of_a_village() -> None:
    assert homes(("Lò Văn A", "Lò Thị Mái", 1985), ("LO VAN A", "lo thi mai", 1985)) == ["similar_person"]
    assert homes(("Lò Văn A", "Lò Thị Mai", 1985), ("Vàng A Sử", "Lò Thị Mai", 1985)) == []
    assert homes(("Lò Văn A", "Lò Thị Mai", 1985), ("Lò Văn A", "Lò Thị Mai", 1986)) == []


def test_a_day_and_another_day_of_the_year_is_just_enough() -> None:
    # 0.5 for the name, 0.15 for the year, 0.2 for the household: the limit itself counts.
    one, other = person("lo thi mai", "1985-02-03", "a"), person("lo thi mai", "1985-04-03", "a", 2)
    assert len(list(similar_people.alike([one, other], 0.85))) == 1
    assert len(list(similar_people.alike([one, other], 0.8501))) == 0


def test_two_visits_of_one_household_are_not_two_people() -> None:
    records = [record(1, household="h"), record(2, household="h", received=MORNING + timedelta(days=9))]
    people = [(number, {"m_name": "Lò Thị Mai", "m_sex": "2", "m_birth": 1985}) for number in (1, 2)]
    made = block(records, {"head": ["Lò Văn A"] * 2}, people)
    assert found(similar_people.SimilarPeople(survey(PEOPLE)), made) == []


def test_a_household_in_two_communes_is_found_and_two_heads_of_one_name_are_not() -> None:
    def village(number: int, commune: str, *names: str) -> Any:
        people = [(number, {"m_name": name, "m_sex": "1", "m_birth": 1980}) for name in names]
        return block([record(number)], {"head": [names[0]]}, people, commune=commune, place=f"{commune}-001")

    def look(*blocks: Any) -> list[str]:
        made = replace(
            survey(PEOPLE),
            again=lambda numbers: [one for one in blocks if one.interviews[0].number in numbers],
        )
        return found(similar_people.PeopleElsewhere(made), *blocks)

    here = village(1, "00715", "Lò Văn A", "Lò Văn Bình")
    assert look(here, village(2, "00745", "lo van a", "Lò Văn Binh")) == ["same_person_elsewhere"]
    assert look(here, village(2, "00715", "lo van a", "Lò Văn Binh")) == []
    assert look(here, village(2, "00745", "lo van a", "Vàng A Sử")) == []
    # One child of two alike in the household of a namesake is chance.
    two = village(1, "00715", "Lò Văn A", "Lò Văn Bình", "Lò Văn Cường")
    assert look(two, village(2, "00745", "Lò Văn A", "Lò Văn Bình", "Lò Văn Sử")) == []
    assert look(two, village(2, "00745", "Lò Văn A", "Lò Văn Bình", "Lò Văn Cương")) == [
        "same_person_elsewhere"
    ]


def test_nearly_the_same_answers_to_twenty_questions() -> None:
    def copies(same: int, items: int) -> list[tuple[int, int]]:
        bits = near_copies.Bits(3)
        for number in range(items):
            bits.add([0, 1, 2], ["a", "a" if number < same else "b", f"c{number}"])
        return [pair[:2] for pair in bits.copies(0.9, 20)]

    assert copies(18, 20) == [(0, 1)]
    assert copies(17, 20) == []
    assert copies(19, 19) == []


def test_a_copy_is_told_of_the_later_record_and_not_of_two_visits() -> None:
    names = " ".join(f"q{number}" for number in range(20))
    watch = near_copies.NearCopies(survey({"x": names}))
    answers = {name: ["a", "a", name] for name in names.split()}
    other = record(3)
    later = record(2, received=MORNING + timedelta(days=1))
    assert [one.records for one in all_found(watch, block([record(1), later, other], answers))] == [(2, 1)]
    twice = [record(1, household="h"), replace(later, household="h"), other]
    assert found(watch, block(twice, answers)) == []


def test_questions_left_empty_never_answered_or_all_alike() -> None:
    def look(answers: Sequence[Any], empty: int) -> list[str]:
        blank = [["/q"] if number < empty else [] for number in range(len(answers))]
        records = [record(number) for number in range(1, len(answers) + 1)]
        return found(
            missing_items.MissingItems(survey({"x": "q"})), block(records, {"q": answers}, blank=blank)
        )

    assert look(["a", "b"] * 45 + [None] * 10, 10) == []
    assert look(["a", "b"] * 45 + [None] * 11, 11) == ["items_missing"]
    # Those who were not asked are not missing.
    assert look(["a", "b"] * 45 + [None] * 50, 10) == []
    assert look([None] * 30, 30) == ["never_answered"]
    assert look([None] * 29, 29) == []
    assert look(["a"] * 30, 0) == ["no_variation"]
    assert look(["a"] * 29, 0) == []


def told(watch: Any, answers: Any, senders: Sequence[int]) -> list[str]:
    """Who is found, of answers given to enumerators by number."""
    records = [record(at, sender=f"sender:{number}") for at, number in enumerate(senders, 1)]
    return [f"{one.check} {one.subject}" for one in all_found(watch, block(records, answers))]


def test_dont_know_by_enumerator_beyond_three_errors() -> None:
    def watch() -> dont_know.DontKnow:
        return dont_know.DontKnow(survey({"dont_know": "q=9"}))

    senders = [1] * 20 + [2] * 180
    assert told(watch(), {"q": ["9"] * 8 + ["1"] * 12 + ["9"] * 10 + ["1"] * 170}, senders) == [
        "dont_know_often sender:1"
    ]
    assert told(watch(), {"q": ["9"] * 3 + ["1"] * 17 + ["9"] * 10 + ["1"] * 170}, senders) == []
    # Nineteen answers are too few, whatever they are.
    many = ["9"] * 180 + ["1"] * 1620
    assert told(watch(), {"q": ["9"] * 19 + many}, [1] * 19 + [2] * 1800) == []
    assert told(watch(), {"q": ["9"] * 20 + many}, [1] * 20 + [2] * 1800) == ["dont_know_often sender:1"]


def test_other_often_and_other_that_is_on_the_list() -> None:
    def look(others: int, words: str = "mía") -> list[str]:
        answers = {
            "q": ["khac"] * others + ["1"] * (100 - others),
            "t": [words] * others + [None] * (100 - others),
        }
        records = [record(number) for number in range(1, 101)]
        return found(other_specify.OtherSpecify(survey({"other": "q=khac:t"})), block(records, answers))

    assert look(10) == []
    assert look(11) == ["other_often"]
    assert look(1, "  CHE ") == ["other_recode"]


def test_outliers_by_fences_and_by_the_median_deviation() -> None:
    usual = [float(number % 9 + 1) for number in range(36)]
    among = Counter(usual)
    assert list(outliers.beyond_fences([13.0], among, 1.5, 3)) == []
    (one,) = outliers.beyond_fences([13.5], among, 1.5, 3)
    assert (one.low, one.high, one.severe) == (-3, 13, False)
    # The number that is told is the number that is used.
    assert list(outliers.beyond_fences([13.5], among, 2.0, 3)) == []
    (far,) = outliers.beyond_fences([19.5], among, 1.5, 3)
    assert far.severe
    assert list(outliers.beyond_fences([99.0], Counter({1.0: 30}), 1.5, 3)) == []
    assert [
        place for place, _z, _middle in outliers.far_from_middle([15.0, 16.0], among, 3.5, logarithm=False)
    ] == [1]


def test_a_small_commune_is_compared_with_all_of_the_survey() -> None:
    made = survey({"outliers": "n"})
    records = [record(number) for number in range(1, 41)]
    usual = {"n": [number % 9 + 1 for number in range(40)]}
    watch = outliers.Outliers(made)
    big = block(records, usual, commune="1")
    assert [one.records for one in all_found(watch, big, block([record(99)], {"n": [60]}, commune="2"))] == [
        (99,)
    ]
    assert found(outliers.Outliers(made), block([record(1), record(2)], {"n": [1, 900]})) == []


NUMBERS = {"t": 3.0, "least": 20.0}
SPREAD = {"p": 0.001, "v": 0.2, "least": 20.0}


def test_an_enumerator_whose_numbers_or_answers_are_unlike_the_others() -> None:
    others = Counter({4.0: 40, 5.0: 40})
    assert list(enumerator_effect.means_apart({"a": Counter({4.0: 10, 5.0: 10}), "b": others}, 3, 20)) == []
    apart = enumerator_effect.means_apart({"a": Counter({8.0: 10, 9.0: 10}), "b": others}, 3, 20)
    assert {sender for sender, *_rest in apart} == {"a", "b"}
    assert list(enumerator_effect.means_apart({"a": Counter({8.0: 10, 9.0: 9}), "b": others}, 3, 20)) == []
    same = {"a": Counter({"1": 10, "0": 10}), "b": Counter({"1": 50, "0": 50})}
    assert list(enumerator_effect.choices_apart(same, SPREAD)) == []
    odd = {"a": Counter({"1": 20}), "b": Counter({"1": 50, "0": 50})}
    assert {sender for sender, _v in enumerator_effect.choices_apart(odd, SPREAD)} == {"a", "b"}


def test_straight_lines_and_gates() -> None:
    grid = " ".join(f"q{number}" for number in range(20))

    def line(same: int, items: int = 20) -> list[str]:
        answers = {
            f"q{number}": ["1" if number < same else "2"] if number < items else [None]
            for number in range(20)
        }
        return found(straight_lining.StraightLining(survey({"grid": grid})), block([record(1)], answers))

    assert line(19) == ["straight_lining"]
    assert line(18) == []
    assert line(9, 9) == []
    watch = straight_lining.StraightLining(survey({"gate": "q=0"}))
    answers = {"q": ["0"] * 12 + ["1"] * 8 + ["0"] * 180 + ["1"] * 1620}
    assert told(watch, answers, [1] * 20 + [2] * 1800) == ["gate_often sender:1"]


def heaped(round_ones: int, each: int = 50) -> list[str]:
    """What is found of people born 1964 to 2003, more of them in years that end in 0 or 5."""
    births = [year for year in range(1964, 2004) for _ in range(round_ones if year % 5 == 0 else each)]
    people = [(1, {"m_birth": year}) for year in births]
    watch = age_heaping.AgeHeaping(survey({"birth": "m_birth"}, age_at_a_line__on=0))
    return [f"{one.subject} {one.severity}" for one in all_found(watch, block([record(1)], {}, people))]


def test_whipples_index_of_years_of_birth() -> None:
    even = Counter(dict.fromkeys(range(1964, 2004), 3))
    assert age_heaping.whipple(even) == (100, 120)
    assert age_heaping.whipple(Counter({1980: 4})) == (500, 4)
    assert heaped(50) == []
    # 125 itself: a quarter of all are round.
    assert heaped(60, 45) == []
    assert heaped(62, 45) == ["place:00715 warning", "sender:1 warning"]
    assert heaped(120, 45) == ["place:00715 error", "sender:1 error"]


def test_ages_that_gather_at_a_line_of_the_law() -> None:
    numbers = {"ratio": 1.5, "z": 3.0, "least": 30.0}
    assert [one[0] for one in age_heaping.gathered({14: 100, 15: 200, 16: 100}, numbers)] == [15]
    assert list(age_heaping.gathered({14: 100, 15: 150, 16: 100}, numbers)) == []
    assert list(age_heaping.gathered({14: 14, 15: 60, 16: 15}, numbers)) == []


def placed(*points: tuple[float, float], accuracy: float | None = 5.0, **more: Any) -> list[str]:
    """What is found of households at points so many metres from the middle of a village."""
    where = [replace(point, accuracy=accuracy) for point in at(*points)]
    records = [
        record(number, household=f"h{number}", point=point, started=MORNING + number * 100 * MINUTE)
        for number, point in enumerate(where, 1)
    ]
    (middle,) = at((0, 0))
    return found(positions.Positions(survey()), block(records, middle=middle, **more))


def test_positions_that_cannot_be() -> None:
    assert placed((1999.0, 0)) == []
    assert placed((2001.0, 0)) == ["far_from_village"]
    assert placed((0, 0), accuracy=50.0) == []
    assert placed((0, 0), accuracy=50.1) == ["position_inaccurate"]
    assert placed((0, 0), accuracy=0.0) == ["position_made_up"]
    assert placed((0, 0), (0, 4.5), (4.9, 0)) == ["same_point"]
    assert placed((0, 0), (0, 4.5), (5.5, 0)) == []
    assert placed((0, 0), (0, 4.5)) == []


@pytest.mark.parametrize(("kilometres", "expected"), [(79.9, []), (80.1, ["travel_too_fast"])])
def test_nobody_travels_at_more_than_eighty(kilometres: float, expected: list[str]) -> None:
    here, there = at((0, 0), (kilometres * 1000, 0))
    first = record(1, point=here)
    second = record(2, point=there, started=MORNING + 80 * MINUTE)
    assert found(positions.Positions(survey(far_from_village__on=0)), block([first, second])) == expected


ROUND = coverage.Round("f", "k", date(2026, 8, 1), date(2026, 8, 31))
AWAITED = {code: {"days": 3.0} for code in ("village_incomplete", "nothing_today", "household_absent")}


@pytest.mark.parametrize(
    ("day", "received", "lately", "absent", "expected"),
    [
        (28, 4, 0, 1, ["village_incomplete", "nothing_today", "household_absent"]),
        (27, 4, 0, 1, []),
        (31, 4, 2, 0, ["village_incomplete"]),
        (31, 5, 0, 0, []),
    ],
)
def test_what_is_awaited_three_days_before_a_deadline(
    day: int, received: int, lately: int, absent: int, expected: list[str]
) -> None:
    village = coverage.Arrived("00715-001", 5, received, lately, 5, absent)
    told = coverage.awaited(village, ROUND, date(2026, 8, day), AWAITED)
    assert [one.check for one in told] == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"), [(120, 100, 0), (121, 100, 1), (79, 100, 1), (20, 9, 0)]
)
def test_a_count_far_from_that_of_the_last_round(now: int, before: int, expected: int) -> None:
    counted = coverage.Counted("f", "00715-001", 2026, now, before)
    assert len(list(coverage.jumped(counted, {"share": 0.2, "least": 10.0}))) == expected


def test_a_village_with_far_more_men_than_women() -> None:
    numbers = {"low": 85.0, "high": 120.0, "least": 50.0, "z": 3.0}
    assert coverage.unbalanced(1200, 1000, numbers) is False
    assert coverage.unbalanced(1201, 1000, numbers) is True
    assert coverage.unbalanced(850, 1000, numbers) is False
    assert coverage.unbalanced(849, 1000, numbers) is True
    assert coverage.unbalanced(30, 19, numbers) is False
    people = [(1, {"m_sex": "1"})] * 80 + [(1, {"m_sex": "2"})] * 20
    watch = coverage.SexRatio(survey({"male": "m_sex=1", "female": "m_sex=2"}))
    assert found(watch, block([record(1)], {}, people)) == ["sex_ratio"]


def test_enumerators_of_whom_second_visits_hear_other_facts() -> None:
    def look(wrong: int, compared: int = 20) -> list[str]:
        answers = [(1, number >= wrong) for number in range(compared)] + [(3, False)] * 9
        told = back_checks.to_redo(
            [back_checks.Compared("sender:1", answers)], {"share": 0.1, "least": 10.0}, "f"
        )
        return [one.subject for one in told]

    assert look(3) == ["sender:1"]
    assert look(2) == []
    assert look(9, 9) == []
    few = {"share": 0.05, "least": 20.0}
    assert len(list(back_checks.too_few({"s": 100}, {"s": 4}, few, "f"))) == 1
    assert list(back_checks.too_few({"s": 100}, {"s": 5}, few, "f")) == []
    assert list(back_checks.too_few({"s": 19}, {}, few, "f")) == []
