"""The tables of a form can be made again from the stored bytes, and come out the same.

Why: the tables are what lists, files and figures are read from; only the bytes are the record.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, text

from collector.actions.incoming import Address as To
from collector.actions.incoming import Delivery, Sender
from storage.database import transaction
from storage.models import Form
from storage.problems import RebuildOvertaken
from storage.projection import rebuild
from storage.projection.rebuild import Rebuild
from tests.asked import answered, asked
from tests.kept import findings, looking, record, rows
from tests.office import NOW, Office

FIRST = (
    "head built:int place:geopoint seen:dateTime house*/name house*/member*/age:int house*/member*/pet*/kind"
)
SECOND = FIRST.replace("built:int", "built:string") + " income:decimal house*/roof"
TABLES = ["", "/house", "/house/member", "/house/member/pet"]


def house(name: str, *ages: str) -> str:
    """A house and its people; each of them has a pet of every kind named after an age, `30:dog:cat`."""
    people = ""
    for age in ages:
        years, *pets = age.split(":")
        inner = "".join(f"<pet><kind>{pet}</kind></pet>" for pet in pets)
        people += f"<member><age>{years}</age>{inner}</member>"
    return f"<house><name>{name}</name>{people}</house>"


ANSWERS = {
    "uuid:plain": (
        "1",
        "<head>A</head><built>1990</built><place>21.5 105.1 3 4</place>" + house("x", "30:dog:cat"),
    ),
    "uuid:zeros": ("1", "<head>B</head><built>007</built>" + house("x", "09") + house("y", "5", "6:cow")),
    "uuid:odd": ("1", "<head/><built>mười</built><seen>hôm qua</seen><place>99 99</place><stray>?</stray>"),
    "uuid:newer": ("2", "<built>khoảng 1990</built><income>1.0E7</income>" + house("z", "1:a:b:c", "2:d")),
    "uuid:bare": ("2", ""),
}


class Archive:
    """A form with answers of two versions, one of them edited."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.form = office.publish(asked("house", "1", FIRST), filename="house.xml")
        self.send(*(one for one, (version, _) in ANSWERS.items() if version == "1"))
        self.office.publish(asked("house", "2", SECOND), filename="house.xml")
        self.send(*(one for one, (version, _) in ANSWERS.items() if version == "2"))
        self.edit("uuid:zeros", "uuid:zeros-2", "<head>B2</head><built>0090</built>" + house("w", "8"))

    def send(self, *instance_ids: str) -> None:
        for one in instance_ids:
            version, answers = ANSWERS.get(one, ("1", f"<head>{one}</head>" + house("n", "12:hen")))
            self._receive(answered("house", version, answers, instance_id=one))

    def edit(self, old: str, new: str, answers: str) -> None:
        self._receive(answered("house", "1", answers, instance_id=new, replaces=old))

    def _receive(self, xml: bytes) -> None:
        with self.office.app.app_context():
            self.office.parts.intake.receive(Delivery(xml, {}, Sender(), NOW), To((1,)))

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table, and every finding, whatever the tables are called."""
        found: dict[str, list[Any]] = {path: rows(self.office, self.form, path) for path in TABLES}
        with looking(self.office) as session:
            found["findings"] = sorted(
                map(
                    tuple,
                    session.execute(
                        text('SELECT submission_id, "check", path, key, value, created_at FROM findings')
                    ).all(),
                )
            )
        return found

    def physical(self) -> set[str]:
        """The names of the tables there are for answers."""
        with looking(self.office) as session:
            names = inspect(session.connection()).get_table_names()
        return {name for name in names if name.startswith("d") and name[1].isdigit()}

    def rebuild(self, progress: Any = lambda _done, _all: None) -> int:
        with self.office.app.app_context():
            return Rebuild(self.form.id, self.office.parts.blobs).run(progress)


@pytest.fixture
def archive(office: Office, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Rebuilt in batches of two."""
    monkeypatch.setattr(rebuild, "_BATCH", 2)
    monkeypatch.setattr(rebuild, "_FEW", 1)
    return Archive(office)


def test_a_rebuild_makes_the_same_tables(archive: Archive) -> None:
    assert archive.rebuild() == 5
    before, tables = archive.dump(), archive.physical()
    assert [len(before[path]) for path in TABLES] == [5, 3, 4, 6]
    assert archive.rebuild() == 5
    assert archive.dump() == before
    assert archive.physical() != tables
    assert len(archive.physical()) == len(tables)
    archive.send("uuid:after")
    assert len(archive.dump()[""]) == 6


