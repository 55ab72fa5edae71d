"""What each test would do again with the same outcome is done once in a process.

Why: a test server takes a quarter of a second, nearly all of it in what Werkzeug, SQLAlchemy and Jinja work
out anew for it: 400 addresses, every statement it says first, every page it shows first. A form is converted
in a tenth of a second and looked through by a Java machine in a whole one. And passwords are dear on purpose:
a tenth of a second for each person who signs in. No test loses its power either: files of SQLite need not
reach the disk before the next step, a folder of files has those of its 256 folders that files came to, and
what was read by the time the first test begins is never looked through for garbage.
Knows: that what Werkzeug makes of an address depends on the address and the converters alone, that a
statement is compiled for a kind of database rather than for one of them, that what is said of a form depends
on its bytes, whatever name and version it goes by, and that argon2 keeps in a hash what it was made with.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any
from urllib.parse import unquote, urlsplit

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map, Rule

from collector import app as composition
from collector import core
from collector.actions import accounts, publish
from forms.remarks import Remark
from forms.validate import validate
from forms.xlsform import convert
from storage import blobs
from storage.blobs.base import BlobStore
from storage.blobs.disk import DiskStore
from storage.database import prepare_engine
from storage.projection import rebuild
from tests.javarosa import machine

__all__ = ["SERVERS_ENGINE", "SERVERS_HASHER", "remember", "settle"]

SERVERS_HASHER = accounts._HASHER
"""What passwords are kept with outside of tests."""

SERVERS_ENGINE = prepare_engine
"""What makes the connections of a server outside of tests."""

_Route = tuple[str, str | None, Any, dict[str, Any]]

_compile: Callable[[Rule], None] = Rule.compile
_addresses: dict[tuple[object, ...], dict[str, Any]] = {}
_statements: dict[type, LRUCache[Any, Any]] = {}
_open_doors: Callable[[Flask], None] = composition._open_doors
_routes: list[tuple[list[_Route], Map]] = []
_said: dict[tuple[object, ...], tuple[Remark, ...]] = {}
_ROOT = re.compile(rb"<instance>\s*<[^>]+>")
_CALLED = re.compile(rb'\s(?:id|version)="[^"]+"')
_COMPILED = ("_parts", "_trace", "_converters", "arguments")
_BUILDERS = ("_build", "_build_unknown")


def remember() -> None:
    """From now on this process does these things once; passwords cost little. `settle` belongs to it."""
    # While code and tests are read, nearly nothing of it is garbage.
    gc.disable()
    Flask.jinja_options["bytecode_cache"] = _Templates()
    composition._open_doors = _opened
    core.open_store = _store  # type: ignore[attr-defined]
    core.prepare_engine = _prepared  # type: ignore[attr-defined]
    rebuild.GRACE = 0.0
    Rule.compile = _remembered  # type: ignore[assignment, method-assign]
    Engine._compiled_cache = property(_shared, lambda _engine, _its_own: None)  # type: ignore[assignment]
    DefaultDialect.__eq__ = _same_kind  # type: ignore[assignment, method-assign]
    DefaultDialect.__hash__ = _by_kind  # type: ignore[assignment, method-assign]
    # What runs for a minute does not repay being made as fast as can be.
    machine.OPTIONS += ("-XX:TieredStopAtLevel=1",)
    publish.convert = cache(convert)  # type: ignore[attr-defined]
    publish.validate = _checked  # type: ignore[attr-defined, assignment]
    accounts._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def settle() -> None:
    """All is read that will be: it stays to the end of the process, and garbage is looked for beside it."""
    gc.collect()
    gc.freeze()
    gc.enable()


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


def _prepared(engine: Engine) -> None:
    """As a server's, but that nothing waits for the disk."""
    SERVERS_ENGINE(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda line, _record: line.execute("PRAGMA synchronous=OFF"))


class _Folder(DiskStore):
    """A folder of files that makes its 256 folders as they are needed: all of them take a test's time."""

    def __init__(self, folder: str) -> None:
        self._root = Path(folder)
        self._incoming = self._root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def _put(self, item: Any) -> Path:
        self._path(item.sha256).parent.mkdir(exist_ok=True)
        return super()._put(item)


def _store(url: str, *, folder: Path | None = None, endpoint: str | None = None) -> BlobStore:
    """The store of a server that is made in this process."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _Folder(unquote(parts.path))
    return blobs.open_store(url, folder=folder, endpoint=endpoint)


def _opened(app: Flask) -> None:
    """Open the doors; where they have the addresses of the server before, these are not sorted again."""
    routes: list[_Route] = []
    own = app.add_url_rule

    def note(rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any) -> None:
        routes.append((rule, endpoint, view_func, options))
        if view_func is not None and endpoint is not None:
            app.view_functions[endpoint] = view_func

    app.add_url_rule = note  # type: ignore[assignment, method-assign]
    _open_doors(app)
    del app.add_url_rule
    for known, addresses in _routes:
        if routes == known:
            app.url_map = addresses
            return
    for rule, endpoint, view, options in routes:
        own(rule, endpoint, view, **options)
    _routes.append((routes, app.url_map))


def _checked(xform: bytes, *, java: str) -> tuple[Remark, ...]:
    """What the engine says of a form that differs from another one by nothing but its name and version."""
    called = _ROOT.search(xform)
    if called is None:
        return validate(xform, java=java)
    found = (xform[: called.start()], _CALLED.sub(b"", called[0]), xform[called.end() :], java)
    if found not in _said:
        _said[found] = validate(xform, java=java)
    return _said[found]


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
