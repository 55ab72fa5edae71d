"""What of a form is said in each of its languages, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forms.phrases import template
from forms.questionnaire.asked import Asked, Questionnaire, Texts
from forms.questionnaire.reading import UNSAID

QUESTIONS = template("questions")
GROUPS = template("headings and texts to read")
HINTS = template("hints")
CHOICES = template("answers of lists")
MESSAGES = template("messages when an answer is not taken")
PARTS = (QUESTIONS, GROUPS, HINTS, CHOICES, MESSAGES)
"""What is counted apart, in the order it is told."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts of a part (one of PARTS) there are, and how many of them in a language."""

    part: str
    there: int
    of: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """A language of a form, and what is said in it."""

    language: str
    counts: tuple[Count, ...]

    @property
    def missing(self) -> int:
        """How many texts are not there in this language, though another has them."""
        return sum(one.of - one.there for one in self.counts)


def coverage(questionnaire: Questionnaire) -> tuple[Coverage, ...]:
    """Every language of a form, the default one first; parts a form does not have are left out."""
    texts = list(_texts(questionnaire))
    found = []
    for language in questionnaire.languages:
        counts = []
        for part in PARTS:
            several = [text for kind, text in texts if kind == part and any(map(_is_said, text.values()))]
            if several:
                there = sum(1 for text in several if has(text, language))
                counts.append(Count(part, there, len(several)))
        found.append(Coverage(language, tuple(counts)))
    return tuple(found)


def has(text: Texts, language: str) -> bool:
    """Whether a text is there in a language; one that names no language is there in all."""
    return _is_said(text.get(language, "")) or (language != "" and set(text) == {""})


def lacks(one: Asked, language: str) -> tuple[str, ...]:
    """The parts of a question that some language has and this one has not."""
    label = QUESTIONS if one.is_asked else GROUPS
    pairs = ((label, one.labels), (HINTS, one.hints), (MESSAGES, one.messages))
    return tuple(
        part for part, text in pairs if any(map(_is_said, text.values())) and not has(text, language)
    )


def _texts(questionnaire: Questionnaire) -> Iterator[tuple[str, Texts]]:
    for one in questionnaire.every():
        yield QUESTIONS if one.is_asked else GROUPS, one.labels
        yield HINTS, one.hints
        yield MESSAGES, one.messages
        yield MESSAGES, one.required_messages
    for choices in questionnaire.lists.values():
        for choice in choices:
            yield CHOICES, choice.labels


def _is_said(text: str) -> bool:
    return text not in UNSAID
