"""The records of a form by province and year, with what tells whether those of a part have changed.

Imported by whoever makes files only.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from forms.values import HOME
from storage.models import Submission, SubmissionVersion
from storage.portable_texts import Bytewise
from storage.queries.dataset_choice import Chosen, Wanted
from storage.queries.whereabouts import Chains, chains_of

_PAGE: Final = 5_000
_Key = tuple[str, int]


@dataclass
class RecordPart:
    """Records of one province and year in the order of their keys.

    `fingerprint` changes when one of them comes, goes, is corrected, judged or moved, or when the names of
    places it lies in do.
    """

    numbers: array[int] = field(default_factory=lambda: array("q"))
    _hash: Any = field(default_factory=hashlib.sha256)
    _places: set[str] = field(default_factory=set)

    def add(self, row: tuple[Any, ...], chain: str) -> None:
        """Take a record: its number first, what may change of it, and the names around its place."""
        self.numbers.append(row[0])
        self._hash.update(f"{row}\n".encode())
        self._places.add(chain)

    @property
    def fingerprint(self) -> str:
        """What the part is now."""
        found = self._hash.copy()
        found.update("\n".join(sorted(self._places)).encode())
        return str(found.hexdigest())

    def chosen(self, wanted: Wanted) -> Chosen:
        """The same as a choice of records."""
        return Chosen(wanted, self.numbers, len(self.numbers), {})


def parts_of(session: Session, wanted: Wanted, nowhere: str) -> Mapping[_Key, RecordPart]:
    """The parts of the records that are wanted, by code of the province (`nowhere` without one) and year.

    The year is that of the day a record counts for, else of the day it came.
    """
    current = and_(SubmissionVersion.submission_id == Submission.id, SubmissionVersion.current)
    query = (
        select(
            Submission.id,
            SubmissionVersion.id,
            Submission.review_state,
            Submission.edits,
            Submission.place_code,
            Submission.reported_on,
            Submission.created_at,
        )
        .join(SubmissionVersion, current)
        .where(wanted.seen, *wanted.kept().values())
        .order_by(Bytewise(Submission.instance_id), Submission.id)
    )
    places = _Places(session)
    found: dict[_Key, RecordPart] = {}
    for rows in session.execute(query.execution_options(yield_per=_PAGE)).partitions(_PAGE):
        places.learn({row.place_code for row in rows})
        for number, version, state, edits, place, on, came in rows:
            province, chain = places.known[place]
            part = found.setdefault((province or nowhere, _year(on, came, HOME)), RecordPart())
            part.add((number, version, state, edits, place), chain)
    return dict(sorted(found.items()))


def _year(on: date | None, came: datetime, home: tzinfo) -> int:
    return (on or came.astimezone(home).date()).year


class _Places:
    """The province of a place, and the names of all that it lies in."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.known: dict[str | None, tuple[str, str]] = {None: ("", "")}

    def learn(self, codes: set[str | None]) -> None:
        fresh = {code for code in codes if code is not None and code not in self.known}
        chains = chains_of(self._session, fresh)
        for code in fresh:
            self.known[code] = _spot(chains, code)


def _spot(chains: Chains, code: str) -> tuple[str, str]:
    spots = [chains.spots[one] for one in chains.above[code] if one in chains.spots]
    province = next((one.code for one in spots if one.level == "province"), "")
    return province, " ".join(f"{one.code}={one.name}" for one in spots)
