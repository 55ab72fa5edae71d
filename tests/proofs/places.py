"""The whole country with 100,000 villages: how long it takes to load, and to find a place in it.

Run with `make places-proof`; both databases, on throw-away data. What matters beside the seconds is the
ratio to a bare indexed question: it is the same on a faster machine.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from collector.actions.places import enter_earlier, load_places
from forms.earlier_places import Province, by_province, read_earlier
from forms.place_tree import Span, Unit
from forms.places import all_communes
from storage.database import prepare_engine
from storage.migrate import migrate
from storage.models import Place
from storage.places.loading import enter
from storage.queries import places
from tests.country import EARLIER
from tests.databases import fresh_postgresql
from tests.office import NOW

VILLAGES = 100_000
AT_ONCE = 500
ASKED = 300
FIRST = ("Bản", "Thôn", "Tổ", "Xóm", "Buôn")
SECOND = ("Mường", "Nà", "Pa", "Huổi", "Lũng", "Tân", "Phú", "Đông", "Thượng", "Nậm", "Khuổi", "Bình")
THIRD = ("Lài", "Cú", "Pho", "Lát", "Hin", "Tông", "Lập", "Yên", "Ngoài", "Vẽ", "Đoàn", "Sơn", "1", "2", "10")


def main() -> int:
    """Measure both; 1 when loading takes over a minute or the median search over 50 ms."""
    print(
        f"{'':12}{'today':>9}{'earlier':>9}{'villages':>10}{'all':>8}{'busy':>8}{'search':>10}{'bare':>9}{'ratio':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        well = _measured("SQLite", f"sqlite:///{Path(folder) / 'collector.db'}")
    with fresh_postgresql() as url:
        well = _measured("PostgreSQL", url) and well
    return 0 if well else 1


def _measured(name: str, url: str) -> bool:
    engine = create_engine(url)
    prepare_engine(engine)
    migrate(engine)
    before = _processor(engine)
    today = _timed(lambda: _write(engine, lambda session: load_places(session, now=NOW)))
    earlier = _timed(lambda: _earlier(engine))
    units = _units()
    villages = _timed(lambda: _villages(engine, units))
    busy = _processor(engine) - before
    search, bare = _searched(engine)
    engine.dispose()
    seconds = today + earlier + villages
    print(
        f"{name:12}{today:8.1f}s{earlier:8.1f}s{villages:9.1f}s{seconds:7.1f}s{busy:7.1f}s"
        f"{search * 1000:8.2f}ms{bare * 1000:7.2f}ms{search / bare:8.1f}"
    )
    return seconds < 60 and search < 0.05


def _processor(engine: Engine) -> float:
    """Seconds of a processor that this process took, and the database's for it: the same when others work."""
    own = time.process_time()
    if engine.dialect.name != "postgresql":
        return own
    with engine.connect() as connection:
        # The pool has one connection, so this is the process that did the work.
        number = connection.scalar(text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return own + sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _write(engine: Engine, work: Callable[[Session], object]) -> None:
    with Session(engine.execution_options(collector_writes=True)) as session, session.begin():
        work(session)


def _earlier(engine: Engine) -> None:
    for province in by_province(read_earlier(EARLIER)):
        _write(engine, partial(_enter_earlier, province))


def _units() -> list[Unit]:
    dice = random.Random(1)  # noqa: S311 - the same names every time
    communes = [place.code for place in all_communes()]
    units = []
    for number in range(VILLAGES):
        name = f"{dice.choice(FIRST)} {dice.choice(SECOND)} {dice.choice(THIRD)}"
        commune, own = communes[number % len(communes)], number // len(communes) + 1
        span = Span("village", name, commune, NOW.date(), None, {"hh_total": "90"})
        units.append(Unit(f"{commune}-{own:03d}", (span,), f"{number:036d}"))
    # A list comes commune by commune.
    return sorted(units, key=lambda unit: unit.code)


def _villages(engine: Engine, units: Sequence[Unit]) -> None:
    for start in range(0, len(units), AT_ONCE):
        some = units[start : start + AT_ONCE]
        _write(engine, partial(_enter, some))


def _enter_earlier(province: Province, session: Session) -> None:
    enter_earlier(session, province, now=NOW)


def _enter(some: Sequence[Unit], session: Session) -> None:
    enter(session, some)


def _one(session: Session, code: str) -> Sequence[Place]:
    return session.scalars(select(Place).where(Place.code == code)).all()


def _searched(engine: Engine) -> tuple[float, float]:
    """The median of a search as people type, and of one place by its code."""
    dice = random.Random(2)  # noqa: S311 - the same questions every time
    typed = ["muong lai", "mường", "nà h", "lung cu", "tan lap", "ba", "thon", "08", "0071", "hin", "đông vẽ"]
    codes = [place.code for place in all_communes()]
    with Session(engine) as session:
        search = []
        for number in range(ASKED):
            within = [dice.choice(("08", "38", dice.choice(codes)))] if number % 2 else []
            text = dice.choice(typed)
            session.expunge_all()
            search.append(_timed(partial(places.find, session, text, within=within)))
        bare = []
        for _ in range(ASKED):
            session.expunge_all()
            bare.append(_timed(partial(_one, session, dice.choice(codes))))
    return statistics.median(search), statistics.median(bare)


if __name__ == "__main__":
    sys.exit(main())
