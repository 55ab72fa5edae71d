"""The sentences of pages in the reader's language, found quickly: a page asks for a hundred.

Why: Flask-Babel asks with every sentence anew whose catalogue it is to look into, and Jinja goes to it by
three steps; together that was an eighth of what a page costs.
Knows: where Flask-Babel keeps what it found out for a request, and takes it away again while something is
said in another language (`force_locale`).
"""

from __future__ import annotations

from babel.support import NullTranslations
from flask import g
from flask_babel import get_translations
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


def install(environment: Environment) -> None:
    """Give templates their `_()`."""
    environment.globals.update({"gettext": sentence, "_": sentence})


def gettext(text: str, /, **details: object) -> str:
    """A sentence, the details in its holes."""
    said = _catalogue().gettext(text)
    return said % details if details else said


@pass_eval_context
def sentence(context: EvalContext, text: str, /, **details: object) -> str:
    """The same for a template, which writes a percent sign as two; details are escaped as it escapes."""
    said = _catalogue().gettext(text)
    if context.autoescape:
        said = Markup(said)  # noqa: S704 - a catalogue is ours
    return said % details if "%" in said else said


def _catalogue() -> NullTranslations:
    kept = getattr(g, "_flask_babel", None)
    found: NullTranslations | None = getattr(kept, "babel_translations", None)
    if found is None:
        found = get_translations()
        if kept is not None:
            kept.babel_translations = found
    return found
