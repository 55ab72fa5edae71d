"""A data folder and a database as a first start leaves them, made once in a run and copied for each test.

Why: a first start loads the country and publishes eleven surveys, which takes longer than what is tested.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from collector.actions.accounts import set_password
from collector.actions.start import Started, learn_earlier_places, prepare_home, start
from collector.app import create_app
from collector.parts import KEY, Parts
from collector.settings import Settings
from storage.database import db, release_connections, transaction
from storage.models import AppUser, Form, FormVersion, Place, Project, User
from tests.copies import fresh_database
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, surroundings
from tests.s3 import share_bucket

_TOLD = "first_start.json"


@dataclass(frozen=True)
class FirstStart:
    """What the first start told, and how many of each kind it made."""

    told: Started
    made: dict[str, int]


def counted() -> dict[str, int]:
    """How many there are of what a first start makes, by model."""
    return {
        model.__name__: db.session().scalar(select(func.count()).select_from(model)) or 0
        for model in (Project, User, AppUser, Form, FormVersion, Place)
    }


class _Begun:
    """Fills a database; the folder that belongs to it stays on the shelf."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # What copies are named by, as for a plain function.
        self.__qualname__ = "begun"

    def __call__(self, database_url: str) -> None:
        """Start for the first time, and give the administrator the password that tests know."""
        if database_url.startswith("postgresql"):
            share_bucket(self.home)
        settings = Settings.from_environment(surroundings(self.home, database_url))
        prepare_home(settings)
        app = create_app(settings)
        with app.app_context():
            parts: Parts = app.extensions[KEY]
            told = start(settings, parts.vault, parts.blobs, now=NOW)
            first = {"told": asdict(told), "made": counted()}
            (self.home / _TOLD).write_text(json.dumps(first))
            learn_earlier_places(NOW)
            with transaction() as session:
                set_password(session, ADMIN, ADMIN_PASSWORD, now=NOW)
            release_connections()


@contextmanager
def begun_server(kind: str, folder: Path, shelf: Path) -> Iterator[str]:
    """Put the data folder into `folder / "home"`; the URL of the database that belongs to it."""
    prepare = _Begun(shelf / f"begun-{kind}")
    with fresh_database(kind, folder, shelf, prepare) as url:
        shutil.copytree(prepare.home, folder / "home")
        yield url


def first_start(home: Path) -> FirstStart:
    """What was told when that data folder was begun."""
    kept = json.loads((home / _TOLD).read_text())
    return FirstStart(Started(**kept["told"]), kept["made"])
