"""Where a record belongs today: the code its answers name, looked up while it is being written.

Everybody who sends waits for this, so it is one compiled question where the answer names a place of
today, and a few more where it names one of yesterday or none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, select

from forms.place_tree import Link, successor
from forms.placing import NO_PLACE, OTHER_PLACE, UNKNOWN_PLACE, Told
from forms.rows import Finding
from forms.values import HOME
from storage.database import Base
from storage.swift import Line, Swift

_PLACES, _PATHS, _LINKS, _CHANGES, _PHONES, _ROLES = (
    Base.metadata.tables[name].c
    for name in ("places", "place_paths", "place_links", "place_changes", "app_users", "assignments")
)
_UUID = 36


def _looked_up(column: Any) -> Swift:
    """A place with all it lies in today."""
    places, paths = Base.metadata.tables["places"], Base.metadata.tables["place_paths"]
    return Swift(
        select(_PLACES.code, _PLACES.valid_from, _PLACES.valid_to.is_(None), _PATHS.ancestor, _PATHS.depth)
        .select_from(
            places.outerjoin(paths, and_(_PATHS.descendant == _PLACES.code, _PATHS.valid_to.is_(None)))
        )
        .where(column == bindparam("given"))
    )


_BY_CODE, _BY_UUID = _looked_up(_PLACES.code), _looked_up(_PLACES.uuid)
_BECAME = Swift(
    select(_LINKS.new_code, _LINKS.part, _CHANGES.effective_on)
    .join_from(
        Base.metadata.tables["place_links"],
        Base.metadata.tables["place_changes"],
        _CHANGES.id == _LINKS.change_id,
    )
    .where(_LINKS.old_code == bindparam("code"), _CHANGES.undone_at.is_(None))
)
_PHONE = Swift(select(_PHONES.place_codes).where(_PHONES.actor_id == bindparam("actor")))
_HELD = Swift(
    select(_ROLES.place_code).where(_ROLES.actor_id == bindparam("actor"), _ROLES.form_id.is_(None))
)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a record belongs: the code its answers name, today's unit, and what is odd about either."""

    sent: str | None
    code: str | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Spot:
    code: str
    valid_from: date | None
    in_force: bool
    above: dict[str, int]
    """What it lies in today, and how far up; itself too."""


def place(line: Line, told: Told, key: str, senders: Sequence[str], received_at: datetime) -> Placed:
    """The place of a record: the narrowest its answers name, else the one all of its sender's lie in.

    `senders` are the codes of the places the sender works in, none where he works everywhere.
    Findings: `place_unknown`, `place_elsewhere`, `place_missing`.
    """
    findings = []
    for given in told.places:
        spot = _spot(line, given)
        if spot is None:
            continue
        now = _today(line, spot, received_at.astimezone(HOME).date())
        if senders and now.above.keys().isdisjoint(senders):
            findings.append(Finding(OTHER_PLACE, told.path, key, given))
        return Placed(spot.code, now.code, tuple(findings))
    sent = next(iter(told.places), None)
    if sent:
        findings.append(Finding(UNKNOWN_PLACE, told.path, key, sent))
    common = _common(line, senders, received_at.astimezone(HOME).date())
    # Where a form asks for no place, and its sender works everywhere, nobody expected one.
    if common is None and not sent and (told.path or senders):
        findings.append(Finding(NO_PLACE, told.path, key, ""))
    return Placed(sent, common, tuple(findings))


def lies_in(line: Line, code: str | None, codes: Sequence[str]) -> bool:
    """Whether a place lies in one of these today."""
    spot = _spot(line, code) if code else None
    return spot is not None and not spot.above.keys().isdisjoint(codes)


def places_of_sender(line: Line, actor_id: int | None) -> tuple[str, ...]:
    """The codes of the places a phone or an account works in, none where it works everywhere."""
    if actor_id is None:
        return ()
    phone = _PHONE.one(line, {"actor": actor_id})
    if phone is not None:
        # One driver hands JSON over as text, the other as what it says.
        return tuple(json.loads(phone[0]) if isinstance(phone[0], str) else phone[0] or ())
    codes = [code for (code,) in _HELD.all(line, {"actor": actor_id})]
    return () if None in codes else tuple(codes)


def _spot(line: Line, given: str) -> _Spot | None:
    by_uuid = len(given) == _UUID
    rows = (_BY_UUID if by_uuid else _BY_CODE).all(line, {"given": given.lower() if by_uuid else given})
    if not rows:
        return None
    code, since, in_force = rows[0][:3]
    above = {ancestor: depth for *_own, ancestor, depth in rows if ancestor is not None}
    return _Spot(code, _day(since), bool(in_force), above | {code: 0})


def _today(line: Line, spot: _Spot, received: date) -> _Spot:
    """What a place is today; a code that meant another unit when it was sent is what became of that."""
    meant_before = spot.valid_from is not None and received < spot.valid_from
    if spot.in_force and not meant_before:
        return spot
    meant = received if meant_before else spot.valid_from or date.min
    code = successor(spot.code, _links(line, spot.code), meant)
    return spot if code == spot.code else _spot(line, code) or spot


def _links(line: Line, code: str) -> Iterable[Link]:
    """What became of a place, and of what that became."""
    found: dict[tuple[str, str, date], Link] = {}
    todo, seen = [code], {code}
    while todo:
        old = todo.pop()
        for new, part, on in _BECAME.all(line, {"code": old}):
            link = Link(old, new, _day(on) or date.min, bool(part))
            found[old, new, link.on] = link
            if new not in seen:
                seen.add(new)
                todo.append(new)
    return found.values()


def _common(line: Line, codes: Sequence[str], received: date) -> str | None:
    """The narrowest place that all of these lie in."""
    spots = [_today(line, spot, received) for code in codes if (spot := _spot(line, code))]
    if not spots:
        return None
    first, *others = (spot.above for spot in spots)
    shared = [code for code in first if all(code in above for above in others)]
    return min(shared, key=lambda code: first[code], default=None)


def _day(value: Any) -> date | None:
    """One driver hands days over as text."""
    return None if value is None else date.fromisoformat(str(value)[:10])
