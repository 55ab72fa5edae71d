"""A record as a person reads it: its answers in the order of the form, under the words of the form.

Computes only: the tree of the submission and the schema go in, sections of answers come out.
Knows: a phone leaves out what was not asked, and sends empty what was asked and left blank.
"""

from __future__ import annotations

import mimetypes
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import Any, ClassVar, TypeAlias

from lxml import etree

from collector.actions.asking import Asking
from forms import values
from forms.schema import Node, Schema

_TEMPLATE = "{http://openrosa.org/javarosa}template"
_META = "/meta"
_SELECTS = frozenset({"select", "select1", "odk:rank"})


class Kind(StrEnum):
    """What an answer is shown as; `value` of the answer is the type beside it."""

    TEXT = "text"  # str
    CHOICE = "choice"  # tuple[str, ...], the labels
    DATE = "date"  # datetime.date
    TIME = "time"  # datetime.time
    MOMENT = "moment"  # datetime, aware
    POINT = "point"  # forms.values.Point
    LINE = "line"  # tuple[Point, ...]
    TICK = "tick"  # True
    IMAGE = "image"  # str, a file name; also the next three
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that was asked. `value` None: it was left blank. `computed`: nobody was asked."""

    is_: ClassVar[str] = "answer"
    path: str
    label: str
    kind: Kind
    value: Any
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A group with something in it, or one instance of a repeat; `told` says in a few words what is in it."""

    is_: ClassVar[str] = "section"
    path: str
    title: str
    entries: tuple[Entry, ...]
    told: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """A repeat with its instances, at least one."""

    is_: ClassVar[str] = "repeated"
    path: str
    title: str
    instances: tuple[Section, ...]


Entry: TypeAlias = Answer | Section | Repeated

Lists: TypeAlias = Callable[[str], Mapping[str, str]]
"""The name of a file of choices to what it calls each code; empty when it is not there."""


@dataclass(frozen=True)
class Wanted:
    """How to read: in which language ("vi"), with which choice lists of files.

    `computed`: also what the form worked out by itself.
    """

    language: str
    lists: Lists
    asking: Asking = field(default_factory=Asking)
    computed: bool = False


def read_record(root: etree._Element, schema: Schema, wanted: Wanted, table: str = "") -> tuple[Entry, ...]:
    """The entries of the submission under `root`, which answers the form of `schema`.

    With the path of a repeat as `table`, `root` is one row of it.
    """
    entries = _Reader(schema, wanted).below(root, table)
    return entries if wanted.computed else tuple(_asked(entries))


