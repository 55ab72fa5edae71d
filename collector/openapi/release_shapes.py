"""The shapes of extracts and releases in `/api`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.fields import Boolean, Date, DateTime, Dict, Integer, List, Nested, String


def _shape(called: str, /, **several: fields.Field[Any]) -> Schema:
    return Schema.from_dict(several, name=called)()


def _known(kind: type[fields.Field[Any]] = String) -> fields.Field[Any]:
    return kind(required=True)


_FILE = _shape(
    "ExtractFile", id=_known(Integer), format=_known(), name=_known(), size=_known(Integer), sha256=_known()
)
EXTRACT = _shape(
    "Extract",
    id=_known(Integer),
    kind=_known(),
    form=String(),
    state=_known(),
    done=_known(Integer),
    total=_known(Integer),
    problem=String(),
    askedAt=_known(DateTime),
    madeAt=DateTime(),
    expiresAt=DateTime(),
    digest=String(),
    manifest=Dict(),
    files=List(Nested(_FILE), required=True),
)
RELEASE = _shape(
    "Release",
    number=_known(Integer),
    name=_known(),
    note=String(),
    state=_known(),
    problem=String(),
    places=List(String(), required=True),
    madeAt=_known(DateTime),
    issuedAt=DateTime(),
    withdrawnAt=DateTime(),
    reason=String(),
    digest=String(),
    dueId=String(),
    dueOn=Date(),
    asked=Dict(),
    changes=Dict(),
    extracts=List(Nested(EXTRACT)),
)
LINK = _shape("FileLink", url=_known(), until=_known(DateTime), signedInOnly=_known(Boolean))
