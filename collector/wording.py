"""Templates of `forms` and `storage` in the reader's language, their holes filled."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from forms.phrases import Phrase

WORDS = frozenset({
    "bytes",
    "cells",
    "characters",
    "characters in its version",
    "columns",
    "create",
    "form id",
    "form version",
    "group",
    "loop",
    "parts",
    "questions",
    "repeat",
    "rows",
    "sheets",
    "title (h:title)",
    "update",
    "user name",
})
"""What holes are filled with that is English too, beside phrases; names and numbers stay as they are."""


def fill(template: str, details: Mapping[str, object]) -> str:
    """The template in the reader's language, with the details in its holes."""
    if not template:
        return ""
    sentence = str(gettext(template))
    return sentence.format_map({name: _worded(value) for name, value in details.items()})


def _worded(value: object) -> object:
    if isinstance(value, Phrase):
        return fill(value.template, value.details)
    return gettext(value) if isinstance(value, str) and value in WORDS else value
