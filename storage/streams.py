"""Many rows added to a table at once: PostgreSQL takes them as one stream, SQLite one after the other.

Why: for PostgreSQL each row of a plain statement is a message of its own, and a province has a quarter of a
million figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, insert
from sqlalchemy.engine import Dialect

from storage.swift import Line, Swift


class Stream:
    """Adds rows with values for the same columns of a table, each by its column's name."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self._columns = [table.c[name] for name in names]
        self._insert = Swift(
            insert(table)
            .values({one.name: bindparam(one.name, type_=one.type) for one in self._columns})
            .inline()
        )
        self._table = table

    def add(self, line: Line, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows, inside a transaction. Raises what the database finds wrong with one."""
        if line.dialect.name != "postgresql":
            self._insert.many(line, rows)
            return
        processors = [
            one.type.dialect_impl(line.dialect).bind_processor(line.dialect) for one in self._columns
        ]
        steps = [(one.name, process) for one, process in zip(self._columns, processors, strict=True)]
        cursor: Any = line.connection.cursor()
        try:
            with cursor.copy(self._copy(line.dialect)) as copy:
                for row in rows:
                    copy.write_row([row[name] if do is None else do(row[name]) for name, do in steps])
        except Exception as error:
            raise line.said(error) from error
        finally:
            cursor.close()

    def _copy(self, dialect: Dialect) -> str:
        quote = dialect.identifier_preparer
        names = ", ".join(quote.quote(one.name) for one in self._columns)
        return f"COPY {quote.format_table(self._table)} ({names}) FROM STDIN"
