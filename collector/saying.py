"""Templates of `forms` in a language that is asked for, for files that are made with no reader at hand.

Why: a page asks the reader's browser for his language; the worker that makes a file has only what was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.support import Translations

_CATALOGUES = Path(__file__).parent / "translations"


@lru_cache(maxsize=32)
def say_in(language: str) -> Callable[[str], str]:
    """What gives an English template in a language; in English, or one nobody translated to, as it is."""
    found = Translations.load(_CATALOGUES, [language]) if language and language != "en" else None

    def say(template: str) -> str:
        return found.gettext(template) if found is not None and template else template

    return say
