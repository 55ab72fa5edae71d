"""The chain over what people did: each link is a digest of the one before it and of one audit.

Whoever changes, drops or slips in an audit afterwards changes every link that follows, so that the first
place where the chain no longer holds says where somebody was at it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = "0" * 64
"""What the first link follows."""

SEALED = (
    "id",
    "action",
    "actor_id",
    "actee_kind",
    "actee_id",
    "project_id",
    "form_id",
    "instance_id",
    "entity_uuid",
    "place_code",
    "details",
    "notes_digest",
    "source",
    "logged_at",
)
"""What of an audit the chain holds; its notes by their digest, so that they can be taken away."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is stored, and its audit as that is now (None: it is gone), with its notes."""

    position: int
    audit_id: int
    hash: str
    audit: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Break:
    """The first position at which the chain does not hold, and why: gap, gone, changed, notes."""

    position: int
    audit_id: int
    reason: str


def notes_digest(salt: str, notes: str) -> str:
    """What of some notes is sealed: SHA-256 of salt and notes. Without the salt nobody can guess them."""
    return hashlib.sha256(f"{salt}:{notes}".encode()).hexdigest()


def canonical(audit: Mapping[str, Any]) -> bytes:
    """An audit as the same bytes everywhere: JSON of `SEALED` in order, moments in UTC, keys sorted."""
    values = [_plain(audit[name]) for name in SEALED]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return value


def link(before: str, audit: Mapping[str, Any]) -> str:
    """The hash (64 hexadecimal digits) of an audit that follows the link `before`."""
    return hashlib.sha256(before.encode() + b"\n" + canonical(audit)).hexdigest()


def first_break(before: Link | None, links: Iterable[Link]) -> Break | None:
    """Where a chain first does not hold, going on after the link `before`; None where it holds.

    `links` come by position, which counts from 1 without gaps.
    """
    expected, last = (1, START) if before is None else (before.position + 1, before.hash)
    for one in links:
        reason = _why(one, expected, last)
        if reason is not None:
            # A position that is missing is the first that does not hold.
            return Break(min(expected, one.position), one.audit_id, reason)
        expected, last = one.position + 1, one.hash
    return None


def _why(one: Link, expected: int, last: str) -> str | None:
    if one.position != expected:
        return "gap"
    if one.audit is None:
        return "gone"
    if one.audit["id"] != one.audit_id or link(last, one.audit) != one.hash:
        return "changed"
    notes, salt = one.audit.get("notes"), one.audit.get("notes_salt")
    if notes is not None and notes_digest(salt or "", notes) != one.audit["notes_digest"]:
        return "notes"
    return None
