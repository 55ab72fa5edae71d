"""Whether a pooled connection still leads anywhere, mostly found without asking the database.

Why: a connection may have died with the server it led to, so that each has to be looked at before it is
used; to ask the server is a way there and back with every page and every submission. A server that ends says
so, and what it says lies in the socket. Only where something lies there, or where a connection rested so long
that something between may have forgotten it, is the server asked. A machine that vanished without a word
within that time is noticed by the next question: whoever asks it hears 503, and a phone sends again. By
itself the system would go on sending that question for a quarter of an hour, with a thread that waits for
it, so it is told how long (`patience`).
Knows: SQLAlchemy's pool events; that psycopg's connections have a file number; libpq's settings.
"""

from __future__ import annotations

import select
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError

_RESTED = "collector_rests_since"
LONG = 60.0
"""Seconds after which a connection is asked, whatever its socket says."""


_PATIENCE: Mapping[str, int] = {
    "connect_timeout": 5,
    # A machine that works on a long question is asked by the system whether it is there.
    "keepalives_idle": 15,
    "keepalives_interval": 15,
    # Of milliseconds, the others of seconds. It also ends a line to a server that takes nothing in for as
    # long, as one whose disk stands still while many rows come: shorter would end what goes on by itself.
    "tcp_user_timeout": 60_000,
}


def patience(database_url: str) -> dict[str, int]:
    """How long a machine may say nothing until it counts as gone: what libpq is told beside the address.

    What the address says itself is left out. Nothing for other databases than PostgreSQL.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql":
        return {}
    return {name: value for name, value in _PATIENCE.items() if name not in url.query}


def look_before_use(engine: Engine) -> None:
    """Let connections of this engine's pool that have died be replaced before anybody works with them."""

    @event.listens_for(engine, "checkin")
    def _checkin(connection: Any, record: Any) -> None:
        if connection is not None:
            record.info[_RESTED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, _proxy: object) -> None:
        since = record.info.pop(_RESTED, None)
        if since is None:
            return
        try:
            # One that was closed has no file number any more, and says so.
            if time.monotonic() - since >= LONG or not _is_quiet(connection.fileno()):
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            if not engine.dialect.is_disconnect(error, connection, None):
                raise
            # Nearly always the server has ended, and all the others lead nowhere either.
            raise InvalidatePoolError from error


def _is_quiet(number: int) -> bool:
    # `poll`, because a busy server has file numbers that `select` does not take.
    waiting = select.poll()
    waiting.register(number, select.POLLIN | select.POLLERR | select.POLLHUP)
    return not waiting.poll(0)
