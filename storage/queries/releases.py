"""Extracts, releases and their files: found, counted, listed. Whoever sees some places sees those (cuts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from storage.freezing import ISSUED
from storage.models import Campaign, Extract, ExtractFile, Form, Project, Release, ReleasePlan, Submission
from storage.queries.taking import Taken
from storage.release_problems import ExtractFileNotFound, ExtractNotFound, ReleaseNotFound

WAITING, MAKING, MADE, FAILED = "waiting", "making", "made", "failed"
"""How far an extract is."""


@dataclass(frozen=True, slots=True)
class Made:
    """An extract with its files, by name."""

    extract: Extract
    files: Sequence[ExtractFile]
    form: str

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files)


def extract_of(session: Session, project_id: int, number: int, asker: int | None) -> Extract:
    """An extract one asked for oneself, or of a release one sees. Raises ExtractNotFound."""
    found = session.scalars(
        select(Extract).where(Extract.id == number, Extract.project_id == project_id)
    ).one_or_none()
    if found is None or (found.release_id is None and found.asked_by != asker):
        raise ExtractNotFound(number=number)
    return found


def own_extracts(session: Session, project_id: int, asker: int | None, limit: int = 100) -> Sequence[Extract]:
    """What somebody asked for himself, the newest first; those of releases are not among them."""
    return session.scalars(
        select(Extract)
        .where(Extract.project_id == project_id, Extract.asked_by == asker, Extract.release_id.is_(None))
        .order_by(Extract.id.desc())
        .limit(limit)
    ).all()


def awaited(session: Session, asker: int | None) -> int:
    """How many extracts somebody asked for are not made yet, those of releases left out."""
    query = select(func.count(Extract.id)).where(
        Extract.asked_by == asker, Extract.release_id.is_(None), Extract.state.in_((WAITING, MAKING))
    )
    return int(session.scalar(query) or 0)


def kept(session: Session, asker: int | None) -> tuple[int, int]:
    """How many sets of files somebody keeps that he asked for himself, and how many bytes they are."""
    own = and_(Extract.asked_by == asker, Extract.release_id.is_(None))
    sizes = select(func.sum(ExtractFile.size)).join(Extract, Extract.id == ExtractFile.extract_id).where(own)
    return int(session.scalar(select(func.count(Extract.id)).where(own)) or 0), int(
        session.scalar(sizes) or 0
    )


def with_files(session: Session, extracts: Sequence[Extract]) -> list[Made]:
    """Extracts with their files and the forms' ids."""
    numbers = [one.id for one in extracts]
    files: dict[int, list[ExtractFile]] = {}
    query = select(ExtractFile).where(ExtractFile.extract_id.in_(numbers)).order_by(ExtractFile.name)
    for file in session.scalars(query):
        files.setdefault(file.extract_id, []).append(file)
    return [Made(one, files.get(one.id, []), str(one.spec.get("form") or "")) for one in extracts]


def file_of(session: Session, project_id: int, number: int) -> tuple[ExtractFile, Extract]:
    """A file and its extract. Raises ExtractFileNotFound."""
    found = session.execute(
        select(ExtractFile, Extract)
        .join(Extract, Extract.id == ExtractFile.extract_id)
        .where(ExtractFile.id == number, Extract.project_id == project_id)
    ).one_or_none()
    if found is None:
        raise ExtractFileNotFound(name=str(number))
    return found[0], found[1]


