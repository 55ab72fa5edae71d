"""What was found odd in a record, said to the person who looks into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask_babel import gettext

from collector.wording import fill
from forms.schema import Schema
from storage.models import EntityOutcome

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
