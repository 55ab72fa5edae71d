"""What the sheets leave to be done in the form they made: actions, appearances.

Why: they write an action as a question of its own, and appearances beside the class they belong in.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

PLACEHOLDER = "or-appearances-placeholder"

_OF_SELECTS = {
    "horizontal": ("columns",),
    "horizontal-compact": ("columns-pack",),
    "compact": ("columns-pack", "no-buttons"),
}
"""Appearances of a select to what they mean by newer names."""


def settle(root: etree._Element) -> None:
    """Change a made form, in place, into what the engine reads."""
    for action in ("setgeopoint", "setvalue"):
        _join(root, action)
    for element in root.xpath("//*[@data-appearances]"):
        _dress(element)


def _join(root: etree._Element, action: str) -> None:
    """Write an action on the question it changes; one without such a question stays by itself."""
    marker = f"data-{action}"
    controls = root.xpath(f"//label/input[@{marker}]")
    if not controls:
        return
    for control in controls:
        label = control.getparent()
        if any("question" in str(above.get("class", "")) for above in label.iterancestors()):
            bare = deepcopy(control)
            bare.tail = label.tail
            label.getparent().replace(label, bare)
    questions = _questions(root)
    for control in root.xpath(f"//label[contains(@class, '{action}')]/input[@{marker}]"):
        question = questions.get(str(control.get("name")))
        if question is not None:
            for name in (marker, "data-event"):
                question.set(name, str(control.get(name, name)))
            drop(control.getparent())


def _questions(root: etree._Element) -> dict[str, etree._Element]:
    """The first control by the path of its answer, of those that are asked."""
    asked = (
        "//*[@name and not(@type='hidden')]"
        "[contains(../@class, 'question') or contains(../../@class, 'option-wrapper')]"
    )
    found: dict[str, etree._Element] = {}
    for control in root.xpath(asked):
        found.setdefault(str(control.get("name")), control)
    return found


def drop(element: etree._Element) -> None:
    """Take an element away and leave the text behind it where it was."""
    above = element.getparent()
    if above is None:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        above.text = (above.text or "") + (element.tail or "")
    above.remove(element)


def _dress(element: etree._Element) -> None:
    """Write the appearances of an element as classes."""
    select = element.attrib.pop("data-appearances-select-type", None) is not None
    said = str(element.attrib.pop("data-appearances")).strip().lower()
    worn = [name for one in said.split() or [""] for name in _classes(one, select=select)]
    classes = str(element.get("class", "")).split()
    element.set(
        "class",
        " ".join(name for one in classes for name in (worn if one == PLACEHOLDER else [one])),
    )


def _classes(appearance: str, *, select: bool) -> Iterator[str]:
    yield f"or-appearance-{appearance}"
    if not select:
        return
    for meant in _OF_SELECTS.get(appearance, ()):
        yield f"or-appearance-{meant}"
    if appearance.startswith("compact-"):
        yield appearance.removeprefix("compact-")
        yield "or-appearance-no-buttons"
