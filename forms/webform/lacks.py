"""What the browser's engine cannot do in a form, question by question.

Why: a form that looks whole and loses an answer costs a day's walk; its author is told at publish, and
whoever opens it is told to use the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from forms.remarks import Remark, Weight
from forms.schema import NOTHING, Schema
from forms.webform.expressions import of_form, unknown_calls, whole_paths
from forms.webform.lack_words import FEATURES
from forms.xform import open_xform, read_schema
from forms.xform.document import Document, attribute, child, children, local, without_prefix
from forms.xform.media import searched_file

_SELECTS = frozenset({"select", "select1"})
_MAPS = frozenset({"map", "quickmap"})
_POINT_MAPS = frozenset({"maps", "placement-map"})
_CALENDARS = frozenset({"bikram-sambat", "buddhist", "coptic", "ethiopian", "islamic", "myanmar", "persian"})
_NOT_SHOWN = frozenset({"secret"})
_PHONE = frozenset({"simserial", "subscriberid", "email"})
_ALWAYS = frozenset({"", "true()", "false()"})


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing the engine cannot do: by the name and the label of its question, "" where it is the form's.

    `feature` is a key of FEATURES; `detail` is what else its sentence says; `hard`: use the app.
    """

    question: str
    label: str
    feature: str
    hard: bool
    detail: str = ""

    @property
    def details(self) -> Mapping[str, str]:
        """What fills the holes of its sentence."""
        return {"question": self.question, "label": self.label or self.question, "detail": self.detail}

    def remark(self) -> Remark:
        """The lack as its author is told at publish; a notice, since the form works on phones as it is."""
        said = FEATURES[self.feature]
        column = "name" if self.question else ""
        sheet = "survey" if self.question else ""
        return Remark(
            said.cause, said.remedy, sheet=sheet, column=column, details=self.details, weight=Weight.NOTICE
        )


def lacking(xform: bytes, schema: Schema | None = None) -> tuple[Lack, ...]:
    """What the engine cannot do in a form, in the order of FEATURES, each question once a feature.

    Raises what `open_xform` raises.
    """
    form = _Form(open_xform(xform), schema if schema is not None else read_schema(xform))
    found = dict.fromkeys(lack for finder in _FINDERS for lack in finder(form))
    order = list(FEATURES)
    return tuple(sorted(found, key=lambda lack: order.index(lack.feature)))


def unmade(reason: str) -> Lack:
    """That the sheets gave the form up, and why."""
    return Lack("", "", "unmade", hard=True, detail=reason)


@dataclass(frozen=True)
class _Form:
    document: Document
    schema: Schema

    @cached_property
    def controls(self) -> list[tuple[str, str, etree._Element]]:
        """Local name, path without the root, element; of the body, in document order."""
        body = self.document.body
        found = []
        for element in body.iter() if body is not None else ():
            path = self._reference(element) if isinstance(element.tag, str) else ""
            if path:
                found.append((local(element), path, element))
        return found

    def _reference(self, element: etree._Element) -> str:
        if local(element) in {"label", "hint", "value", "itemset", "setvalue", "setgeopoint"}:
            return ""
        named = attribute(element, "bind")
        written = self.by_id.get(named, "") if named else attribute(element, "ref")
        return self.inside(written or attribute(element, "nodeset"))

    @cached_property
    def by_id(self) -> dict[str, str]:
        """The paths of binds that have an id."""
        binds = children(self.document.model, "bind")
        return {attribute(bind, "id"): attribute(bind, "nodeset") for bind in binds if attribute(bind, "id")}

    def inside(self, path: str) -> str:
        """A path without prefixes and without the root: /data/orx:meta is /meta."""
        return without_prefix(path.strip()).removeprefix(f"/{self.schema.root}")

    def lack(self, feature: str, path: str = "", detail: str = "") -> Lack:
        """A lack of the question at a path."""
        node = self.schema.by_path.get(path)
        labels = node.labels if node else NOTHING
        spoken = next((labels[name] for name in (*self.schema.languages, "") if labels.get(name)), "")
        label = " ".join(spoken.split())
        hard = FEATURES[feature].weight is Weight.WARNING
        return Lack(path.rpartition("/")[2], label, feature, hard, detail)


def _by_type(form: _Form) -> Iterator[Lack]:
    for node in form.schema.nodes:
        if node.control and node.type == "barcode":
            yield form.lack("barcode", node.path)
        if node.control and node.type in {"geotrace", "geoshape"}:
            yield form.lack("trace", node.path)


def _by_look(form: _Form) -> Iterator[Lack]:
    for kind, path, control in form.controls:
        look = _Look(kind, attribute(control, "appearance"), control)
        for feature, is_so in _LOOKS.items():
            if is_so(look):
                yield form.lack(feature, path, kind if feature == "control" else "")


@dataclass(frozen=True)
class _Look:
    """A control as its form wants it shown."""

    kind: str
    appearance: str
    control: etree._Element

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.appearance.lower().split())

    @property
    def is_select(self) -> bool:
        return self.kind in _SELECTS

    def begins(self, beginning: str) -> bool:
        return any(word.startswith(beginning) for word in self.words)

    def shows_map(self) -> bool:
        return bool(self.words & (_MAPS if self.is_select else _POINT_MAPS))


_LOOKS: Mapping[str, Callable[[_Look], bool]] = {
    "search": lambda look: look.is_select and bool(searched_file(look.appearance)),
    "map": _Look.shows_map,
    "external": lambda look: bool(attribute(look.control, "query")),
    "app": lambda look: look.begins("ex:") or bool(attribute(look.control, "intent")),
    "printer": lambda look: look.begins("printer:"),
    "calendar": lambda look: bool(look.words & _CALENDARS),
    "masked": lambda look: "masked" in look.words,
    "compass": lambda look: "bearing" in look.words,
    "control": lambda look: look.kind in _NOT_SHOWN,
}


def _by_model(form: _Form) -> Iterator[Lack]:
    if form.schema.encryption_key:
        yield form.lack("encryption")
    if next(form.document.model.iter("{*}recordaudio"), None) is not None:
        yield form.lack("recording")
    meta = child(form.document.root, "meta")
    if meta is not None and child(meta, "audit") is not None:
        yield form.lack("audit")
    for declared in form.schema.entities:
        if declared.create:
            yield form.lack("entities", detail=declared.list)


def _by_bind(form: _Form) -> Iterator[Lack]:
    asked = {path for _, path, _ in form.controls}
    for bind in children(form.document.model, "bind"):
        path = form.inside(attribute(bind, "nodeset"))
        if attribute(bind, "readonly").strip() not in _ALWAYS and path in asked:
            yield form.lack("readonly", path)
        said = attribute(bind, "preloadParams").strip()
        if attribute(bind, "preload") == "property" and said in _PHONE:
            yield form.lack("phone", path, said)


def _by_expression(form: _Form) -> Iterator[Lack]:
    for owner, expression in of_form(form.document):
        path = form.inside(owner)
        for name in unknown_calls(expression):
            yield form.lack("function", path, name)
        for whole in whole_paths(expression):
            yield form.lack("condition", path, whole.rpartition("/")[2])


_FINDERS: tuple[Callable[[_Form], Iterator[Lack]], ...] = (
    _by_type,
    _by_look,
    _by_model,
    _by_bind,
    _by_expression,
)
