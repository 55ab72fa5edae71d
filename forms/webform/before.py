"""What an XForm needs before the sheets can read it.

Why: they take the path of a list from attributes that no XForm has, and know a question's own picture
only by an attribute beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
OPENROSA = "http://openrosa.org/xforms"

_NAMES = {"xf": XFORMS, "h": XHTML}
_MODEL = "/h:html/h:head/xf:model"
_ADDRESS = re.compile(r"^[a-zA-Z]+://")
_LIST = re.compile(r"instance\(\s*(?P<quote>['\"])(?P<id>.*?)(?P=quote)\s*\)")
_TEXT_BY = re.compile(r"itext\((.*)\)")
_STEP = re.compile(r"^[\w.-]+$")


def ready(html: etree._Element) -> None:
    """Change an XForm, in place, into what the sheets expect."""
    _own_files(html)
    for itemset in html.iterfind(f".//{{{XFORMS}}}itemset"):
        _describe(itemset, html)


def _own_files(html: etree._Element) -> None:
    """Say beside each answer that names a file of the form, where that file is."""
    for bind in _found(html, f"{_MODEL}/xf:bind[@type='binary']"):
        steps = str(bind.get("nodeset", "")).strip().split("/")[1:]
        if not steps or not all(_STEP.match(step) for step in steps):
            continue
        path = "/".join(f"xf:{step}" for step in steps)
        for answer in _found(html, f"{_MODEL}/xf:instance/{path}")[:1]:
            text = "".join(map(str, answer.itertext()))
            if _ADDRESS.match(text):
                answer.set("src", text)


def _describe(itemset: etree._Element, html: etree._Element) -> None:
    """Say what an itemset's answers are called by; give it the ids of their texts where it uses such."""
    value, label = _reference(itemset, "value"), _reference(itemset, "label")
    itemset.set("valueRef", value)
    itemset.set("labelRef", label)
    by_text = _TEXT_BY.search(label)
    if by_text is None:
        return
    for found in list(_items(str(itemset.get("nodeset", "")), html)):
        itemset.extend(deepcopy(part) for part in found if part.tag == f"{{{XFORMS}}}{by_text[1]}")


def _reference(itemset: etree._Element, name: str) -> str:
    element = itemset.find(f"{{{XFORMS}}}{name}")
    return str(element.get("ref", "")) if element is not None else ""


def _items(nodeset: str, html: etree._Element) -> Iterator[etree._Element]:
    """Every item of the list inside the form that a nodeset reads, whatever its conditions choose."""
    listed = _LIST.search(nodeset)
    if listed is None:
        return
    steps = _plain_path(nodeset[listed.end() :]).strip().split("/")[1:]
    if not steps or not all(_STEP.match(step) for step in steps):
        return
    path = "/".join(f"xf:{step}" for step in steps)
    search = etree.XPath(f"{_MODEL}/xf:instance[@id=$id]/{path}", namespaces=_NAMES)
    yield from _elements(search(html, id=listed["id"]))


def _plain_path(text: str) -> str:
    """The path at the start of `text` without its conditions, however deep they are nested."""
    depth = 0
    kept = []
    for sign in text:
        if sign == "[":
            depth += 1
        elif sign == "]":
            depth -= 1
        elif depth == 0 and sign in "),":
            break
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)


def _found(html: etree._Element, path: str) -> list[etree._Element]:
    return _elements(html.xpath(path, namespaces=_NAMES))


def _elements(found: object) -> list[etree._Element]:
    return [element for element in found if etree.iselement(element)] if isinstance(found, list) else []
