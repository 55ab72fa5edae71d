"""What each test would do again with the same outcome is done once in a process.

Why: a test server takes half a second, nearly all of it in the text of Python functions that Werkzeug
writes and compiles for its 300 addresses.
Knows: that such a function depends on its address alone and finds its converters on the rule it is bound to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

__all__ = ["remember_addresses"]

_compile: Callable[[Rule, bool], Any] = Rule._compile_builder
_compiled: dict[tuple[object, ...], Any] = {}


def remember_addresses() -> None:
    """From now on every application of this process shares what makes its addresses."""
    Rule._compile_builder = _remembered  # type: ignore[assignment, method-assign]


def _remembered(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - Werkzeug's signature
    """What Werkzeug compiles, as it compiled it for the same address before."""
    what = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    found = _compiled.get(what)
    if found is None:
        found = _compiled[what] = _compile(rule, append_unknown)
    return found
