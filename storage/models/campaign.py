"""Campaigns: who is expected to report what by when; and records sent back to their author."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant
from storage.models.submission import BigId


class Campaign(Base):
    """A reporting round of a project in an area. `key` names its entry of the calendar, "" = made by hand.

    `due_on` is the last day that counts as in time (a plan's "before 30/11" is 29/11), `grace_days` the days
    after it in which what arrives is not late yet.
    """

    __tablename__ = "campaigns"
    __table_args__ = (UniqueConstraint("project_id", "key", "period_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(255))
    place_code: Mapped[str] = mapped_column(ForeignKey("places.code"))
    period_from: Mapped[date]
    period_to: Mapped[date]
    opens_on: Mapped[date]
    due_on: Mapped[date]
    grace_days: Mapped[int] = mapped_column(default=0)
    source: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class CampaignForm(Base):
    """A form a campaign asks for, once per `unit`: village, centre, commune, household."""

    __tablename__ = "campaign_forms"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    xml_form_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20))


class SentBack(Base):
    """A record sent back to its author with a reason; answered once an edit or a new record came."""

    __tablename__ = "sent_back"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("submissions.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
