"""Taking turns and knowing what is committed, on PostgreSQL, where several write at once.

On SQLite one transaction writes at a time, so whoever writes has its turn and sees all there will be
below the largest number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from sqlalchemy import BigInteger, ColumnElement, Engine, Text, cast, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_OURS = 0x436F6C6C
"""The first half of the number of a turn with a name; the second half is made of the name."""


@dataclass(frozen=True, slots=True)
class Writers:
    """Transactions that may still write: the oldest that runs, and the first that has not begun."""

    oldest: int
    next: int


def take_turn(session: Session, key: int) -> None:
    """Wait until nobody else holds the turn `key`; held until the transaction ends."""
    if session.connection().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(key)))


@contextmanager
def alone(engine: Engine, name: str) -> Iterator[bool]:
    """Whether nobody else is at what has this name, on whatever machine; if so nobody begins it meanwhile.

    Who is killed lets go of it. Beside SQLite there is one machine and one worker: always True.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    with _apart(engine) as connection:
        got = bool(connection.scalar(select(func.pg_try_advisory_lock(_OURS, _half(name)))))
        try:
            yield got
        finally:
            if got:
                _let_go(connection, name)


@contextmanager
def in_turn(engine: Engine, name: str) -> Iterator[None]:
    """Wait until nobody else is at what has this name; nobody begins it until the block ends."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with _apart(engine) as connection:
        connection.execute(select(func.pg_advisory_lock(_OURS, _half(name))))
        try:
            yield
        finally:
            _let_go(connection, name)


def _apart(engine: Engine) -> Connection:
    """A connection without a transaction: one that is open for hours would keep dead rows."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _let_go(connection: Connection, name: str) -> None:
    try:
        connection.execute(select(func.pg_advisory_unlock(_OURS, _half(name))))
    except DBAPIError:
        # With the connection the turn is gone too; back in the pool it would be held for ever.
        connection.invalidate()


def _half(name: str) -> int:
    return crc32(name.encode()) - (1 << 31)


def writers(session: Session) -> Writers | None:
    """Who may still write beside this transaction; None where nobody can."""
    if session.connection().dialect.name != "postgresql":
        return None
    now = func.pg_current_snapshot()
    row = session.execute(
        select(_number(func.pg_snapshot_xmin(now)), _number(func.pg_snapshot_xmax(now)))
    ).one()
    return Writers(row[0], row[1])


def _number(transaction: ColumnElement[Any]) -> ColumnElement[int]:
    # Its type there has no way to a number but by its text.
    return cast(cast(transaction, Text()), BigInteger())
