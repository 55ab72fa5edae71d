"""Everything about one person as a page he can read without this server: `index.html` of his file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import get_locale, gettext

from collector.log_words import named
from collector.wording import fill
from forms.checks.catalogue import CHECKS
from forms.values import HOME
from storage.queries.belongings import ENTITY, RECORD, ROW

_KINDS: Mapping[str, Callable[[], str]] = {
    RECORD: lambda: gettext("Record"),
    ROW: lambda: gettext("Person in a record"),
    ENTITY: lambda: gettext("Member of a list"),
}
_STATES: Mapping[str, Callable[[], str]] = {
    "open": lambda: gettext("open"),
    "fixed": lambda: gettext("mended"),
    "accepted": lambda: gettext("right as it is"),
    "rejected": lambda: gettext("no fault"),
}


def page(document: Mapping[str, Any]) -> str:
    """The page of what `collector.actions.person_file` gathered."""
    return render_template(
        "person_file.html",
        found=document,
        language=str(get_locale() or "vi"),
        kinds={kind: said() for kind, said in _KINDS.items()},
        states={state: said() for state, said in _STATES.items()},
        named=named,
        check=_check,
        when=_when,
    )


def _check(code: str) -> str:
    """What a check is called; those of a survey's own workbook by their code."""
    known = CHECKS.get(code)
    return fill(known.title, {}) if known else code


def _when(said: str) -> str:
    return datetime.fromisoformat(said).astimezone(HOME).strftime("%d/%m/%Y %H:%M") if said else ""
