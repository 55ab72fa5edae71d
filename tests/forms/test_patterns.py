"""A pattern means the same in Java, Python and PostgreSQL, and no text makes it slow."""

from __future__ import annotations

import re

import pytest

from forms.expressions.patterns import LONGEST, PatternSlow, PatternWrong, translated


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("^0[0-9]{9}$", "0[0-9]{9}"),
        (r"\d+", "[0-9]+"),
        (r"[\d,]", "[0-9,]"),
        (r"\D", "[^0-9]"),
        (r"a\.b", r"a\.b"),
        (r"\-", "-"),
        ("[a-]", r"[a\-]"),
        ("[]".replace("]", r"\]]"), r"[\]]"),
        ("a+?", "a+"),
        ("(a|b)", "(?:a|b)"),
        ("(?:a|b)?", "(?:a|b)?"),
        ("^a$|^b$", "a|b"),
        ("[A-Z]+( [A-Z]+)*", "[A-Z]+(?: [A-Z]+)*"),
        (r"(\d{3}){2,}", "(?:[0-9]{3}){2,}"),
        ("[à-ỹ]", "[à-ỹ]"),
    ],
)
def test_it_is_written_in_words_all_three_know(pattern: str, written: str) -> None:
    assert translated(pattern) == rf"\A(?:{written})\Z"


@pytest.mark.parametrize(
    ("pattern", "found", "at"),
    [
        ("(?i)a", "?", 1),
        ("a**", "*", 2),
        ("a++", "+", 2),
        (r"\p{L}", "p", 1),
        (r"\b", "b", 1),
        (r"(a)\1", "1", 4),
        ("a^", "^", 1),
        ("a$b", "$", 1),
        ("(a", "a", 1),
        ("a)", ")", 1),
        ("[a", "a", 1),
        ("[b-a]", "a", 3),
        ("[a[b]]", "[", 2),
        ("[a&&b]", "&", 2),
        ("[a-c-e]", "-", 4),
        ("a{2,1}", "{", 1),
        ("a{256}", "{", 1),
        ("a{x}", "{", 1),
        ("*a", "*", 0),
        ("a||b", "|", 2),
        ("a]", "]", 1),
        ("\\", "\\", 0),
        ("a" * (LONGEST + 1), "a", LONGEST),
    ],
)
def test_what_they_read_differently_is_refused(pattern: str, found: str, at: int) -> None:
    with pytest.raises(PatternWrong) as refused:
        translated(pattern)
    assert (refused.value.found, refused.value.at) == (found, at)


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|a)*", "(a|ab)+", "((a?)b?){30}", "(a?){9}", ".*.*.*.*x", "(a*b*)*", "(( a)*b)*"]
)
def test_what_can_be_read_in_very_many_ways_is_refused(pattern: str) -> None:
    with pytest.raises(PatternSlow):
        translated(pattern)


@pytest.mark.parametrize("pattern", ["( [a-z]+)*", "[a-z]+( [a-z]+)*x", ".*a.*b", "([a-z]{2})*1"])
def test_what_is_accepted_fails_in_few_steps(pattern: str) -> None:
    # A pattern that is read in every possible way would not come back from this.
    assert not re.search(translated(pattern), " aa" * 300 + "!\n")
