"""The answers a question may have: lists inside the form, and lists that come from a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.schema import Choice
from forms.xform.document import attribute, child, children, local, text_of
from forms.xform.media import ITEMSETS, file_name, searched_file
from forms.xform.texts import NO_LANGUAGE, Texts, shown

_FROM_INSTANCE = re.compile(r"instance\(\s*(?:'(?P<single>[^']+)'|\"(?P<double>[^\"]+)\")\s*\)")


@dataclass(frozen=True, slots=True)
class Lists:
    """`inside` holds the lists of the form itself, `files` the file each external instance comes from."""

    inside: Mapping[str, tuple[Choice, ...]]
    files: Mapping[str, str]

    def of(self, control: etree._Element, path: str, texts: Texts) -> tuple[str, tuple[Choice, ...]]:
        """The list a control asks from: its name ("" = none known), and its answers if written inline."""
        searched = searched_file(str(control.get("appearance", "")))
        if searched:
            return searched, ()
        if control.get("query"):
            return ITEMSETS, ()
        itemset = child(control, "itemset")
        if itemset is not None:
            return self._named(attribute(itemset, "nodeset")), ()
        inline = tuple(_inline(control, texts))
        return (path, inline) if inline else ("", ())

    def _named(self, nodeset: str) -> str:
        found = _FROM_INSTANCE.search(nodeset)
        name = (found["single"] or found["double"]) if found else ""
        if name in self.files:
            return self.files[name]
        return name if name in self.inside else ""


def read_lists(model: etree._Element, texts: Texts, controls: list[etree._Element]) -> Lists:
    """Read every secondary instance that holds answers, or names the file that does."""
    inside: dict[str, tuple[Choice, ...]] = {}
    files: dict[str, str] = {}
    fields = dict(_fields(controls))
    instances = list(children(model, "instance"))[1:]
    for instance in instances:
        name = str(instance.get("id", ""))
        source = file_name(attribute(instance, "src"))
        if source:
            files[name] = source
        elif name and not instance.get("src"):
            answers = tuple(_items(instance, texts, fields.get(name, _Fields())))
            if answers:
                inside[name] = answers
    return Lists(inside, files)


@dataclass(frozen=True, slots=True)
class _Fields:
    """The elements of an item that hold its code and its label."""

    value: str = "name"
    label: str = "label"


def _fields(controls: list[etree._Element]) -> Iterator[tuple[str, _Fields]]:
    """Which elements the itemsets of the body read, by list; pyxform's names unless they say other."""
    for control in reversed(controls):
        itemset = child(control, "itemset")
        found = _FROM_INSTANCE.search(attribute(itemset, "nodeset")) if itemset is not None else None
        if itemset is None or not found:
            continue
        value, label = child(itemset, "value"), child(itemset, "label")
        value_ref = attribute(value, "ref") if value is not None else ""
        label_ref = attribute(label, "ref") if label is not None else ""
        written = "label" if "(" in label_ref or not label_ref else label_ref
        yield found["single"] or found["double"], _Fields(value_ref or "name", written)


def _items(instance: etree._Element, texts: Texts, fields: _Fields) -> Iterator[Choice]:
    root = next(iter(instance), None)
    for item in root if root is not None else ():
        value = child(item, fields.value)
        if value is None:
            continue
        code = text_of(value)
        if code:
            yield Choice(code, _labels(item, texts, fields.label))


def _labels(item: etree._Element, texts: Texts, field: str) -> Mapping[str, str]:
    by_id = child(item, "itextId")
    if by_id is not None:
        return texts.labels.get(text_of(by_id), {})
    label = child(item, field)
    written = shown(label) if label is not None else ""
    return {NO_LANGUAGE: written} if written else {}


def _inline(control: etree._Element, texts: Texts) -> Iterator[Choice]:
    for item in control:
        if local(item) == "choices":
            yield from _inline(item, texts)
        value = child(item, "value") if local(item) == "item" else None
        if value is not None and text_of(value):
            yield Choice(text_of(value), texts.label_of(item))
