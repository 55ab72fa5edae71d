"""Which people a part of a figure is about, in the codes of SDMX."""

from __future__ import annotations

import pytest

from forms.exports.figures import people_in


@pytest.mark.parametrize(
    ("split", "part", "sex", "age"),
    [
        ("_T", "_T", "_T", "_T"),
        ("m_sex", "2", "F", "_T"),
        ("sex", "1", "M", "_T"),
        ("l_sex", "9", "_U", "_T"),
        ("m_sex", "", "_U", "_T"),
        ("m_age", "15..25", "_T", "Y15T25"),
        ("age", "..14", "_T", "Y_LE14"),
        ("l_age", "61..", "_T", "Y_GE61"),
        ("m_age", "15", "_T", "Y15"),
        ("m_age", "", "_T", "_U"),
        ("m_age", "..", "_T", "_U"),
        ("@border", "1", "_T", "_T"),
        ("language", "2", "_T", "_T"),
        ("sexton", "1", "_T", "_T"),
        ("target", "kế hoạch", "_T", "_T"),
    ],
)
def test_a_part_names_its_sex_or_its_band_of_ages(split: str, part: str, sex: str, age: str) -> None:
    assert people_in(split, part) == (sex, age)
