"""What was found odd in a record, said to the person who looks into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask_babel import gettext

from collector.wording import fill
from forms.schema import Schema
from storage.models import EntityOutcome

_SENTENCES: Mapping[str, Callable[[], str]] = {
    "value_unreadable": lambda: gettext(
        "The answer is not of the kind the question asks for; it is kept as sent."
    ),
    "unknown_question": lambda: gettext(
        "This question is not in the form; its answer is kept in the sent file."
    ),
    "unknown_choice": lambda: gettext("The answer is not on the list of the question."),
    "answered_twice": lambda: gettext("The question is answered twice; the first answer counts."),
    "too_many_rows": lambda: gettext(
        "There are more rows than can be kept in tables; all are in the sent file."
    ),
    "character_removed": lambda: gettext("Characters that no file may hold were left out."),
    "place_missing": lambda: gettext(
        "The record names no place, and neither do the places of its sender: only those see it who see "
        "the whole tree."
    ),
    "place_unknown": lambda: gettext(
        "Nobody knows this place; the record is laid to the place of its sender, where he has one."
    ),
    "place_elsewhere": lambda: gettext("This place is not one of those the sender works in."),
    "period_unreadable": lambda: gettext(
        "The period cannot be read; the record counts for its date instead."
    ),
    "date_too_late": lambda: gettext(
        "The day is more than 45 days after the record came, so it counts for the day it came."
    ),
    "calculation_stale": lambda: gettext(
        "An answer this rests on was corrected, and only a phone can work it out anew: it may be out of date."
    ),
    "file_name_unusable": lambda: gettext("The name of the file cannot be used, so the file is not awaited."),
}


def sentence(check: str) -> str:
    """What a finding of that code means."""
    say = _SENTENCES.get(check)
    return say() if say else gettext("Please look at this answer (%(check)s).", check=check)


_OPEN: Mapping[str, Callable[[], str]] = {
    "waiting": lambda: gettext("The lists this record changes have not been brought up to date yet."),
    "held": lambda: gettext(
        "This record changes something in a list that another record makes or changes first. That one has "
        "not arrived yet; after five days this one is applied without it."
    ),
    "pending": lambda: gettext("What this record adds to a list is added when the record is approved."),
}


def of_outcome(outcome: EntityOutcome | None) -> Iterator[str]:
    """What to know of the entities a record brought; nothing where they were applied."""
    if outcome is None:
        return
    if outcome.state in _OPEN:
        yield _OPEN[outcome.state]()
    elif outcome.error is not None:
        yield gettext("The lists this record should have changed were left as they are.")
        yield from (_told(part) for part in outcome.error.get("parts", [outcome.error]))


def _told(error: Mapping[str, Any]) -> str:
    said = fill(error["sentence"], error["details"])
    return f"{error['number']}. {said}" if "number" in error else said


def label_of(schema: Schema, path: str, speak: Callable[[Mapping[str, str]], str]) -> str:
    """The question a finding is about, in the words of the form; its name when the form has no words."""
    node = schema.by_path.get(path)
    return (speak(node.labels) if node else "") or path.rpartition("/")[2]
