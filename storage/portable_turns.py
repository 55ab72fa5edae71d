"""Taking turns and knowing what is committed, on PostgreSQL, where several write at once.

On SQLite one transaction writes at a time, so whoever writes has its turn and sees all there will be
below the largest number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, select
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Writers:
    """Transactions that may still write: the oldest that runs, and the first that has not begun."""

    oldest: int
    next: int


def take_turn(session: Session, key: int) -> None:
    """Wait until nobody else holds the turn `key`; held until the transaction ends."""
    if session.connection().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(key)))


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
