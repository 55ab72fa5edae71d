"""Expressions in words, as who reads no formulas is told them."""

from __future__ import annotations

import pytest

from forms.expressions.parser import parse
from forms.expressions.saying import Names, in_words
from forms.phrases import Phrase

_QUESTIONS = {"age": "Age", "skills": "Skills", "sex": "Sex"}
_ANSWERS = {"read": "Reading", "2": "Woman"}

NAMES = Names(
    lambda answer: _QUESTIONS.get(answer.name, answer.name),
    lambda _question, code: _ANSWERS.get(code, code),
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("true()", "every row"),
        ("${age} >= 15", "Age ≥ 15"),
        ("${sex} = '2'", "Sex is “Woman”"),
        ("'2' = ${sex}", "Sex is “Woman”"),
        ("${sex} != '2'", "Sex is not “Woman”"),
        ("${sex} = ''", "Sex is blank"),
        ("${sex} != ''", "Sex is answered"),
        ("selected(${skills}, 'read')", "Skills includes “Reading”"),
        ("not(selected(${skills}, 'read'))", "not (Skills includes “Reading”)"),
        ("${age} >= 15 and ${sex} = '2'", "Age ≥ 15 and Sex is “Woman”"),
        ("(${age} >= 15 or ${sex} = '2') and ${age} < 60.5", "(Age ≥ 15 or Sex is “Woman”) and Age < 60.5"),
        ("${a} + ${b} + ${c}", "a + b + c"),
        ("${a} - (${b} + ${c})", "a − (b + c)"),
        ("(${a} + ${b}) * 2", "(a + b) × 2"),
        ("${a} div (${b} - 1)", "a ÷ (b − 1)"),
        ("-${a}", "minus a"),
        ("if(${sex} = '2', ${age}, 0)", "if Sex is “Woman”: Age, else: 0"),
        ("coalesce(${a}, ${b})", "a, or where that is blank b"),
        ("today()", "the last day of the period"),
        ("string-length(${a})", "string-length(a)"),
    ],
)
def test_a_formula_is_said_in_words(text: str, words: str) -> None:
    assert str(in_words(parse(text), NAMES)) == words


def test_every_word_of_it_can_be_said_in_another_language() -> None:
    said = in_words(parse("${age} >= 15 and not(${sex} = '2')"), NAMES)
    assert isinstance(said, Phrase)
    assert said.template == "{first} and {second}"
    second = said.details["second"]
    assert isinstance(second, Phrase)
    assert second.template == "not ({inner})"
