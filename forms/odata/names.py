"""How names of a form are spelled in OData, where only letters, digits and _ can stand.

Source: OData CSDL 4.0 §17.1; the service document, the schema document and the rows all spell by this file.
"""

from __future__ import annotations

import re
from collections.abc import Container

_STRANGE = re.compile(r"[^A-Za-z0-9_]+")
_START = re.compile(r"[A-Za-z_]")


def identifier(name: str) -> str:
    """A name without what OData cannot hold: `q1.8-test` is `q1_8_test`, `1a` is `_1a`."""
    return _STRANGE.sub("_", name if _START.match(name) else f"_{name}")


def unused(name: str, taken: Container[str]) -> str:
    """The identifier of a name, told apart from those that are `taken`."""
    found = identifier(name)
    while found in taken:
        found += "_"
    return found


def spelled_path(path: str) -> str:
    """Every step of a path as an identifier: `/a.b/c` is `/a_b/c`."""
    return "".join(f"/{identifier(step)}" for step in path.split("/")[1:])
