"""Things of many kinds taken out of the trash, thrown back into it, or gone for good.

A few in each transaction: no phone waits for somebody who tidies up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from collector.actions import form_trash, members, purging, submissions
from collector.actions.members import Where
from collector.actions.publish import Author
from forms.problems import Problem
from storage.blobs import BlobStore
from storage.database import db, transaction
from storage.entities.writing import Source
from storage.groups import in_groups
from storage.models import Form
from storage.problems import SubmissionNotFound
from storage.queries import trash
from storage.queries.forms import get_form
from storage.queries.trash import FORMS, KINDS, MEMBERS, RECORDS, Thrown

MOST = 500
"""Things that are put back or erased at once."""
_STEP = 25


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the things it was done to, and why others stayed as they were."""

    things: tuple[Thrown, ...]
    refused: tuple[Problem, ...] = ()


def named(project_id: int, names: Iterable[str]) -> list[Thrown]:
    """The things in the trash that a page calls `kind:number`; what is not seen or not there is left out."""
    wanted: dict[str, set[int]] = {kind: set() for kind in KINDS}
    for name in list(names)[:MOST]:
        kind, _, number = name.partition(":")
        if kind in wanted and number.isdecimal() and len(number) < len("9" * 18):
            wanted[kind].add(int(number))
    session = db.session()
    found = [
        *trash.records(session, project_id, limit=MOST, only=wanted[RECORDS]),
        *trash.members(session, project_id, limit=MOST, only=wanted[MEMBERS]),
        *trash.forms(session, project_id, only=wanted[FORMS]),
    ]
    session.rollback()
    return found


def put_back(project_id: int, things: Sequence[Thrown], author: Author) -> Done:
    """Take things out of the trash. What cannot be put back stays, with the reason."""
    done, refused = _records(project_id, things, author, back=True)
    done += _members(project_id, things, author, back=True)
    for one in (one for one in things if one.kind == FORMS):
        try:
            with transaction() as session:
                form_trash.restore_form(session, project_id, one.number, author)
            done.append(one)
        except Problem as problem:
            refused.append(problem)
    return Done(tuple(done), tuple(refused))


def throw_again(project_id: int, things: Sequence[Thrown], author: Author) -> Done:
    """Undo that: what was put back goes into the trash again."""
    done, refused = _records(project_id, things, author, back=False)
    done += _members(project_id, things, author, back=False)
    for one in (one for one in things if one.kind == FORMS):
        try:
            with transaction() as session:
                form_trash.delete_form(session, session.get_one(Form, one.number), author)
            done.append(one)
        except Problem as problem:
            refused.append(problem)
    return Done(tuple(done), tuple(refused))


def _records(
    project_id: int, things: Sequence[Thrown], author: Author, *, back: bool
) -> tuple[list[Thrown], list[Problem]]:
    done: list[Thrown] = []
    refused: list[Problem] = []
    change = submissions.restore if back else submissions.delete
    for some in in_groups([one for one in things if one.kind == RECORDS], _STEP):
        with transaction() as session:
            for one in some:
                try:
                    change(session, get_form(session, project_id, one.form_id), one.key, now=author.now)
                    done.append(one)
                except SubmissionNotFound as problem:
                    refused.append(problem)
    return done, refused


def _members(project_id: int, things: Sequence[Thrown], author: Author, *, back: bool) -> list[Thrown]:
    mine = sorted((one for one in things if one.kind == MEMBERS), key=lambda one: one.owner)
    source = Source(author.actor_id, author.now)
    for name, several in groupby(mine, key=lambda one: one.owner):
        members.turn_out(Where(project_id, name), [one.key for one in several], source, back=back)
    return mine


def erase(blobs: BlobStore, things: Sequence[Thrown], author: Author) -> int:
    """Let things go for good, bytes and answers; returns how many went, records of forms counted too."""

    def of(kind: str) -> list[int]:
        return [one.number for one in things if one.kind == kind]

    chosen = purging.Chosen(tuple(of(RECORDS)), tuple(of(MEMBERS)), tuple(of(FORMS)))
    return purging.purge_chosen(blobs, chosen, now=author.now)