def test_what_became_text_comes_back_as_it_was_sent(archive: Archive) -> None:
    def built() -> dict[Any, Any]:
        return {row["key"]: row["/built"] for row in rows(archive.office, archive.form)}

    assert built()["uuid:plain"] == "1990"
    archive.rebuild()
    assert built() == {
        "uuid:plain": "1990",
        "uuid:zeros": "0090",
        "uuid:odd": "mười",
        "uuid:newer": "khoảng 1990",
        "uuid:bare": None,
    }
    number = record(archive.office, "uuid:odd").id
    assert [one[:2] for one in findings(archive.office, number)] == [
        ("value_unreadable", "/seen"),
        ("value_unreadable", "/place"),
        ("unknown_question", "/stray"),
    ]


def test_what_arrives_meanwhile_is_not_lost(archive: Archive) -> None:
    numbers = iter(range(100))

    def meanwhile(_done: int, _all: int) -> None:
        number = next(numbers)
        archive.send(f"uuid:late-{number}a", f"uuid:late-{number}b")
        archive.edit(
            "uuid:odd" if number == 0 else f"uuid:odd-{number - 1}", f"uuid:odd-{number}", "<head>E</head>"
        )

    archive.rebuild(meanwhile)
    sent = next(numbers)
    assert sent >= 2
    met = archive.dump()
    assert len(met[""]) == 5 + 2 * sent
    assert [row["/head"] for row in met[""] if row["key"] == "uuid:odd"] == ["E"]
    assert findings(archive.office, record(archive.office, "uuid:odd").id) == []
    archive.rebuild()
    assert archive.dump() == met


def test_who_learnt_before_what_the_tables_are_called_may_still_ask_them_for_a_moment(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = archive.physical()
    found: list[int] = []

    def meanwhile(_seconds: float) -> None:
        # On SQLite nobody is waited for: he sees the old state whole.
        with looking(archive.office) as session:
            found.extend(session.scalars(text(f'SELECT count(*) FROM "{one}"')).one() for one in known)

    monkeypatch.setattr("storage.projection.rebuild.time.sleep", meanwhile)
    archive.rebuild()
    assert len(found) == (len(known) if "postgresql" in archive.office.settings.database_url else 0)
    assert archive.physical().isdisjoint(known)


def test_a_version_published_meanwhile_makes_it_start_over(archive: Archive) -> None:
    published: list[Form] = []

    def meanwhile(_done: int, _all: int) -> None:
        if not published:
            third = asked("house", "3", SECOND + " phone boat*/length:decimal")
            published.append(archive.office.publish(third, filename="house.xml"))
            ANSWERS["uuid:third"] = ("3", "<phone>0912</phone><boat><length>3.5</length></boat>")
            archive.send("uuid:third")

    assert archive.rebuild(meanwhile) == 6
    assert [row["/phone"] for row in rows(archive.office, archive.form)][-1] == "0912"
    assert [row["/boat/length"] for row in rows(archive.office, archive.form, "/boat")] == [3.5]
    assert len(archive.physical()) == 5


def test_a_form_published_again_and_again_is_left_as_it_is(archive: Archive) -> None:
    versions = iter(range(10, 100))
    before = archive.dump()

    def meanwhile(_done: int, _all: int) -> None:
        archive.office.publish(asked("house", str(next(versions)), SECOND), filename="house.xml")

    with pytest.raises(RebuildOvertaken):
        archive.rebuild(meanwhile)
    assert archive.dump() == before
    assert len(archive.physical()) == 4


def test_what_a_killed_rebuild_left_is_removed_by_the_next(archive: Archive) -> None:
    class Killed(BaseException):
        """Nobody catches it."""

    def die(_done: int, _all: int) -> None:
        raise Killed

    with archive.office.app.app_context(), transaction() as session:
        session.execute(text(f"CREATE TABLE d{archive.form.id}_1g2p1 (a INTEGER)"))
        session.execute(text(f"CREATE TABLE d{archive.form.id}1_1g2 (a INTEGER)"))
    with pytest.raises(Killed):
        archive.rebuild(die)
    archive.rebuild()
    assert {
        name for name in archive.physical() if name.startswith(f"d{archive.form.id}_")
    } < archive.physical()
    assert f"d{archive.form.id}1_1g2" in archive.physical()
    assert len(archive.physical()) == 5
