"""Labels of a made form: their marks become elements, and what they quote of answers stays in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from lxml import etree

from forms.webform.markdown import TAGS, escaped, tagged

OUTPUT = "or-output"
"""The class of what a label quotes of the answers."""

_LABELS = "//span[contains(@class, 'question-label') or contains(@class, 'or-hint')]"
_OPEN, _CLOSE = "\ue000", "\ue001"
_QUOTED = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<rest>[^>]*)>")
_ATTRIBUTE = re.compile(r"(?P<name>[a-z]+)=(?P<mark>[\"'])(?P<value>.*?)(?P=mark)", re.DOTALL)
_ENDS_PARAGRAPH = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "ul"])
_OPENED_AGAIN = frozenset(["a", "em", "strong"])


def marked(form: etree._Element) -> None:
    """Replace the marks in every label and hint of a made form, in place."""
    for label in form.xpath(_LABELS):
        quotes = [part for part in label if OUTPUT in str(part.get("class", "")).split()]
        text = _with_places(label, quotes)
        written = tagged(text)
        if written != escaped(text):
            _fill(label, written, quotes)


def _with_places(label: etree._Element, quotes: list[etree._Element]) -> str:
    """The text of a label, with a mark no author writes where it quotes an answer."""
    parts = [_PRIVATE.sub("", label.text or "")]
    for part in label:
        parts.append(f"{_OPEN}{quotes.index(part)}{_CLOSE}" if part in quotes else "".join(part.itertext()))
        parts.append(_PRIVATE.sub("", part.tail or ""))
    return "".join(parts)


def _fill(label: etree._Element, written: str, quotes: list[etree._Element]) -> None:
    for part in list(label):
        label.remove(part)
    label.text = None
    builder = _Builder(label, quotes)
    position = 0
    for found in _TAG.finditer(written):
        builder.text(written[position : found.start()])
        builder.tag(found)
        position = found.end()
    builder.text(written[position:])


class _Builder:
    """Puts text and tags into a label as a browser would read them, whatever is left open or crosses."""

    def __init__(self, label: etree._Element, quotes: list[etree._Element]) -> None:
        self._open = [label]
        self._quotes = quotes

    def text(self, written: str) -> None:
        """Text between two tags, with the answers it quotes."""
        position = 0
        for found in _QUOTED.finditer(written):
            self._say(unescape(written[position : found.start()]))
            quote = self._quotes[int(found[1])]
            quote.tail = None
            self._open[-1].append(quote)
            position = found.end()
        self._say(unescape(written[position:]))

    def _say(self, text: str) -> None:
        here = self._open[-1]
        if not text:
            return
        if len(here):
            here[-1].tail = (here[-1].tail or "") + text
        else:
            here.text = (here.text or "") + text

    def tag(self, found: re.Match[str]) -> None:
        """A tag; one that a label cannot hold is left out."""
        name = found["name"]
        if name not in TAGS:
            return
        if found["end"]:
            self._close(name)
            return
        if name in _ENDS_PARAGRAPH:
            self._close("p")
        made = etree.SubElement(self._open[-1], name)
        for attribute in _ATTRIBUTE.finditer(found["rest"]):
            made.set(attribute["name"], _PRIVATE.sub("", unescape(attribute["value"])))
        if name != "br":
            self._open.append(made)

    def _close(self, name: str) -> None:
        inside = [element.tag for element in self._open[1:]]
        if name not in inside:
            return
        crossed = list(self._crossed(name))
        for tag in reversed(crossed):
            self._open.append(etree.SubElement(self._open[-1], tag))

    def _crossed(self, name: str) -> Iterator[str]:
        """Close down to `name`; the tags closed on the way that a browser opens again."""
        while (closed := str(self._open.pop().tag)) != name:
            if closed in _OPENED_AGAIN:
                yield closed
