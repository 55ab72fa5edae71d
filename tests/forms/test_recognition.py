"""The literacy standard: Decree 20/2014, articles 20 and 21, and the cascade before and after 1 July 2025."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from forms.indicators.recognition import Ages, Commune, Verdict, judge
from forms.indicators.recognition_rows import read_recognition
from forms.spreadsheet import read_workbook
from forms.workbook import read_extras

DECREE = """
| recognition |
| | standard | unit | from | to | where | of | age_from | age_to | share | source |
| | 1 | commune | 2014-05-10 | | | | 15 | 35 | 90 | Đ20 |
| | 1 | commune | 2014-05-10 | | ${especially_difficult} = '1' | | 15 | 25 | 90 | Đ20 |
| | 1 | district | 2014-05-10 | 2025-06-30 | | commune | | | 90 | Đ20 |
| | 1 | province | 2014-05-10 | 2025-06-30 | | district | | | 90 | Đ20 |
| | 1 | province | 2025-07-01 | | | commune | | | 90 | Đ20 |
| | 2 | commune | 2014-05-10 | | | | 15 | 60 | 90 | Đ21 |
| | 2 | commune | 2014-05-10 | | ${especially_difficult} = '1' | | 15 | 35 | 90 | Đ21 |
| | 2 | province | 2025-07-01 | | | commune | | | 100 | Đ21 |
"""
RULES = read_recognition(read_extras(read_workbook(DECREE.encode(), "programme.md")).recognition, ())
NOW, BEFORE = date(2026, 12, 31), date(2025, 6, 30)


def people(*literate: int, of: int = 100, unknown: int = 0) -> list[Ages]:
    bounds = ((15, 25), (26, 35), (36, 60))
    return [Ages(*ages, of, some, unknown) for ages, some in zip(bounds, literate, strict=True)]


def commune(code: str, first: list[Ages], second: list[Ages] | None = None, **attributes: str) -> Commune:
    within = {"district": "D1", "province": "38"}
    return Commune(code, within, attributes, {1: first, 2: second or []})


def told(communes: list[Commune], day: date = NOW) -> Mapping[tuple[str, int], Verdict]:
    return {(one.code, one.standard): one for one in judge(RULES, communes, day)}


@pytest.mark.parametrize(
    ("literate", "difficult", "recognised", "numbers"),
    [
        ((90, 90, 0), "0", True, (180, 200, 180)),
        ((90, 89, 100), "0", False, (179, 200, 180)),
        # Of an especially difficult commune only those up to 25 are counted.
        ((90, 0, 0), "1", True, (90, 100, 90)),
        ((89, 100, 100), "1", False, (89, 100, 90)),
    ],
)
def test_a_commune_is_judged_by_the_young(
    literate: tuple[int, ...],
    difficult: str,
    recognised: bool,  # noqa: FBT001
    numbers: tuple[int, ...],
) -> None:
    one = told([commune("1", people(*literate), especially_difficult=difficult)])["1", 1]
    assert (one.recognised, (one.reached, one.counted, one.needed)) == (recognised, numbers)
    assert one.to_reach == max(0, numbers[2] - numbers[0])


def test_level_two_counts_up_to_sixty() -> None:
    second = people(90, 90, 89)
    verdicts = told([
        commune("1", people(0, 0, 0), second),
        commune("2", [], second, especially_difficult="1"),
    ])
    assert (verdicts["1", 2].recognised, verdicts["1", 2].to_reach) == (False, 1)
    assert verdicts["2", 2].recognised is True


def test_whoever_is_unknown_is_in_neither_number_and_told() -> None:
    one = told([commune("1", people(90, 90, 90, unknown=500))])["1", 1]
    assert (one.recognised, one.counted, one.unknown) == (True, 200, 1000)


def test_nobody_counted_is_no_verdict_and_counts_as_missing_above() -> None:
    communes = [commune(str(number), people(95, 95, 95)) for number in range(1, 10)]
    verdicts = told([*communes, commune("empty", [])])
    assert verdicts["empty", 1].recognised is None
    province = verdicts["38", 1]
    assert (province.recognised, province.reached, province.counted, province.missing) == (
        True,
        9,
        10,
        ("empty",),
    )
    less = told([*communes[:-1], commune("empty", []), commune("9", people(1, 1, 1))])["38", 1]
    assert (less.recognised, less.to_reach, less.missing) == (False, 1, ("9", "empty"))


def test_level_two_asks_for_every_commune() -> None:
    good = [commune(str(number), [], people(90, 90, 90)) for number in range(1, 10)]
    assert told(good)["38", 2].recognised is True
    assert told([*good, commune("x", [], people(1, 1, 1))])["38", 2].recognised is False


def test_districts_stood_between_until_they_were_closed() -> None:
    good, bad = people(95, 95, 95), people(1, 1, 1)
    one = {"district": "D1", "province": "38"}
    two = {"district": "D2", "province": "38"}
    communes = [Commune("1", one, {}, {1: good}), *(Commune(f"2{at}", two, {}, {1: bad}) for at in range(9))]
    then = told(communes, BEFORE)
    assert [then[code, 1].recognised for code in ("D1", "D2", "38")] == [True, False, False]
    assert then["38", 1].missing == ("D2",)
    assert {code for code, _standard in told(communes)} & {"D1", "D2"} == set()


def test_ages_that_do_not_fit_are_not_guessed() -> None:
    across = [Ages(15, 30, 100, 100)]
    assert told([commune("1", across, especially_difficult="1")])["1", 1].recognised is None
    assert told([commune("1", across)])["1", 1].recognised is True


def test_before_the_decree_nothing_is_said() -> None:
    assert {one.recognised for one in judge(RULES, [commune("1", people(1, 1, 1))], date(2010, 1, 1))} == {
        None
    }
