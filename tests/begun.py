"""A data folder and a database as a first start leaves them, made once in a run and copied for each test.

Why: a first start loads the country and publishes eleven surveys, which takes longer than what is tested.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.actions.start import learn_earlier_places, prepare_home, start
from collector.app import create_app
from collector.parts import KEY, Parts
from collector.settings import Settings
from storage.database import release_connections
from tests.copies import fresh_database
from tests.office import ADMIN_PASSWORD, NOW


class _Begun:
    """Fills a database; the folder that belongs to it stays on the shelf."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # What copies are named by, as for a plain function.
        self.__qualname__ = "begun"

    def __call__(self, database_url: str) -> None:
        """Start for the first time."""
        settings = Settings.from_environment({
            "COLLECTOR_HOME": str(self.home),
            "COLLECTOR_DATABASE_URL": database_url,
            "COLLECTOR_ADMIN_PASSWORD": ADMIN_PASSWORD,
        })
        prepare_home(settings)
        app = create_app(settings)
        with app.app_context():
            parts: Parts = app.extensions[KEY]
            start(settings, parts.vault, parts.blobs, now=NOW)
            learn_earlier_places(NOW)
            release_connections()


@contextmanager
def begun_server(kind: str, folder: Path, shelf: Path) -> Iterator[str]:
    """Put the data folder into `folder / "home"`; the URL of the database that belongs to it."""
    prepare = _Begun(shelf / f"begun-{kind}")
    with fresh_database(kind, folder, shelf, prepare) as url:
        shutil.copytree(prepare.home, folder / "home")
        yield url
