"""The tables of a server: its own, and those of answers, which the catalogue names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import JSON, Column, ForeignKey, MetaData, Select, String, Table, Text, cast, null, select
from sqlalchemy import inspect as look_at
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from storage.database import Base
from storage.models import FormTable
from storage.portable_texts import Bytewise
from storage.projection.catalogue import answer_tables
from storage.relocating.problems import TargetInUse

FOUND: Final = frozenset({"entity_locks", "audit_waiting"})
"""Tables that migrations or triggers fill: emptied before they are copied, the second one after `audits`."""

_FORGOTTEN: Final = {"audit_readings": ("seen", "horizon", "seen_at")}
"""Columns that hold numbers of one PostgreSQL's transactions, which say nothing elsewhere."""


@dataclass(frozen=True)
class Moved:
    """A table on its way: `shape` has JSON as text, `made` says how to make it (None: it is there)."""

    shape: Table
    made: Table | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.shape.name

    @property
    def whole(self) -> bool:
        """Whether all its rows have to come at once, because they name each other."""
        return self.shape.info["whole"] is True

    def rows(self) -> Select[Any]:
        """Its rows in the order of their keys, the same on every database."""
        columns = [self._read(one) for one in self.shape.columns]
        order = [Bytewise(one) if isinstance(one.type, String) else one for one in self.shape.primary_key]
        return select(*columns).order_by(*order)

    def _read(self, column: Column[Any]) -> Any:
        if column.name in _FORGOTTEN.get(self.name, ()):
            return null().label(column.name)
        # The driver of PostgreSQL would take JSON apart.
        return cast(column, Text()).label(column.name) if column.info.get("json") else column


def tables_of(connection: Connection) -> list[Moved]:
    """Every table of the server behind a connection, each after those it names."""
    own = [Moved(_shape(one)) for one in Base.metadata.sorted_tables]
    own.sort(key=lambda one: one.name == "audit_waiting")
    with Session(connection) as session:
        query = select(FormTable.form_id, FormTable.draft).distinct()
        several = session.execute(query.order_by(FormTable.form_id, FormTable.draft)).all()
        pieces = [
            piece
            for form_id, draft in several
            for table in answer_tables(session, form_id, draft=draft).values()
            for piece in table.pieces
        ]
    return [*own, *(Moved(_shape(one), one) for one in pieces)]


def _shape(table: Table) -> Table:
    columns: list[Column[Any]] = [
        Column(
            one.name,
            Text() if isinstance(one.type, JSON) else one.type,
            primary_key=one.primary_key,
            info={"json": isinstance(one.type, JSON)},
        )
        for one in table.columns
    ]
    return Table(
        table.name, MetaData(), *columns, info={"whole": any(_own(one, table) for one in table.foreign_keys)}
    )


def _own(key: ForeignKey, table: Table) -> bool:
    return key.column.table is table


def ask_for_empty(connection: Connection) -> None:
    """See that a database which has the right shape holds nothing. Raises TargetInUse."""
    own = {one.name: one for one in Base.metadata.sorted_tables}
    for name in sorted(look_at(connection).get_table_names()):
        if name == "alembic_version" or name in FOUND:
            continue
        table = own.get(name)
        if table is None or connection.execute(select(*table.primary_key).limit(1)).first() is not None:
            raise TargetInUse(table=name)


def names(tables: Sequence[Moved]) -> str:
    """A few of them, to be said."""
    return ", ".join(one.name for one in tables[:5])
