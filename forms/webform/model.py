"""The tree that is answered into: the form's instances as the sheet lays them out, and what it leaves out.

Why: the engine finds prefixes only where the root of an instance declares them itself, and opens no form
without a place for its instanceID.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from forms.webform.after import drop
from forms.webform.before import OPENROSA, XFORMS, XHTML

_BY_SHEET = {
    "xsl": "http://www.w3.org/1999/XSL/Transform",
    "xf": XFORMS,
    "h": XHTML,
    "ev": "http://www.w3.org/2001/xml-events",
    "xsd": "http://www.w3.org/2001/XMLSchema",
}
"""Prefixes the sheet declares; a form's own other ones are written on the roots of its instances."""

_FOREIGN = (XHTML, "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML")
"""What a browser would draw or run if the engine copied it out of a list."""


def complete(root: etree._Element, html: etree._Element) -> None:
    """Change the model a sheet made of the XForm `html`, in place, into what the engine reads."""
    model = root.find(f"{{{XFORMS}}}model")
    instances = list(model.iterfind(f"{{{XFORMS}}}instance")) if model is not None else []
    declared = {prefix: uri for prefix, uri in html.nsmap.items() if prefix and prefix not in _BY_SHEET}
    for instance in instances:
        for own in [element for element in instance if isinstance(element.tag, str)]:
            _declare(own, declared)
    _harmless(instances)
    _identify([own for instance in instances for own in instance if isinstance(own.tag, str)])
    for element in root.iter():
        if len(element) and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None


def _declare(own: etree._Element, declared: dict[str, str]) -> None:
    """Write prefixes on the root of an instance; lxml can do so only to a new element."""
    missing = {prefix: uri for prefix, uri in declared.items() if own.nsmap.get(prefix) != uri}
    there = {prefix: uri for prefix, uri in own.nsmap.items() if prefix not in _BY_SHEET}
    named: dict[str | None, str] = {None: XFORMS}
    named.update(there)
    named.update(missing)
    made = etree.Element(own.tag, nsmap=named)
    for name, value in own.attrib.items():
        made.set(name, value)
    made.text, made.tail = own.text, own.tail
    made.extend(list(own))
    above = own.getparent()
    if above is not None:
        above.replace(own, made)


def _harmless(instances: list[etree._Element]) -> None:
    for instance in instances:
        for element in list(_drawn(instance)):
            drop(element)


def _drawn(instance: etree._Element) -> Iterator[etree._Element]:
    yield from instance.iter(*(f"{{{uri}}}*" for uri in _FOREIGN))


def _identify(roots: list[etree._Element]) -> None:
    """Give the answers a place for their instanceID where they have none."""
    for own in roots:
        for uri in (XFORMS, OPENROSA):
            if own.find(f"{{{uri}}}meta/{{{uri}}}instanceID") is not None:
                return
    metas = [meta for own in roots for meta in own.iterfind(f"{{{XFORMS}}}meta")]
    if not metas and roots:
        metas = [etree.SubElement(roots[0], f"{{{XFORMS}}}meta")]
    for meta in metas[:1]:
        etree.SubElement(meta, f"{{{XFORMS}}}instanceID")


def written(root: etree._Element) -> str:
    """The `<model>` as XML without the namespace of XForms: expressions name its elements without one."""
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    return text[text.index(">") + 1 : text.rindex("</")]
