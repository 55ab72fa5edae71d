"""Whether a record of the web form says what the record of the phone says, element by element.

    differences(filled, web_xml, web_files)   # [] when they say the same

Why: whoever has no phone with ODK Collect must not count otherwise than whoever has one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from lxml import etree

from tests.javarosa.engine import Filled

NORMALISED: Mapping[str, str] = {
    "instanceID": "each record has its own; both must be uuid:, version 4",
    "made ids": "uuid() draws anew; one id of the phone must be one id of the web form everywhere",
    "moments": "start and end are the clock's; both must be ISO 8601 with milliseconds and +07:00",
    "file names": "each names a photo by its own moment; both or none, and the file is sent",
    "audit": "Collect keeps a log of the filling, the web form none: blank there",
    "decimals": "Java writes 2.0 and 1.2E7 where a browser writes 2 and 12000000: the numbers must be equal",
}
"""What may differ, and why."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_INSTANCE = re.compile(r"uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00")
_CLOCK = ("start", "end")
_STEP = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Said:
    """An element: its path with positions from the second twin on, the text of a leaf, its attributes."""

    path: str
    tag: str
    text: str | None
    attributes: Mapping[str, str]


def said(xml: bytes) -> list[Said]:
    """All elements of a record in document order. Raises XMLSyntaxError."""
    return list(_said(etree.fromstring(xml), ""))


def _said(element: etree._Element, around: str, position: int = 1) -> Iterator[Said]:
    name = etree.QName(element).localname
    path = f"{around}/{name}" + (f"[{position}]" if position > 1 else "")
    children = [child for child in element if isinstance(child.tag, str)]
    text = None if children else element.text or ""
    attributes = {str(key): str(value) for key, value in element.attrib.items()}
    yield Said(path, str(element.tag), text, attributes)
    seen: dict[str, int] = {}
    for child in children:
        seen[str(child.tag)] = seen.get(str(child.tag), 0) + 1
        yield from _said(child, path, seen[str(child.tag)])


@dataclass
class Comparison:
    """Two records of one form: `types` are the engine's by path without positions.

    `ids` are the ids the phone's record has made, to those of the web form's.
    """

    types: Mapping[str, str]
    files: Collection[str]
    faults: list[str] = field(default_factory=list)
    compared: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    instance_ids: tuple[str, str] = ("", "")

    @property
    def loose(self) -> set[str]:
        """The questions that are normalised away, as the server's tables call them."""
        clock = {path for path in self.types if path.rpartition("/")[2] in (*_CLOCK, "audit", "instanceID")}
        files = {path for path, kind in self.types.items() if kind == "binary"}
        return {"/" + path.split("/", 2)[2] for path in clock | files}

    def run(self, phone: bytes, web: bytes) -> list[str]:
        """Where they differ, in words."""
        mine, theirs = said(phone), said(web)
        paths = [one.path for one in mine], [one.path for one in theirs]
        if paths[0] != paths[1]:
            self.faults += _order_faults(*paths)
        found = {one.path: one for one in theirs}
        for one in mine:
            if one.path in found:
                self._compare(one, found[one.path])
        return self.faults

    def _compare(self, phone: Said, web: Said) -> None:
        self.compared += 1
        if phone.tag != web.tag:
            self.faults.append(f"{phone.path}: element {phone.tag}, in the web form {web.tag}")
        for name in sorted(phone.attributes.keys() | web.attributes.keys()):
            self._texts(f"{phone.path}/@{name}", phone.attributes.get(name), web.attributes.get(name))
        if (phone.text is None) != (web.text is None):
            self.faults.append(f"{phone.path}: a leaf in one, not in the other")
        elif not self._same_kind(phone, web):
            self._texts(phone.path, phone.text, web.text)

    def _same_kind(self, phone: Said, web: Said) -> bool:
        mine, theirs = phone.text or "", web.text or ""
        last = phone.path.rpartition("/")[2]
        kind = self.types.get(_STEP.sub("", phone.path), "")
        if last == "instanceID":
            self.instance_ids = mine, theirs
            self.ids[mine] = theirs
            return bool(_INSTANCE.fullmatch(mine) and _INSTANCE.fullmatch(theirs))
        if last == "audit" and phone.path.count("/") == 3:
            return theirs == ""
        if kind == "binary":
            return bool(mine) == bool(theirs) and (not theirs or theirs in self.files)
        if kind == "decimal" and mine and theirs:
            return _number(mine) == _number(theirs)
        return last in _CLOCK and bool(_MOMENT.fullmatch(mine) and _MOMENT.fullmatch(theirs))

    def _texts(self, path: str, phone: str | None, web: str | None) -> None:
        if phone == web:
            return
        if phone is not None and web is not None and _UUID.sub("?", phone) == _UUID.sub("?", web):
            pairs = zip(_UUID.findall(phone), _UUID.findall(web), strict=True)
            if all(self._one_id(mine, theirs) for mine, theirs in pairs):
                return
        self.faults.append(f"{path}: {phone!r}, in the web form {web!r}")

    def _one_id(self, phone: str, web: str) -> bool:
        known = self.ids.setdefault(phone, web)
        return known == web and list(self.ids.values()).count(web) == 1


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _order_faults(phone: list[str], web: list[str]) -> list[str]:
    faults = []
    for what, a, b, c, d in SequenceMatcher(None, phone, web, autojunk=False).get_opcodes():
        if what != "equal":
            faults += [f"{path}: not in the web form" for path in phone[a:b]]
            faults += [f"{path}: only in the web form" for path in web[c:d]]
    return faults


def differences(filled: Filled, web: bytes, files: Collection[str]) -> list[str]:
    """Where the web form's record says other things than the phone's; `files` are those it sends."""
    return compared(filled, web, files).faults


def compared(filled: Filled, web: bytes, files: Collection[str]) -> Comparison:
    """The same, with how many elements were looked at."""
    types = {_STEP.sub("", one.ref): one.type for one in filled.answers}
    comparison = Comparison(types, files)
    comparison.run(filled.xml, web)
    return comparison
