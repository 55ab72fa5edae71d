"""What each test would do again with the same outcome is done once in a process.

Why: a test server takes half a second, nearly all of it in the text of Python functions that Werkzeug
writes and compiles for its 300 addresses; and half of what a page takes on a new server is Jinja compiling
its templates.
Knows: that a function of Werkzeug depends on its address alone and finds its converters on the rule it is
bound to.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

__all__ = ["remember"]

_compile: Callable[[Rule, bool], Any] = Rule._compile_builder
_compiled: dict[tuple[object, ...], Any] = {}


def remember() -> None:
    """From now on the applications of this process share what makes their addresses, and their templates."""
    Flask.jinja_options["bytecode_cache"] = _Templates()
    Rule._compile_builder = _remembered  # type: ignore[assignment, method-assign]


def _remembered(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - Werkzeug's signature
    """What Werkzeug compiles, as it compiled it for the same address before."""
    what = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    found = _compiled.get(what)
    if found is None:
        found = _compiled[what] = _compile(rule, append_unknown)
    return found


class _Templates(BytecodeCache):
    """The code of templates, by name and text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the code into the bucket, if it is there."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of the bucket."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code