def any_file(session: Session, number: int) -> tuple[ExtractFile, Extract] | None:
    """A file and its extract in whatever project; None where it is gone."""
    found = session.execute(
        select(ExtractFile, Extract)
        .join(Extract, Extract.id == ExtractFile.extract_id)
        .where(ExtractFile.id == number)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


# Releases ---------------------------------------------------------------------------------------------


def get_release(session: Session, project_id: int, number: int) -> Release:
    """A release by its number in the project. Raises ReleaseNotFound."""
    found = session.scalars(
        select(Release).where(Release.project_id == project_id, Release.number == number)
    ).one_or_none()
    if found is None:
        raise ReleaseNotFound(number=number)
    return found


def releases_of(session: Session, project_id: int) -> Sequence[Release]:
    """The releases of a project, the newest first."""
    return session.scalars(
        select(Release).where(Release.project_id == project_id).order_by(Release.number.desc())
    ).all()


def next_number(session: Session, project_id: int) -> int:
    """The number the next release of a project gets; of all places, so that none is given twice."""
    # Two people who make one in the same moment come one after the other.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    table = Release.__table__
    query = select(func.max(table.c.number)).where(table.c.project_id == project_id)
    return int(session.connection().execute(query).scalar() or 0) + 1


def extracts_of(session: Session, release: Release) -> Sequence[Extract]:
    """The extracts of a release in the order in which they were asked for."""
    return session.scalars(select(Extract).where(Extract.release_id == release.id).order_by(Extract.id)).all()


def made_now(session: Session, project_id: int) -> Sequence[Release]:
    """The releases of a project whose files are being made."""
    return [one for one in in_making(session) if one.project_id == project_id]


def in_making(session: Session) -> Sequence[Release]:
    """The releases of all projects whose files are being made."""
    return session.scalars(select(Release).where(Release.state == MAKING).order_by(Release.id)).all()


def issued_before(session: Session, release: Release) -> Release | None:
    """The release issued last before this one that can be compared with it: same places and protection."""
    earlier = session.scalars(
        select(Release)
        .where(
            Release.project_id == release.project_id, Release.number < release.number, Release.state == ISSUED
        )
        .order_by(Release.number.desc())
    )
    mine = sorted(release.places), release.spec.get("protection")
    # With other codes for the same people every row would be another one.
    return next((one for one in earlier if (sorted(one.places), one.spec.get("protection")) == mine), None)


def waiting(session: Session, project_id: int) -> Sequence[Release]:
    """The releases that wait for somebody's approval."""
    return session.scalars(
        select(Release)
        .where(Release.project_id == project_id, Release.state == WAITING)
        .order_by(Release.number)
    ).all()


def of_deadlines(session: Session, project_id: int, since: datetime) -> Sequence[Release]:
    """The releases with figures made by the calendar and issued since then, the oldest first."""
    query = (
        select(Release)
        .where(
            Release.project_id == project_id,
            Release.state == ISSUED,
            Release.due_id.is_not(None),
            Release.issued_at >= since,
        )
        .order_by(Release.number)
    )
    return [one for one in session.scalars(query) if one.spec.get("figures")]


def failed_of_deadlines(session: Session, project_id: int) -> Sequence[Release]:
    """The releases made by the calendar that came to nothing and were not made anew, the oldest first."""
    query = select(Release).where(
        Release.project_id == project_id, Release.state == FAILED, Release.due_id.is_not(None)
    )
    found = session.scalars(query.order_by(Release.number)).all()
    return [one for one in found if replaced_by(session, one) is None]


def replaced_by(session: Session, release: Release) -> Release | None:
    """The release that was made anew from this one."""
    return session.scalars(
        select(Release).where(Release.replaces_id == release.id).order_by(Release.number.desc()).limit(1)
    ).one_or_none()


# Plans ------------------------------------------------------------------------------------------------


def plans_of(session: Session, project_id: int) -> Sequence[ReleasePlan]:
    """Releases that are made by the calendar, in a project."""
    return session.scalars(
        select(ReleasePlan).where(ReleasePlan.project_id == project_id).order_by(ReleasePlan.key)
    ).all()


def every_plan(session: Session) -> Sequence[ReleasePlan]:
    """Releases that are made by the calendar, in all projects."""
    return session.scalars(select(ReleasePlan).order_by(ReleasePlan.id)).all()


def deadlines(session: Session, project_id: int, key: str) -> Sequence[Campaign]:
    """The campaigns of a line of the calendar, the one due last first."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.project_id == project_id, Campaign.key == key, Campaign.closed_at.is_(None))
        .order_by(Campaign.due_on.desc())
    ).all()


def is_made_for(session: Session, project_id: int, key: str, due_on: date) -> bool:
    """Whether there is a release for that deadline, whatever became of it."""
    table = Release.__table__
    query = select(table.c.id).where(
        table.c.project_id == project_id, table.c.due_id == key, table.c.due_on == due_on.isoformat()
    )
    return session.connection().execute(query).first() is not None


# What there will be -------------------------------------------------------------------------------------


def count_records(
    session: Session,
    form: Form,
    places: Sequence[str],
    days: tuple[datetime | None, datetime | None],
    states: Sequence[str],
) -> int:
    """How many records of a form there are to be taken: live ones, of those places and days and states.

    `states` are review states, "received" for those nobody has judged; none of them means all.
    """
    taken = Taken(tuple(one for one in places if one), *days)
    query = select(func.count(Submission.id)).where(
        Submission.form_id == form.id,
        Submission.draft.is_(False),
        Submission.deleted_at.is_(None),
        taken.condition(),
    )
    if states:
        judged = Submission.review_state.in_(states)
        query = query.where(judged | Submission.review_state.is_(None) if "received" in states else judged)
    return int(session.scalar(query) or 0)
