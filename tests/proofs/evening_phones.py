"""Thousands of phones that cost little: one loop, plain connections, requests built when they are wanted."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.javarosa.attachments import content
from tests.proofs import household, load

_PHOTO = "1700000000000.jpg"
_PATIENCE = 300.0
"""Seconds a phone waits for one answer on a machine with much other work."""
_HEARD = 500
"""Bytes of an answer within which its line breaks."""
_CREATED, _LATER = 201, 503


class Broken(ConnectionError):
    """A line broke, on purpose or by the server."""


@dataclass
class Evening:
    """What all phones did: milliseconds by kind of request, what has to be kept, and what went wrong.

    `sent` holds for every instance id the digests of its XML and of its photo, and how many members it names.
    """

    dropped: float
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    breaks: Counter[str] = field(default_factory=Counter)
    later: int = 0
    done: int = 0
    faults: list[str] = field(default_factory=list)


class Line:
    """The connection of a phone, opened when something is asked and kept open after it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, cut: random.Random | None = None) -> int:
        """The status of an answer that was read to its end. With `cut` the line breaks: raises Broken."""
        try:
            async with asyncio.timeout(_PATIENCE):
                if self._pair is None:
                    self._pair = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._pair
                if cut is not None:
                    await self._break_off(request, cut)
                writer.write(request)
                await writer.drain()
                return await _answer(reader, bodiless=request.startswith(b"HEAD "))
        except Broken:
            self.close()
            raise
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Broken("server's") from error

    async def _break_off(self, request: bytes, dice: random.Random) -> None:
        assert self._pair is not None
        reader, writer = self._pair
        if dice.random() < 0.5:
            writer.write(request[: dice.randrange(len(request))])
            await writer.drain()
            raise Broken("request")
        writer.write(request)
        await writer.drain()
        heard = dice.choice((0, dice.randrange(1, _HEARD)))
        if heard:
            await reader.read(heard)
        raise Broken("answer")

    def close(self) -> None:
        """Hang up at once."""
        if self._pair is not None:
            self._pair[1].transport.abort()
            self._pair = None


async def _answer(reader: asyncio.StreamReader, *, bodiless: bool) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if bodiless or status in {204, 304}:
        return status
    if b"\r\ntransfer-encoding: chunked" in head:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        await reader.readexactly(int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n")[0]))
    return status


class Phone:
    """A volunteer's phone on its evening: it looks for news, then sends the day's forms."""

    def __init__(self, port: int, path: str, evening: Evening, seed: float) -> None:
        self._path = path
        self._evening = evening
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._line = Line(port)

    async def live(self, form: str, forms: int) -> None:
        """Everything until nothing waits on the phone; `form` is one that reads an entity list."""
        for kind, path in (
            ("form list", "/formList"),
            ("manifest", f"/forms/{form}/manifest"),
            ("entity list", f"/forms/{form}/attachments/households.csv"),
        ):
            await self._until_heard(kind, load.get(f"{self._path}{path}?deviceID=collect%3Aevening"), 200)
        for _ in range(forms):
            await self._send()
        self._line.close()
        self._evening.done += 1

    async def _send(self) -> None:
        where = f"{self._path}/submission?deviceID=collect%3Aevening"
        head = load.get(where).replace(b"GET ", b"HEAD ", 1)
        xml = household.answered(self._dice, photo=_PHOTO)
        own = xml.partition(b"<orx:instanceID>")[2].partition(b"<")[0].decode()
        photo = content(_PHOTO, of=own, size=self._dice.randrange(40_000, 160_000))
        digests = (hashlib.sha256(xml).hexdigest(), hashlib.sha256(photo).hexdigest())
        self._evening.sent[own] = (*digests, xml.count(b"<member>"))
        post = load.post(where, load.multipart(xml, {_PHOTO: photo}))
        # Collect asks before each sending; when the sending fails it begins with the question again.
        while True:
            await self._until_heard("question before sending", head, 204)
            if await self._heard("submission with a photo", post, _CREATED):
                return

    async def _until_heard(self, kind: str, request: bytes, wanted: int) -> None:
        heard = False
        while not heard:
            heard = await self._heard(kind, request, wanted)

    async def _heard(self, kind: str, request: bytes, wanted: int) -> bool:
        """Whether the answer came that a phone goes on with."""
        evening = self._evening
        cut = self._dice if self._dice.random() < evening.dropped else None
        begun = time.perf_counter()
        try:
            status = await self._line.ask(request, cut)
        except Broken as broken:
            evening.breaks[str(broken)] += 1
            return False
        if status == _LATER:
            evening.later += 1
            return False
        evening.took[kind].append((time.perf_counter() - begun) * 1000)
        if status != wanted:
            evening.faults.append(f"{kind}: answered {status}")
        return True


async def spend(
    phones: list[tuple[Phone, float]], form: str, *, forms: int, at_once: int, pace: float = 0.0
) -> None:
    """All phones in the order they come; at most so many are in hand at the same time.

    Each comes with its moment in seconds; with a `pace` of 1 they come at those, with 0 as soon as one of
    those before is done.
    """
    room = asyncio.Semaphore(at_once)
    begun = time.monotonic()

    async def one(phone: Phone) -> None:
        try:
            await phone.live(form, forms)
        finally:
            room.release()

    async with asyncio.TaskGroup() as group:
        for phone, moment in sorted(phones, key=lambda pair: pair[1]):
            await asyncio.sleep(max(0.0, begun + moment * pace - time.monotonic()))
            await room.acquire()
            group.create_task(one(phone))
