"""SQLite read out and put back.

Why a copy first: SQLite's own backup reads the file at one moment without keeping a writer waiting, but its
write-ahead file grows as long as somebody reads; a copy is made at the speed of the disk. Why rows and not
the file: one record more changes pages all over a file, but only the ends of some tables.
"""

from __future__ import annotations

import base64
import binascii
import math
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from forms.backups.documents import Shape
from forms.vietnamese import folded
from storage.backups.problems import DatabaseShapeUnknown, NotEmptyHere, ServerStillRuns

_COPY = "backup-copy.db"
_PAGES = 2048
_ROOM = 256 << 20
"""Bytes that stay free beside the copy: phones send meanwhile."""
_OWN = ("sqlite_stat", "sqlite_autoindex")
_FIRST = {"table": 0}
_LAST = {"index": 0, "view": 1, "trigger": 2}
_BESIDE = ("", "-wal", "-shm")
_INFINITE = (math.inf, -math.inf)


def _opened(path: Path, *, write: bool = False) -> sqlite3.Connection:
    line = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    line.create_function("folded", 1, lambda text: None if text is None else folded(text), deterministic=True)
    line.execute(f"PRAGMA query_only={'OFF' if write else 'ON'}")
    return line


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class SqliteSource:
    """A database file at one moment; `own` is a copy that goes with it."""

    kind = "sqlite"
    engine = sqlite3.sqlite_version

    def __init__(self, line: sqlite3.Connection, own: Path | None = None) -> None:
        self._line = line
        self._own = own
        # What is seen from here on is one state, whatever is written meanwhile.
        line.execute("BEGIN")
        line.execute("SELECT 1 FROM sqlite_master").fetchone()

    @classmethod
    def copied(cls, path: Path, folder: Path) -> SqliteSource:
        """The database of a running server: a copy of it, or itself where there is no room for one."""
        live = cls(_opened(path))
        if path.stat().st_size + _ROOM > shutil.disk_usage(folder).free:
            return live
        copy = folder / _COPY
        copy.unlink(missing_ok=True)
        try:
            # For its owner only, from the first byte.
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with sqlite3.connect(copy, isolation_level=None) as into:
                into.execute("PRAGMA synchronous=OFF")
                live._line.backup(into, pages=_PAGES, sleep=0)
                into.execute("PRAGMA journal_mode=OFF")
            into.close()
            return cls(_opened(copy), copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        finally:
            live.close()

    def close(self) -> None:
        """Let it go, and the copy."""
        with suppress(sqlite3.Error):
            self._line.execute("ROLLBACK")
        self._line.close()
        if self._own is not None:
            for ending in _BESIDE:
                Path(f"{self._own}{ending}").unlink(missing_ok=True)

    def _objects(self, order: dict[str, int]) -> list[tuple[str, str]]:
        rows = self._line.execute("SELECT type, name, sql FROM sqlite_master ORDER BY rowid").fetchall()
        told = [
            (kind, name, sql)
            for kind, name, sql in rows
            if kind in order and sql and not name.startswith("sqlite_")
        ]
        return [(name, sql) for kind, name, sql in sorted(told, key=lambda one: order[one[0]])]

    def shape(self) -> Shape:
        """The statements everything was made with, and what the file says of itself."""
        numbers = [
            f"PRAGMA {name}={self._line.execute(f'PRAGMA {name}').fetchone()[0]}"
            for name in ("user_version", "application_id")
        ]
        return Shape(
            [sql for _name, sql in self._objects(_FIRST)],
            [sql for _name, sql in self._objects(_LAST)],
            numbers,
        )

    def tables(self) -> list[tuple[str, list[str]]]:
        """Every table. Raises DatabaseShapeUnknown for those another program's module keeps."""
        found = []
        for _schema, name, kind, _width, without_rowid, *_more in self._line.execute(
            "PRAGMA table_list"
        ).fetchall():
            if _schema != "main" or kind == "view" or name == "sqlite_schema" or name.startswith(_OWN):
                continue
            if kind != "table":
                raise DatabaseShapeUnknown(what=f"the table {name} of a module")
            info = self._line.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
            columns = [row[1] for row in info if not row[6]]
            keys = [row for row in info if row[5]]
            numbered = len(keys) == 1 and keys[0][2].upper() == "INTEGER"
            if not without_rowid and not numbered:
                columns.insert(0, "rowid")
            found.append((name, columns))
        return sorted(found)

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[bytes]:
        """The rows as lines of JSON; bytes are objects with `b` in base64."""
        named = ", ".join(one if one == "rowid" else _quoted(one) for one in columns)
        for row in self._line.execute(f"SELECT {named} FROM {_quoted(table)}"):  # noqa: S608 - quoted names
            values = row if not (_INFINITE[0] in row or _INFINITE[1] in row) else _with_infinite(row)
            yield orjson.dumps(values, default=_bytes, option=orjson.OPT_APPEND_NEWLINE)

    def ask(self, sentence: str) -> Iterator[tuple[Any, ...]]:
        """What a plain question finds."""
        yield from self._line.execute(sentence)


def _bytes(value: object) -> object:
    if isinstance(value, bytes):
        return {"b": binascii.b2a_base64(value, newline=False).decode()}
    raise TypeError(type(value))


def _with_infinite(row: tuple[Any, ...]) -> list[Any]:
    return [{"f": str(one)} if isinstance(one, float) and math.isinf(one) else one for one in row]


def _value(said: Any) -> Any:
    if isinstance(said, dict):
        return base64.b64decode(said["b"]) if "b" in said else float(said["f"])
    return said


class SqliteTarget:
    """A database file that is filled beside its place, and put there when it is whole."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise NotEmptyHere(what=f"a database at {path}")
        self._path = path
        self._beside = path.with_name(f"{path.name}.restoring")
        self._drop()
        os.close(os.open(self._beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
        self._line = _opened(self._beside, write=True)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-64000"):
            self._line.execute(f"PRAGMA {pragma}")

    def _drop(self) -> None:
        for ending in _BESIDE:
            Path(f"{self._beside}{ending}").unlink(missing_ok=True)

    def begin(self, shape: Shape) -> None:
        """Make the tables."""
        for one in shape.before:
            self._line.execute(one)

    def add(self, table: str, columns: Sequence[str], pieces: Iterable[bytes]) -> None:
        """Put rows back."""
        named = ", ".join(one if one == "rowid" else _quoted(one) for one in columns)
        holes = ", ".join("?" * len(columns))
        sentence = f"INSERT INTO {_quoted(table)} ({named}) VALUES ({holes})"  # noqa: S608 - quoted names
        if table == "sqlite_sequence":
            self._line.execute("DELETE FROM sqlite_sequence")
        for data in pieces:
            self._line.execute("BEGIN")
            lines = data.splitlines()
            self._line.executemany(sentence, ([_value(one) for one in orjson.loads(line)] for line in lines))
            self._line.execute("COMMIT")

    def complete(self, shape: Shape) -> None:
        """Indexes, views, triggers, and what the file says of itself."""
        for one in (*shape.after, *shape.counters):
            self._line.execute(one)
        self._line.execute("ANALYZE")

    def source(self) -> SqliteSource:
        """What was filled. Raises sqlite3.DatabaseError where the file is not sound."""
        found = self._line.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        return SqliteSource(_opened(self._beside))

    def finish(self) -> None:
        """Sync it and give it its name."""
        self._line.execute("PRAGMA synchronous=FULL")
        self._line.execute("PRAGMA journal_mode=WAL")
        self._line.close()
        for path in (self._beside, self._beside.parent):
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        self._beside.rename(self._path)

    def give_up(self) -> None:
        """Remove it."""
        self._line.close()
        self._drop()


def move_aside(path: Path, aside: Path) -> str:
    """Move a database that nobody has open into a folder. Raises ServerStillRuns."""
    if not path.exists():
        return ""
    line = sqlite3.connect(path, isolation_level=None, timeout=1)
    try:
        # Only whoever is alone with a database may take it out of its write-ahead file.
        line.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise ServerStillRuns from error
    except sqlite3.DatabaseError:
        # Damaged, which may be why somebody restores: kept as it is.
        pass
    finally:
        line.close()
    aside.mkdir(parents=True, exist_ok=True)
    for ending in (*_BESIDE, ".lock"):
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(aside / f"{path.name}{ending}")
    return str(aside)
