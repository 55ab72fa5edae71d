"""Statements compiled once and run on the driver's own connection: for what every submission does.

Why: building, caching and unpacking a statement in SQLAlchemy costs several times what SQLite needs to
run it, and an intake runs eight of them. The statements are still written in SQLAlchemy, so both
databases get their own dialect; only the way to the driver is shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Date, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_Bind = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A connection of the driver's, taken from the pool, and the dialect to speak on it."""

    connection: PoolProxiedConnection
    dialect: Dialect

    def commit(self) -> None:
        """Make durable what was written."""
        try:
            self.connection.commit()
        except Exception as error:
            raise self.said(error) from error

    def cursor(self) -> Any:
        """What statements are run with."""
        try:
            return self.connection.cursor()
        except Exception as error:
            raise self.said(error) from error

    def take_back(self) -> bool:
        """Undo what was not committed; False where the database is gone, and so the connection too."""
        try:
            self.connection.rollback()
        except self.dialect.loaded_dbapi.Error:
            # What happened before says why: this would only hide it.
            self.connection.invalidate()
            return False
        return True

    def said(self, error: Exception) -> Exception:
        """What the driver raised, as `said` puts it."""
        return said(self.dialect, error)


def said(dialect: Dialect, error: Exception) -> Exception:
    """The driver's error as SQLAlchemy would raise it, so that one handler serves both ways."""
    base = dialect.loaded_dbapi.Error
    if not isinstance(error, base):
        return error
    told: Exception = DBAPIError.instance(None, None, error, base)
    return told


class Swift:
    """One statement whose only variable parts are its bound values.

    Rows come back as the driver gives them: select nothing whose type SQLAlchemy would convert.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, _Bind]] = {}

    def one(self, line: Line, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run it; the first row, or None."""
        sql, bind = self._for(line.dialect)
        cursor = line.cursor()
        try:
            cursor.execute(sql, bind(values))
            row: tuple[Any, ...] | None = cursor.fetchone()
        except Exception as error:
            raise line.said(error) from error
        finally:
            cursor.close()
        return row

    def all(self, line: Line, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it; every row."""
        sql, bind = self._for(line.dialect)
        cursor = line.cursor()
        try:
            cursor.execute(sql, bind(values))
            rows = [tuple(row) for row in cursor.fetchall()]
        except Exception as error:
            raise line.said(error) from error
        finally:
            cursor.close()
        return rows

    def number(self, line: Line, values: Mapping[str, Any]) -> int:
        """Run it; the whole number its only row holds (an insert that returns its key)."""
        row = self.one(line, values)
        if row is None:
            raise LookupError(self._statement)
        key: int = row[0]
        return key

    def many(self, line: Line, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for every row of values; nothing comes back."""
        sql, bind = self._for(line.dialect)
        cursor = line.cursor()
        try:
            if len(rows) == 1:
                cursor.execute(sql, bind(rows[0]))
            else:
                cursor.executemany(sql, [bind(row) for row in rows])
        except Exception as error:
            raise line.said(error) from error
        finally:
            cursor.close()

    def _for(self, dialect: Dialect) -> tuple[str, _Bind]:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return found


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """How a value of that type is handed to the driver; None as it is."""
    if dialect.name == "sqlite" and isinstance(kind, Date):
        return _iso_day
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _iso_day(day: date | None) -> str | None:
    """What SQLAlchemy's own processor gives, in a fifth of the time."""
    return None if day is None else day.isoformat()


def _compile(statement: Executable, dialect: Dialect) -> tuple[str, _Bind]:
    compiled = cast("SQLCompiler", statement.compile(dialect=dialect))  # type: ignore[attr-defined]
    processors = {
        name: _processor(parameter.type, dialect) for parameter, name in compiled.bind_names.items()
    }
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    order = compiled.positiontup
    if order is None:
        return compiled.string, _named(processors, fixed)
    return compiled.string, _positional([(name, processors[name], fixed.get(name)) for name in order])


def _named(processors: Mapping[str, Any], fixed: Mapping[str, Any]) -> _Bind:
    steps = [(name, process, fixed.get(name)) for name, process in processors.items()]

    def bind(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: values.get(name, constant) if process is None else process(values.get(name, constant))
            for name, process, constant in steps
        }

    return bind


def _positional(steps: Sequence[tuple[str, Any, Any]]) -> _Bind:
    if any(constant is not None for _name, _process, constant in steps):
        return _with_constants(steps)
    pick = _pick([name for name, _process, _constant in steps])
    converted = [(place, process) for place, (_name, process, _constant) in enumerate(steps) if process]
    if not converted:
        return pick

    def bind(values: Mapping[str, Any]) -> list[Any]:
        bound = list(pick(values))
        for place, process in converted:
            value = bound[place]
            if value is not None:
                bound[place] = process(value)
        return bound

    return bind


def _pick(names: Sequence[str]) -> _Bind:
    """The values of those names in order, at the speed of C."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _with_constants(steps: Sequence[tuple[str, Any, Any]]) -> _Bind:
    def bind(values: Mapping[str, Any]) -> list[Any]:
        return [
            values.get(name, constant) if process is None else process(values.get(name, constant))
            for name, process, constant in steps
        ]

    return bind
