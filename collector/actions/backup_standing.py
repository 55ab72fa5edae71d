"""A restored server held to its backup once more, after it was brought to the shape of this version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from collector.actions.doctor import Finding, held_to
from collector.actions.restoring import RESTORED, differing
from forms.backups.documents import TableHeld
from storage.backups.rows import open_source

_LIVING = frozenset({
    "alembic_version",
    "audits",
    "audit_readings",
    "audit_seals",
    "audit_waiting",
    "backup_runs",
    "heartbeats",
    "login_sessions",
})
"""Tables that go on by the restore itself: the log is held to its end instead."""
_SHOWN = 10


def compared(
    home: Path, database_url: str, session: Session, progress: Callable[[int, int], None]
) -> Finding:
    """Counts, digests and figures of every table against what the backup said of them."""
    path = home / RESTORED
    if not path.exists():
        return Finding("Restored", "this server was not restored from a backup.")
    said: dict[str, Any] = json.loads(path.read_text("utf-8"))
    tables = [
        TableHeld(name, one["columns"], one["rows"], one["digest"], ())
        for name, one in said["tables"].items()
        if name not in _LIVING
    ]
    source = open_source(database_url, home)
    try:
        wrong = differing(source, tables, lambda _stage, done, total: progress(done, total))
    finally:
        source.close()
    if said["audit_end"] and held_to(session, said["audit_end"]).do is not None:
        wrong.append("the log of what was done")
    if wrong:
        return Finding(
            "Restored",
            f"{len(wrong)} of {len(tables)} tables are no longer as in the backup {said['backup']}: "
            f"{', '.join(wrong[:_SHOWN])}.",
            "They were equal when it was restored; people, phones or erasures have changed them since.",
        )
    rows = sum(one.rows for one in tables)
    figures = said["tables"].get("indicator_cells", {}).get("rows", 0)
    return Finding(
        "Restored",
        f"equal to the backup {said['backup']}: {rows} rows in {len(tables)} tables, {said['files']} files, "
        f"{figures} figures, and the log.",
    )
