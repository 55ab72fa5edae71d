"""`collector backup …` and `collector restore`, as somebody types them; the worker's turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from collector.actions.backup_turns import BackupTurns, Journal
from collector.actions.examined import work as examined
from collector.actions.examined.finding import Patient
from collector.commands.backup import moment_of
from forms.values import HOME
from storage.database import db, transaction
from storage.queries import backups
from tests.backed import Backing, Elsewhere, collector
from tests.copies import fresh_database
from tests.erased import MAI, PAO, Household
from tests.office import Office


@pytest.fixture
def empty(office: Office, tmp_path: Path, shelf: Path) -> Iterator[Elsewhere]:
    """An empty machine of the same kind."""
    kind = "sqlite" if office.settings.database_url.startswith("sqlite") else "postgresql"
    (tmp_path / "new").mkdir()
    with fresh_database(kind, tmp_path / "new", shelf) as url:
        yield Elsewhere.at(tmp_path / "new" / "home", url)


def test_from_the_first_key_to_a_server_restored(office: Office, empty: Elsewhere, tmp_path: Path) -> None:
    house = Household(office, office.phone(), "hh")
    assert house.send(house.xml("uuid:1", PAO, MAI), **{"1_0": b"a photo"}) == 201
    usb, key, words = str(tmp_path / "usb"), str(tmp_path / "key"), tmp_path / "words"
    here = office.environment | {"COLLECTOR_BACKUP_URL": usb}
    assert "There is no key" in collector(here, "backup").stderr
    words.write_text("nam tu khong ai ghep lai\n")
    made = collector(here, "backup", "key", "--save", key, "--passphrase-file", str(words)).stdout
    assert re.search("AGE-SECRET-KEY-1[A-Z0-9]{58}", made)
    assert "There is a key" in collector(here, "backup", "key").stderr
    done = collector(here, "backup")
    assert (done.exit_code, done.stderr) == (0, "")
    assert re.search(r"Backup \d{8}T\d{6}Z in .*usb, encrypted: \d+ rows, 2 files", done.stdout)
    assert re.fullmatch(r"\d{8}T\d{6}Z  .*\n", collector(here, "backup", "list").stdout)
    proved = collector(here, "backup", "verify", "--deep", "--identity", key)
    assert (proved.exit_code, "all equal." in proved.stdout) == (0, True)
    assert "This backup is encrypted" in empty.run("restore", usb).stderr
    back = empty.run("restore", usb, "--passphrase-file", str(words))
    assert (back.exit_code, back.stderr) == (0, ""), back.exception
    assert "counts, digests and figures equal" in back.stdout
    assert "there already is" in empty.run("restore", usb, "--identity", key).stderr
    assert "What was here lies in" in empty.run("restore", usb, "--identity", key, "--replace").stdout
    told = empty.run("doctor", "--restored").stdout
    assert "ok  Restored: equal to the backup" in told
    assert "ok  Backup: the last is of" in told


def test_plain_is_only_made_when_somebody_says_so(office: Office, tmp_path: Path) -> None:
    usb = str(tmp_path / "usb")
    said = collector(office.environment, "backup", "--to", usb, "--plain")
    assert (said.exit_code, "NOT encrypted" in said.stdout) == (0, True)
    inside = str(office.settings.home / "backups")
    assert "on another disk" in collector(office.environment, "backup", "--to", inside, "--plain").stderr
    assert "Nobody has said" in collector(office.environment, "backup").stderr
    assert "Backups cannot go to" in collector(office.environment, "backup", "--to", "ftp://x/y").stderr
    assert (
        "cannot be read"
        in collector(
            office.environment | {"COLLECTOR_BACKUP_RECIPIENT": "age1nonsense"}, "backup", "--to", usb
        ).stderr
    )


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("2026-11-23T02:30", datetime(2026, 11, 23, 2, 30, tzinfo=HOME)),
        ("2026-11-23", datetime(2026, 11, 23, 23, 59, 59, tzinfo=HOME)),
        ("2026-11-23T02:30+00:00", datetime(2026, 11, 23, 2, 30, tzinfo=UTC)),
        ("20261123T023000Z", datetime(2026, 11, 23, 2, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_typed_as_people_do(said: str, wanted: datetime) -> None:
    assert moment_of(said) == wanted


class Process:
    """A process that was started, and how it ended."""

    returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode


def test_the_worker_begins_one_a_day_and_when_somebody_asks(kept_office: Office, tmp_path: Path) -> None:
    backing, process = Backing.of(kept_office, tmp_path / "usb"), Process()
    clock = backing.clock
    turns, journal = BackupTurns(time(2, 30), is_set=True), Journal(clock)
    with kept_office.app.app_context(), patch("subprocess.Popen", return_value=process) as started:
        assert BackupTurns(time(2, 30), is_set=False).look(clock.now) == 0
        assert turns.look(clock.now) == 1
        assert started.call_args.args[0][-2:] == ["backup", "--by-worker"]
        assert turns.look(clock.now) == 0
        process.returncode = 0
        journal.begin("time", "usb")
        # Another worker sees that one runs, and later that it was done.
        assert BackupTurns(time(2, 30), is_set=True).look(clock.now) == 0
        journal.done(backing.make())
        clock.now += timedelta(hours=1)
        assert turns.look(clock.now) == 0
        with transaction() as session:
            backups.order(session, "desk", None, clock.now)
        assert turns.look(clock.now) == 1
        journal = Journal(clock)
        journal.begin("time", "usb")
        journal.failed(OSError("a name that nobody is to read"))
        assert turns.look(clock.now) == 0
        clock.now += timedelta(hours=1)
        assert turns.look(clock.now) == 1
        parts, settings = kept_office.parts, kept_office.settings
        told = examined.backups(Patient(db.session(), parts.blobs, settings, clock.now, {})).told
        assert "A later one failed" in told
        assert "nobody is to read" not in told
