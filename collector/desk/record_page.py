"""What the page of one record shows beside its answers: its parts, its neighbours, what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from collector.actions.reading import Entry, Repeated, Section
from collector.desk.narrowing import listing_of
from forms.problems import Problem
from storage.models import Audit, Form, Submission, SubmissionComment, SubmissionVersion
from storage.queries import audits
from storage.queries.record_list import DATE, NAME, Order, Part, keys

FEWEST_PARTS = 4
"""Titled parts from which on a record has a list to jump by."""

MOST_EVENTS = 100
LIST = "list"
"""Where the address of a record keeps the query of the list one came from."""

_LONGEST_LIST = 2000


@dataclass(frozen=True, slots=True)
class Titled:
    """A titled part of a record: its anchor, its title, how many rows a repeat has (None: a group)."""

    anchor: str
    title: str
    rows: int | None = None
    inner: bool = False


def anchor(path: str) -> str:
    """What the part of that path is called in an address."""
    return f"part{path.replace('/', '-')}"


def parts_of(entries: Iterable[Entry], *, inner: bool = False) -> Iterator[Titled]:
    """The titled parts of a record, those inside of another one after it; rows of repeats have none."""
    for entry in entries:
        if isinstance(entry, Repeated):
            yield Titled(anchor(entry.path), entry.title or "…", len(entry.instances), inner)
        elif isinstance(entry, Section):
            if entry.title:
                yield Titled(anchor(entry.path), entry.title, None, inner)
            yield from parts_of(entry.entries, inner=inner or bool(entry.title))


# Neighbours ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The records before and after one in the list one came from, by instance id; `query` is that list."""

    before: str | None = None
    after: str | None = None
    query: str = ""

    @property
    def arguments(self) -> Mapping[str, Sequence[str]]:
        """The query of the list, for links back to it."""
        return MultiDict(_pairs(self.query)).to_dict(flat=False)

    @property
    def carried(self) -> Mapping[str, str]:
        """What links to other records carry on."""
        return {LIST: self.query} if self.query else {}


def neighbours(session: Session, form: Form, record: Submission) -> Neighbours:
    """The neighbours of a record in the list that `?list=` names, in its order; of all without one.

    By place and by state only a long way leads to a record's neighbours: then the newest comes first.
    """
    query = request.args.get(LIST, "")[:_LONGEST_LIST]
    if record.draft:
        return Neighbours(query=query)
    listing, said = listing_of(form), MultiDict(_pairs(query))
    try:
        chosen, order = listing.narrowing(said).chosen, listing.shown(said).order
    except Problem:
        # A list that was narrowed by a question the form has no more.
        chosen, order = listing.narrowing(MultiDict()).chosen, Order()
    if order.by not in {DATE, NAME}:
        order = Order()
    chosen = replace(chosen, deleted=record.deleted_at is not None)

    def one(order: Order) -> str | None:
        found = keys(session, chosen, order, Part(1, after=record.id))
        return session.scalar(select(Submission.instance_id).where(Submission.id.in_(found)))

    return Neighbours(one(Order(order.by, not order.down)), one(order), query)


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, text) for name, text in parse_qsl(query[:_LONGEST_LIST]) if name != LIST]


# What was done to it ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something done to a record that made no new version: what, when, by whom, and why."""

    at: datetime
    actor_id: int | None
    words: str
    reason: str = ""


def events_of(session: Session, record: Submission, comments: Sequence[SubmissionComment]) -> list[Event]:
    """What was said of a record and done to it as a whole, newest first."""
    said = {(one.actor_id, one.created_at): one.body for one in comments}
    return [
        Event(one.logged_at, one.actor_id, words, said.get((one.actor_id, one.logged_at), ""))
        for one in audits.of_submission(session, record, limit=MOST_EVENTS)
        if (words := _words(one))
    ]


def people_in(
    versions: Iterable[SubmissionVersion], comments: Iterable[SubmissionComment], events: Iterable[Event]
) -> set[int]:
    """Whoever sent, corrected, noted or did something, by number."""
    several = {one.submitter_id for one in versions}
    several |= {one.actor_id for one in comments} | {one.actor_id for one in events}
    return {one for one in several if one is not None}


def loose(events: Sequence[Event], comments: Sequence[SubmissionComment]) -> list[SubmissionComment]:
    """The comments that are no reason of an event: those are read beside it."""
    reasons = {(one.actor_id, one.at) for one in events if one.reason}
    return [one for one in comments if (one.actor_id, one.created_at) not in reasons]


def _words(audit: Audit) -> str:
    details: Mapping[str, Any] = audit.details or {}
    if audit.action == "submission.update" and "reviewState" in details:
        state: str | None = details["reviewState"]
        return _STATES.get(state, _STATES[None])()
    if audit.action == "submission.update" and "duplicateOf" in details:
        joined = details["duplicateOf"]
        return str(
            gettext("Joined to another record") if joined else gettext("Taken apart from another record")
        )
    known = _DONE.get(audit.action)
    return known() if known is not None else ""


_STATES: Mapping[str | None, Callable[[], str]] = {
    "approved": lambda: gettext("Approved"),
    "rejected": lambda: gettext("Rejected"),
    "hasIssues": lambda: gettext("Marked: has issues"),
    "edited": lambda: gettext("Marked: edited"),
    None: lambda: gettext("The judgement was taken back"),
}
_DONE: Mapping[str, Callable[[], str]] = {
    "submission.delete": lambda: gettext("Deleted"),
    "submission.restore": lambda: gettext("Put back"),
}


def whys() -> list[str]:
    """Reasons to mark or reject a record that somebody may choose from; others are typed."""
    return [
        gettext("Answers are missing"),
        gettext("The answers contradict each other"),
        gettext("Not this household, or not in this village"),
        gettext("A trial, nobody was asked"),
        gettext("Sent twice"),
    ]
