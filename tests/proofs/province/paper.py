"""A blank form as a client reads it, and answers written into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

XF = "{http://www.w3.org/2002/xforms}"
HTML = "{http://www.w3.org/1999/xhtml}"
JR = "{http://openrosa.org/javarosa}"
_META = "http://openrosa.org/xforms"

Answers = Mapping[str, str]
"""Answers by the name of the question; a question that is not there was not asked."""


@dataclass
class _Leaf:
    name: str
    path: str


@dataclass
class _Group:
    name: str
    path: str
    parts: list[_Leaf | _Group] = field(default_factory=list)
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its type, and its choices where the form itself holds them."""

    name: str
    path: str
    type: str
    control: str
    choices: tuple[str, ...]


class Paper:
    """A form to be filled; `questions` by name."""

    def __init__(self, xform: bytes) -> None:
        root = etree.fromstring(xform)
        model = next(root.iter(f"{XF}model"))
        first, *others = model.findall(f"{XF}instance")
        instance = first[0]
        self.form_id = instance.get("id", "")
        self.version = instance.get("version", "")
        self._root = etree.QName(instance).localname
        self._repeats = {one.get("nodeset") for one in root.iter(f"{XF}repeat")}
        self._tree = self._group(instance, f"/{self._root}")
        types = {one.get("nodeset", ""): one.get("type", "string") for one in model.iter(f"{XF}bind")}
        lists = {
            one.get("id", ""): tuple(name.text or "" for name in one.iter(f"{XF}name")) for one in others
        }
        controls = {one.get("ref", ""): one for one in root.iter(f"{XF}*") if one.get("ref")}
        self.questions = {
            leaf.name: self._asked(leaf, types, lists, controls) for leaf in self._leaves(self._tree)
        }

    def write(self, instance_id: str, answers: Answers, rows: Mapping[str, Sequence[Answers]]) -> bytes:
        """The answered form; `rows` are the answers of each repeat, by its name."""
        body = "".join(self._write(part, answers, rows) for part in self._tree.parts)
        return (
            f'<?xml version="1.0"?><{self._root} id="{self.form_id}" version="{self.version}" '
            f'xmlns:orx="{_META}">{body}<orx:meta><orx:instanceID>{instance_id}</orx:instanceID></orx:meta>'
            f"</{self._root}>"
        ).encode()

    def _group(self, element: etree._Element, path: str) -> _Group:
        group = _Group(etree.QName(element).localname, path, repeats=path in self._repeats)
        seen: set[str] = set()
        for child in element:
            name = etree.QName(child).localname
            # A repeat stands there twice: as a template and as its first row.
            if name == "meta" or name in seen:
                continue
            seen.add(name)
            inner = f"{path}/{name}"
            is_leaf = len(child) == 0
            group.parts.append(_Leaf(name, inner) if is_leaf else self._group(child, inner))
        return group

    def _leaves(self, group: _Group) -> Iterator[_Leaf]:
        for part in group.parts:
            if isinstance(part, _Leaf):
                yield part
            else:
                yield from self._leaves(part)

    def _asked(
        self,
        leaf: _Leaf,
        types: Mapping[str, str],
        lists: Mapping[str, tuple[str, ...]],
        controls: Mapping[str, etree._Element],
    ) -> Asked:
        control = controls.get(leaf.path)
        if control is None:
            return Asked(leaf.name, leaf.path, types.get(leaf.path, "string"), "", ())
        itemset = control.find(f"{XF}itemset")
        nodeset = "" if itemset is None else itemset.get("nodeset", "")
        chosen = lists.get(nodeset.partition("instance('")[2].partition("'")[0], ())
        inline = tuple(one.text or "" for one in control.iter(f"{XF}value"))
        kind = etree.QName(control).localname
        return Asked(leaf.name, leaf.path, types.get(leaf.path, "string"), kind, chosen or inline)

    def _write(self, part: _Leaf | _Group, answers: Answers, rows: Mapping[str, Sequence[Answers]]) -> str:
        if isinstance(part, _Leaf):
            said = answers.get(part.name)
            return "" if said is None else f"<{part.name}>{escape(said)}</{part.name}>"
        if part.repeats:
            return "".join(
                f"<{part.name}>{self._inside(part, row, rows)}</{part.name}>"
                for row in rows.get(part.name, ())
            )
        inside = self._inside(part, answers, rows)
        return f"<{part.name}>{inside}</{part.name}>" if inside else ""

    def _inside(self, group: _Group, answers: Answers, rows: Mapping[str, Sequence[Answers]]) -> str:
        return "".join(self._write(part, answers, rows) for part in group.parts)
