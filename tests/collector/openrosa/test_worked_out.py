"""What the server works out makes a version's number grow; nobody who writes meanwhile meets a conflict."""

from __future__ import annotations

import pytest

from tests.collector.openrosa.lists import Register
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.office import Office
from tests.registers import HOMES, VISIT, Said, creation, known, new_uuid, update, visit


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody who visits households."""
    return Volunteer(office, form=office.publish(VISIT))


def made(volunteer: Volunteer) -> str:
    """A household at version 2, of which the server has worked out something."""
    number = new_uuid()
    volunteer.send(visit(creation(number), new_id(), head="Lò A", size="4"))
    Register(volunteer.office, HOMES).compute(number, svy_hh="1")
    return number


def changed(volunteer: Volunteer, said: Said, **answers: str) -> tuple[int, str | None]:
    """(version, conflict) after a change."""
    volunteer.send(visit(said, new_id(), **answers))
    found = known(volunteer.office, said.id)
    return found.version, found.conflict


def test_a_change_on_what_was_before_is_none(volunteer: Volunteer) -> None:
    number, branch = made(volunteer), new_uuid()
    assert changed(volunteer, update(number, 1, trunk=1, branch=branch), size="5") == (3, None)
    Register(volunteer.office, HOMES).compute(number, svy_hh="2")
    assert changed(volunteer, update(number, 2, trunk=1, branch=branch), size="6") == (5, None)


def test_a_change_on_the_number_phones_were_told_is_none(volunteer: Volunteer) -> None:
    number = made(volunteer)
    assert changed(volunteer, update(number, 2, trunk=2, branch=new_uuid()), size="5") == (3, None)
    assert changed(volunteer, update(number, 3), size="6") == (4, None)


def test_what_somebody_else_wrote_is_one_all_the_same(volunteer: Volunteer) -> None:
    number = made(volunteer)
    Register(volunteer.office, HOMES).change(number, size="9")
    assert changed(volunteer, update(number, 2, trunk=2, branch=new_uuid()), size="5") == (4, "hard")
