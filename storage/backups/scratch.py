"""A PostgreSQL database for a try, made beside the server's and dropped afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from storage.backups.problems import NoScratchDatabase

_PREFIX = "collector_verify_"


@contextmanager
def scratch_database(near: str | None) -> Iterator[str]:
    """The URL of an empty database on the server of `near`. Raises NoScratchDatabase."""
    if near is None:
        raise NoScratchDatabase
    url = make_url(near)
    name = _PREFIX + secrets.token_hex(4)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as line:
        try:
            line.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
        except psycopg.errors.InsufficientPrivilege as error:
            raise NoScratchDatabase from error
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            line.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
