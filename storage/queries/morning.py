"""What a day begins with: what came, who has been silent, what was sent back, what waits to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from forms.places import COMMUNE
from storage.cuts import visible
from storage.models import (
    Approval,
    AppUser,
    Form,
    FormVersion,
    IndicatorCell,
    Place,
    SentBack,
    Submission,
    SubmissionVersion,
)
from storage.queries.approvals import CONFIRMED, LOCKED
from storage.queries.places import subtree
from storage.scope import current


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many records came, and when the last one did."""

    records: int
    last_at: datetime | None


def arrived_since(session: Session, project_id: int, moment: datetime) -> Arrived:
    """The live records that came since a moment."""
    # What is sorted out after reading: as conditions they would be read by place or form, from the beginning.
    records = Submission.__table__.c
    own = select(Form.id).where(Form.project_id == project_id, Form.deleted_at.is_(None))
    mine = visible(records.place_code, current()) & records.form_id.in_(own)
    live = records.draft.is_(False) & records.deleted_at.is_(None)
    query = select(
        func.coalesce(func.sum(case((mine & live, 1), else_=0)), 0),
        func.max(case((mine & live, records.created_at))),
    ).where(records.created_at >= moment)
    return Arrived(*session.execute(query).one())


def has_records(session: Session, project_id: int) -> bool:
    """Whether anything was ever sent in earnest."""
    query = (
        select(Submission.id)
        .join(Form, Form.id == Submission.form_id)
        .where(Form.project_id == project_id, Submission.draft.is_(False))
    )
    return session.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Silent:
    """Phones with access: how many were in touch once but not lately, and how many never."""

    lately: int
    ever: int


def silent_phones(session: Session, project_id: int, since: datetime) -> Silent:
    """The phones of a project that have not been in touch since a moment."""
    query = select(
        func.count().filter(AppUser.last_used_at < since),
        func.count().filter(AppUser.last_used_at.is_(None)),
    ).where(AppUser.project_id == project_id, AppUser.token_hash.is_not(None))
    return Silent(*session.execute(query).one())


@dataclass(frozen=True, slots=True)
class SentOut:
    """Records that were sent back: how many wait for their authors, how many their authors have corrected."""

    waiting: int
    corrected: int


def sent_back(session: Session, project_id: int) -> SentOut:
    """How many records that were sent back are open; corrected ones until somebody judges them."""
    later = aliased(SubmissionVersion)
    corrected: ColumnElement[bool] = (
        select(later.id)
        .where(later.submission_id == SentBack.submission_id, later.created_at > SentBack.created_at)
        .correlate(SentBack)
        .exists()
    )
    state = (
        select(Submission.review_state)
        .join(Form, Form.id == Submission.form_id)
        .where(
            Submission.id == SentBack.submission_id,
            Submission.deleted_at.is_(None),
            Form.project_id == project_id,
            Form.deleted_at.is_(None),
        )
        .correlate(SentBack)
        .scalar_subquery()
    )
    each = (
        select(SentBack.submission_id, state.label("state"), corrected.label("corrected"))
        .where(SentBack.answered_at.is_(None))
        .subquery()
    )
    waiting = case(((each.c.state == "hasIssues") & ~each.c.corrected, each.c.submission_id))
    edited = case(((each.c.state == "edited") & each.c.corrected, each.c.submission_id))
    query = select(func.count(waiting.distinct()), func.count(edited.distinct()))
    return SentOut(*session.execute(query).one())


def drafts(session: Session, project_id: int) -> Sequence[tuple[str, str]]:
    """Form id and title of the drafts that wait to be published."""
    query = (
        select(Form.xml_form_id, FormVersion.name)
        .join(FormVersion, FormVersion.id == Form.draft_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
        .order_by(Form.id)
    )
    return [(form_id, name or form_id) for form_id, name in session.execute(query)]


def has_figures(session: Session, project_id: int, place_code: str, period: str) -> bool:
    """Whether there is any figure of a place and period."""
    query = select(IndicatorCell.id).where(
        IndicatorCell.project_id == project_id,
        IndicatorCell.place_code == place_code,
        IndicatorCell.period == period,
    )
    return session.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Signatures:
    """Of the figures of a place and period: its state, when what a lock holds changed, and its communes."""

    state: str
    changed_at: datetime | None
    communes: int
    confirmed: int


def signatures(session: Session, project_id: int, place_code: str, period: str) -> Signatures:
    """Who has signed for the figures of a place and of the communes in it."""
    last = (
        select(func.max(Approval.id))
        .where(Approval.project_id == project_id, Approval.period == period)
        .group_by(Approval.place_code)
    )
    inside = (
        Place.level == COMMUNE,
        Place.valid_to.is_(None),
        Place.code.in_(subtree([place_code], predecessors=False)),
        visible(Place.code, current()),
    )
    communes = session.scalar(select(func.count()).select_from(Place).where(*inside)) or 0
    signed = (
        select(func.count())
        .select_from(Approval)
        .join(Place, Place.code == Approval.place_code)
        .where(Approval.id.in_(last), Approval.state.in_((CONFIRMED, LOCKED)), *inside)
    )
    own = session.scalars(
        select(Approval).where(Approval.id.in_(last), Approval.place_code == place_code)
    ).one_or_none()
    return Signatures(
        own.state if own else "", own.changed_at if own else None, communes, session.scalar(signed) or 0
    )
