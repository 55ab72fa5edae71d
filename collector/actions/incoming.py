"""What comes in, from whom and where to: the words in which a door tells the intake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.blobs import Staged

XML_LIMIT = 10 * 1024 * 1024
"""Bytes an answered form may have: many times the register of a village. Reading takes thirty times that."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and with what.

    `places` are the codes of where he works, none where it is everywhere; None: to be looked up. A
    `person` signed in at the office and sees only the records of his places. `shared` is a link: as many
    send by it, none of them corrects what came by it.
    """

    actor_id: int | None = None
    device_id: str | None = None
    user_agent: str | None = None
    places: tuple[str, ...] | None = None
    person: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Correcting:
    """An edit that the office made: why, with what else, and whose record it is.

    `author_id` and `first_at` are of the record as it first came: by them it keeps its place and its day
    where its answers name none.
    """

    reason: str
    author_id: int | None
    first_at: datetime
    batch_id: int | None = None


@dataclass(frozen=True)
class Delivery:
    """What one request brought: the XML, and files by the name they were sent under."""

    xml: bytes
    files: Mapping[str, Staged]
    sender: Sender
    received_at: datetime
    correcting: Correcting | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery: the record's number and instance id, and whether anything new was kept.

    `outcome` is the number under which its entities have to be settled; None where it brought none.
    """

    record: int
    instance_id: str
    new: bool
    outcome: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a delivery goes: some projects, or a draft by its test token; `only` cuts to these forms."""

    project_ids: tuple[int, ...]
    only: frozenset[int] | None = None
    draft_token: str | None = None
