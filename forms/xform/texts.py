"""What a form shows: labels per language, and the media its texts name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.xform.document import attribute, child, children, local

NO_LANGUAGE = ""
"""Key of a label that belongs to no language."""

_PYXFORM_NO_LANGUAGE = "default"
"""What pyxform calls the texts of columns without a language."""

_HOLE = "…"
"""Stands for an answer shown inside a text (`<output>`): a label in a table has no record at hand."""

_BY_ID = re.compile(r"jr:itext\(\s*(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")\s*\)")
_FORMS_OF_MEDIA = {"image": "image", "big-image": "image", "audio": "audio", "video": "video"}


@dataclass(frozen=True, slots=True)
class Texts:
    """The itext of a form. `labels[id][language]` is a text, `languages` has the default one first."""

    languages: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    media: tuple[tuple[str, str], ...] = ()

    def label_of(self, element: etree._Element) -> dict[str, str]:
        """The label of a control or of an inline answer, per language; empty where it has none."""
        label = child(element, "label")
        return self.text_of(label) if label is not None else {}

    def text_of(self, label: etree._Element) -> dict[str, str]:
        """The text of a label, its own or the one it refers to."""
        found = _BY_ID.search(attribute(label, "ref"))
        if found:
            return dict(self.labels.get(found["single"] or found["double"] or "", {}))
        written = shown(label)
        return {NO_LANGUAGE: written} if written else {}


def read_texts(model: etree._Element) -> Texts:
    """Read `itext`: every translation, the default one first, and the (kind, address) of its media."""
    itext = child(model, "itext")
    translations = [] if itext is None else list(children(itext, "translation"))
    # The sort is stable: without a default the first translation is the one phones begin with.
    translations.sort(key=lambda translation: "default" not in translation.attrib)
    labels: dict[str, dict[str, str]] = {}
    media: list[tuple[str, str]] = []
    languages: list[str] = []
    for translation in translations:
        language = _language(str(translation.get("lang", "")))
        if language and language not in languages:
            languages.append(language)
        for text in children(translation, "text"):
            values = list(children(text, "value"))
            media.extend(_media(values))
            label = _label(values)
            if label:
                labels.setdefault(str(text.get("id", "")), {}).setdefault(language, label)
    return Texts(tuple(languages), labels, tuple(media))


def shown(element: etree._Element) -> str:
    """The text of an element as read aloud: answers shown inside it become `…`."""
    parts = [element.text or ""]
    for inner in element:
        parts.append(_HOLE if local(inner) == "output" else shown(inner))
        parts.append(inner.tail or "")
    return "".join(parts).strip()


def _language(name: str) -> str:
    return NO_LANGUAGE if name == _PYXFORM_NO_LANGUAGE else name


def _label(values: Iterable[etree._Element]) -> str:
    by_form = {str(value.get("form", "")): shown(value) for value in reversed(list(values))}
    return next((by_form[form] for form in ("", "long", "short") if by_form.get(form)), "")


def _media(values: Iterable[etree._Element]) -> Iterable[tuple[str, str]]:
    for value in values:
        kind = _FORMS_OF_MEDIA.get(str(value.get("form", "")))
        if kind:
            yield kind, shown(value)
