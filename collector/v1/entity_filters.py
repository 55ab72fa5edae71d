"""Which entities of a list a program asks for, by `$filter` and `$search`."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from collector.v1.problems import FilterUnsupported
from storage.models import EntityList


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entities: those of `condition`, live ones only unless the filter says something of that.

    `narrowed`: whether anything was asked for at all.
    """

    condition: ColumnElement[bool] = field(default_factory=true)
    deleted: bool | None = False
    narrowed: bool = False


def asked_of(_session: Session, _of: EntityList) -> Asked:
    """What the request asks for. Raises FilterUnsupported."""
    for name in ("$filter", "$search"):
        if request.args.get(name, "").strip():
            raise FilterUnsupported(feature=name)
    return Asked()
