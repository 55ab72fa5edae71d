"""A server that holds the made-up province: set up as any first start, then sent everything by its intake.

What is sent is cut into shares by commune; each share has a process of its own.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from collector.actions.incoming import Address, Delivery, Sender
from collector.actions.start import start
from collector.app import create_app
from collector.parts import KEY, Parts
from collector.settings import Settings
from forms.place_tree import Span, Unit
from storage.database import db, release_connections, transaction
from storage.entities import by_hand, lists
from storage.entities.writing import Source
from storage.models import Form, FormVersion, Place, PlaceSpan
from storage.places.loading import enter
from tests.office import NOW
from tests.proofs.province.made import Commune, Province, Size, listed, received
from tests.proofs.province.paper import Paper

PROVINCE = "38"
PROJECT = 1


@dataclass(frozen=True)
class Server:
    """Where a server keeps what it knows."""

    home: Path
    database_url: str = ""

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The server in this process, inside its application context."""
        said = {"COLLECTOR_HOME": str(self.home)}
        if self.database_url:
            said["COLLECTOR_DATABASE_URL"] = self.database_url
        made = create_app(Settings.from_environment(said))
        with made.app_context():
            yield made
            release_connections()


def open_server(server: Server, *, communes: int, size: Size, seed: int) -> Province:
    """A first start with all surveys; then the villages and centres of the made-up province."""
    server.home.mkdir(parents=True, exist_ok=True)
    with server.app() as app:
        found: Parts = app.extensions[KEY]
        start(found.settings, found.vault, found.blobs, now=NOW)
        session = db.session()
        codes = session.scalars(
            select(Place.code)
            .where(Place.parent_code == PROVINCE, Place.level == "commune", Place.valid_to.is_(None))
            .order_by(Place.code)
        ).all()
        forms = session.execute(
            select(FormVersion.xml).join(Form, Form.current_id == FormVersion.id).order_by(Form.id)
        ).scalars()
        papers = {paper.form_id: paper for paper in map(Paper, forms)}
        session.rollback()
        province = Province(seed, PROVINCE, tuple(codes[:communes]), papers, size, tuple(codes[communes:]))
        several = [province.commune(code) for code in province.communes]
        _lay_villages(several)
        _enter(several, "centres", _centres_of)
        _enter(several, "people", _people_of)
    return province


def _lay_villages(several: Sequence[Commune]) -> None:
    for commune in several:
        facts = {"border": "1"} if commune.border else {}
        units = [
            Unit(one.code, (Span("village", one.name, commune.code, date(2025, 7, 1)),), one.identity)
            for one in commune.villages
        ]
        with transaction() as session:
            enter(session, units)
            for table in (Place, PlaceSpan):
                session.execute(update(table).where(table.code == commune.code).values(attributes=facts))


def _centres_of(commune: Commune) -> list[by_hand.Written]:
    return [
        by_hand.Written(one.identity, one.name, {"commune_code": commune.code, "status": one.status})
        for one in commune.centres
    ]


def _people_of(commune: Commune) -> list[by_hand.Written]:
    return [
        by_hand.Written(one.identity, one.name, {"commune_code": commune.code, **listed(one)})
        for one in commune.people
    ]


def _enter(several: Sequence[Commune], name: str, of: Callable[[Commune], list[by_hand.Written]]) -> None:
    for commune in several:
        with transaction() as session:
            where = lists.list_by_name(session, PROJECT, name)
            by_hand.create(session, where, of(commune), Source(None, NOW))


def send_all(server: Server, province: Province, *, processes: int = 2) -> int:
    """Send everything; returns how many forms that were."""
    shares = [province.communes[number::processes] for number in range(processes)]
    if processes == 1:
        return _send(server, province, shares[0])
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return sum(pool.starmap(_send, [(server, province, share) for share in shares]))


def _send(server: Server, province: Province, share: Sequence[str]) -> int:
    number = 0
    with server.app() as app:
        found: Parts = app.extensions[KEY]
        address = Address((PROJECT,))
        for code in share:
            for xml, day in sent_by(province, code):
                sender = Sender(device_id=f"proof {os.getpid()}", places=())
                found.intake.receive(Delivery(xml, {}, sender, received(day)), address)
                number += 1
            print(f"  {code}: {number} forms", flush=True)
    return number


def sent_by(province: Province, code: str) -> Iterator[tuple[bytes, date]]:
    """Everything a commune sends, as XML, with the day."""
    household = province.papers["f01_hh_survey"]
    for home in province.homes(code):
        yield household.write(home.instance_id, home.answers, {"member": home.members}), home.start.date()
    for report in province.reports(code):
        paper = province.papers[report.form_id]
        yield paper.write(report.instance_id, report.answers, report.rows), report.day
