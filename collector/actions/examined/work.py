"""What goes on beside the web processes: the worker, figures, backups."""

from __future__ import annotations

from datetime import timedelta

from collector.actions.examined.finding import Finding, Patient
from forms.phrases import Phrase
from storage.queries import backups as runs
from storage.queries import health

BACKUP = Phrase("Backup")
WORKER = "worker"
"""Under this name the worker leaves its signs of life."""
SILENT = timedelta(minutes=15)
_WAITED = timedelta(hours=1)
OLD = timedelta(days=2)
"""After which a backup is too old."""


def worker(patient: Patient) -> Finding:
    """Whether it is at work."""
    about = Phrase("Worker")
    seen = health.seen_at_work(patient.session, WORKER)
    if seen is not None and abs(patient.now - seen) <= SILENT:
        return Finding(about, Phrase("it is at work."))
    if seen is None:
        told = Phrase("it never was at work.")
    else:
        told = Phrase("it was last at work at {when} UTC.", when=f"{seen:%Y-%m-%d %H:%M}")
    return Finding(
        about, told, Phrase("Start the server (collector serve), or the worker alone (collector worker).")
    )


def figures(patient: Patient) -> Finding:
    """Whether figures follow what comes in."""
    about, waiting = Phrase("Figures"), health.marks_waiting(patient.session)
    since = health.seen_at_work(patient.session, health.MARKS) if waiting else None
    if since is None or patient.now - since < _WAITED:
        return Finding(about, Phrase("they follow what comes in ({number} changes wait).", number=waiting))
    return Finding(
        about,
        Phrase(
            "{number} changes wait, the oldest since {when} UTC.",
            number=waiting,
            when=f"{since:%Y-%m-%d %H:%M}",
        ),
        Phrase("See that the worker runs; its log says what holds figures up."),
    )


def backups(patient: Patient) -> Finding:
    """Whether there is one, how old it is, and whether the last one went well."""
    last, failed = runs.last_done(patient.session), runs.last_failed(patient.session)
    if last is None or last.ended_at is None:
        told = Phrase("there is none yet.")
    else:
        told = Phrase(
            "the last is of {when} UTC, in {place}, read back and compared.",
            when=f"{last.ended_at:%Y-%m-%d %H:%M}",
            place=last.place,
        )
    again = Phrase("See that its disk is plugged in or the line stands, then: collector backup.")
    if failed is not None:
        reason = failed.problem or Phrase("see the log.")
        return Finding(BACKUP, Phrase("{told} A later one failed: {reason}", told=told, reason=reason), again)
    if patient.settings.backup_url is None and last is None:
        return Finding(
            BACKUP,
            told,
            Phrase("Set COLLECTOR_BACKUP_URL to a folder on another disk, or run collector backup."),
            grave=False,
        )
    if last is None or last.ended_at is None or patient.now - last.ended_at > OLD:
        return Finding(BACKUP, told, again)
    if last.ended_at > patient.now + SILENT:
        return Finding(BACKUP, told, Phrase("That lies ahead: see that the clock is right."))
    return Finding(BACKUP, told)
