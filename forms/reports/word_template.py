"""⑨ An office's own Word file filled with figures: placeholders are names, never programs.

A template is parsed before it runs, and only names, fields, conditions and loops over what it was handed
may stand in it: so it ends, stays small, reads no file and calls nothing.
Knows: docxtpl, jinja2.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NoReturn
from zipfile import BadZipFile, ZipFile

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from forms.reports.packing import repacked
from forms.reports.placeholders import FIELDS, MOST_NESTED, PLACES, Value, Values
from forms.reports.problems import (
    PlaceholderUnknown,
    TemplateDoesTooMuch,
    TemplateTooLarge,
    TemplateUnreadable,
)

MOST_UNPACKED: Final = 64 * 1024 * 1024
WORD: Final = "Word (.docx)"
MOST_WORK: Final = 1_000_000_000
"""Signs of a part times the braces in it: how often the whole part is searched from a brace to its end."""
MOST_SIGNS: Final = 4_000_000
"""Signs of a part with placeholders in it."""
UNREADABLE: Final = (BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError, SyntaxError)
"""What reading a damaged, locked or forged Office file raises, beside AttributeError and RuntimeError."""
_LOOPS = re.compile(rb"\{(?:<[^>]*>)*%")

_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.Not,
    nodes.And,
    nodes.Or,
)


class Careful(ImmutableSandboxedEnvironment):
    """Compiles only what may stand in a placeholder."""

    def compile(self, source: Any, *args: Any, **more: Any) -> Any:
        """The template, its parts looked at first. Raises TemplateDoesTooMuch, PlaceholderUnknown."""
        tree = self.parse(source) if isinstance(source, str) else source
        require_tame(tree)
        return super().compile(source, *args, **more)


def require_tame(tree: nodes.Template) -> None:
    """Look at every part of a template. Raises TemplateDoesTooMuch."""
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise TemplateDoesTooMuch(what=type(node).__name__)
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise TemplateDoesTooMuch(what=node.attr)
        if isinstance(node, nodes.For) and not (
            isinstance(node.iter, nodes.Name) and node.iter.name == PLACES
        ):
            raise TemplateDoesTooMuch(what="for")
    if _depth(tree) > MOST_NESTED:
        raise TemplateDoesTooMuch(what="for")


def _depth(node: nodes.Node) -> int:
    return isinstance(node, nodes.For) + max((_depth(one) for one in node.iter_child_nodes()), default=0)


def require_small(data: bytes, wanted: str) -> None:
    """Refuse what is no Office file or unfolds too far. Raises TemplateUnreadable, TemplateTooLarge."""
    try:
        with ZipFile(io.BytesIO(data)) as file:
            size = sum(one.file_size for one in file.infolist())
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise TemplateUnreadable(wanted=wanted) from error
    if size > MOST_UNPACKED:
        raise _too_large()


def texts_of(data: bytes, wanted: str) -> Iterator[bytes]:
    """The parts of an Office file that are texts, unpacked one by one. Raises TemplateUnreadable."""
    try:
        with ZipFile(io.BytesIO(data)) as file:
            for name in file.namelist():
                part = file.read(name)
                if part.lstrip(b"\xef\xbb\xbf\xfe\xff\0 \r\n\t").startswith(b"<"):
                    yield part
    except (*UNREADABLE, RuntimeError) as error:
        raise TemplateUnreadable(wanted=wanted) from error


def _too_large() -> TemplateTooLarge:
    return TemplateTooLarge(megabytes=MOST_UNPACKED // 1024 // 1024)


def _require_quick(part: bytes | str, braces: int) -> None:
    """Refuse what would be searched for minutes. Raises TemplateTooLarge."""
    if braces and len(part) * braces > MOST_WORK:
        raise _too_large()


def fill_word(data: bytes, values: Values) -> bytes:
    """The file with its placeholders filled in; the same bytes for the same values.

    Raises TemplateUnreadable, TemplateTooLarge, TemplateDoesTooMuch, PlaceholderUnknown.
    """
    require_small(data, WORD)
    for part in texts_of(data, WORD):
        _require_quick(part, part.count(b"{"))
        # Notes and properties are filled in too, though they are no part of the text.
        if _LOOPS.search(part):
            _require_short(part, values)
    unknown = _unknown(data, values)
    if unknown:
        raise PlaceholderUnknown(names=", ".join(f"“{name}”" for name in unknown))
    out = io.BytesIO()
    _with(data, lambda file: (file.render(values.context, _environment(), autoescape=True), file.save(out)))
    return repacked(out.getvalue())


def _environment() -> Careful:
    return Careful(undefined=StrictUndefined, autoescape=True)


def _with(data: bytes, use: Callable[[Any], Any]) -> Any:
    """Open a Word file for something. What is wrong with it is told in our words."""
    from docx.opc.exceptions import OpcError
    from docxtpl import DocxTemplate
    from lxml.etree import LxmlError

    try:
        return use(DocxTemplate(io.BytesIO(data)))
    except TemplateSyntaxError as error:
        raise TemplateDoesTooMuch(what=error.message or "?") from error
    except UndefinedError as error:
        _tell_unknown(error)
    except RecursionError as error:
        raise TemplateDoesTooMuch(what="((((…))))") from error
    except TypeError as error:
        # A text compared with a number by what only numbers know.
        raise TemplateDoesTooMuch(what="<, >, in") from error
    except (OpcError, LxmlError, AttributeError, RuntimeError, *UNREADABLE) as error:
        raise TemplateUnreadable(wanted=WORD) from error


def _tell_unknown(error: UndefinedError) -> NoReturn:
    raise PlaceholderUnknown(names=error.message or "?") from error


def _unknown(data: bytes, values: Values) -> list[str]:
    """Names in the file that stand for nothing, all at once."""
    known = {*values.named, PLACES}

    def look(file: Any) -> list[str]:
        environment = _environment()
        sources = _sources(file)
        found: set[str] = set()
        for source in sources:
            if "{%" in source:
                _require_short(source, values)
            tree = environment.parse(source)
            require_tame(tree)
            found |= meta.find_undeclared_variables(tree) - known
            found |= _wrong_fields(tree, values.named)
        return sorted(found)

    return list(_with(data, look))


def _require_short(source: str | bytes, values: Values) -> None:
    """Refuse what would be too long once its loops are told. Raises TemplateTooLarge."""
    if len(source) > MOST_SIGNS or len(source) * max(1, len(values.places)) > MOST_UNPACKED:
        raise _too_large()


def _sources(file: Any) -> list[str]:
    """The parts of the file that are templates, as docxtpl reads them."""
    file.init_docx()
    several = [file.get_xml()]
    for uri in (file.HEADER_URI, file.FOOTER_URI):
        several += [file.get_part_xml(part) for _key, part in file.get_headers_footers(uri)]
    for one in several:
        # As it is read, for a brace may have been written as a number.
        _require_quick(one, one.count("{"))
    return [file.patch_xml(one) for one in several]


def _wrong_fields(tree: nodes.Template, named: Mapping[str, object]) -> set[str]:
    looped = {one.target.name for one in tree.find_all(nodes.For) if isinstance(one.target, nodes.Name)}
    codes = {name for name, value in named.items() if isinstance(value, Value)}
    found = set()
    for node in tree.find_all(nodes.Getattr):
        base = node.node.name if isinstance(node.node, nodes.Name) else ""
        known: set[str] = set(FIELDS) if not base or base in codes else set()
        if base in looped:
            known = {"name", "code", *codes}
        elif base == "loop":
            known = {"index", "first", "last"}
        if node.attr not in known:
            found.add(f"{base or '…'}.{node.attr}")
    return found