def _asked(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """The entries without what was computed, and without groups that are empty then."""
    for entry in entries:
        if isinstance(entry, Answer):
            if not entry.computed:
                yield entry
        elif isinstance(entry, Section):
            inner = tuple(_asked(entry.entries))
            if inner:
                yield Section(entry.path, entry.title, inner)
        else:
            # A person counts although all that is said of her was worked out from elsewhere.
            instances = (replace(one, entries=tuple(_asked(one.entries))) for one in entry.instances)
            yield Repeated(entry.path, entry.title, tuple(instances))


def spoken(labels: Mapping[str, str], languages: Collection[str], language: str) -> str:
    """The label in the reader's language, else in the form's first one, else in any; "" without label.

    A form names its languages freely: `vi`, `Tiếng Việt (vi)`, `English`.
    """
    for name in (*_named(labels, language), *languages, *labels):
        if labels.get(name, "") not in _UNSAID:
            return labels[name]
    return ""


_UNSAID = frozenset({"", "-"})
"""pyxform writes a hyphen where a translation is missing."""


def _named(labels: Mapping[str, str], language: str) -> Iterator[str]:
    for name in labels:
        if name == language or name.endswith(f"({language})"):
            yield name


def answers(entries: tuple[Entry, ...]) -> Iterator[Answer]:
    """Every answer in the entries, however deep."""
    for entry in entries:
        if isinstance(entry, Answer):
            yield entry
        elif isinstance(entry, Section):
            yield from answers(entry.entries)
        else:
            yield from answers(entry.instances)


class _Reader:
    def __init__(self, schema: Schema, wanted: Wanted) -> None:
        self._schema = schema
        self._wanted = wanted
        self._below: dict[str, list[Node]] = defaultdict(list)
        for node in schema.nodes:
            self._below[node.path.rpartition("/")[0]].append(node)

    def below(self, element: etree._Element, path: str) -> tuple[Entry, ...]:
        """What was answered directly inside the element of that path."""
        inside: dict[str, list[etree._Element]] = defaultdict(list)
        for child in element.iterchildren("*"):
            if child.get(_TEMPLATE) is None:
                inside[etree.QName(child).localname].append(child)
        found: list[Entry] = []
        for node in self._below[path]:
            elements = inside[node.name]
            if elements and node.path != _META:
                found.extend(self._entries(node, elements))
        return tuple(found)

    def _entries(self, node: Node, elements: list[etree._Element]) -> Iterator[Entry]:
        if node.type == "repeat":
            instances = (self._section(node, element, number) for number, element in enumerate(elements, 1))
            filled = tuple(one for one in instances if one.entries)
            if filled:
                yield Repeated(node.path, self._label(node), filled)
        elif node.type == "structure":
            section = Section(node.path, self._label(node), self.below(elements[0], node.path))
            if section.entries:
                yield section
        else:
            text = (elements[0].text or "").strip()
            if text or node.path not in self._wanted.asking.notes:
                yield self._answer(node, text)

    def _section(self, node: Node, element: etree._Element, number: int) -> Section:
        """An instance of a repeat, called by its number and the first name in it."""
        entries = self.below(element, node.path)
        name = next((one.value for one in answers(entries) if _is_name(one)), "")
        return Section(node.path, f"{number}. {name}" if name else str(number), entries, _told(entries, name))

    def _label(self, node: Node) -> str:
        return spoken(node.labels, self._schema.languages, self._wanted.language)

    def _answer(self, node: Node, text: str) -> Answer:
        kind, value = self._value(node, text) if text else (self._kind(node, text), None)
        label = self._label(node) or node.name
        return Answer(node.path, label, kind, value, computed=not node.control)

    def _value(self, node: Node, text: str) -> tuple[Kind, Any]:
        kind = self._kind(node, text)
        if kind is Kind.CHOICE:
            return kind, self._choices(node, text)
        read = _READERS.get(kind)
        try:
            return kind, read(text) if read else text
        except ValueError:
            return Kind.TEXT, text

    def _kind(self, node: Node, text: str) -> Kind:
        return Kind.CHOICE if node.path in self._wanted.asking.borrowed else _kind_of(node, text)

    def _choices(self, node: Node, text: str) -> tuple[str, ...]:
        """The labels of the codes; a code without a label speaks for itself."""
        name = node.choices or self._wanted.asking.borrowed.get(node.path, "")
        inside = self._schema.choices.get(name)
        if inside is None:
            names = self._wanted.lists(name) if name else {}
        else:
            languages, language = self._schema.languages, self._wanted.language
            names = {choice.name: spoken(choice.labels, languages, language) for choice in inside}
        codes = [text] if node.control in {"select1", ""} else values.codes(text)
        return tuple(names.get(code) or code for code in codes)


_MOST_TOLD = 3
_SHORT = 24
_SAYS_NOTHING = frozenset({"có", "không", "yes", "no"})
"""What a choice may be called that says nothing without its question; so does a number that is no year."""


def _told(entries: tuple[Entry, ...], name: str) -> tuple[Any, ...]:
    """The first short answers of a row beside its name: what tells one row from the next."""
    short = (one.value for one in answers(entries) if one.value is not None and _is_telling(one))
    return tuple(islice((value for value in short if value != name), _MOST_TOLD))


def _is_telling(answer: Answer) -> bool:
    if answer.computed:
        return False
    if answer.kind is Kind.CHOICE:
        labels: tuple[str, ...] = answer.value
        return len(labels) == 1 and len(labels[0]) <= _SHORT and labels[0].lower() not in _SAYS_NOTHING
    if answer.kind is Kind.TEXT:
        words: str = answer.value
        return len(words) <= _SHORT and (not words.isdecimal() or words[:2] in {"19", "20"})
    return answer.kind is Kind.DATE


def _is_name(answer: Answer) -> bool:
    """Words somebody typed; of what was computed only several words, for one is rather a code."""
    if answer.kind is not Kind.TEXT or not answer.value:
        return False
    words: str = answer.value
    return any(map(str.isalpha, words)) and (not answer.computed or " " in words)


_KINDS: Mapping[str, Kind] = {
    "date": Kind.DATE,
    "time": Kind.TIME,
    "dateTime": Kind.MOMENT,
    "geopoint": Kind.POINT,
    "geotrace": Kind.LINE,
    "geoshape": Kind.LINE,
}
_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.DATE: values.read_date,
    Kind.TIME: values.read_time,
    Kind.MOMENT: values.read_instant,
    Kind.POINT: values.read_point,
    Kind.LINE: values.read_line,
    Kind.TICK: bool,
}
_MEDIA = {"image": Kind.IMAGE, "audio": Kind.AUDIO, "video": Kind.VIDEO}
_SHOWN_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def _kind_of(node: Node, text: str) -> Kind:
    if node.binary:
        return kind_of_file(text)
    if node.control in _SELECTS:
        return Kind.CHOICE
    if node.control == "trigger":
        return Kind.TICK
    return _KINDS.get(node.type, Kind.TEXT)


def kind_of_file(name: str) -> Kind:
    """How a browser shows a file of that name: the formats it cannot draw are only offered."""
    kind = mimetypes.guess_type(name)[0] or ""
    family = kind.partition("/")[0]
    if family == "image" and kind not in _SHOWN_IMAGES:
        return Kind.FILE
    return _MEDIA.get(family, Kind.FILE)
