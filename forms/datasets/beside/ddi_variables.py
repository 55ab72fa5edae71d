"""⑨ The variables of a dataset as DDI-Codebook has them: words, question, universe, codes, statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml import etree

from forms.datasets.beside.codebook import CLASSES, languages, measure, question, values_told
from forms.datasets.beside.statistics import Edge, Figures, Statistics
from forms.datasets.beside.universe import Universe
from forms.datasets.beside.xml_text import put, put_in
from forms.datasets.description import Dataset, Kind, Labels, Table, Variable, spoken
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain

MOST_CODES: Final = 2_000
"""Codes of one list that are described; of a longer one, such as all households, none is."""

_DOMAINS: Final[Mapping[Kind, str]] = {
    "text": "text",
    "whole": "numeric",
    "decimal": "numeric",
    "date": "datetime",
    "time": "datetime",
    "moment": "datetime",
    "code": "category",
    "codes": "multiple",
    "flag": "category",
}
_FORMATS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "text": ("character", "other", ""),
    "whole": ("numeric", "other", ""),
    "decimal": ("numeric", "other", ""),
    "date": ("character", "date", "YYYY-MM-DD"),
    "time": ("character", "time", "HH:MM:SS"),
    "moment": ("character", "date", "YYYY-MM-DDThh:mm:ssZ"),
    "code": ("character", "other", ""),
    "codes": ("character", "other", ""),
    "flag": ("numeric", "other", ""),
}
_NATURES: Final = {"nominal": "nominal", "ordinal": "ordinal", "scale": "ratio"}
_POINT: Final = frozenset({"latitude", "longitude", "altitude", "accuracy"})


@dataclass(frozen=True, slots=True)
class _Place:
    """A variable, its table, and their identifiers."""

    table: Table
    variable: Variable
    id: str
    file: str


class Variables:
    """Writes every variable of a dataset as an element of its own."""

    def __init__(self, dataset: Dataset, counted: Statistics, origin: Origin) -> None:
        self._dataset, self._counted, self._origin = dataset, counted, origin
        self._universe = Universe(dataset, origin)
        self._places: list[_Place] = []
        for file, table in enumerate(dataset.tables, 1):
            for one in table.variables:
                self._places.append(_Place(table, one, f"V{len(self._places) + 1}", f"F{file}"))
        self._ids = {(place.table.name, place.variable.name): place.id for place in self._places}

    def id_of(self, table: Table, name: str) -> str:
        """The identifier of a variable that the table has."""
        return self._ids[table.name, name]

    def groups(self) -> Iterator[etree._Element]:
        """Variables that belong together: those of a group of the form, the flags of a question."""
        sections: dict[tuple[str, tuple[str, ...]], list[_Place]] = {}
        several: dict[tuple[str, str], list[_Place]] = {}
        for place in self._places:
            one = place.variable
            if one.group:
                words = tuple(plain(spoken(labels, self._origin.language)) for labels in one.group)
                sections.setdefault((place.table.name, words), []).append(place)
            if one.kind == "flag" and one.part_of:
                several.setdefault((place.table.name, one.part_of), []).append(place)
        number = 0
        for (_table, words), places in sections.items():
            number += 1
            yield _group(f"G{number}", "section", " › ".join(word for word in words if word), places)
        for (name, whole), places in several.items():
            number += 1
            table = next(table for table in self._dataset.tables if table.name == name)
            known = table.by_name.get(whole)
            label = plain(known.label(self._origin.language)) if known else whole
            yield _group(f"G{number}", "multipleResp", label, places)

    def every(self) -> Iterator[etree._Element]:
        """The variables, in the order of the tables and of their columns."""
        for place in self._places:
            yield self._variable(place)

    def _variable(self, place: _Place) -> etree._Element:
        one = place.variable
        figures = self._counted[place.table.name][one.name]
        made = etree.Element(
            "var",
            ID=place.id,
            name=one.name,
            files=place.file,
            intrvl="contin" if one.kind == "decimal" else "discrete",
            nature=_NATURES[measure(one)],
        )
        self._labels(made, one.labels)
        if one.pii or one.path:
            put(made, "security", self._origin.say(CLASSES[one.pii]))
        self._question(made, place)
        universe = self._universe.of(place.table, one)
        if universe:
            put(made, "universe", universe)
        _statistics(made, figures, protected=bool(self._origin.protection))
        self._codes(made, one, figures)
        _format(made, one)
        _notes(made, one)
        return made

    def _labels(self, parent: etree._Element, labels: Labels) -> None:
        for language in languages(self._dataset):
            words = plain(labels.get(language) or labels.get("", ""))
            if words:
                put_in(parent, "labl", words, language)

    def _question(self, made: etree._Element, place: _Place) -> None:
        one = place.variable
        asked = question(place.table, one, self._origin.language)
        if not asked:
            return
        domain = "geographic" if one.role in _POINT else _DOMAINS[one.kind]
        asking = put(made, "qstn", responseDomainType=domain)
        put(asking, "qstnLit", asked)

    def _codes(self, made: etree._Element, one: Variable, figures: Figures) -> None:
        values = values_told(one, self._origin)
        known = {value.code for value in values}
        if len(known) > MOST_CODES:
            return
        for value in values:
            category = put(made, "catgry", missing="Y" if value.missing else "N")
            put(category, "catValu", value.code)
            self._labels(category, value.labels)
            _times(category, figures, value.code)
        for code, count in (figures.counts or {}).items():
            # A code of no list may be anything somebody wrote: of protected persons only where many did.
            if code not in known and count is not None:
                category = put(made, "catgry")
                put(category, "catValu", code)
                _times(category, figures, code)


def _group(identifier: str, kind: str, label: str, places: list[_Place]) -> etree._Element:
    made = etree.Element("varGrp", ID=identifier, type=kind, var=" ".join(place.id for place in places))
    if label:
        put(made, "labl", label)
    return made


def _times(category: etree._Element, figures: Figures, code: str) -> None:
    count = (figures.counts or {}).get(code)
    if count is not None:
        put(category, "catStat", str(count), type="freq")


def _statistics(made: etree._Element, figures: Figures, *, protected: bool) -> None:
    put(made, "sumStat", str(figures.valid), type="vald")
    put(made, "sumStat", str(figures.rows - figures.valid), type="invd")
    for kind, edge in (("min", figures.least), ("max", figures.most), ("mean", figures.mean)):
        if edge is not None:
            put(made, "sumStat", _text(edge), type=kind)
    for name, count in (
        ("blank", figures.blank),
        ("not-asked-or-withheld" if protected else "not-asked", figures.not_asked),
        ("unreadable", figures.unreadable),
    ):
        if count:
            put(made, "sumStat", str(count), type="other", otherType=name)


def _text(edge: Edge) -> str:
    if isinstance(edge, datetime):
        return edge.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(edge, date):
        return edge.isoformat()
    return str(int(edge)) if isinstance(edge, float) and edge.is_integer() else str(edge)


def _format(made: etree._Element, one: Variable) -> None:
    kind, category, name = _FORMATS[one.kind]
    attributes = {"type": kind, "schema": "ISO", "category": category}
    if name:
        attributes["formatname"] = name
    put(made, "varFormat", name, **attributes)


def _notes(made: etree._Element, one: Variable) -> None:
    """What the form says of it in its own language of expressions, and which versions ask it."""
    for kind, text in (
        ("relevant", one.relevant),
        ("required", one.required),
        ("constraint", one.constraint),
        ("path", one.path),
        ("unit", one.role if one.path else ""),
        ("first-version", one.first),
        ("last-version", one.last),
    ):
        if text:
            put(made, "notes", text, type=kind)
