"""Records as lists show them: page by page, each with its current version and who sent it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from storage.models import Actor, FormVersion, Submission, SubmissionVersion
from storage.problems import SubmissionNotFound
from storage.queries.submissions import page as newest_first
from storage.queries.tallies import actors_by_id
from storage.snapshot import snapshot

_PAGE = 500

Pair: TypeAlias = tuple[Submission, SubmissionVersion]
Names: TypeAlias = Mapping[int, str]
"""Names of form versions by their numbers."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is to be listed of a form: live records, or those `deleted` (None: both), or of its draft.

    `chosen` narrows it further.
    """

    form_id: int
    deleted: bool | None = False
    offset: int = 0
    limit: int | None = None
    draft: bool = False
    chosen: ColumnElement[bool] = field(default_factory=true)


@dataclass(frozen=True)
class Page:
    """Some records with their current versions; `actors` are their senders by number."""

    rows: Sequence[Pair]
    actors: Mapping[int, Actor]
    first_agents: Mapping[int, str | None]

    def agent(self, one: Submission, current: SubmissionVersion) -> str | None:
        """The program a record was first sent with."""
        return self.first_agents.get(one.id, current.user_agent)


def pages(listing: Listing) -> Iterator[Page]:
    """Newest record first; no more than a page is in memory, and each is read in a moment."""
    left, offset, before = listing.limit, listing.offset, None
    while left is None or left > 0:
        query = newest_first(listing.form_id, draft=listing.draft, deleted=listing.deleted)
        query = query.where(listing.chosen)
        if before is not None:
            query = query.where(Submission.id < before)
        with snapshot() as session:
            size = _PAGE if left is None else min(left, _PAGE)
            page = _page(session, session.execute(query.offset(offset).limit(size)).all())
        if not page.rows:
            return
        yield page
        offset, before = 0, page.rows[-1][0].id
        left = None if left is None else left - len(page.rows)


def single(session: Session, one: Submission, current: SubmissionVersion) -> Page:
    """One record as a page."""
    return _page(session, [(one, current)])


def _page(session: Session, rows: Sequence[Pair]) -> Page:
    senders = [number for one, current in rows for number in (one.submitter_id, current.submitter_id)]
    edited = [one.id for one, _current in rows if one.edits]
    return Page(rows, actors_by_id(session, senders), _first_agents(session, edited) if edited else {})


def _first_agents(session: Session, numbers: Sequence[int]) -> Mapping[int, str | None]:
    first = (
        select(func.min(SubmissionVersion.id))
        .where(SubmissionVersion.submission_id.in_(numbers))
        .group_by(SubmissionVersion.submission_id)
    )
    rows = session.execute(
        select(SubmissionVersion.submission_id, SubmissionVersion.user_agent).where(
            SubmissionVersion.id.in_(first)
        )
    )
    return {row.submission_id: row.user_agent for row in rows}


def is_seen(session: Session, number: int) -> bool:
    """Whether the record of that number lies in the places of the scope in force."""
    return session.scalar(select(Submission.id).where(Submission.id == number)) is not None


def submitters(session: Session, form_id: int, *, draft: bool = False) -> Sequence[Actor]:
    """Who sent the live records of a form, by name."""
    sent = select(Submission.submitter_id).where(
        Submission.form_id == form_id, Submission.draft == draft, Submission.deleted_at.is_(None)
    )
    return session.scalars(
        select(Actor).where(Actor.id.in_(sent)).order_by(Actor.display_name, Actor.id)
    ).all()


def root_of_version(session: Session, form_id: int, instance_id: str, *, draft: bool = False) -> str | None:
    """The id of the live record one of whose versions has that id."""
    return session.scalar(
        select(Submission.instance_id)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            SubmissionVersion.form_id == form_id,
            SubmissionVersion.draft == draft,
            SubmissionVersion.instance_id == instance_id,
            Submission.deleted_at.is_(None),
        )
    )


def version_of(session: Session, one: Submission, instance_id: str) -> SubmissionVersion:
    """One version of a record by its own id. Raises SubmissionNotFound."""
    found = session.scalars(
        select(SubmissionVersion).where(
            SubmissionVersion.submission_id == one.id, SubmissionVersion.instance_id == instance_id
        )
    ).one_or_none()
    if found is None:
        raise SubmissionNotFound(instance=instance_id)
    return found


def form_versions(session: Session, several: Sequence[SubmissionVersion]) -> Names:
    """The names of the form versions these answer, by number."""
    numbers = {one.form_version_id for one in several}
    rows = session.execute(select(FormVersion.id, FormVersion.version).where(FormVersion.id.in_(numbers)))
    return {row.id: row.version for row in rows}
