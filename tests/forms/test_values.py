"""What an answer's text means, type by type."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import values
from forms.values import Point


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("007", 7),
        (" 12 ", 12),
        ("0", 0),
        ("-0", 0),
        ("5.0", 5),
        ("1.0E7", 10_000_000),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0" * 30 + "1", 1),
    ],
)
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert values.read_int(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "five",
        "5.5",
        "1,000",
        "1_000",
        "٣",
        "5 6",
        "NaN",
        "9223372036854775808",
        "1e30",
        "9" * 500,
        "+",
        "--5",
    ],
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.read_int(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0E7", 1e7),
        ("1.0E-4", 1e-4),
        ("-1.5", -1.5),
        ("12", 12.0),
        ("+.5", 0.5),
        (" 3.25\n", 3.25),
        ("1e3", 1000.0),
        ("5.", 5.0),
    ],
)
def test_a_decimal_is_read(text: str, number: float) -> None:
    assert values.read_decimal(text) == number


def test_minus_zero_is_zero() -> None:
    assert values.java_double(values.read_decimal("-0.0")) == "0.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "Infinity",
        "-inf",
        "1E400",
        "1,5",
        "1_0",
        "ten",
        "1.2.3",
        "0x10",
        "٣.٥",
        "1" * 401,
        "1 2",
        "e5",
    ],
)
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.read_decimal(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5.0, "5.0"),
        (-5.5, "-5.5"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (9999999.0, "9999999.0"),
        (10_000_000.0, "1.0E7"),
        (-12_345_678.9, "-1.23456789E7"),
        (1e16, "1.0E16"),
        (1.5e300, "1.5E300"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_a_number_is_written_as_java_does(number: float, text: str) -> None:
    assert values.java_double(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_is_the_number_read(number: float) -> None:
    assert values.read_decimal(values.java_double(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02",
        " 2026-01-02 ",
        "2026-01-02T23:59:59.000-11:00",
        "2026-01-02+07:00",
        "2026-01-02Z",
        "2026-01-02-0800",
    ],
)
def test_a_day_is_the_day_where_the_phone_was(text: str) -> None:
    assert values.read_date(text) == date(2026, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-30",
        "20260102",
        "2026-W01-1",
        "02/01/2026",
        "2026-1-2",
        "2026-01-02x",
        "2026-01-02Tnoon",
        "2026-01",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.read_date(text)


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("03:04:05.678+07:00", time(3, 4, 5, 678_000)),
        ("03:04:05.678Z", time(3, 4, 5, 678_000)),
        ("03:04:05+07", time(3, 4, 5)),
        ("03:04", time(3, 4)),
        ("23:59:59.999999", time(23, 59, 59, 999_000)),
    ],
)
def test_a_time_is_the_clock_on_the_wall(text: str, wall: time) -> None:
    assert values.read_time(text) == wall


@pytest.mark.parametrize("text", ["", "3:04", "noon", "25:00", "0304", "03:04:05 PM", "03"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.read_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05.678+07:00",
        "2026-01-02T03:04:05.678+07",
        "2026-01-02T03:04:05.678+0700",
        "2026-01-01T20:04:05.678Z",
        "2026-01-02T03:04:05.678999+07:00",
        "2026-01-02T03:04:05.678",
        " 2026-01-02 03:04:05.678+07:00 ",
    ],
)
def test_a_moment_is_read_in_utc_to_the_millisecond(text: str) -> None:
    assert values.read_instant(text) == datetime(2026, 1, 1, 20, 4, 5, 678_000, tzinfo=UTC)
    assert values.read_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "year"), [("1970-01-01T00:00:00.000+07:00", 1969), ("2099-12-31T23:59:59.999Z", 2099)]
)
def test_a_clock_that_is_wrong_is_believed(text: str, year: int) -> None:
    assert values.read_instant(text).year == year


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "now",
        "2026-01-02x03:04",
        "2026-01-02T25:00",
        "0001-01-01T00:00+07:00",
        "9999-12-31T23:00-09:00",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.read_instant(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 2, 3, 4, 567_000, tzinfo=UTC), "2026-01-31T02:03:04.567Z"),
        (datetime(2026, 1, 31, 2, 3, 4, tzinfo=timezone(timedelta(hours=7))), "2026-01-30T19:03:04.000Z"),
        (datetime(2026, 1, 31, 2, 3, 4), "2026-01-31T02:03:04.000Z"),  # noqa: DTZ001 - as a database gives it
    ],
)
def test_a_moment_is_written_as_the_wire_wants_it(moment: datetime, text: str) -> None:
    assert values.iso_instant(moment) == text


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("21.03 105.85", Point(21.03, 105.85)),
        ("21.03 105.85 12.0", Point(21.03, 105.85, 12.0)),
        ("21.03 105.85 12.0 4.9", Point(21.03, 105.85, 12.0, 4.9)),
        ("-1.0E-4 1.0583E2  0 0", Point(-1e-4, 105.83, 0, 0)),
    ],
)
def test_a_point_is_read(text: str, point: Point) -> None:
    assert values.read_point(text) == point


@pytest.mark.parametrize(
    "text", ["", "21.03", "90.1 0", "0 -180.5", "1 2 3 4 5", "21,03 105,85", "NaN NaN", "1 2 " * 9]
)
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.read_point(text)


@pytest.mark.parametrize("text", ["1 2 0 0;3 4 0 0", "1 2 0 0; 3 4 0 0;", " 1 2 0 0 ;3 4 0 0 ; "])
def test_a_line_may_end_with_its_divider(text: str) -> None:
    assert values.read_line(text) == (Point(1, 2, 0, 0), Point(3, 4, 0, 0))


def test_codes_keep_their_order() -> None:
    assert values.codes(" c  a\tđường ") == ["c", "a", "đường"]


@pytest.mark.parametrize(
    "read",
    [
        values.read_int,
        values.read_decimal,
        values.read_date,
        values.read_time,
        values.read_instant,
        values.read_point,
        values.read_line,
    ],
)
@given(text=st.text())
def test_no_text_breaks_a_reader(read: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(ValueError):
        read(text)
