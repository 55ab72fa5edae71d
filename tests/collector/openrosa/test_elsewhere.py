"""A phone works in some villages: what it sends of others is kept, but changes nothing that lies there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from storage.database import transaction
from storage.models import AppUser
from tests.asked import answered
from tests.collector.openrosa.lists import map_planted
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.kept import record
from tests.office import Office
from tests.registers import VISIT, Said, creation, known, new_uuid, outcome, update, visit
from tests.tree import HERE, HERE_VILLAGE, OLD_HERE, OTHER_VILLAGE, THERE_VILLAGE

HOUSEHOLD = """
| survey |
| | type | name | label | unit |
| | text | village_code | Thôn | place |
| | text | head | Chủ hộ | |
| settings |
| | form_id | version |
| | ho_dan | 1 |
"""
BRANCH = "5f3a1c58-9999-4aaa-8aaa-000000000001"


@dataclass
class Neighbours:
    """Two phones, each of one village, and who fills which form on them."""

    office: Office
    visits: dict[str, Volunteer]
    records: dict[str, Volunteer]

    def visited(self, whose: str, said: Said, **answers: str) -> str:
        """Send a visit; returns what became of its entities."""
        number = new_id()
        assert self.visits[whose].post(visit(said, number, **answers)).status_code == 201
        return outcome(self.office, number)[0]

    def record(self, whose: str, village: str, *, replaces: str | None = None) -> tuple[int, str]:
        """Send a record; returns the status and its id."""
        number = new_id()
        answers = f"<village_code>{village}</village_code><head>Giàng</head>"
        xml = answered("ho_dan", "1", answers, instance_id=number, replaces=replaces)
        return self.records[whose].post(xml).status_code, number

    def works_in(self, whose: str, *codes: str) -> None:
        """Give a phone other places."""
        with self.office.app.app_context(), transaction() as session:
            session.get_one(AppUser, self.visits[whose].given.actor_id).place_codes = list(codes)


@pytest.fixture
def neighbours(office: Office) -> Neighbours:
    map_planted(office)
    phones = {
        "here": office.phone("Ở đây", places=(HERE_VILLAGE,)),
        "there": office.phone("Ở kia", places=(THERE_VILLAGE,)),
        "everywhere": office.phone("Mọi nơi"),
    }
    visits, records = office.publish(VISIT), office.publish(HOUSEHOLD)
    return Neighbours(
        office,
        {name: Volunteer(office, given, form=visits) for name, given in phones.items()},
        {name: Volunteer(office, given, form=records) for name, given in phones.items()},
    )


def household(neighbours: Neighbours, village: str, by: str = "there") -> str:
    """A household of a village."""
    number = new_uuid()
    assert neighbours.visited(by, creation(number), head="Nhà A", village_code=village, size="4") == "done"
    return number


@pytest.mark.parametrize("village", [HERE_VILLAGE, THERE_VILLAGE])
def test_a_household_of_another_village_is_neither_changed_nor_taken(
    neighbours: Neighbours, village: str
) -> None:
    number = household(neighbours, THERE_VILLAGE)
    said = update(number, 1, label="Nhà B")
    assert neighbours.visited("here", said, head="Nhà B", village_code=village, size="9") == "failed"
    found = known(neighbours.office, number)
    assert (found.label, found.data["village_code"], found.version) == ("Nhà A", THERE_VILLAGE, 1)
    # Whoever works there, or everywhere, does change it.
    for one, base in (("there", 1), ("everywhere", 2)):
        said = update(number, base, label="Nhà B")
        assert neighbours.visited(one, said, head="Nhà B", village_code=THERE_VILLAGE, size="9") == "done"


def test_who_moved_a_household_away_goes_on_with_it(neighbours: Neighbours) -> None:
    number = household(neighbours, HERE_VILLAGE, "everywhere")
    moved = update(number, 1, trunk=1, branch=BRANCH, label="Nhà A")
    assert neighbours.visited("here", moved, head="Nhà A", village_code=THERE_VILLAGE, size="4") == "done"
    again = update(number, 2, trunk=1, branch=BRANCH, label="Nhà A")
    assert neighbours.visited("here", again, head="Nhà A", village_code=THERE_VILLAGE, size="5") == "done"
    late = update(number, 3, label="Nhà A")
    assert neighbours.visited("here", late, head="Nhà A", village_code=HERE_VILLAGE, size="6") == "failed"


def test_who_made_a_household_keeps_it(neighbours: Neighbours) -> None:
    number = household(neighbours, THERE_VILLAGE, "here")
    said = update(number, 1, label="Nhà A")
    assert neighbours.visited("here", said, head="Nhà A", village_code=THERE_VILLAGE, size="5") == "done"


@pytest.mark.parametrize("code", [HERE, OLD_HERE])
def test_a_phone_of_a_commune_changes_what_lies_in_it(neighbours: Neighbours, code: str) -> None:
    """Also under the code of a commune that became part of it."""
    number = household(neighbours, OTHER_VILLAGE, "everywhere")
    said = update(number, 1, label="Nhà A")
    neighbours.works_in("here", code)
    assert neighbours.visited("here", said, head="Nhà A", village_code=OTHER_VILLAGE, size="5") == "done"


def test_a_phone_corrects_what_it_sent_and_what_lies_in_its_village(neighbours: Neighbours) -> None:
    status, number = neighbours.record("there", THERE_VILLAGE)
    assert status == 201
    refused, _ = neighbours.record("here", HERE_VILLAGE, replaces=number)
    assert (refused, record(neighbours.office, number).place_code) == (404, THERE_VILLAGE)
    corrected, edit = neighbours.record("everywhere", THERE_VILLAGE, replaces=number)
    assert corrected == 201
    # It moves away with its first sender's correction, who corrects it there too.
    moved, last = neighbours.record("there", HERE_VILLAGE, replaces=edit)
    again, final = neighbours.record("there", HERE_VILLAGE, replaces=last)
    assert (moved, again) == (201, 201)
    mine, _ = neighbours.record("here", HERE_VILLAGE, replaces=final)
    assert mine == 201
