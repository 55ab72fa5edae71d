"""What was deleted, gone from the files of the database too, as far as each engine lets that be done.

SQLite overwrites what it deletes (`secure_delete`, see `storage.database`), but what was written lately
also stands in its write-ahead file until that is emptied. PostgreSQL leaves dead rows to its own vacuum,
which the keeper of that server runs (docs/operate.md).
"""

from __future__ import annotations

import time

from sqlalchemy import Engine

_ATTEMPTS = 20
_PAUSE = 0.1
_PATIENCE = 100
"""Milliseconds that writers may be kept waiting while a long reader holds the file."""


def wipe(engine: Engine) -> bool:
    """Empty the write-ahead file; whether that was done. Call it outside of any transaction.

    False: somebody was reading all the while. The next call, or the end of the last connection, does it.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout")
        before = int(cursor.fetchall()[0][0])
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE}")
        try:
            for _attempt in range(_ATTEMPTS):
                # Copying takes long and keeps nobody out; emptying is over at once then.
                cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
                cursor.fetchall()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if not cursor.fetchall()[0][0]:
                    return True
                time.sleep(_PAUSE)
        finally:
            cursor.execute(f"PRAGMA busy_timeout={before}")
            cursor.close()
    finally:
        connection.close()
    return False
