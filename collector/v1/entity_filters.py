"""Which entities of a list a program asks for, by `$filter` and `$search`."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from collector.clock import moment
from storage.models import EntityList
from storage.queries.odata_entities import entities_filter


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entities: those of `condition`, live ones only unless the filter says something of that.

    `narrowed`: whether anything was asked for at all.
    """

    condition: ColumnElement[bool] = field(default_factory=true)
    deleted: bool | None = False
    narrowed: bool = False


def asked_of(session: Session, of: EntityList) -> Asked:
    """What the request asks for. Raises what `forms.odata.checking.read_filter` raises."""
    text, search = (request.args.get(name, "").strip() for name in ("$filter", "$search"))
    if not text and not search:
        return Asked()
    found = entities_filter(session, of, text, now=moment(), search=search)
    return Asked(found.condition, None if found.asks_deleted else False, narrowed=True)
