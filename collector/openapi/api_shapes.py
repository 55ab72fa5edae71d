"""The shapes of `/api`: indicators, figures, places, campaigns, findings.

A key that is always there and never null is `required`; numbers are whole where they can be.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from marshmallow import Schema, fields
from marshmallow.fields import Boolean, Date, DateTime, Dict, Float, Integer, List, Nested, String

Fields: TypeAlias = dict[str, fields.Field[Any]]


def _shape(called: str, /, **several: fields.Field[Any]) -> Schema:
    return Schema.from_dict(several, name=called)()


def _known(kind: type[fields.Field[Any]] = String) -> fields.Field[Any]:
    return kind(required=True)


PLACE = _shape(
    "Place",
    code=_known(),
    name=_known(),
    level=_known(),
    parent=String(),
    valid_from=Date(),
    valid_to=Date(),
    attributes=_known(Dict),
)

_spot: Fields = {"place": String(), "name": String(), "level": String(), "parent": String()}
SPOT = _shape("Spot", **_spot)
_PERIOD = _shape("Period", first=_known(Date), last=_known(Date))
_BREAK = _shape("Break", on=_known(Date), kind=_known(), legal_basis=String())

_figure: Fields = {"numerator": Float(), "denominator": Float(), "value": Float(), "counted": Integer()}
_standing: Fields = {
    "by": String(),
    "target": Float(),
    "target_key": String(),
    "comparison": String(),
    "deadline": Date(),
    "target_source": String(),
    "status": String(),
    "to_reach": Float(),
    "expected": Integer(),
    "received": Integer(),
    "completeness": Float(),
    "state": String(),
}
CELL = _shape("Cell", **_figure, **_standing)
"""A figure with how it stands; counted from records, only the first four."""

ROW = _shape("FigureRow", **_spot, split=_known(Dict), **_figure, **_standing)
TARGET = _shape(
    "Target",
    key=_known(),
    plan=String(),
    area=String(),
    where=String(),
    level=String(),
    period=List(Date()),
    deadline=Date(),
    comparison=String(),
    value=Float(),
    binding=Boolean(),
    milestone=Boolean(),
    source=String(),
    quote=String(),
)

_SPLIT = _shape("Split", name=_known(), bands=List(List(fields.Raw()), required=True))
_definition: Fields = {
    "code": _known(),
    "label": _known(),
    "labels": _known(Dict),
    "unit": String(),
    "factor": Float(),
    "direction": String(),
    "project": _known(Integer),
    "form": String(),
    "version": String(),
    "table": String(),
    "ratio": _known(Boolean),
    "disaggregate": List(String(), required=True),
    "definition": String(),
    "definitions": _known(Dict),
    "source": String(),
    "periods": List(String(), required=True),
    "splits": List(Nested(_SPLIT), required=True),
}
INDICATOR = _shape("Indicator", **_definition, targets=List(Nested(TARGET), required=True))

_said: Fields = {
    "as_of": DateTime(),
    "by": List(String(), required=True),
    "area": String(),
    "level": String(),
    "on": Date(),
    "basis": _known(),
    "pending": Integer(),
}
FIGURES = _shape(
    "Figures",
    **_definition,
    **_said,
    period=Nested(_PERIOD),
    total=Nested(CELL, required=True),
    parts=List(Nested(CELL)),
    rows=List(Nested(ROW), required=True),
    targets=List(Nested(TARGET)),
)
_POINT = _shape(
    "Point",
    period=Nested(_PERIOD),
    total=Nested(CELL, required=True),
    rows=List(Nested(ROW), required=True),
    breaks=List(Nested(_BREAK), required=True),
    pace=Float(),
)
SERIES = _shape(
    "Series",
    **_definition,
    **_said,
    points=List(Nested(_POINT), required=True),
    targets=List(Nested(TARGET)),
    line=List(List(fields.Raw())),
)

_OVERVIEW_LINE = _shape("OverviewLine", code=_known(), unit=String(), **_figure, **_standing)
OVERVIEW = _shape(
    "Overview",
    place=Nested(SPOT),
    period=_known(),
    as_of=DateTime(),
    pending=Integer(),
    figures=List(Nested(_OVERVIEW_LINE), required=True),
)
_BEHIND = _shape(
    "RowBehind",
    record=_known(),
    key=_known(),
    place=String(),
    name=String(),
    day=Date(),
    adds=Float(),
    reason=String(),
)
BEHIND = _shape(
    "RowsBehind",
    code=_known(),
    period=String(),
    by=String(),
    side=_known(),
    place=Nested(SPOT),
    as_of=DateTime(),
    pending=Integer(),
    figure=Nested(CELL),
    table=String(),
    rests_on=List(fields.Raw()),
    rows=List(Nested(_BEHIND), required=True),
    next=String(),
)

_states: Fields = {name: Integer() for name in ("expected", "received", "late", "missing", "waiting")}
_UNIT = _shape(
    "Unit",
    key=_known(),
    name=String(),
    commune=String(),
    state=_known(),
    records=_known(Integer),
    first_at=DateTime(),
    last_at=DateTime(),
)
_TALLY = _shape("Tally", form=_known(), unit=String(), **_states, units=List(Nested(_UNIT)))
CAMPAIGN = _shape(
    "Campaign",
    id=_known(Integer),
    key=String(),
    name=_known(),
    place=String(),
    opens_on=Date(),
    due_on=Date(),
    grace_days=Integer(),
    period_from=Date(),
    period_to=Date(),
    source=String(),
    closed=_known(Boolean),
    as_of=DateTime(),
    forms=List(Nested(_TALLY), required=True),
)

FINDING = _shape(
    "Finding",
    id=_known(Integer),
    check=_known(),
    title=String(),
    sentence=String(),
    remedy=String(),
    severity=_known(),
    state=_known(),
    reason=String(),
    form=String(),
    record=String(),
    question=String(),
    row=String(),
    value=String(),
    expected=String(),
    subject=String(),
    place=String(),
    owner=Integer(),
    details=Dict(),
    found_at=_known(DateTime),
    changed_at=DateTime(),
    changed_by=Integer(),
)
FINDINGS = _shape("Findings", open=_known(Integer), findings=List(Nested(FINDING), required=True))
VERDICT = _shape("Verdict", state=String(), reason=String(), owner=Integer(allow_none=True))
"""What is said to a finding."""

KEY = _shape(
    "Key",
    id=_known(Integer),
    name=_known(),
    roles=List(Integer()),
    verbs=List(String()),
    project=Integer(),
    places=List(String(), required=True),
    readOnly=_known(Boolean),
    createdAt=_known(DateTime),
    expiresAt=DateTime(),
    lastUsed=DateTime(),
    revokedAt=DateTime(),
    token=String(),
)
"""A key of a program; `token` only in the answer that makes it."""

_DELIVERY = _shape(
    "Delivery",
    id=Integer(),
    event=_known(),
    state=_known(),
    attempts=_known(Integer),
    result=String(),
    createdAt=_known(DateTime),
    endedAt=DateTime(),
)
WEBHOOK = _shape(
    "Webhook",
    id=_known(Integer),
    url=_known(),
    events=List(String(), required=True),
    form=String(),
    paused=_known(Boolean),
    createdAt=_known(DateTime),
    failingSince=DateTime(),
    lastAt=DateTime(),
    lastResult=String(),
    secret=String(),
    waiting=Integer(),
    deliveries=List(Nested(_DELIVERY)),
)
TOLD = _shape("Told", taken=_known(Boolean), result=_known())
"""What came of trying a webhook out."""
