"""What each test would do again with the same outcome is done once in a process.

Why: a test server takes a quarter of a second, nearly all of it in what Werkzeug, SQLAlchemy and Jinja work
out anew for it: 400 addresses, every statement it says first, every page it shows first. A form is converted
in a tenth of a second and looked through by a Java machine in a whole one. And passwords are dear on purpose:
a tenth of a second for each person who signs in.
Knows: that what Werkzeug makes of an address depends on the address and the converters alone, that a
statement is compiled for a kind of database rather than for one of them, that what is said of a form depends
on its bytes, and that argon2 keeps in a hash what it was made with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from collector.actions import accounts, publish
from forms.validate import validate
from forms.xlsform import convert

__all__ = ["SERVERS_HASHER", "remember"]

SERVERS_HASHER = accounts._HASHER
"""What passwords are kept with outside of tests."""

_compile: Callable[[Rule], None] = Rule.compile
_addresses: dict[tuple[object, ...], dict[str, Any]] = {}
_statements: dict[type, LRUCache[Any, Any]] = {}
_COMPILED = ("_parts", "_trace", "_converters", "arguments")
_BUILDERS = ("_build", "_build_unknown")


def remember() -> None:
    """From now on this process does these things once; passwords cost little."""
    Flask.jinja_options["bytecode_cache"] = _Templates()
    Rule.compile = _remembered  # type: ignore[assignment, method-assign]
    Engine._compiled_cache = property(_shared, lambda _engine, _its_own: None)  # type: ignore[assignment]
    DefaultDialect.__eq__ = _same_kind  # type: ignore[assignment, method-assign]
    DefaultDialect.__hash__ = _by_kind  # type: ignore[assignment, method-assign]
    publish.convert = cache(convert)  # type: ignore[attr-defined]
    publish.validate = cache(validate)  # type: ignore[attr-defined]
    accounts._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _remembered(rule: Rule) -> None:
    """Compile an address as it was compiled before."""
    converters = frozenset(rule.map.converters.items())
    key = (rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults), converters)
    found = _addresses.get(key)
    if found is None:
        _compile(rule)
        found = {name: getattr(rule, name) for name in _COMPILED}
        found |= {name: getattr(rule, name).__func__ for name in _BUILDERS}
        _addresses[key] = found
    for name in _COMPILED:
        setattr(rule, name, found[name])
    for name in _BUILDERS:
        setattr(rule, name, found[name].__get__(rule))


def _shared(engine: Engine) -> LRUCache[Any, Any]:
    """The statements of all engines of that kind."""
    return _statements.setdefault(type(engine.dialect), LRUCache(3000))


def _same_kind(dialect: DefaultDialect, other: object) -> bool:
    return type(dialect) is type(other)


def _by_kind(dialect: DefaultDialect) -> int:
    return hash(type(dialect))


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
