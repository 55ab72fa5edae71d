"""Backups, on the page of settings: how the last one went, and one asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.backup_problems import BackupPlaceMissing
from collector.desk.page import now, scoped, written_ago, written_moment, written_number, written_size
from collector.parts import parts
from storage.audits import Actee, note
from storage.cuts import within
from storage.database import db, transaction
from storage.models import BackupRun
from storage.queries import backups
from storage.scope import WHOLE

blueprint = Blueprint("backups", __name__)

OLD = timedelta(days=2)
"""After which a backup is too old."""


@dataclass(frozen=True, slots=True)
class About:
    """Something of the backups: what it is called, and how it is."""

    about: str
    told: str


@dataclass(frozen=True, slots=True)
class Backups:
    """What the page says: what has to be done, how it stands, and whether one may be asked for now."""

    warnings: Sequence[str]
    facts: Sequence[About]
    may_ask: bool


def told() -> Backups:
    """How the backups of this server stand."""
    settings, session = parts().settings, db.session()
    # The server as a whole, for who keeps it.
    with within(WHOLE):
        last, failed = backups.last_done(session), backups.last_failed(session)
        running = backups.under_way(session, now())
    if settings.backup_url is None and last is None:
        return Backups([_nowhere()], [], may_ask=False)
    return Backups(
        list(_warnings(last, failed)),
        list(_facts(last, running)),
        may_ask=settings.backup_url is not None and running is None,
    )


def _nowhere() -> str:
    sentence = gettext(
        "No backup is made. Set COLLECTOR_BACKUP_URL to a folder on another disk (docs/operate.md, Backups)."
    )
    return str(sentence)


def _warnings(last: BackupRun | None, failed: BackupRun | None) -> Iterator[str]:
    if failed is not None:
        reason = failed.problem or gettext("the server's log says why")
        yield gettext("The last backup failed: %(reason)s", reason=reason)
    if last is None or last.ended_at is None:
        yield gettext("There is no backup yet.")
    elif now() - last.ended_at > OLD:
        yield gettext(
            "The last backup is older than two days. See that its disk is plugged in, then back up now."
        )
    if last is not None and last.missing:
        yield gettext(
            "%(number)s files were not there when it was made: look with collector doctor.",
            number=written_number(last.missing),
        )


def _facts(last: BackupRun | None, running: BackupRun | None) -> Iterator[About]:
    settings = parts().settings
    if running is not None:
        yield About(gettext("Now"), _progress(running))
    if last is not None and last.ended_at is not None:
        ago, moment = written_ago(last.ended_at), written_moment(last.ended_at)
        yield About(gettext("Last backup"), f"{moment} ({ago})")
        size, new = written_size(last.size), written_size(last.new_size)
        yield About(gettext("Size"), gettext("%(size)s in all, %(new)s of them new", size=size, new=new))
        yield About(gettext("Verified"), gettext("Everything new was read back and compared."))
        yield About(gettext("Where it lies"), last.place)
    if settings.backup_url is not None and settings.backup_at is not None:
        yield About(gettext("Every day at"), f"{settings.backup_at:%H:%M}")


def _progress(running: BackupRun) -> str:
    if running.state == backups.WAITING:
        return str(gettext("It begins within half a minute."))
    if not running.total:
        return str(gettext("It has begun."))
    stages = {"rows": gettext("records"), "files": gettext("files"), "end": gettext("tidying up")}
    share = f"{min(100, 100 * running.done // running.total)} %"
    stage = stages.get(running.stage, "")
    return str(gettext("It is being made: %(stage)s, %(share)s", stage=stage, share=share))


@scoped(blueprint, "/settings/backup", methods=("POST",))
def ask(project_id: int) -> ResponseReturnValue:
    """Have one made now; the worker begins it."""
    if parts().settings.backup_url is None:
        raise BackupPlaceMissing
    with within(WHOLE), transaction() as session:
        run = backups.order(session, "desk", identity().actor_id, now())
        note(session, "backup.ask", actee=Actee(), details={"run": run.id})
    flash(gettext("A backup was asked for; it begins within half a minute."))
    return redirect(url_for("desk.settings.index", project_id=project_id, _anchor="backup"), 303)
