"""A day of a server, in minutes: phones sync and send over bad lines, and nothing is lost or doubled.

`python -m tests.proofs.soak [phones, 50] [--hours 24] [--quarter 2.0] [--postgresql] [--seed N]`. Each phone
syncs once a quarter of an hour (`--quarter` seconds of ours) and now and then sends households; one request
in five loses its connection, in the middle of the body or before its answer is read, and the phone sends
everything again later, as Collect does. Meanwhile the office publishes new versions, changes media, and
takes one phone's access away. openrosa.md §12, test 98.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

from storage.database import db
from storage.models import Form
from tests.databases import fresh_postgresql
from tests.office import GivenPhone, Office
from tests.proofs import homes, machine
from tests.proofs.homes import Habits, Sending
from tests.proofs.lines import Line
from tests.proofs.running import Running
from tests.proofs.wholeness import Books

_SIZES = Habits(picture=60_000, long_text=0.005)
_EDIT = 0.15
"""Share of visits to a household that was visited before."""
_NEWS_EVERY = 4
"""Quarters of an hour between two acts of the office: a new version, then new media, and so on."""
_GROWTH = 1.1
"""Times as much memory as at noon that a day may end with. In the morning the office publishes, and what
servers keep at hand of each version adds up to its bound; in the afternoon nothing is new."""
_NOTICES_WITHIN = 10.0
"""Seconds until a server has cleared away what the last lost lines left."""
_WARM = 0.1
"""Share of the day after which memory is looked at first: by then everything was asked for once."""


@dataclass
class Day:
    """How many phones there are, and how long the day is: quarters of an hour, seconds each takes here.

    `dropped` is the share of requests whose line breaks, `send` the chance of a visit in a quarter.
    `shipped`: phones fetch the surveys that come with the server too.
    """

    phones: int = 50
    quarters: int = 96
    seconds: float = 2.0
    dropped: float = 0.2
    send: float = 0.35
    shipped: bool = True
    seed: int = 20260803


@dataclass
class Outcome:
    """What happened, and what should not have."""

    syncs: int = 0
    sent: int = 0
    drops: int = 0
    again: int = 0
    versions: int = 0
    media: int = 0
    unsent: int = 0
    kept: int = 0
    records: int = 0
    files: int = 0
    memory: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass
class Noticeboard:
    """What the office has made known so far: a sync that begins now must see at least this.

    `steps` grows when the office begins to change something, and again when it is done.
    """

    version: int = 1
    media: int = 1
    steps: int = 0


class Carrier:
    """A volunteer with a phone: it syncs, he visits households, it sends when it can."""

    def __init__(self, address: str, board: Noticeboard, outcome: Outcome, *, day: Day, seed: float) -> None:
        self.every: list[Sending] = []
        self.revoking = self.revoked = False
        self.line = Line(address)
        self._board = board
        self._outcome = outcome
        self._day = day
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._waiting: list[Sending] = []
        self._sent: list[Sending] = []

    def live(self) -> None:
        """A day: it begins somewhere in the first quarter, and ends with everything sent."""
        begun = time.monotonic() + self._dice.random() * self._day.seconds
        for quarter in range(self._day.quarters):
            time.sleep(max(0.0, begun + quarter * self._day.seconds - time.monotonic()))
            self.quarter()
        self.send(dropped=0)

    def quarter(self) -> None:
        """Sync; visit, perhaps; send what waits."""
        self._sync()
        chance = self._dice.random()
        if chance < self._day.send and self.line.phone.forms:
            self._visit(edit=chance < self._day.send * _EDIT)
        self.send(dropped=self._day.dropped)

    def _sync(self) -> None:
        board = replace(self._board)
        revoked = self.revoked
        before = set(self.line.phone.forms)
        told = self.line.sync()
        # A phone that reads list and form while they change may find that one is older than the other.
        steady = board.steps == self._board.steps and board.steps % 2 == 0
        gone = before - set(self.line.phone.forms)
        with self._outcome.lock:
            self._outcome.syncs += 1
            if gone:
                self._outcome.faults.append(f"forms fell off a phone: {gone}")
            if revoked and told.status != requests.codes.forbidden:
                self._outcome.faults.append(f"a phone without access was answered {told}")
            elif not self.revoking and (told.sentence and steady):
                self._outcome.faults.append(f"a sync failed: {told}")
            elif not self.revoking and not told.sentence and self._is_behind(board):
                self._outcome.faults.append(f"a sync brought {self._seen()}, known was {board}")

    def _is_behind(self, board: Noticeboard) -> bool:
        version, media = self._seen()
        return version < board.version or media < board.media

    def _seen(self) -> tuple[int, int]:
        """Version and state of the media on the phone."""
        form = self.line.phone.forms[homes.FORM_ID]
        return int(form.item.version), int(form.media[homes.VILLAGES].rsplit(b" ", 1)[1])

    def _visit(self, *, edit: bool) -> None:
        ready = [one for one in self._sent if one.done] if edit else []
        base = self._dice.choice(ready) if ready else None
        if base is not None:
            self._sent.remove(base)
        made = homes.filled(self._dice, self._seen()[0], replaces=base, habits=_SIZES)
        self.every.append(made)
        self._waiting.append(made)

    def send(self, *, dropped: float) -> None:
        """Oldest first; what fails waits for the next time, and does not keep back the rest."""
        for sending in list(self._waiting):
            if sending.begun:
                with self._outcome.lock:
                    self._outcome.again += 1
            told = self.line.send(sending, self._dice, dropped=dropped)
            with self._outcome.lock:
                self._outcome.drops += told.dropped
                if told.sentence and not (self.revoking and told.status == requests.codes.forbidden):
                    self._outcome.faults.append(f"{sending.instance_id} was refused: {told.sentence}")
            if sending.done:
                self._waiting.remove(sending)
                self._sent.append(sending)


class Proof:
    """A server, its office and its phones through one day."""

    def __init__(self, server: Running, day: Day) -> None:
        self.outcome = Outcome()
        self._server = server
        self._day = day
        self._board = Noticeboard()
        self._dice = random.Random(day.seed)  # noqa: S311 - chance, not secrets
        self._office: Office = server.office()
        self._given: list[GivenPhone] = []
        self._carriers: list[Carrier] = []

    def run(self) -> Outcome:
        """The day from first sync to last look."""
        form = self._office.publish(homes.workbook(1), media={homes.VILLAGES: homes.villages(1)})
        for number in range(self._day.phones):
            given = self._office.phone(f"Phone {number}", only=None if self._day.shipped else (form,))
            address = self._server.address + given.path
            seed = self._dice.random()
            self._given.append(given)
            self._carriers.append(Carrier(address, self._board, self.outcome, day=self._day, seed=seed))
        threads = [threading.Thread(target=one.live) for one in self._carriers]
        for thread in threads:
            thread.start()
        try:
            self._govern(form)
        finally:
            for thread in threads:
                thread.join()
        self._look()
        self._office.close()
        return self.outcome

    def _govern(self, form: Form) -> None:
        """What the office does all day."""
        begun = time.monotonic()
        noon = self._day.quarters // 2
        for quarter in range(1, self._day.quarters):
            time.sleep(max(0.0, begun + quarter * self._day.seconds - time.monotonic()))
            if quarter in {round(self._day.quarters * _WARM), noon + 1}:
                self._weigh()
            if quarter <= noon:
                self._board.steps += 1
                if quarter % _NEWS_EVERY == 0:
                    self._publish()
                elif quarter % _NEWS_EVERY == _NEWS_EVERY // 2:
                    self._change_media(form)
                self._board.steps += 1
            if quarter == noon:
                self._revoke()
        self._weigh()

    def _weigh(self) -> None:
        self.outcome.memory.append(machine.memory_mb(self._server.number))

    def _publish(self) -> None:
        version, media = self._board.version + 1, homes.villages(self._board.media)
        self._office.publish(homes.workbook(version), media={homes.VILLAGES: media})
        self._board.version = version
        self.outcome.versions += 1

    def _change_media(self, form: Form) -> None:
        state = self._board.media + 1
        self._office.put_attachment(form, homes.VILLAGES, homes.villages(state))
        self._board.media = state
        self.outcome.media += 1

    def _revoke(self) -> None:
        self._carriers[0].revoking = True
        self._office.revoke(self._given[0])
        self._carriers[0].revoked = True

    def _look(self) -> None:
        """Compare what the phones say was sent with what is kept."""
        for carrier in self._carriers:
            carrier.line.close()
        out = self.outcome
        every = [sending for carrier in self._carriers for sending in carrier.every]
        out.sent = sum(sending.done for sending in every)
        out.unsent = sum(not sending.done for sending in every)
        out.faults += [
            f"{sending.instance_id} is still on the phone"
            for carrier in self._carriers[1:]
            for sending in carrier.every
            if not sending.done
        ]
        with self._office.app.app_context():
            books = Books(db.session(), self._office.parts.blobs, homes.FORM_ID)
            looked = books.compare(every)
            out.faults += looked.faults + books.strays(known={one.instance_id for one in every})
            out.faults += books.blob_faults(set())
            out.records, out.kept, out.files = books.fingerprints()["/"][0], looked.whole, looked.files
            db.session.remove()
        out.faults += [f"left in incoming: {path}" for path in self._left_over()]

    def _left_over(self) -> list[str]:
        """What lies in the staging folder once the server has noticed that the last lines are dead."""
        until = time.monotonic() + _NOTICES_WITHIN
        # Beside the folder of files, where those lie in a bucket.
        folders = [folder / "incoming" for folder in (self._server.home, self._server.home / "blobs")]
        while (
            found := [path.name for folder in folders for path in folder.glob("*")]
        ) and time.monotonic() < until:
            time.sleep(0.1)
        return found


def prove(folder: Path, day: Day, database_url: str = "") -> Outcome:
    """Live through the day with a server in `folder`; the server is gone afterwards."""
    server = Running(folder / "home", database_url)
    try:
        server.start()
        return Proof(server, day).run()
    finally:
        server.stop()


def main() -> None:
    """Prove, and exit with 1 when anything was lost, doubled, refused or leaked."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("phones", nargs="?", type=int, default=50)
    asked.add_argument("--hours", type=float, default=24)
    asked.add_argument("--quarter", type=float, default=2.0)
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--seed", type=int, default=20260803)
    told = asked.parse_args()
    day = Day(told.phones, round(told.hours * 4), told.quarter, seed=told.seed)
    with tempfile.TemporaryDirectory() as name:
        if told.postgresql:
            with fresh_postgresql() as url:
                out = prove(Path(name), day, url)
        else:
            out = prove(Path(name), day)
    first, noon, last = out.memory
    if last > noon * _GROWTH:
        out.faults.append(f"memory grew from {noon:.0f} to {last:.0f} MB in the afternoon")
    for fault in out.faults[:50]:
        print(f"FAULT {fault}")
    print(
        f"{day.phones} phones × {day.quarters} quarters of an hour on "
        f"{'PostgreSQL' if told.postgresql else 'SQLite'}: {out.syncs} syncs; {out.sent} forms sent, "
        f"{out.kept} kept in {out.records} records with {out.files} files ({out.unsent} left on the phone "
        f"that lost its access); {out.drops} lines lost, {out.again} forms sent again; {out.versions} new "
        f"versions, {out.media} new media; memory {first:.0f} MB, at noon {noon:.0f} MB, at the end "
        f"{last:.0f} MB; faults: {len(out.faults)}"
    )
    sys.exit(1 if out.faults else 0)


if __name__ == "__main__":
    main()
