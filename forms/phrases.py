"""Words inside a sentence that are English themselves, kept so that they can be said in another language.

Why: a refusal says why in one of its holes. As plain text that hole would stay English in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self


class Phrase(str):
    """English text that remembers its template and what fills it; everything else sees plain text.

    `template` has `{named}` holes, filled by `details`, which may be phrases too.
    """

    __slots__ = ("details", "template")
    template: str
    details: Mapping[str, object]

    def __new__(cls, template: str, /, **details: object) -> Self:
        """The phrase with its holes filled in English."""
        self = super().__new__(cls, template.format_map(details))
        self.template, self.details = template, details
        return self


def template(text: str) -> str:
    """The text as it is: marks a template that is said later, so that it is gathered for translation."""
    return text
