"""Households given out and drawn for a second visit: who, how many, again the same, taken back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from collector.accounts.permissions import REVIEWER, VIEWER
from collector.cli import main
from forms.sampling import drawn, how_many
from storage.database import db, transaction
from storage.models import Entity, EntityList, EntityStamp, EntityVersion, SubmissionVersion
from tests.asked import answered, asked
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import settle
from tests.office import NOW, GivenPhone, Office

FORM = asked("house", "1", "head age:int")
SIZES = {"08926-001": 100, "08926-002": 7, "08953-001": 2}
"""Villages to how many households they have; every second one of the first is surveyed, all others are."""

SHARES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 3, 60: 3, 61: 4, 80: 4, 81: 5, 100: 5, 1000: 50}


def test_five_percent_are_drawn_and_at_least_three() -> None:
    assert {size: how_many(size) for size in SHARES} == SHARES


def test_a_seed_draws_the_same_whatever_the_order() -> None:
    several = [str(number) for number in range(200)]
    first = drawn("a", "08926-001", several)
    assert first == drawn("a", "08926-001", reversed(several))
    assert len(first) == 10
    assert first != drawn("b", "08926-001", several)
    assert first != drawn("a", "08926-002", several)
    # One household more moves hardly any of the others.
    assert len(set(first) & set(drawn("a", "08926-001", [*several, "new"]))) >= 9


@pytest.fixture
def enumerator(office: Office) -> GivenPhone:
    """Who surveyed all of the households below."""
    settle(office)
    form = office.publish(FORM, filename="house.xml")
    given = office.phone("Lò Thị Mỷ")
    Volunteer(office, given, form=form).send(answered("house", "1", "<head>A</head>", instance_id="uuid:1"))
    with office.app.app_context(), transaction() as session:
        [version] = session.query(SubmissionVersion).all()
        where = EntityList(project_id=1, name="households", created_at=NOW)
        session.add(where)
        session.flush()
        for village, size in SIZES.items():
            for number in range(size):
                visited = village != "08926-001" or number % 2 == 0
                _household(session, where.id, village, number, version.id if visited else None)
    return given


def _household(session: Any, list_id: int, village: str, number: int, version_id: int | None) -> None:
    one = Entity(
        list_id=list_id,
        uuid=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{village} {number}")),
        label=f"Hộ {number:03}",
        place_code=village,
        created_at=NOW,
    )
    session.add(one)
    session.flush()
    session.add(
        EntityVersion(
            entity_id=one.id,
            version=1,
            label=one.label,
            submission_version_id=version_id,
            created_at=NOW,
        )
    )


def marks(office: Office, name: str = "recheck") -> dict[str, list[str]]:
    """The labels of the households that carry a computed property, by village."""
    with office.app.app_context():
        found: dict[str, list[str]] = {}
        for one in db.session.query(Entity).order_by(Entity.label):
            if one.computed.get(name):
                found.setdefault(one.place_code or "", []).append(one.label)
        return found


def draw(reader: Reader, **more: str) -> Page:
    return reader.send("/households/sample", {"place": "08926", "since": "2026-01-01", **more})


@pytest.mark.usefixtures("enumerator")
def test_a_sample_is_drawn_village_by_village(office: Office) -> None:
    reader = Reader(office)
    shown = draw(reader, seed="abc", to=str(office.phone("Giám sát").actor_id))
    first = marks(office)
    assert {village: len(several) for village, several in first.items()} == {"08926-001": 3, "08926-002": 3}
    # Only surveyed ones: the even numbers of the first village.
    assert all(int(label[-1]) % 2 == 0 for label in first["08926-001"])
    assert "6 of 57 surveyed households" in shown.main
    assert "Supervisor: Giám sát" in shown.main
    assert shown.texts("//tbody/tr/td[4]") == ["Lò Thị Mỷ"] * 6
    assert marks(office, "recheck_by").keys() == first.keys()
    assert marks(office, "enumerator") == first, "so that he is not asked to recheck his own"
    draw(reader, seed="other")
    assert marks(office) != first
    draw(reader, seed="abc")
    assert marks(office) == first
    with office.app.app_context():
        stamps = {one.commune_code for one in db.session.query(EntityStamp)}
        versions = {one.version for one in db.session.query(Entity).where(Entity.place_code == "08926-001")}
    assert stamps == {"08926"}
    assert max(versions) > 1, "a phone takes up an entity only under a new number"


@pytest.mark.usefixtures("enumerator")
def test_a_draw_is_taken_back(office: Office) -> None:
    reader = Reader(office)
    draw(reader, seed="abc")
    first = marks(office)
    second = draw(reader, seed="other")
    [undo] = [str(one.get("action")) for one in second.find("//form[contains(@action, '/undo')]")]
    assert "as before" in reader.send(undo).text
    assert marks(office) == first
    assert reader.post(undo).status_code in {404, 409}


@pytest.mark.usefixtures("enumerator")
def test_only_what_was_surveyed_since_a_day_is_drawn(office: Office) -> None:
    shown = draw(Reader(office), since=(NOW + timedelta(days=2)).date().isoformat())
    assert "0 of 0 surveyed households" in shown.main


def test_the_supervisor_is_told_of_his_own_households(office: Office, enumerator: GivenPhone) -> None:
    shown = draw(Reader(office), seed="abc", to=str(enumerator.actor_id))
    assert "6 of these households were surveyed by the supervisor himself" in shown.main


def test_villages_are_given_out_and_taken_back(office: Office, enumerator: GivenPhone) -> None:
    reader, other = Reader(office), office.phone("Giàng A Páo")
    page = reader.page("/households?place=08926")
    assert page.texts("//table[.//th='Village']//tbody//th") == ["Thôn Nà Tông", "Bản Pho", "Bản Pho Mới"]
    told = reader.send(
        "/households/assign",
        {"place": "08926", "village": ["08926-001", "08926-002"], "to": str(other.actor_id), "free": "1"},
    )
    assert "107 households are given out." in told.text
    assert {village: len(several) for village, several in marks(office, "enumerator").items()} == {
        "08926-001": 100,
        "08926-002": 7,
    }
    rows = {
        row[0]: row[1:]
        for row in (
            [" ".join(cell.text_content().split()) for cell in line]
            for line in reader.page("/households?place=08926").find(
                "//section[@aria-labelledby='people']//tbody/tr"
            )
        )
    }
    assert rows == {"Giàng A Páo": ["107", "57 (53 %)", "0"], "Lò Thị Mỷ": ["0", "0", "57"]}
    # What somebody has already is left to him.
    again = {"place": "08926", "village": "08926-002", "to": str(enumerator.actor_id), "free": "1"}
    assert "Tick at least one village" in reader.refused("/households/assign", again).main
    one = str(uuid.uuid5(uuid.NAMESPACE_OID, "08926-002 3"))
    reader.send(
        "/households/assign", {"place": "08926-002", "household": one, "to": str(enumerator.actor_id)}
    )
    village = reader.page("/households?place=08926-002")
    assert village.texts("//tbody/tr/td[2]")[:7].count("Lò Thị Mỷ") == 1
    [link] = [href for href in reader.page("/households").links() if href.endswith("/households/batches/1")]
    [undo] = [
        str(form.get("action")) for form in reader.page(link).find("//form[contains(@action, '/undo')]")
    ]
    reader.send(undo)
    assert marks(office, "enumerator") == {}


@pytest.mark.usefixtures("enumerator")
def test_places_are_found_by_name(office: Office) -> None:
    reader = Reader(office)
    assert reader.page("/households?where=muong lai").texts("//h1") == ["Xã Mường Lai"]
    assert "several places “Bản Pho”" in reader.page("/households?where=Bản Pho").main
    # Only communes whose households are known are offered.
    assert "Xã Tân Lĩnh" not in reader.page("/households").main


def test_before_the_first_survey_there_is_nothing_to_give(office: Office) -> None:
    settle(office)
    reader = Reader(office)
    assert "There are no households yet" in reader.page("/households?place=08926").main
    assert "no households here" in reader.refused("/households/sample", {"place": "08926"}, status=404).text
    assert reader.post("/households/assign", {"household": "x"}).status_code == 404


@pytest.mark.usefixtures("enumerator")
@pytest.mark.parametrize(("role", "seen", "done"), [(REVIEWER, 200, 303), (VIEWER, 403, 403)])
def test_commune_officers_do_this_themselves(office: Office, role: int, seen: int, done: int) -> None:
    reader = Reader(office, "can.bo", role)
    assert reader.get("/households?place=08926").status_code == seen
    assert reader.post("/households/sample", {"place": "08926", "since": "2026-01-01"}).status_code == done


@pytest.mark.usefixtures("enumerator")
def test_the_command_draws_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(Reader(office), seed="abc")
    first = marks(office)
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)
    line = ["sample", "--project", "1", "--place", "08926", "--since", "2026-01-01", "--seed", "abc"]
    done = CliRunner().invoke(main, line)
    assert (done.exit_code, done.output) == (0, "6 of 57 surveyed households drawn with seed abc.\n")
    assert marks(office) == first
    missing = CliRunner().invoke(main, ["sample", "--project", "1", "--place", "99"])
    assert (missing.exit_code, "no place with the code 99" in missing.output) == (1, True)
