"""The few marks an author may write in a label, as tags.

Why: the same marks as on the phone, and the engine shows labels as they come. The result holds only
tags of `TAGS`: everything an author wrote between angle brackets is text, but for span, sup and sub.
Source: https://docs.getodk.org/form-styling/#rich-text
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

TAGS = frozenset([
    "a",
    "br",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ol",
    "p",
    "span",
    "strong",
    "sub",
    "sup",
    "ul",
])
"""Every tag that `tagged` writes."""

LONGEST = 10_000
"""Characters of a label in which marks are looked for; the search grows with the square of them."""

_Rule = Callable[[str], str]

_AS_WRITTEN = ";,/?:@&=+$-_.!~*'()#"
"""What an address keeps as it is, besides letters and digits."""

_HIDDEN = ((r"\\\\", "&92;"), (r"\\\*", "&42;"), (r"\\_", "&95;"), (r"\\#", "&35;"))
_SHOWN = (("&35;", "#"), ("&95;", "_"), ("&92;", r"\\"), ("&42;", "*"), ("&amp;", "&"))
_STYLE = re.compile(r" style=([\"'])[^\"']*\1")
_MARK = re.compile(r"[*_#\[\\<>&\n]|^[+-] ")
"""What every rule needs one of."""

_BULLET = re.compile(r"[*+-](.*)\n?")
_NUMBER = re.compile(r"\n?[0-9]+\.(.*)")
_BLOCK = re.compile(r"</?(ul|ol|li|h|p)", re.IGNORECASE)
_OTHER = "[^A-Za-z0-9_]"


def _rule(pattern: str, made: str | Callable[[re.Match[str]], str]) -> _Rule:
    return partial(re.compile(pattern, re.MULTILINE).sub, made)


def _own_tag(name: str) -> _Rule:
    """A tag an author may write himself: on one line, with no other tag's end in it.

    Searched by hand: as one pattern it takes time with the cube of a label that opens it again and again.
    """
    return partial(_with_own_tags, re.compile(rf"&lt;\s?{name}"), re.compile(rf"&lt;/\s?({name})\s?&gt;"))


def _with_own_tags(opening: re.Pattern[str], closing: re.Pattern[str], text: str) -> str:
    parts: list[str] = []
    done = at = 0
    while found := opening.search(text, at):
        at = start = found.end()
        end = text.find("&lt;/", start)
        if end < 0:
            break
        closed = closing.match(text, end)
        slash = text.find("/", start, end)
        head = text.rfind("&gt;", start, end - 1 if slash < 0 else min(slash, end - 1))
        if closed is None or head < 0 or "\n" in text[start:end]:
            continue
        inside = text[head + len("&gt;") : end]
        parts += text[done : found.start()], _made_tag(closed[1], text[start:head], inside)
        done = at = closed.end()
    return "".join([*parts, text[done:]])


def _made_tag(name: str, attributes: str, inside: str) -> str:
    style = _STYLE.search(attributes) if name == "span" else None
    return f"<{name}{style[0] if style else ''}>{inside}</{name}>"


def _link(found: re.Match[str]) -> str:
    return f'<a href="{quote(found[2], safe=_AS_WRITTEN)}" rel="noopener" target="_blank">{found[1]}</a>'


def _heading(found: re.Match[str]) -> str:
    level = len(found[1])
    return f"<h{level}>{found[2].rstrip('#')}</h{level}>"


def _item(found: re.Match[str]) -> str:
    return f"<li>{found[1].strip()}</li>"


def _bullets(found: re.Match[str]) -> str:
    return f"<ul>{_BULLET.sub(_item, found[0])}</ul>"


def _numbered(found: re.Match[str]) -> str:
    first = re.match(r"\n?([0-9]+)\.", found[0])
    start = f' start="{first[1]}"' if first and first[1] != "1" else ""
    return f"<ol{start}>{_NUMBER.sub(_item, found[0])}</ol>"


def _paragraph(found: re.Match[str]) -> str:
    line = found[1].strip()
    return found[1] if _BLOCK.match(line) else f"<p>{line}</p>"


_RULES: tuple[_Rule, ...] = (
    _rule("<", "&lt;"),
    _rule(">", "&gt;"),
    _own_tag("span"),
    _own_tag("sup"),
    _own_tag("sub"),
    _rule("&", "&amp;"),
    *(_rule(written, hidden) for written, hidden in _HIDDEN),
    _rule(r"__(.*?)__", r"<strong>\1</strong>"),
    _rule(r"\*\*(.*?)\*\*", r"<strong>\1</strong>"),
    _rule(rf"(^|{_OTHER})_([^\s][^_\n]*)_({_OTHER}|$)", r"\1<em>\2</em>\3"),
    _rule(r"\*([^\s][^*\n]*)\*", r"<em>\1</em>"),
    _rule(r"\[([^\]]*+)\]\(([^)]+)\)", _link),
    _rule(r"^\s*+(#{1,6})\s?([^#][^\n]*)(\n|$)", _heading),
    _rule(r"^((\*|\+|-) (.*)(\n|$))+", _bullets),
    _rule(r"(\n([0-9]+\.) (.*))+$", _numbered),
    _rule(r"\n(<ul>)", r"\1"),
    *(_rule(hidden, shown) for hidden, shown in _SHOWN),
    _rule(r"^([^\n]++)\n{2,}", _paragraph),
    _rule(r"^([^\n]++)\n", r"\1<br>"),
)
"""Applied in this order, each to what the one before left."""


def tagged(text: str) -> str:
    """A label as its author wrote it, as HTML; text without any mark comes back escaped and unchanged."""
    if len(text) > LONGEST or not _MARK.search(text):
        return escaped(text)
    for rule in _RULES:
        text = rule(text)
    return text


def escaped(text: str) -> str:
    """What `tagged` gives where there is no mark and at most one angle bracket of each sort."""
    return text.replace("<", "&lt;", 1).replace(">", "&gt;", 1)
