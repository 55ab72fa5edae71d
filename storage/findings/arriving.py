"""The row checks of one record on its way in. They never keep it out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, null, text, update

from forms.rows import MOST_FINDINGS, Finding
from storage.database import Base
from storage.swift import Line, Swift

if TYPE_CHECKING:
    from storage.projection.shelf import Shelved

log = logging.getLogger(__name__)

_FORMS = Base.metadata.tables["forms"]
_SAVE = Swift(text("SAVEPOINT checks"))
_BACK = Swift(text("ROLLBACK TO SAVEPOINT checks"))
_KEEP = Swift(text("RELEASE SAVEPOINT checks"))
_LATER = Swift(update(_FORMS).where(_FORMS.c.id == bindparam("form_id")).values(checked=null()))


def examine_one(line: Line, shelved: Shelved, number: int) -> Sequence[Finding] | None:
    """What the checks of its survey find in a record whose rows were just written.

    None where they could not be made: that is logged, and the worker makes them for the whole survey.
    """
    if shelved.checks is None:
        return ()
    _SAVE.many(line, [{}])
    try:
        found = shelved.checks.broken(line, number, number).get(number, [])[:MOST_FINDINGS]
    except Exception:
        # Whatever is wrong with a check, the record was sent and is kept.
        log.exception("the checks of form %d were not made for record %d", shelved.form_id, number)
        _BACK.many(line, [{}])
        _KEEP.many(line, [{}])
        if not shelved.draft:
            _LATER.many(line, [{"form_id": shelved.form_id}])
        return None
    _KEEP.many(line, [{}])
    return found
