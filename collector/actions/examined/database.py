"""The database: how it is set up, whether it is whole, what waits in it."""

from __future__ import annotations

from datetime import timedelta

from collector.actions.examined.finding import Finding, Patient
from forms.phrases import Phrase
from storage.portable_engine import Engine, engine_of
from storage.queries import health

_LEFT = timedelta(hours=1)
_UNREACHED = timedelta(days=1)
_CONNECTIONS = 30
"""What a process opens at most."""


def engine(patient: Patient) -> Finding:
    """Its kind and version, and whether it keeps what it confirmed."""
    found = engine_of(patient.session)
    about = Phrase("Database server")
    if found.loses:
        return Finding(
            about,
            Phrase(
                "with these settings a power cut loses what was confirmed: {names}.",
                names=", ".join(found.loses),
            ),
            Phrase("Switch them on in the settings of the database, and start it again."),
        )
    if found.encoding != "UTF8":
        return Finding(
            about,
            Phrase(
                "it keeps text as {encoding}, which has no room for every letter.", encoding=found.encoding
            ),
            Phrase("Make a database with --encoding UTF8 and move there (collector migrate-to)."),
        )
    if found.is_old:
        return Finding(
            about,
            Phrase(
                "{kind} {version} is older than what this server is tested with.",
                kind=found.kind,
                version=found.version,
            ),
            Phrase("Bring it up to date after a backup."),
            grave=False,
        )
    return _room(patient, found) or Finding(
        about, Phrase("{kind} {version}.", kind=found.kind, version=found.version)
    )


def _room(patient: Patient, found: Engine) -> Finding | None:
    """Whether it takes as many connections as the server may want; None where it does."""
    wanted = _CONNECTIONS * (patient.settings.workers + 1)
    if found.room is not None and found.room < wanted:
        return Finding(
            Phrase("Database server"),
            Phrase(
                "it takes {room} connections; this server may want {wanted}.", room=found.room, wanted=wanted
            ),
            Phrase("Raise max_connections of the database, or lower COLLECTOR_WORKERS."),
            grave=False,
        )
    return None


def pages(patient: Patient) -> Finding:
    """Whether its file is whole."""
    wrong = health.faults(patient.session)
    if not wrong:
        return Finding(Phrase("Database"), Phrase("it answers and is whole."))
    return Finding(
        Phrase("Database"),
        Phrase("its file is damaged: {faults}", faults="; ".join(wrong)),
        Phrase("Stop the server, keep a copy of the file as it is, and restore the last backup."),
    )


def submissions(patient: Patient) -> Finding:
    """Whether records wait for their entity lists."""
    number = health.unsettled(patient.session, patient.now - _LEFT)
    if not number:
        return Finding(Phrase("Submissions"), Phrase("all are settled."))
    return Finding(
        Phrase("Submissions"),
        Phrase("{number} wait for more than an hour to change their entity lists.", number=number),
        Phrase("See that the worker runs; its log says what holds them up."),
    )


def webhooks(patient: Patient) -> Finding:
    """Whether others are told."""
    failing = health.failing_webhooks(patient.session, patient.now - _UNREACHED)
    if not failing:
        return Finding(Phrase("Webhooks"), Phrase("none has been silent for a day."))
    return Finding(
        Phrase("Webhooks"),
        Phrase(
            "number {numbers} could not be told anything for a day.",
            numbers=", ".join(str(one.id) for one in failing),
        ),
        Phrase("Look at its page in the project: put its address right, pause it or delete it."),
    )
