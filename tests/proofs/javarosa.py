"""Households filled by the form engine inside ODK Collect come out of the server as they were answered.

`python -m tests.proofs.javarosa [forms, 1000] [--postgresql]`. A phone fetches list, form and
media from the running server; the engine fills the household survey; the phone sends it with its pictures.
Then, for each: the XML and every file come back byte-equal through the programs' door; the tables hold, by
question and position, what the engine says was answered; so do the CSV files.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import requests

from storage.database import db
from tests.databases import fresh_postgresql
from tests.javarosa.engine import Engine, Filled, Form, one_of
from tests.office import ADMIN, ADMIN_PASSWORD, Office
from tests.phone import Phone
from tests.proofs.homes import Sending
from tests.proofs.running import Running
from tests.proofs.told import csv_faults, rows_told, table_faults
from tests.proofs.wholeness import Books

SURVEY = "f01_hh_survey"
_BORN = one_of(1931, 1948, 1959, 1965, 1972, 1979, 1984, 1990, 1996, 2003, 2008, 2012, 2017, 2021, 2025)
_AGREED = {
    "visit_result": "1",
    "consent": "1",
    "members_n": one_of(1, 2, 3, 4, 5, 6),
    "head_birth_year": one_of(1945, 1958, 1966, 1975, 1983, 1991, 2000),
    "m_by_in": _BORN,
}
_NOBODY_HOME_EVERY = 20
"""One visit in so many ends at the door: then most of the form is not relevant."""
_BLANKS = (0, 0, 0.3)
"""Shares of optional questions left blank, in turns."""


@dataclass
class Outcome:
    """How much was compared, and what was wrong."""

    forms: int = 0
    answers: int = 0
    rows: int = 0
    files: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Program:
    """A script that reads records over `/v1`, signed in as the administrator."""

    def __init__(self, address: str, session: requests.Session) -> None:
        self._records = f"{address}/v1/projects/1/forms/{SURVEY}"
        self._session = session
        said = session.post(
            f"{address}/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD}, timeout=60
        )
        said.raise_for_status()
        self._key = {"Authorization": f"Bearer {said.json()['token']}"}

    def get(self, path: str) -> bytes:
        """What stands under that path of the form. Raises HTTPError."""
        answer = self._session.get(f"{self._records}/{path}", headers=self._key, timeout=600)
        answer.raise_for_status()
        return answer.content

    def record(self, filled: Filled) -> Iterator[str]:
        """Where the record that comes back is not the one that was sent."""
        mine = f"submissions/{quote(filled.instance_id, safe='')}"
        if self.get(f"{mine}.xml") != filled.xml:
            yield f"{filled.instance_id}: other XML than was sent"
        for name, data in filled.attachments().items():
            if self.get(f"{mine}/attachments/{quote(name, safe='')}") != data:
                yield f"{filled.instance_id}: {name} has other bytes than were sent"

    def csv_lines(self) -> dict[str, dict[str, str]]:
        """Every line of every CSV file of answers, by KEY."""
        lines: dict[str, dict[str, str]] = {}
        with zipfile.ZipFile(io.BytesIO(self.get("submissions.csv.zip?attachments=false"))) as archive:
            for name in archive.namelist():
                if "/" not in name and "audit" not in name:
                    text = io.StringIO(archive.read(name).decode("utf-8"), newline="")
                    lines |= {line["KEY"]: line for line in csv.DictReader(text)}
        return lines


def fill(form: Form, number: int) -> Filled:
    """The household of that number; each is another one, and the same in every run but for ids and times."""
    answers = {**_AGREED, "visit_result": "2"} if number % _NOBODY_HOME_EVERY == 0 else _AGREED
    return form.fill(number, answers=answers, blanks=_BLANKS[number % len(_BLANKS)])


def prove(
    office: Office, address: str, sessions: tuple[requests.Session, requests.Session], number: int
) -> Outcome:
    """Fill and send so many forms, then compare all that is kept; `sessions` lead to `address`."""
    outcome = Outcome(forms=number)
    begun = time.perf_counter()
    phone = Phone(address + office.phone("Engine").path, session=sessions[0])
    survey = phone.sync()[SURVEY]
    every: list[Filled] = []
    with Engine() as engine:
        form = engine.load(survey.xml, survey.media)
        for one in range(number):
            every.append(fill(form, one))
            phone.send(every[-1].xml, every[-1].attachments(), title=form.title)
    program = Program(address, sessions[1])
    lines = program.csv_lines()
    with office.app.app_context():
        books = Books(db.session(), office.parts.blobs, SURVEY)
        for filled in every:
            outcome.faults += program.record(filled)
            _compare(filled, books, lines, outcome)
        outcome.faults += books.strays(known={filled.instance_id for filled in every})
        outcome.faults += books.blob_faults(set())
        db.session.remove()
    outcome.seconds = time.perf_counter() - begun
    return outcome


def _compare(filled: Filled, books: Books, lines: dict[str, dict[str, str]], outcome: Outcome) -> None:
    told = rows_told(filled)
    outcome.faults += books.compare([_sent(filled)]).faults
    outcome.faults += table_faults(told, books.answers(filled.instance_id))
    outcome.faults += csv_faults(told, lines)
    outcome.answers += len(filled.answers)
    outcome.rows += len(told)
    outcome.files += len(filled.files)


def _sent(filled: Filled) -> Sending:
    """The sending that phone was told yes to."""
    sizes = dict.fromkeys(filled.files, 0)
    sending = Sending(filled.instance_id, filled.instance_id, 0, filled.xml, sizes, 100_000_000)
    sending.begun = sending.answered = set(range(len(sending.requests)))
    return sending


def _served(folder: Path, number: int, database_url: str = "") -> Outcome:
    server = Running(folder / "home", database_url)
    server.start()
    office = server.office()
    try:
        with requests.Session() as phone, requests.Session() as program:
            return prove(office, server.address, (phone, program), number)
    finally:
        office.close()
        server.stop()


def main() -> None:
    """Prove, and exit with 1 when anything differs."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("forms", nargs="?", type=int, default=1000)
    asked.add_argument("--postgresql", action="store_true")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if told.postgresql:
            with fresh_postgresql() as url:
                outcome = _served(Path(name), told.forms, url)
        else:
            outcome = _served(Path(name), told.forms)
    for fault in outcome.faults[:50]:
        print(f"FAULT {fault}")
    print(
        f"{outcome.forms} forms on {'PostgreSQL' if told.postgresql else 'SQLite'} "
        f"in {outcome.seconds:.0f} s: {outcome.answers} answers in {outcome.rows} rows and CSV lines, "
        f"{outcome.files} files; differences: {len(outcome.faults)}"
    )
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
