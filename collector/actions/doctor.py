"""Whether a server is well: each examination says what it found, and what to do where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from collector.actions.examined import database, machine, setting, software, work
from collector.actions.examined.certificate import certificate
from collector.actions.examined.finding import Finding, Patient, Progress
from collector.actions.examined.log import chain, held_to
from collector.actions.examined.work import WORKER

__all__ = ["WORKER", "Finding", "Patient", "chain", "examine", "glance", "held_to"]


def glance(patient: Patient) -> Iterator[Finding]:
    """What a look in passing tells, for a page that is opened often."""
    yield database.engine(patient)
    yield machine.store(patient)
    yield machine.disk(patient)
    yield machine.memory(patient)
    yield machine.open_files(patient)
    yield machine.clock(patient)
    yield work.worker(patient)
    yield work.figures(patient)
    yield database.submissions(patient)
    yield database.webhooks(patient)
    yield work.backups(patient)
    yield from setting.settings(patient)
    yield from software.software()


def examine(patient: Patient, progress: Progress) -> Iterator[Finding]:
    """Every examination of a server whose database answers and has the right shape, one after the other."""
    yield database.pages(patient)
    yield machine.files(patient, progress("Files"))
    yield from glance(patient)
    yield from machine.advice(patient)
    yield software.packages()
    yield certificate(patient)
    yield chain(patient.session, progress("Log"))
