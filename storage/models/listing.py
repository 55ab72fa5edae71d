"""What the list of records of a survey rests on: what each record is called, and the views that were kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant

LONGEST_KEY = 300
"""Signs of a key that records sort by: no index takes thousands."""

_Plain = String(LONGEST_KEY).with_variant(String(LONGEST_KEY, collation="C"), "postgresql")
"""Text sorted sign by sign, whatever the database's language."""


class RecordName(Base):
    """What a live record is called, as it is sorted and as it is searched; made after it came in.

    `version_id` is the version it was read from. `searched` holds folded texts, one after another.
    """

    __tablename__ = "record_names"
    __table_args__ = (
        Index("ix_record_names_form_id_name_key_submission_id", "form_id", "name_key", "submission_id"),
    )

    submission_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    form_id: Mapped[int]
    version_id: Mapped[int] = mapped_column(BigInteger)
    name_key: Mapped[str] = mapped_column(_Plain)
    searched: Mapped[str] = mapped_column(Text)


class RecordView(Base):
    """A list of records as somebody wants to find it again: what the address says, under a name.

    `shared`: everybody of the project is offered it, so that its address holds no words of a search and
    no answers that name somebody.
    """

    __tablename__ = "record_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
