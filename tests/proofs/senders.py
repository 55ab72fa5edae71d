"""Phones that send all at once until their server falls over, and remember what they were told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from tests.phone import Phone, PhoneComplains
from tests.phone_upload import Upload, instance_name, uploads
from tests.proofs import homes
from tests.proofs.cutting import cut
from tests.proofs.homes import Habits, Sending

_NEW, _AGAIN, _EDIT = 0.6, 0.1, 0.15
"""Shares of what a phone does next; in the rest of the cases it goes back to what was not answered."""
_TWICE = 0.1
"""Share of requests that arrive twice at the same moment, as OkHttp sends some by itself."""

_LATER = 0.7
"""Share of phones that come back later after a line broke; the others send again at once."""


@dataclass
class Ledger:
    """Everything phones ever sent. A household is in one hand at a time, as on a phone."""

    form_version: int = 1
    habits: Habits = field(default_factory=Habits)
    every: list[Sending] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    acknowledged: int = 0
    later: int = 0
    cuts: int = 0
    _newest: list[Sending] = field(default_factory=list)
    _waiting: list[Sending] = field(default_factory=list)
    _touched: dict[str, Sending] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, dice: random.Random) -> Sending:
        """What a phone sends next; the caller gives it back."""
        chance = dice.random()
        with self._lock:
            sending = self._taken(dice, chance)
            if sending is None:
                sending = homes.filled(dice, self.form_version, habits=self.habits)
                self.every.append(sending)
            self._touched[sending.instance_id] = sending
        return sending

    def _taken(self, dice: random.Random, chance: float) -> Sending | None:
        if chance < _NEW:
            return None
        if chance < _NEW + _AGAIN + _EDIT:
            if not self._newest:
                return None
            known = self._newest.pop(dice.randrange(len(self._newest)))
            if chance < _NEW + _AGAIN:
                return known
            edit = homes.filled(dice, self.form_version, replaces=known, habits=self.habits)
            self.every.append(edit)
            return edit
        return self._waiting.pop(dice.randrange(len(self._waiting))) if self._waiting else None

    def give_back(self, sending: Sending) -> None:
        """Sent, or to be tried again."""
        with self._lock:
            (self._newest if sending.done else self._waiting).append(sending)

    def note(self, sending: Sending, number: int) -> None:
        """A request got its 201."""
        with self._lock:
            sending.answered.add(number)
            self.acknowledged += 1

    def refuse(self, sentence: str) -> None:
        """A request got another answer than 201, which none of these deserves."""
        with self._lock:
            self.refused.append(sentence)

    def put_off(self) -> None:
        """A request was told to come again later."""
        with self._lock:
            self.later += 1

    def lose(self) -> None:
        """A line broke on purpose."""
        with self._lock:
            self.cuts += 1

    def touched(self) -> list[Sending]:
        """What was sent since the last time this was asked, with what it edits."""
        with self._lock:
            found, self._touched = self._touched, {}
        for sending in list(found.values()):
            if sending.replaces is not None:
                found[sending.replaces.instance_id] = sending.replaces
        return list(found.values())


class Crowd:
    """Phones in threads of their own, each sending one household after the other.

    `cut` is the share of requests whose line breaks at a random byte; `later` whether the server may tell
    phones to come again later (503) instead of taking what they bring.
    """

    def __init__(
        self,
        addresses: list[str],
        ledger: Ledger,
        dice: random.Random,
        *,
        cut: float = 0.0,
        later: bool = False,
    ) -> None:
        self._ledger = ledger
        self._cut = cut
        self._later = later
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(address, dice.random())) for address in addresses
        ]
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Wait until all phones have noticed that nobody answers, or finished what they were at."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, address: str, seed: float) -> None:
        dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        with requests.Session() as session, requests.Session() as other, ThreadPoolExecutor(1) as twin:
            pair = (Phone(address, session=session), Phone(address, session=other))
            while not self._stop.is_set():
                sending = self._ledger.take(dice)
                try:
                    if not self._broken(address, sending, dice):
                        self._send(pair, sending, twin if dice.random() < _TWICE else None)
                except OSError:
                    # No answer: the phone tries again later, as after every loss of signal.
                    time.sleep(0.1)
                except PhoneComplains as complaint:
                    if self._later and complaint.status == requests.codes.unavailable:
                        self._ledger.put_off()
                    else:
                        self._ledger.refuse(f"{sending.instance_id}: {complaint.status} {complaint}")
                    time.sleep(0.02)
                finally:
                    self._ledger.give_back(sending)

    def _broken(self, address: str, sending: Sending, dice: random.Random) -> bool:
        """Whether the line broke, and in such a way that the phone only comes back later."""
        if dice.random() >= self._cut:
            return False
        several = requests_of(sending)
        number = dice.randrange(len(several))
        sending.begun.add(number)
        self._ledger.lose()
        cut(address, several[number](), dice)
        return dice.random() < _LATER

    def _send(self, pair: tuple[Phone, Phone], sending: Sending, twin: ThreadPoolExecutor | None) -> None:
        phone, other = pair
        phone.head_submission()
        for number, make in enumerate(requests_of(sending)):
            sending.begun.add(number)
            second = twin.submit(other.post, make()) if twin is not None else None
            try:
                phone.post(make())
                self._ledger.note(sending, number)
            finally:
                if second is not None:
                    second.exception()


def requests_of(sending: Sending) -> list[Callable[[], Upload]]:
    """What makes the body of each request, as often as it is wanted."""
    name = instance_name(homes.TITLE, time.localtime())

    def maker(number: int) -> Callable[[], Upload]:
        return lambda: uploads(sending.xml, sending.files(), xml_name=name, limit=sending.limit)[number][1]

    return [maker(number) for number in range(len(sending.requests))]
