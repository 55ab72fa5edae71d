"""The two XSL sheets a form in a browser is made with, and the name of what made it.

Why: the engine of the browser reads a form only as its own sheets write it, so they are taken as they
are and paired with it by version (decision 0026).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from lxml import etree

FORM_SHEET = "openrosa2html5form.xsl"
MODEL_SHEET = "openrosa2xmlmodel.xsl"
"""The names of the two sheets, as their package has them and the build keeps them."""


@dataclass(frozen=True)
class Sheets:
    """The two sheets as bytes: what asks, and what is answered into."""

    form: bytes
    model: bytes

    @cached_property
    def made_with(self) -> str:
        """A name of all that decides how a form is made: the two sheets, and the code of this folder."""
        whole = hashlib.sha256()
        for part in (self.form, self.model, *_code()):
            whole.update(hashlib.sha256(part).digest())
        return whole.hexdigest()[:16]

    @cached_property
    def to_form(self) -> etree.XSLT:
        """What makes the questions; reads no file and no address, whatever a sheet says."""
        return _compiled(self.form)

    @cached_property
    def to_model(self) -> etree.XSLT:
        """What makes the answers' tree, likewise."""
        return _compiled(self.model)


def _code() -> list[bytes]:
    folder = resources.files("forms.webform")
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".py")), key=lambda it: it.name
    )
    return [entry.read_bytes() for entry in files]


def _compiled(sheet: bytes) -> etree.XSLT:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.XSLT(etree.fromstring(sheet, parser), access_control=etree.XSLTAccessControl.DENY_ALL)
