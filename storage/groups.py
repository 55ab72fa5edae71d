"""Many things, some at a time: what one question may name, what one transaction may change.

Why: a database takes only so many values in a statement, and no transaction may hold it long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Some = TypeVar("Some")

AT_ONCE = 500
"""Values in one statement: SQLite and PostgreSQL both take many more."""


def in_groups(several: Iterable[Some], size: int = AT_ONCE) -> Iterator[list[Some]]:
    """Lists of `size` things, in their order; the last one may be shorter."""
    rest = iter(several)
    while group := list(islice(rest, size)):
        yield group
