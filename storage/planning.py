"""What a database knows of its tables when it plans how to read them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.database import Base


def learn(session: Session, model: type[Base]) -> None:
    """Have PostgreSQL look at a table that has just been filled; SQLite plans by its indexes.

    PostgreSQL looks by itself some minutes later; until then it takes the table for empty and reads all
    of it again for every few places that are asked for.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {model.__table__.fullname}"))  # type: ignore[attr-defined]
