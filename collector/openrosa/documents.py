"""The XML phones read and write, as OpenRosa has it.

Written as text: an XML library would close empty elements (`<hash/>`), on which Collect crashes
(openrosa.md §3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

from storage.queries.forms import Listed

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RESPONSE = "http://openrosa.org/http/response"
SUCCESS = "full submission upload was successful!"


def form_list(forms: Iterable[Listed], address: Callable[[Listed], str], *, verbose: bool = False) -> bytes:
    """The xformsList document; `address` gives the absolute URL of a form, without `.xml`."""
    items = []
    for form in forms:
        url = address(form)
        described = f"<descriptionText>{escape(form.name)}</descriptionText>" if verbose else ""
        manifest = f"<manifestUrl>{escape(url)}/manifest</manifestUrl>" if form.has_media else ""
        items.append(
            f"<xform><formID>{escape(form.xml_form_id)}</formID><name>{escape(form.name)}</name>"
            f"<version>{escape(form.version)}</version><hash>md5:{form.md5}</hash>{described}"
            f"<downloadUrl>{escape(url)}.xml</downloadUrl>{manifest}</xform>\n"
        )
    body = "".join(items)
    return f'{_HEAD}<xforms xmlns="http://openrosa.org/xforms/xformsList">\n{body}</xforms>\n'.encode()


class File(Protocol):
    """What a manifest says of a file. `type` is "" for a plain one, else how an entity list is called."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as phones find it in the form

    @property
    def md5(self) -> str: ...  # noqa: D102 - 32 hex digits

    @property
    def type(self) -> str: ...  # noqa: D102 - see above


def manifest(
    files: Iterable[File], address: Callable[[str], str], integrity: Callable[[str], str] | None = None
) -> bytes:
    """The xformsManifest document.

    `address` gives the absolute URL of a file by its name, `integrity` the one at which a phone asks
    whether members of an entity list are gone, by the name of the list.
    """
    body = "".join(
        f"<mediaFile{_list_type(file)}><filename>{escape(file.name)}</filename><hash>md5:{file.md5}</hash>"
        f"<downloadUrl>{escape(address(file.name))}</downloadUrl>{_integrity(file, integrity)}</mediaFile>\n"
        for file in files
    )
    return (
        f'{_HEAD}<manifest xmlns="http://openrosa.org/xforms/xformsManifest">\n{body}</manifest>\n'.encode()
    )


LIST_TYPES = ("entityList", "approvalEntityList")
"""How a manifest calls an entity list; phones create no members of the second by themselves."""


def _list_type(file: File) -> str:
    return f' type="{file.type}"' if file.type in LIST_TYPES else ""


def _integrity(file: File, integrity: Callable[[str], str] | None) -> str:
    if file.type not in LIST_TYPES or integrity is None:
        return ""
    return f"<integrityUrl>{escape(integrity(file.name.removesuffix('.csv')))}</integrityUrl>"


def integrity(gone: Mapping[str, bool]) -> bytes:
    """Of members of a list, whether each is gone: without blanks or comments, which Collect cannot read."""
    body = "".join(
        f"<entity id={quoteattr(uuid)}><deleted>{'true' if one else 'false'}</deleted></entity>"
        for uuid, one in gone.items()
    )
    return f"{_HEAD}<data><entities>{body}</entities></data>".encode()


def response(message: str, nature: str) -> bytes:
    """An OpenRosaResponse: Collect shows the text of `<message>`, which must have no prefix."""
    return (
        f'{_HEAD}<OpenRosaResponse xmlns="{_RESPONSE}" items="0">'
        f"<message nature={quoteattr(nature)}>{escape(_clean(message))}</message></OpenRosaResponse>"
    ).encode()


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(
        letter
        if letter in "\t\n"
        or " " <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter > "\uffff"
        else " "
        for letter in text
    )
