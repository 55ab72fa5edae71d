"""What stands beside a password: the second step, its recovery codes, identities of other providers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Instant


class SecondStep(Base):
    """An account that proves itself by a code of an app too; the secret is sealed under the server's key.

    `last_step` is the number of the half minute whose code was used last: none before it is taken again.
    """

    __tablename__ = "second_steps"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True, autoincrement=False)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(Instant)


class RecoveryCode(Base):
    """A code that takes the place of the app's once; only a digest keyed with the server's key is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("actor_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class OutsideIdentity(Base):
    """Who an account is to a provider of identities: `value` is what its `claim` says of the person."""

    __tablename__ = "outside_identities"
    __table_args__ = (UniqueConstraint("issuer", "claim", "value"),)

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True, autoincrement=False)
    issuer: Mapped[str] = mapped_column(String(255))
    claim: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(255))
    tied_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    tied_at: Mapped[datetime] = mapped_column(Instant)
