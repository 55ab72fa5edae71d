"""What a new row of a repeat begins with: defaults that are worked out when it is added.

Why: the sheets read actions of the model and of questions; those of a repeat they pass over, and pyxform
writes the default of a question in a repeat there.
Source: https://getodk.github.io/xforms-spec/#actions, event odk-new-repeat.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from forms.webform.before import XFORMS

EVENT = "odk-new-repeat"
_LATER = "or-setvalue-items"
_ASKED = (
    "//*[@name=$name or @data-name=$name][not(@type='hidden')]"
    "[ancestor::*[contains(@class, 'question')]][self::input or self::select or self::textarea]"
)


def welcome(form: etree._Element, html: etree._Element) -> None:
    """Write the actions of the repeats of an XForm on the questions of the form made of it, in place."""
    for action in list(_actions(html)):
        path, value = str(action.get("ref", "")), _value(action)
        asked = form.xpath(_ASKED, name=path)
        if not asked:
            _unasked(form, path, value)
        elif asked[0].get("data-setvalue") in (None, value):
            event = f"{asked[0].get('data-event', '')} {EVENT}".strip()
            asked[0].set("data-setvalue", value)
            asked[0].set("data-event", event)
        else:
            _unasked(form, path, value)


def _actions(html: etree._Element) -> Iterator[etree._Element]:
    for action in html.iterfind(f".//{{{XFORMS}}}repeat/{{{XFORMS}}}setvalue"):
        if EVENT in str(action.get("event", "")).split():
            yield action


def _value(action: etree._Element) -> str:
    value = action.get("value")
    return str(value) if value is not None else f"'{(action.text or '').strip()}'"


def _unasked(form: etree._Element, path: str, value: str) -> None:
    """A field nobody sees, as the sheets make one for a default without a question."""
    found = form.xpath("//*[@id=$name]", name=_LATER)
    place = found[0] if found else etree.SubElement(form, "fieldset", id=_LATER, style="display:none;")
    label = etree.SubElement(place, "label", {"class": "setvalue non-select "})
    told = {"type": "hidden", "name": path, "data-setvalue": value, "data-event": EVENT}
    etree.SubElement(label, "input", told | {"data-type-xml": "string"})
