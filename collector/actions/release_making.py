"""⑨ What the worker does for releases: brings them to their end, and makes those the calendar asks for.

With a release of a deadline come the reports that answer it (`deadline_reports`, decision 0042).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from sqlalchemy.orm import Session

from collector.actions import releases as actions
from collector.actions.campaigns import deadline
from collector.actions.releases import (
    FAILED,
    FIGURES,
    MAKING,
    RECORDS,
    REFERENCE,
    WAITING,
    Due,
    Maker,
    Origins,
)
from collector.actions.reports import of_deadline
from forms.problems import Problem
from storage.audits import Actee, note
from storage.blobs import BlobStore
from storage.database import db, transaction
from storage.models import Campaign, Extract, Release, ReleasePlan
from storage.queries import releases
from storage.release_problems import PlanUnusable

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=31)
"""How long after its moment a release of the calendar is still made: a server may have been off."""

_MOST_VALUES = 40


def look(blobs: BlobStore, folder: Path | None = None) -> int:
    """Bring every release whose extracts are made (or failed) to its end; returns how many."""
    session = db.session()
    waiting = [(one.id, _state(releases.extracts_of(session, one))) for one in releases.in_making(session)]
    session.rollback()
    done = 0
    for number, state in waiting:
        if state == releases.FAILED:
            _fail(number)
            done += 1
        elif state == releases.MADE:
            _finish(number, blobs, folder)
            done += 1
    return done


def _state(extracts: Sequence[Extract]) -> str:
    states = {one.state for one in extracts}
    if releases.FAILED in states:
        return releases.FAILED
    return releases.MADE if states == {releases.MADE} else releases.MAKING


def _fail(number: int) -> None:
    with transaction() as session:
        release = session.get_one(Release, number)
        if release.state == MAKING:
            problems = [one.problem for one in releases.extracts_of(session, release) if one.problem]
            release.state, release.problem = FAILED, next(iter(problems), None)


def _finish(number: int, blobs: BlobStore, folder: Path | None) -> None:
    reading = db.session()
    # What is different is read from frozen files, outside of any transaction: it may take a minute.
    changes = _changes(reading, reading.get_one(Release, number), blobs, folder)
    with transaction() as session:
        release = session.get_one(Release, number)
        if release.state != MAKING:
            return
        extracts = releases.extracts_of(session, release)
        release.digest = actions.digest_of(extracts)
        release.changes = changes
        if release.spec.get("approve"):
            release.state = WAITING
            return
        made_at = max((one.made_at for one in extracts if one.made_at), default=release.made_at)
        actions.issued(session, release, Maker(release.made_by, made_at))


# What changed -------------------------------------------------------------------------------------------


def _changes(
    session: Session, release: Release, blobs: BlobStore, folder: Path | None
) -> dict[str, Any] | None:
    """What is different from the release before; None where there is none, or one of its files is gone."""
    before = releases.issued_before(session, release)
    if before is None:
        return None
    pairs = _pairs(session, before, release)
    numbers = before.number, release.number
    session.rollback()
    said: dict[str, Any] = {"before": numbers[0], "tables": [], "figures": [], "came": [], "went": []}
    for form, old, new in pairs:
        if old is None or new is None:
            said["went" if new is None else "came"].append(form)
            continue
        try:
            with _opened(blobs, old, new) as files, TemporaryDirectory(dir=folder) as apart:
                _compare(said, form, files, Path(apart))
        except (KeyError, OSError, ValueError):
            # A release stands on its own: what cannot be compared is not a reason to have none.
            log.exception("release %d could not be compared with %d", numbers[1], numbers[0])
            said["unread"] = [*said.get("unread", []), form]
    return said


def _pairs(session: Session, before: Release, after: Release) -> list[tuple[str, str | None, str | None]]:
    """Of each survey (and "" for the figures) the file before and now: their digests."""
    old, new = _references(session, before), _references(session, after)
    return [(form, old.get(form), new.get(form)) for form in sorted({*old, *new})]


def _references(session: Session, release: Release) -> dict[str, str]:
    found = {}
    for made in releases.with_files(session, releases.extracts_of(session, release)):
        wanted = REFERENCE if made.extract.kind == RECORDS else "csv"
        file = next((one for one in made.files if one.format == wanted), None)
        if file is not None:
            found["" if made.extract.kind == FIGURES else made.form] = file.blob_sha256
    return found


@contextmanager
def _opened(blobs: BlobStore, *digests: str) -> Iterator[list[IO[bytes]]]:
    with ExitStack() as stack:
        yield [stack.enter_context(blobs.open(one)) for one in digests]


def _compare(said: dict[str, Any], form: str, files: Sequence[IO[bytes]], folder: Path) -> None:
    # Heavy, and only the worker needs it.
    from forms.datasets.changes import figure_changes, table_changes

    if form:
        said["tables"] += [{"form": form, **asdict(one)} for one in table_changes(files[0], files[1], folder)]
        return
    for one in figure_changes(files[0], files[1]):
        said["figures"].append({**asdict(one), "values": [list(cell) for cell in one.values[:_MOST_VALUES]]})


# By the calendar ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the calendar, as campaigns carry it, and how many days after (negative: before) its end."""

    key: str
    days: int = 0


