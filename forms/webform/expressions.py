"""The expressions of an XForm: whose they are, what they call, and how they choose among repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from forms.xform.document import Document, attribute, children, local, without_prefix

_EVALUATOR = """
abs acos area asin atan atan2 boolean boolean-from-string ceiling checklist coalesce concat contains cos count
count-non-empty count-selected date date-time decimal-date-time decimal-time digest distance ends-with exp
exp10 false floor format-date format-date-time id if int join lang last local-name log log10 max min name
namespace-uri normalize-space not now number once pi position pow random randomize regex round selected
selected-at sin sqrt starts-with string string-length substr substring substring-after substring-before sum
tan today translate true uuid weighted-checklist
"""
"""Functions of openrosa-xpath-evaluator 3.1.0, those of XPath 1.0 among them."""

_ENGINE = "current indexed-repeat instance jr:choice-name jr:itext pulldata version"
"""Functions enketo-core 9.0.1 replaces before it evaluates."""

_NO_CALLS = "and comment div mod node or processing-instruction text"
"""Operators and tests of nodes, which may also stand before a bracket."""

KNOWN = frozenset(f"{_EVALUATOR} {_ENGINE} {_NO_CALLS}".split())
"""What may stand before an opening bracket."""

_CALL = re.compile(r"(?<![\w$-])([a-zA-Z][\w.-]*(?::[\w.-]+)?)\s*\(")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_PATH = re.compile(r"/[\w.:-]+(?:\s*/\s*[\w.:-]+)+$")
_LONGEST_PATH = 1_000
"""Signs before a bracket in which a path is looked for; the search grows with the square of them."""

_IN_BIND = ("calculate", "relevant", "constraint", "required", "readonly")


def of_form(document: Document) -> Iterator[tuple[str, str]]:
    """Every expression with the path it belongs to, root and all; "" where it belongs to none."""
    for bind in children(document.model, "bind"):
        for name in _IN_BIND:
            if attribute(bind, name):
                yield attribute(bind, "nodeset").strip(), attribute(bind, name)
    for action in document.model.iter("{*}setvalue"):
        yield attribute(action, "ref").strip(), attribute(action, "value")
    for element in document.body.iter() if document.body is not None else ():
        if isinstance(element.tag, str):
            yield from _shown(element)


def _shown(element: etree._Element) -> Iterator[tuple[str, str]]:
    kind = local(element)
    if kind == "itemset":
        yield _around(element), attribute(element, "nodeset")
    elif kind in {"output", "setvalue"}:
        yield _around(element), attribute(element, "value")
    elif kind == "repeat" and attribute(element, "count"):
        yield attribute(element, "nodeset").strip(), attribute(element, "count")


def _around(element: etree._Element) -> str:
    for above in element.iterancestors():
        path = attribute(above, "ref") or attribute(above, "nodeset")
        if path and local(above) not in {"label", "hint"}:
            return path.strip()
    return ""


def unknown_calls(expression: str) -> list[str]:
    """Functions an expression calls that the engine does not know, in their order, once each."""
    called = (found[1] for found in _CALL.finditer(_QUOTED.sub("''", expression)))
    return list(dict.fromkeys(name for name in called if name not in KNOWN))


def whole_paths(expression: str) -> list[str]:
    """Paths that a condition on a repeat names from the root, as if they were the repeat's own.

    In `count(/data/r[/data/r/age < 15])` that is `/data/r/age`: the path of the repeat with more behind it.
    """
    if "[" not in expression:
        return []
    plain = _QUOTED.sub(lambda found: "'" + " " * (len(found[0]) - 2) + "'", without_prefix(expression))
    found = []
    for start, inside in _conditions(plain):
        before = _PATH.search(plain[max(0, start - _LONGEST_PATH) : start].rstrip())
        if before is None:
            continue
        own = re.sub(r"\s", "", before[0])
        pattern = rf"(?<![\w.)\]])\s*({re.escape(own)}(?:/[\w.-]+)+)"
        found += [match[1] for match in re.finditer(pattern, inside)]
    return list(dict.fromkeys(found))


def _conditions(expression: str) -> Iterator[tuple[int, str]]:
    """Where each outermost or inner bracket opens, and what stands in it."""
    opened: list[int] = []
    for place, sign in enumerate(expression):
        if sign == "[":
            opened.append(place)
        elif sign == "]" and opened:
            start = opened.pop()
            yield start, expression[start + 1 : place]
