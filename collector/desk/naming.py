"""What the lists of the programme are called on screen; forms and files know them by their own names."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from forms.phrases import template

LISTS: Mapping[str, str] = {
    "households": template("Household list"),
    "learners": template("Learner list"),
    "classes": template("Class list"),
    "centres": template("Centre list"),
    "villages": template("Village list"),
    "communes": template("Commune list"),
    "people": template("Person list"),
    "commune_reports": template("Commune report list"),
    "commune_figures": template("Commune figure list"),
}


def list_title(name: str) -> str:
    """The list's title in the reader's language; its name itself where it is none of the programme's."""
    title = LISTS.get(name)
    return gettext(title) if title else name