def plan(session: Session, project_id: int, line: Line, wanted: actions.Wanted, by: Maker) -> ReleasePlan:
    """Have a release made at each deadline of a line of the calendar, for somebody to approve.

    What there was for that line is replaced. Raises PlanUnusable, and what `releases.make` raises.
    """
    key = line.key
    if not releases.deadlines(session, project_id, key):
        raise PlanUnusable(key=key)
    actions.check_choices(wanted)
    places = actions.places_of(session, wanted.places)
    unplan(session, project_id, key, by, quietly=True)
    spec = {**actions.spec_of(wanted), "approve": True}
    made = ReleasePlan(
        project_id=project_id,
        key=key,
        days=line.days,
        spec=spec,
        places=list(places),
        made_by=by.actor_id,
        made_at=by.now,
    )
    session.add(made)
    session.flush()
    _note(session, "plan", made, by.now)
    return made


def unplan(session: Session, project_id: int, key: str, by: Maker, *, quietly: bool = False) -> None:
    """Have none made any more for that line of the calendar."""
    for one in releases.plans_of(session, project_id):
        if one.key == key:
            if not quietly:
                _note(session, "unplan", one, by.now)
            session.delete(one)
    session.flush()


def _note(session: Session, what: str, made: ReleasePlan, now: datetime) -> None:
    actee = Actee("release", None, made.project_id)
    note(session, f"release.{what}", actee=actee, details={"key": made.key, "days": made.days}, now=now)


def make_due(now: datetime) -> int:
    """Make the releases whose deadlines have come; each waits for approval. Returns how many."""
    session = db.session()
    due = [
        (one.id, campaign.id)
        for one in releases.every_plan(session)
        for campaign in releases.deadlines(session, one.project_id, one.key)
        if _has_come(one, campaign, now)
        and not releases.is_made_for(session, one.project_id, one.key, campaign.due_on)
    ]
    session.rollback()
    return sum(_make(plan_id, campaign_id, now) for plan_id, campaign_id in due)


def _has_come(plan: ReleasePlan, campaign: Campaign, now: datetime) -> bool:
    at = deadline(campaign) + timedelta(days=plan.days)
    return at <= now < at + LOOK_BACK


def _make(plan_id: int, campaign_id: int, now: datetime) -> int:
    try:
        with transaction() as session:
            planned, campaign = session.get_one(ReleasePlan, plan_id), session.get_one(Campaign, campaign_id)
            due = Due(planned.key, campaign.due_on.isoformat())
            if releases.is_made_for(session, planned.project_id, planned.key, campaign.due_on):
                return 0
            wanted = actions.wanted_of(campaign.name, planned.spec)
            if of_deadline(due.key, campaign.due_on):
                wanted = replace(wanted, due=(due.key, due.on, campaign.place_code))
            places = tuple(one for one in planned.places if one)
            actions.make(
                session,
                planned.project_id,
                actions.placed(wanted, places),
                Maker(planned.made_by, now),
                Origins(due=due),
            )
    except Problem:
        log.exception("the release of a deadline could not be made")
        return 0
    return 1
