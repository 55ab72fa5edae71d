"""A server that is backed up and restored elsewhere, as tests and proofs do it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner, Result

from collector.actions import restoring
from collector.actions.backing_up import Job, Outcome, Tell, back_up
from collector.actions.backup_keys import namer
from collector.app import create_app
from collector.cli import main
from collector.parts import KEY
from collector.settings import Settings
from forms.backups.keeping import Keep
from forms.backups.sealing import Opener, Sealer, new_key
from storage.backups.folder import FolderPlace
from storage.backups.places import Place
from storage.backups.repository import Repository
from storage.database import db, release_connections
from tests.office import Office, surroundings

IDENTITY, RECIPIENT = new_key()


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks on."""


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 2, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        """What it says."""
        return self.now


@dataclass
class Backing:
    """Backups of an office in a folder."""

    office: Office
    place: Place
    clock: Clock = field(default_factory=Clock)
    keep: Keep = field(default_factory=Keep)

    @classmethod
    def of(cls, office: Office, folder: Path) -> Backing:
        """In that folder."""
        return cls(office, FolderPlace(folder))

    @property
    def job(self) -> Job:
        """What is backed up, and how."""
        parts, settings = self.office.parts, self.office.settings
        return Job(
            home=settings.home,
            database_url=settings.database_url,
            blobs=parts.blobs,
            secret_key=parts.vault.secret,
            version="0",
            place=self.place,
            sealer=Sealer(RECIPIENT),
            namer=namer(parts.vault),
            keep=self.keep,
            clock=self.clock,
        )

    def make(self, tell: Tell = silent, *, expected: bool = False) -> Outcome:
        """Make one, under the moment the clock says."""
        with self.office.app.app_context():
            try:
                return back_up(replace(self.job, expected=expected), tell)
            finally:
                db.session.remove()

    def choose(self, at: datetime | None = None, identity: str = IDENTITY) -> restoring.Chosen:
        """One to be restored."""
        opener = Opener([identity] if identity else [])
        return restoring.choose(Repository(self.place), at, opener)


@dataclass
class Elsewhere:
    """An empty machine: what its environment says."""

    home: Path
    environment: Mapping[str, str]

    @classmethod
    def at(cls, home: Path, database_url: str) -> Elsewhere:
        """With that folder and database."""
        return cls(home, surroundings(home, database_url))

    @property
    def settings(self) -> Settings:
        """What the server there is set to."""
        return Settings.from_environment(self.environment)

    def restore(self, chosen: restoring.Chosen, *, replace: bool = False) -> restoring.Restored:
        """Restore there."""
        settings = self.settings
        goal = restoring.Goal(
            self.home, settings.database_url, settings.blobs_url, chosen.head.made_at, replace=replace
        )
        restoring.make_room(chosen, goal)
        restoring.put_key(chosen, self.home)
        app = create_app(settings)
        with app.app_context():
            try:
                return restoring.restore(chosen, goal, app.extensions[KEY].blobs, silent)
            finally:
                release_connections()

    def run(self, *command: str, **more: str) -> Result:
        """Run a command of `collector` there."""
        return collector({**self.environment, **more}, *command)

    @contextmanager
    def office(self) -> Iterator[Office]:
        """The office of the server there."""
        made = Office(self.home, self.settings.database_url)
        try:
            yield made
        finally:
            made.close()


def collector(environment: Mapping[str, str], *command: str) -> Result:
    """Run a command with that environment and no other COLLECTOR_ setting."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")}
    with patch.dict(os.environ, clean | dict(environment), clear=True):
        return CliRunner().invoke(main, command)
