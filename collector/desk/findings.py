"""What was found odd in a record, said to the person who looks into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext

from forms.schema import Schema

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
    "file_name_unusable": lambda: gettext("The name of the file cannot be used, so the file is not awaited."),
}


def sentence(check: str) -> str:
    """What a finding of that code means."""
    say = _SENTENCES.get(check)
    return say() if say else gettext("Please look at this answer (%(check)s).", check=check)


def label_of(schema: Schema, path: str, speak: Callable[[Mapping[str, str]], str]) -> str:
    """The question a finding is about, in the words of the form; its name when the form has no words."""
    node = schema.by_path.get(path)
    return (speak(node.labels) if node else "") or path.rpartition("/")[2]
