"""An XForm read as a questionnaire.

Knows: XForms of pyxform and hand-written ones; what an author wrote as `${name}` stands in them as a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.questionnaire.asked import Asked, Kind, Media, Questionnaire, Rules, Shown, Texts
from forms.schema import Node, Schema
from forms.xform import open_xform, read_schema
from forms.xform.document import Document, attribute, child, children, local
from forms.xform.media import file_name
from forms.xform.reading import CONTROLS, resolve

UNSAID = frozenset({"", "-"})
"""pyxform writes a hyphen where a translation is missing."""

_REFERENCE = re.compile(r"jr:itext\(\s*['\"]([^'\"]*)['\"]\s*\)")
_FILTER = re.compile(r"/root/item\[(?P<filter>.*)\]\s*$", re.DOTALL)
_SHOWN = {"image": "image", "big-image": "image", "audio": "audio", "video": "video"}
_LAST_SAVED = re.compile(r"instance\(\s*['\"]__last-saved['\"]\s*\)(?:/[\w.-]+)*/([\w.-]+)")
_UPLOADS = ("image", "audio", "video")


def read_questionnaire(xform: bytes) -> Questionnaire:
    """Read a form. Raises what `read_schema` raises."""
    schema = read_schema(xform)
    document = open_xform(xform)
    texts = _Translations.read(document.model)
    reader = _Reader(document, schema, texts)
    items = reader.below(document.body, f"/{local(document.root)}") if document.body is not None else ()
    computed = tuple(reader.computed(node) for node in schema.questions if _is_computed(node))
    return Questionnaire(
        schema=schema,
        languages=texts.languages or ("",),
        items=tuple(items),
        computed=computed,
        lists=schema.choices,
        list_media=_list_media(document, texts),
    )


def written(expression: str, root: str) -> str:
    """An expression as its author wrote it: paths become `${name}`, spaces are folded."""
    folded = " ".join(_LAST_SAVED.sub(r"${last-saved#\1}", expression).split())
    path = rf"(?<![\w)\]])(?:(?:current\(\)/)?(?:\.\./)+|/{re.escape(root)}/)(?:[\w.-]+/)*([\w.-]+)"
    return re.sub(path, r"${\1}", folded)


def _is_computed(node: Node) -> bool:
    return not node.control and not node.path.startswith("/meta") and "/meta/" not in node.path


@dataclass(frozen=True, slots=True)
class _Translations:
    """`itext`: by id and language, the texts in their forms and what is shown with them."""

    languages: tuple[str, ...] = ()
    forms: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    shown: Mapping[str, Media] = field(default_factory=dict)

    @classmethod
    def read(cls, model: etree._Element) -> _Translations:
        itext = child(model, "itext")
        root = local(next(iter(next(children(model, "instance")))))
        several = [] if itext is None else list(children(itext, "translation"))
        several.sort(key=lambda one: "default" not in one.attrib)
        languages: list[str] = []
        forms: dict[str, dict[str, dict[str, str]]] = {}
        shown: dict[str, dict[str, tuple[Shown, ...]]] = {}
        for translation in several:
            named = str(translation.get("lang", ""))
            language = "" if named == "default" else named
            languages.append(language)
            for text in children(translation, "text"):
                key = str(text.get("id", ""))
                values = {str(one.get("form", "")): said(one, root) for one in children(text, "value")}
                forms.setdefault(key, {})[language] = values
                media = tuple(_media(values))
                if media:
                    shown.setdefault(key, {})[language] = media
        return cls(tuple(dict.fromkeys(languages)), forms, shown)

    def texts(self, key: str, *wanted: str) -> dict[str, str]:
        """The first of these forms of a text that is there, by language; what is missing is left out."""
        found = {}
        for language, values in self.forms.get(key, {}).items():
            text = next((values[form] for form in wanted if values.get(form, "") not in UNSAID), "")
            if text:
                found[language] = text
        return found


def _media(values: Mapping[str, str]) -> Iterator[Shown]:
    for form, address in values.items():
        if form in _SHOWN and file_name(address):
            yield Shown(_SHOWN[form], file_name(address))


def said(element: etree._Element, root: str) -> str:
    """The text of an element; an answer shown inside it stands there as `${name}`."""
    parts = [element.text or ""]
    for inner in element:
        value = written(attribute(inner, "value"), root) if local(inner) == "output" else ""
        parts.append((value if value.startswith("${") else "…") if value else said(inner, root))
        parts.append(inner.tail or "")
    return "".join(parts).strip()


@dataclass(frozen=True)
class _Reader:
    document: Document
    schema: Schema
    texts: _Translations
    binds: dict[str, etree._Element] = field(default_factory=dict)
    by_id: dict[str, str] = field(default_factory=dict)
    set_values: dict[str, str] = field(default_factory=dict)
    written_in: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for bind in children(self.document.model, "bind"):
            path = resolve(attribute(bind, "nodeset") or attribute(bind, "ref"), f"/{self._root}")
            self.binds.setdefault(path, bind)
            if bind.get("id"):
                self.by_id[str(bind.get("id"))] = path
        for one in children(self.document.model, "setvalue"):
            path = resolve(attribute(one, "ref"), f"/{self._root}")
            self.set_values.setdefault(path, attribute(one, "value") or (one.text or ""))
        self._look_in(self.document.root, f"/{self._root}")

    def _look_in(self, element: etree._Element, path: str) -> None:
        """Note what stands in the answers of a form nobody has filled; of several rows the first counts."""
        for inner in element:
            here = f"{path}/{local(inner)}"
            if len(inner):
                self._look_in(inner, here)
            elif (inner.text or "").strip():
                self.written_in.setdefault(here, (inner.text or "").strip())

    @property
    def _root(self) -> str:
        return local(self.document.root)

    def below(self, parent: etree._Element, context: str) -> Iterator[Asked]:
        for element in parent:
            kind = CONTROLS.get(local(element))
            if kind is None:
                if local(element) not in {"label", "hint", "itemset", "item", "value", "setvalue"}:
                    yield from self.below(element, context)
                continue
            path = self._path(element, context)
            if kind == "repeat":
                yield from self.below(element, path or context)
            elif kind == "group":
                yield from self._group(element, path, context)
            else:
                yield self._question(element, kind, path)

    def _path(self, element: etree._Element, context: str) -> str:
        known = self.by_id.get(str(element.get("bind", "")))
        reference = attribute(element, "nodeset") or attribute(element, "ref")
        return known or (resolve(reference, context) if reference else "")

    def _group(self, element: etree._Element, path: str, context: str) -> Iterator[Asked]:
        repeat = child(element, "repeat")
        if not path and repeat is not None:
            path = self._path(repeat, context)
        inside = tuple(self.below(element, path or context))
        if not path:
            yield from inside
            return
        table = self._path(repeat, context) if repeat is not None else path
        yield Asked(
            path=self._below_root(table),
            kind=Kind.GROUP if repeat is None else Kind.REPEAT,
            answer="group" if repeat is None else "repeat",
            appearance=str(element.get("appearance", "")),
            labels=self._text(element, "label"),
            media=self._media_of(element),
            rules=self._rules(table, count=attribute(repeat, "count") if repeat is not None else ""),
            inside=inside,
        )

    def _below_root(self, path: str) -> str:
        return path.removeprefix(f"/{self._root}")

    def _question(self, element: etree._Element, control: str, path: str) -> Asked:
        below = self._below_root(path)
        node = self.schema.by_path.get(below) or Node(below, "string", 0)
        bind = self.binds.get(path)
        fixed = bind is not None and attribute(bind, "readonly") == "true()"
        note = (
            fixed and control == "input" and not attribute(bind, "calculate") if bind is not None else False
        )
        return Asked(
            path=below,
            kind=Kind.NOTE if note else Kind.QUESTION,
            answer="note" if note else _answer(element, control, node),
            appearance=str(element.get("appearance", "")),
            labels=self._text(element, "label"),
            hints=self._text(element, "hint"),
            guidance=self._text(element, "hint", "guidance"),
            messages=self._message(bind, "constraintMsg"),
            required_messages=self._message(bind, "requiredMsg"),
            media=self._media_of(element),
            rules=self._rules(path, choice_filter=self._filter(element)),
            choices=node.choices,
        )

    def computed(self, node: Node) -> Asked:
        rules = self._rules(f"/{self._root}{node.path}")
        return Asked(path=node.path, kind=Kind.COMPUTED, answer="computed", rules=rules)

    def _rules(self, path: str, *, choice_filter: str = "", count: str = "") -> Rules:
        bind = self.binds.get(path)
        raw = {
            name: attribute(bind, name) if bind is not None else ""
            for name in ("required", "relevant", "constraint", "calculate")
        }
        return Rules(
            required="" if raw["required"] in {"", "false()"} else self._written(raw["required"]),
            relevant=self._written(raw["relevant"]),
            constraint=self._written(raw["constraint"]),
            calculation=self._written(raw["calculate"]),
            default=self._written(self.set_values.get(path, "")) or self.written_in.get(path, ""),
            choice_filter=choice_filter,
            count=self._written(count),
            raw_relevant=raw["relevant"],
            raw_constraint=raw["constraint"],
        )

    def _written(self, expression: str) -> str:
        return written(expression, self._root) if expression else ""

    def _filter(self, element: etree._Element) -> str:
        itemset = child(element, "itemset")
        found = _FILTER.search(attribute(itemset, "nodeset")) if itemset is not None else None
        return self._written(found["filter"]) if found else ""

    def _text(self, element: etree._Element, name: str, *wanted: str) -> Texts:
        part = child(element, name)
        if part is None:
            return {}
        found = _REFERENCE.search(attribute(part, "ref"))
        if found:
            return self.texts.texts(found[1], *(wanted or ("", "long", "short")))
        text = said(part, self._root) if not wanted else ""
        return {"": text} if text not in UNSAID else {}

    def _media_of(self, element: etree._Element) -> Media:
        label = child(element, "label")
        found = _REFERENCE.search(attribute(label, "ref")) if label is not None else None
        return self.texts.shown.get(found[1], {}) if found else {}

    def _message(self, bind: etree._Element | None, name: str) -> Texts:
        text = attribute(bind, name) if bind is not None else ""
        found = _REFERENCE.search(text)
        if found:
            return self.texts.texts(found[1], "", "long", "short")
        return {"": text} if text not in UNSAID else {}


def _answer(element: etree._Element, control: str, node: Node) -> str:
    if control == "upload":
        media = str(element.get("mediatype", "")).partition("/")[0]
        return media if media in _UPLOADS else "file"
    if control in {"select", "select1", "trigger", "range"}:
        return control
    if control == "odk:rank":
        return "rank"
    known = {"int", "decimal", "date", "time", "dateTime", "geopoint", "geotrace", "geoshape", "barcode"}
    return node.type if node.type in known else "text"


def _list_media(document: Document, texts: _Translations) -> dict[tuple[str, str], Media]:
    """What is shown beside the answers of lists whose items name their texts."""
    found: dict[tuple[str, str], Media] = {}
    for instance in list(children(document.model, "instance"))[1:]:
        root = next(iter(instance), None)
        for item in root if root is not None else ():
            name, by_id = child(item, "name"), child(item, "itextId")
            if name is None or by_id is None:
                continue
            media = texts.shown.get((by_id.text or "").strip())
            if media:
                found[str(instance.get("id", "")), (name.text or "").strip()] = media
    return found
