"""A decision on a finding: said, remembered for a while so that it can be undone, and on to the next one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import duplicates, returned
from collector.actions import findings as actions
from collector.actions.corrections import Why
from collector.actions.duplicates import Joining
from collector.actions.findings import Before
from collector.desk.beside import Beside
from collector.desk.bulk import batch_of
from collector.desk.corrections import corrections, officer
from collector.desk.page import NUMBER, form_of, now, scoped
from collector.desk.tickets import opened, sealed
from collector.errors import say
from storage.database import db, transaction
from storage.findings import queue
from storage.findings.queue import Asked
from storage.findings.reporting import OPEN, STATES
from storage.models import Finding
from storage.problems import EditSuperseded, NoDuplicate, ReasonMissing
from storage.queries import submissions

blueprint = Blueprint("deciding", __name__)

SAME = frozenset({
    "Q11",
    "duplicate_id",
    "double_entry",
    "similar_person",
    "same_person_elsewhere",
    "near_copy",
    "instance_conflict",
})
"""Checks that ask whether two records are of one thing."""

UNDONE_WITHIN = timedelta(minutes=15)
_KEPT, _TICKET = "decision", "join-finding"

JUDGED, ASSIGNED, SENT, JOINED = "judged", "assigned", "sent", "joined"


def whys(check: str) -> list[tuple[str, str]]:
    """Reasons for which something is right as it is, by code; others are typed."""
    several = [
        ("asked", gettext("Asked the household: it is so")),
        ("paper", gettext("Compared with the paper form: it is so")),
        ("rare", gettext("A rare case, but true")),
        ("known", gettext("The commune knows of it")),
    ]
    different = ("different", gettext("Two different ones, not the same"))
    return [different, *several] if check in SAME else several


def reason_said(check: str) -> str:
    """The reason somebody tapped or typed, or both."""
    code, words = request.form.get("why", ""), " ".join(request.form.get("reason", "").split())
    return ": ".join(part for part in (dict(whys(check)).get(code, ""), words) if part)


# The list one is in -------------------------------------------------------------------------------

MINE = "me"
"""As an owner in the address: whoever reads the page."""

WAITING = "waiting"
"""As a state in the address: open, but the record was sent back to its author."""

_FILTERS = ("state", "severity", "check", "form", "place", "owner")
_LONGEST = 255


def asked_for(project_id: int) -> Asked:
    """The filter in the address, or in what was posted; without one, everything that is to be mended."""
    said = query_of()
    state = said.get("state", OPEN)
    owner = said.get("owner", "")
    return Asked(
        project_id,
        state=OPEN if state == WAITING else state if state in STATES else "",
        severity=said.get("severity", ""),
        check=said.get("check", ""),
        form=said.get("form", ""),
        place=said.get("place", ""),
        owner=str(identity().actor_id) if owner == MINE else owner,
        waiting={WAITING: True, OPEN: False}.get(state),
    )


def query_of() -> dict[str, Any]:
    """The filter as links carry it on."""
    return {name: text for name in _FILTERS if (text := request.values.get(name, "").strip()[:_LONGEST])}


# What was decided last ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """The last decision of whoever reads the page: of what kind, on which finding, what there was before."""

    kind: str
    project_id: int
    number: int
    before: Before
    more: Mapping[str, Any]

    @property
    def words(self) -> str:
        """What was decided, in words."""
        said: str = self.more.get("words", "")
        return said


def keep(kind: str, where: tuple[int, int], before: Before, words: str, **more: Any) -> None:
    """Remember a decision on the finding `where` (its project, its number), to be undone."""
    session[_KEPT] = {
        "kind": kind,
        "project": where[0],
        "number": where[1],
        "by": identity().actor_id,
        "before": [before.state, before.reason, before.owner, before.at.isoformat()],
        "more": {"words": words, **more},
    }


def last(project_id: int) -> Decision | None:
    """The last decision, as long as it can be undone."""
    kept = session.get(_KEPT)
    if not kept or kept["by"] != identity().actor_id or kept["project"] != project_id:
        return None
    state, reason, owner, at = kept["before"]
    before = Before(state, reason, owner, datetime.fromisoformat(at))
    if now() - before.at > UNDONE_WITHIN:
        return None
    return Decision(kept["kind"], project_id, kept["number"], before, kept["more"])


def onward(asked: Asked, found: Finding, query: Mapping[str, Any]) -> ResponseReturnValue:
    """To the finding that follows in a list, or to the list where none does."""
    before, following = queue.beside(db.session(), asked, found)
    number = following or before
    if number is None:
        return redirect(url_for("desk.findings.index", project_id=asked.project_id, **query), 303)
    here = url_for("desk.findings.show", project_id=asked.project_id, number=number, **query)
    return redirect(here, 303)


@scoped(blueprint, "/findings/undo-last", methods=("POST",))
def undo(project_id: int) -> ResponseReturnValue:
    """Take the last decision back; what somebody else changed since stays."""
    done = last(project_id)
    session.pop(_KEPT, None)
    if done is None:
        flash(
            gettext("There is nothing left to undo: only the last decision, for a quarter of an hour."),
            "error",
        )
        return redirect(url_for("desk.findings.index", project_id=project_id), 303)
    if _UNDOING[done.kind](done):
        flash(gettext("Undone: it is as before."))
    else:
        flash(gettext("Somebody changed it since, so it was left as it is."), "error")
    return redirect(url_for("desk.findings.show", project_id=project_id, number=done.number), 303)


def _reopen(done: Decision) -> bool:
    with transaction(noticed=False) as writing:
        found = actions.get(writing, done.project_id, done.number)
        return actions.take_back(found, done.before, by=identity().actor_id, now=now())


def _call_back(done: Decision) -> bool:
    with transaction() as writing:
        form = form_of(done.project_id, done.more["form"])
        return returned.take_back(writing, form, done.more["record"], done.more["state"], now=now())


def _take_apart(done: Decision) -> bool:
    form = form_of(done.project_id, done.more["form"])
    batch_of(form, done.more["batch"], (duplicates.KIND,))
    duplicates.undo(corrections(), done.project_id, done.more["batch"], officer())
    return _reopen(done)


_UNDOING: Mapping[str, Callable[[Decision], bool]] = {
    JUDGED: _reopen,
    ASSIGNED: _reopen,
    SENT: _call_back,
    JOINED: _take_apart,
}


# Sent back, joined --------------------------------------------------------------------------------


@scoped(blueprint, f"/findings/<{NUMBER}:number>/send-back", methods=("POST",))
def send(project_id: int, number: int) -> ResponseReturnValue:
    """Send the record of a finding back to its author with a sentence, and go on."""
    line = queue.one(db.session(), project_id, number)
    found, asked = line.finding, asked_for(project_id)
    target = onward(asked, found, query_of())
    before = Before.of(found, now())
    try:
        with transaction() as writing:
            form = form_of(project_id, line.form_id)
            state = submissions.get_submission(writing, form, line.instance_id).review_state
            said = request.form.get("reason", "")
            returned.send_back(writing, form, [line.instance_id], said, by=identity().actor_id, now=now())
    except ReasonMissing as problem:
        flash(say(problem), "error")
        return redirect(
            url_for("desk.findings.show", project_id=project_id, number=number, **query_of()), 303
        )
    words = gettext("Sent back to whoever filled it in: %(name)s", name=line.name)
    keep(SENT, (project_id, number), before, words, form=line.form_id, record=line.instance_id, state=state)
    return target


def joining_ticket(project_id: int, found: Finding, beside: Beside) -> str:
    """What the buttons that join two records carry; "" where it is not two records of one form."""
    sides = beside.sides
    alike = len(sides) == 2 and not beside.hidden and sides[0].form_id == sides[1].form_id  # noqa: PLR2004 - a pair
    if not alike or any(
        one.record.submission.deleted_at or one.record.submission.duplicate_of for one in sides
    ):
        return ""
    ids = [one.record.submission.instance_id for one in sides]
    bases = [one.record.version.instance_id for one in sides]
    return sealed(
        _TICKET,
        project_id,
        found.id,
        identity().actor_id,
        sides[0].form_id,
        *ids,
        *bases,
        secrets.token_hex(8),
    )


@scoped(blueprint, f"/findings/<{NUMBER}:number>/join", methods=("POST",))
def join(project_id: int, number: int) -> ResponseReturnValue:
    """Join the two records of a finding; `keep` says which one stays: `one` or `other`."""
    said = opened(_TICKET, request.form.get("ticket", ""))
    project, finding, actor, form_id, one, other, one_base, other_base, nonce = said
    here = url_for("desk.findings.show", project_id=project_id, number=number, **query_of())
    if (project, finding, actor) != (project_id, number, identity().actor_id):
        return redirect(here, 303)
    found = queue.one(db.session(), project_id, number).finding
    target, before = onward(asked_for(project_id), found, query_of()), Before.of(found, now())
    joining = Joining(one, other, one_base, other_base, (), nonce)
    if request.form.get("keep") == "other":
        joining = Joining(other, one, other_base, one_base, (), nonce)
    form = form_of(project_id, form_id)
    try:
        batch = duplicates.join(db.session(), corrections(), form, joining, Why(officer(), "twice"))
    except (NoDuplicate, EditSuperseded) as problem:
        flash(say(problem), "error")
        return redirect(here, 303)
    with transaction(noticed=False) as writing:
        actions.mended(writing, project_id, number, by=identity().actor_id, now=before.at)
    where, words = (project_id, number), gettext("Joined: one record stays.")
    keep(JOINED, where, before, words, form=form_id, batch=batch)
    return target
