"""A list of texts of any length as one bound value, so that a statement is the same for few and for many."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, Text, bindparam, cast, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.portable import Some, Truth


class _Listed(FunctionElement[str]):
    """The texts of a JSON list that is bound as text, as rows with one column `value`."""

    name = "listed"
    inherit_cache = True
    type = Text()


@compiles(_Listed)
def _each(element: _Listed, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Listed, "postgresql")
def _elements(element: _Listed, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json))"


def among(column: Some, name: str) -> Truth:
    """Whether a column's value is one of those bound under `name`, as `listed` writes them."""
    rows = _Listed(bindparam(name, type_=Text())).table_valued("value", name=f"listed_{name}")
    return column.in_(select(rows.c.value))


def among_numbers(column: Some, name: str) -> Truth:
    """Whether a column's whole number is one of those bound under `name`, a JSON list."""
    rows = _Listed(bindparam(name, type_=Text())).table_valued("value", name=f"listed_{name}")
    return column.in_(select(cast(rows.c.value, BigInteger())))


def listed(texts: Iterable[str]) -> str:
    """Texts as `among` reads them."""
    return json.dumps(sorted(texts), ensure_ascii=False)


MOST_IN_ONE_ARRAY = 120
"""Values; SQLite takes 127 arguments."""


def in_one_array(dialect: str, columns: Sequence[SQLColumnExpression[Any]]) -> ColumnElement[str] | None:
    """The values of a row as the text of one JSON array, without spaces; None where that gains nothing.

    PostgreSQL hands out columns as fast as it would write them into an array, and spells them otherwise.
    """
    if dialect != "sqlite" or len(columns) > MOST_IN_ONE_ARRAY:
        return None
    return func.json_array(*columns, type_=Text())
