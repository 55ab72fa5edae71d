"""② A published form as the browser's engine wants it: questions as HTML, answers' tree as XML.

Why: in Python at publish, so that phones parse nothing and no server needs Node (decision 0026).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from forms.webform import after, before, model, new_rows, places
from forms.webform.fragments import marked
from forms.webform.languages import Language, tag_languages
from forms.webform.problems import WebFormUnmade
from forms.webform.sheets import Sheets
from forms.webform.writing import classes_of, written
from forms.xform import open_xform

_TRAILING = re.compile(r"^\s*(ERROR|WARNING|FATAL ERROR):\s*")


@dataclass(frozen=True, slots=True)
class WebForm:
    """A form for the browser's engine.

    `form` is the HTML of one `<form>`, `model` the XML of one `<model>`; both name files of the form as
    `jr://…`, for whoever shows them to put addresses in. `languages` holds (label, tag) in the form's
    order; `pages` is True for one screen at a time; `version` names what made it.
    """

    form: str
    model: str
    languages: tuple[tuple[str, str], ...]
    pages: bool
    version: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form before it is written: the `<form>`, the answers' `<root>`, the languages, the XForm."""

    form: etree._Element
    model: etree._Element
    languages: tuple[Language, ...]
    html: etree._Element


def transform(xform: bytes, sheets: Sheets) -> WebForm:
    """Make a form for the browser.

    Raises what `open_xform` raises, and WebFormUnmade with the reason when the sheets give it up.
    """
    drawn = draw(xform, sheets)
    new_rows.welcome(drawn.form, drawn.html)
    places.aim(drawn.form, drawn.html)
    return WebForm(
        form=written(drawn.form),
        model=model.written(drawn.model),
        languages=tuple((language.label, language.tag) for language in drawn.languages),
        pages="pages" in classes_of(drawn.form),
        version=sheets.made_with,
    )


def draw(xform: bytes, sheets: Sheets) -> Drawn:
    """The two trees of a form, nothing left out yet; raises as `transform`."""
    html = open_xform(xform).head.getparent()
    if html is None:  # pragma: no cover  # a head lies in something
        raise WebFormUnmade(reason="no html")
    before.ready(html)
    root = _applied(sheets.to_form, html)
    form = root.find("form")
    if form is None:
        raise WebFormUnmade(reason="no form")
    after.settle(root)
    languages = tag_languages(root)
    marked(form)
    answers = _applied(sheets.to_model, html)
    model.complete(answers, html)
    return Drawn(form, answers, languages, html)


def _applied(sheet: etree.XSLT, html: etree._Element) -> etree._Element:
    try:
        made = sheet(html.getroottree()).getroot()
    except etree.XSLTError as error:
        raise WebFormUnmade(reason=_reason(error)) from error
    if made is None:
        raise WebFormUnmade(reason="nothing was made")
    return made


def _reason(error: etree.XSLTError) -> str:
    """The sheet's own sentence: what it said last before it gave up."""
    said = [entry.message for entry in error.error_log if entry.message.strip()]
    return _TRAILING.sub("", " ".join((said[0] if said else str(error)).split()))[:200]
