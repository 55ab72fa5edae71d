"""The files a form expects beside it.

Why: a slot too few and the phone shows no list or picture; one too many and the officer waits for a
file that nobody can give. `jr://instance/last-saved` is the phone's own.
Source: https://getodk.github.io/xforms-spec/#secondary-instances---external
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from forms.xform.document import Document, attribute, children, local

ITEMSETS = "itemsets.csv"
"""The file `select_one_external` reads, whatever the form is called."""

_ADDRESS = re.compile(r"^jr://(?:images|audio|video|file|file-csv)/(?P<name>(?!\.\.?$)[^/]{1,255})$")
_SEARCH = re.compile(
    r"^\s*(?:\w+\s+)?search\s*\(\s*(?P<quote>['\"])(?P<name>[^'\"]{1,255})(?P=quote)\s*(?:,.*)?\)\s*$",
    re.DOTALL,
)


def file_name(address: str) -> str:
    """The file an address like `jr://file-csv/x.csv` names; "" for any other address."""
    found = _ADDRESS.match(address.strip())
    return found["name"] if found else ""


def is_default_picture(text: str) -> bool:
    """True for a default answer that names a picture of the form instead of one that was sent."""
    return text.startswith("jr://images/") and bool(file_name(text))


def searched_file(appearance: str) -> str:
    """The file a `search('x', …)` appearance reads; "" where there is none or it cannot be read."""
    found = _SEARCH.match(appearance)
    name = found["name"] if found else ""
    # Phones fail on a name with outer spaces; such a file cannot be given.
    if not name or name != name.strip():
        return ""
    return name if name.endswith(".csv") else f"{name}.csv"


def expected_files(
    document: Document, controls: Iterable[etree._Element], text_media: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """The (name, type) of every file, once each, in Central's order; types: image, audio, video, file."""
    seen: set[str] = set()
    for name, kind in _all_files(document, list(controls), text_media):
        if name and name not in seen:
            seen.add(name)
            yield name, kind


def _all_files(
    document: Document, controls: list[etree._Element], text_media: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    instances = list(children(document.model, "instance"))
    yield from ((file_name(attribute(instance, "src")), "file") for instance in instances)
    yield from ((file_name(address), kind) for kind, address in text_media)
    written = (str(text).strip() for instance in instances for text in instance.itertext())
    yield from ((file_name(text), "image") for text in written if is_default_picture(text))
    for control in controls:
        if local(control) == "input" and control.get("query"):
            yield ITEMSETS, "file"
        if local(control) in {"select", "select1"}:
            yield searched_file(str(control.get("appearance", ""))), "file"
