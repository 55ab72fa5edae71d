"""A household form with pictures for each member, in versions, and phones' answers to it.

Why: what can go half wrong in storing shows only where a record has several tables, several files, more
than one request, and edits.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tests.javarosa.attachments import content
from tests.phone_upload import batches

FORM_ID = "proof_home"
TITLE = "Hộ gia đình"
VILLAGES = "villages.csv"
_NAMES = ("Lò Văn Pỉnh", "Giàng A Sử", "Nguyễn Thị Hạnh", "Vàng Thị Mỷ", "H'Hen & con", "Đinh <Bé>")
_SKILLS = ("", "read", "write", "read write", "write count read")


def workbook(version: int) -> str:
    """The form as a markdown workbook; each version asks one question more than the one before."""
    added = "\n".join(f"| | text | added_{number} | Added {number} |" for number in range(2, version + 1))
    return f"""
| survey |
| | type | name | label |
| | start | start | |
| | end | end | |
| | select_one_from_file {VILLAGES} | village | Thôn |
| | begin_group | home | Nhà |
| | text | head | Chủ hộ |
| | time | asked_at | Giờ |
| | geopoint | gps | Vị trí |
| | image | front | Ảnh nhà |
| | end_group | | |
| | begin_repeat | member | Người |
| | text | name | Tên |
| | integer | born | Năm sinh |
| | decimal | income | Thu nhập |
| | date | seen | Ngày gặp |
| | select_multiple skills | skills | Biết |
| | image | face | Ảnh |
| | begin_repeat | course | Lớp học |
| | text | title | Tên lớp |
| | integer | lessons | Buổi |
| | end_repeat | | |
| | end_repeat | | |
| | text | remarks | Ghi chú |
{added}
| choices |
| | list_name | name | label |
| | skills | read | đọc |
| | skills | write | viết |
| | skills | count | tính |
| settings |
| | form_title | form_id | version |
| | {TITLE} | {FORM_ID} | {version} |
"""


def villages(state: int) -> bytes:
    """The list of villages; another `state` is another file."""
    return "".join((
        "name,label\n",
        *(f"v{number},Bản {number} – {state}\n" for number in range(1, 41)),
    )).encode()


@dataclass
class Sending:
    """One finalised form on a phone: its bytes, and what became of each request it takes to send it.

    `begun` and `answered` hold the numbers of requests that were sent at all, and that got their 201;
    `sizes` are the files by name, in the order they go.
    """

    instance_id: str
    root_id: str
    version: int
    xml: bytes
    sizes: Mapping[str, int]
    limit: int
    replaces: Sending | None = None
    begun: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)

    @cached_property
    def requests(self) -> list[list[str]]:
        """The names of the files that go with each request."""
        return batches(self.xml, {name: self.file(name) for name in self.sizes}, self.limit)

    @property
    def done(self) -> bool:
        """Whether the phone would call it sent."""
        return len(self.answered) == len(self.requests)

    def file(self, name: str) -> bytes:
        """The bytes of a file; an edit sends those of the first version again."""
        return content(name, of=self.root_id, size=self.sizes[name])

    def files(self) -> dict[str, bytes]:
        """All files by name, in the order they are sent."""
        return {name: self.file(name) for name in self.sizes}


@dataclass(frozen=True, slots=True)
class Habits:
    """How large what a phone sends is: bytes of the largest picture, share of forms with very long text."""

    picture: int = 120_000
    long_text: float = 0.03


def filled(
    dice: random.Random, version: int, *, replaces: Sending | None = None, habits: Habits = Habits()
) -> Sending:
    """A household answered, or an edit of one: some pictures stay, some go, some are new."""
    own = f"uuid:{uuid.UUID(int=dice.getrandbits(128), version=4)}"
    root = own if replaces is None else replaces.root_id
    version = version if replaces is None else replaces.version
    members = dice.randint(0, 6)
    kept = [] if replaces is None else [name for name in replaces.sizes if dice.random() < 0.7]
    fresh = [f"{own[5:13]}-{number}.jpg" for number in range(dice.choice((0, 1, 1, 2, members + 1)))]
    named = (kept + fresh)[: members + 1]
    before = {} if replaces is None else replaces.sizes
    sizes = {name: before.get(name, 0) or dice.randint(200, habits.picture) for name in named}
    xml = _xml(dice, version, (own, replaces), [*named, *[""] * (members + 1 - len(named))], habits)
    limit = dice.choice((100_000_000, 100_000_000, 80_000, 200_000))
    return Sending(own, root, version, xml, sizes, limit, replaces)


def _xml(
    dice: random.Random,
    version: int,
    identity: tuple[str, Sending | None],
    pictures: list[str],
    habits: Habits,
) -> bytes:
    front, *faces = pictures
    own, replaces = identity
    deprecated = "" if replaces is None else f"<deprecatedID>{replaces.instance_id}</deprecatedID>"
    long = dice.random() < habits.long_text
    remarks = "một hai ba " * dice.randint(25_000, 40_000) if long else dice.choice(("", "xa &amp; cao"))
    added = "".join(f"<added_{n}>{_name(dice)}</added_{n}>" for n in range(2, version + 1))
    return (
        f'<?xml version=\'1.0\' ?><data id="{FORM_ID}" version="{version}" '
        'xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">'
        f"<start>2026-08-03T0{dice.randint(1, 9)}:00:00.000+07:00</start>"
        f"<end>2026-08-03T1{dice.randint(0, 9)}:25:00.{dice.randint(100, 999)}+07:00</end>"
        f"<village>v{dice.randint(1, 40)}</village><home><head>{_name(dice)}</head>"
        f"<asked_at>0{dice.randint(0, 9)}:15:00.000+07:00</asked_at>"
        f"<gps>22.{dice.randint(1, 999)} 104.{dice.randint(1, 999)} {dice.randint(0, 900)}.0 4.5</gps>"
        f"{_picture('front', front)}</home>{''.join(_member(dice, face) for face in faces)}"
        f"<remarks>{remarks}</remarks>{added}"
        f"<orx:meta>{deprecated}<orx:instanceID>{own}</orx:instanceID></orx:meta></data>"
    ).encode()


def _name(dice: random.Random) -> str:
    return dice.choice(_NAMES).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _picture(question: str, name: str) -> str:
    return f"<{question}>{name}</{question}>" if name else f"<{question} />"


def _member(dice: random.Random, face: str) -> str:
    courses = "".join(
        f"<course><title>{_name(dice)}</title><lessons>{dice.randint(1, 90)}</lessons></course>"
        for _ in range(dice.choice((0, 0, 1, 3)))
    )
    return (
        f"<member><name>{_name(dice)}</name><born>{dice.randint(1930, 2026)}</born>"
        f"<income>{dice.choice(('1.0E7', '0.0', '1250.5', ''))}</income>"
        f"<seen>2026-0{dice.randint(1, 9)}-1{dice.randint(0, 9)}</seen>"
        f"<skills>{dice.choice(_SKILLS)}</skills>"
        f"{_picture('face', face)}{courses}</member>"
    )
