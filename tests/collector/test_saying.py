"""Templates in a language that is asked for."""

from __future__ import annotations

import pytest

from collector.saying import say_in


@pytest.mark.parametrize(
    ("language", "said"), [("vi", "Bắt buộc trả lời"), ("en", "Must be answered"), ("fr", "Must be answered")]
)
def test_a_template_is_said_in_the_language_of_the_file(language: str, said: str) -> None:
    assert say_in(language)("Must be answered") == said


def test_nothing_is_said_as_nothing() -> None:
    assert say_in("vi")("") == ""
