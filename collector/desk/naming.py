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

PROPERTIES: Mapping[str, str] = {
    "village_id": template("Village it belongs to"),
    "village_code": template("Code of the village"),
    "commune_code": template("Code of the commune"),
    "household_id": template("Household it belongs to"),
    "class_id": template("Class it belongs to"),
    "centre_id": template("Centre it belongs to"),
    "phase_due": template("Phase to be learnt next"),
    "xmc_done": template("Literacy course finished"),
    "last_visit": template("Last visit"),
    "learners_n": template("Number of learners"),
    "geometry": template("Position"),
    "report_year": template("Year of the report"),
}
"""Properties that forms fill without a question in words."""


def list_title(name: str) -> str:
    """The list's title in the reader's language; its name itself where it is none of the programme's."""
    title = LISTS.get(name)
    return gettext(title) if title else name


def property_title(name: str, asked: str = "") -> str:
    """What a property is called: the question that fills it, else our word for it; "" where there is none."""
    title = "" if asked else PROPERTIES.get(name, "")
    return gettext(title) if title else asked
