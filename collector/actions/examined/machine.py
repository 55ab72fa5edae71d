"""The machine: room on the disk, memory, open files, the clock, and the store of files."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from collector.actions.examined.finding import Finding, Patient
from collector.actions.examined.work import WORKER
from forms.phrases import Phrase
from forms.problems import Problem
from storage.problems import StoreFailed
from storage.queries import health

ROOM, SHARE = 1 << 30, 0.05
"""Less than so many bytes free, or such a part of the disk, is too little."""
_APART = timedelta(minutes=2)
_ITS_PLACE = Phrase("See that its disk or bucket is there, has room, and that the server may write to it.")
_NAMED = 3
_GIGA, _MEGA = 1 << 30, 1 << 20
_MEMORY = 150
"""Megabytes that have to be left for others."""
_OPEN = 1100
"""Files a process needs: as many lines as it keeps, and its own."""


def files(patient: Patient, progress: Callable[[int, int], None]) -> Finding:
    """Whether every file is there."""
    try:
        missing, number = _missing(patient, progress)
    except StoreFailed as problem:
        return Finding(Phrase("Files"), Phrase(problem.sentence), _ITS_PLACE)
    if not missing:
        return Finding(Phrase("Files"), Phrase("all {number} are there.", number=number))
    return Finding(
        Phrase("Files"),
        Phrase(
            "{missing} of {number} are missing: {names}.",
            missing=len(missing),
            number=number,
            names=", ".join(missing[:_NAMED]),
        ),
        Phrase("Copy them from the last backup to where files lie; nothing else has to be done."),
    )


def _missing(patient: Patient, progress: Callable[[int, int], None]) -> tuple[list[str], int]:
    """The files that are not there, and how many there should be.

    Both sides are read in the order of names: asking a bucket after each file would take hours.
    """
    stored = (name for name, _written in patient.blobs.names())
    missing: list[str] = []
    number, there = 0, next(stored, None)
    for names in health.blobs(patient.session):
        for name in names:
            while there is not None and there < name:
                there = next(stored, None)
            if there != name:
                missing.append(name)
        number += len(names)
        progress(number, number)
    # What came in meanwhile stood only in the database.
    return [name for name in missing if not patient.blobs.exists(name)], number


def store(patient: Patient) -> Finding:
    """Whether where files lie takes them, gives them and removes them."""
    try:
        patient.blobs.prove()
    except Problem as problem:
        return Finding(Phrase("Store of files"), Phrase(problem.sentence, **problem.details), _ITS_PLACE)
    return Finding(Phrase("Store of files"), Phrase("it takes files, gives them and removes them."))


def advice(patient: Patient) -> Iterator[Finding]:
    """What whoever keeps the bucket should know."""
    try:
        remarks = patient.blobs.remarks()
    except StoreFailed:
        # That it is away is said already.
        return
    for remark in remarks:
        yield Finding(
            Phrase("Store of files"),
            Phrase(remark),
            Phrase("Read “Files in S3” in docs/operate.md."),
            grave=False,
        )


def disk(patient: Patient) -> Finding:
    """How much room is left."""
    room = shutil.disk_usage(patient.home)
    told = Phrase(
        "{free} of {total} GB are free.", free=f"{room.free / _GIGA:.1f}", total=f"{room.total / _GIGA:.0f}"
    )
    if room.free >= ROOM and room.free >= room.total * SHARE:
        return Finding(Phrase("Disk"), told)
    return Finding(
        Phrase("Disk"), told, Phrase("Make room before it is full: phones cannot send to a full disk.")
    )


def memory(_patient: Patient) -> Finding:
    """How much memory is left."""
    about = Phrase("Memory")
    try:
        said = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        total, free = (int(said[name].split()[0]) // 1024 for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError):
        return Finding(about, Phrase("this system does not say how much there is."))
    told = Phrase("{free} of {total} MB are free.", free=free, total=total)
    if free >= _MEMORY:
        return Finding(about, told)
    return Finding(
        about,
        told,
        Phrase("End other programs or give the machine more: else the system ends processes of the server."),
        grave=False,
    )


def open_files(_patient: Patient) -> Finding:
    """How many files a process may have open."""
    about, hard = Phrase("Open files"), resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    told = Phrase("a process may open {number}.", number=hard)
    if hard == resource.RLIM_INFINITY or hard >= _OPEN:
        return Finding(about, told)
    return Finding(about, told, Phrase("Allow 8192: LimitNOFILE=8192 in systemd, or ulimit -n."), grave=False)


def clock(patient: Patient) -> Finding:
    """Whether the clock goes with that of the database, and with what was noted before."""
    there = health.database_clock(patient.session)
    here = f"{patient.now:%Y-%m-%d %H:%M}"
    by_network = Phrase("Set the clock by the network (timedatectl set-ntp true).")
    if there is not None and abs(there - patient.now) > _APART:
        return Finding(
            Phrase("Clock"),
            Phrase(
                "this machine says {here} UTC, the database {there}.",
                here=here,
                there=f"{there:%Y-%m-%d %H:%M}",
            ),
            Phrase("Set both by the network (timedatectl set-ntp true)."),
        )
    last = health.newest_record(patient.session)
    if last is not None and last > patient.now + _APART:
        return Finding(
            Phrase("Clock"),
            Phrase(
                "it is {here} UTC here, but a submission came at {there}.",
                here=here,
                there=f"{last:%Y-%m-%d %H:%M}",
            ),
            by_network,
        )
    seen = health.seen_at_work(patient.session, WORKER)
    if seen is not None and seen > patient.now + _APART:
        return Finding(
            Phrase("Clock"),
            Phrase(
                "it is {here} UTC here, but the worker was at work at {there}: the clock went back.",
                here=here,
                there=f"{seen:%Y-%m-%d %H:%M}",
            ),
            by_network,
        )
    return Finding(Phrase("Clock"), Phrase("{here} UTC.", here=here))
