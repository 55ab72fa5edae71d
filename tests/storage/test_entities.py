"""Entities as the office writes them: by hand, deleted, judged, computed; their places and stamps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from forms.problems import EntityIdUnusable, EntityLabelMissing, Problem
from storage.database import db, transaction
from storage.entities import by_hand, reading
from storage.entities.by_hand import Terms, Written
from storage.entities.computing import write_computed
from storage.entities.lists import (
    add_property,
    create_list,
    ensure_properties,
    list_by_name,
    set_place_property,
)
from storage.entities.problems import (
    EntityChangedMeanwhile,
    EntityExists,
    EntityIdsDeleted,
    EntityListAlike,
    EntityListExists,
    EntityListNotFound,
    EntityNameUnusable,
    EntityNotFound,
    EntityNotInConflict,
    EntityPropertyAlike,
    EntityPropertyExists,
    EntityPropertyUnknown,
)
from storage.entities.writing import Source
from storage.models import Entity, EntityList, Place
from tests.office import NOW, Office
from tests.registers import HOMES, history, known, new_uuid, stamps

Result = TypeVar("Result")
VILLAGE = "9d2b2f3c-5e0b-4b7e-8a8e-2f6f3a1c7d10"


@pytest.fixture
def bureau(office: Office) -> Iterator[Office]:
    """An office with a list of households, and two communes of two villages each."""
    with office.app.app_context():
        with transaction() as session:
            session.add_all([
                Place(code="08", level="province", name="Tuyên Quang"),
                Place(code="00700", level="commune", name="Xã Một", parent_code="08"),
                Place(code="00701", level="commune", name="Xã Hai", parent_code="08"),
            ])
            session.flush()
            session.add_all([
                Place(code="00700-001", level="village", name="Bản Mạ", parent_code="00700", uuid=VILLAGE),
                Place(code="00700-002", level="village", name="Bản Nà", parent_code="00700"),
                Place(code="00701-001", level="village", name="Bản Xa", parent_code="00701"),
            ])
            made = create_list(session, 1, HOMES, now=NOW)
            ensure_properties(session, made, ["village_code", "village_id", "commune_code", "size"], now=NOW)
        yield office
        db.session.remove()


def write(_office: Office, work: Callable[[Session, EntityList], Result]) -> Result:
    """Do something to the list of households."""
    with transaction() as session:
        return work(session, list_by_name(session, 1, HOMES))


def source(office: Office) -> Source:
    """The administrator, now."""
    return Source(office.admin_id, NOW)


def made(office: Office, number: str | None = None, **data: str) -> str:
    """A household written by hand."""
    uuid = number or new_uuid()
    write(office, lambda s, of: by_hand.create(s, of, [Written(uuid, "Nhà", data)], source(office)))
    return uuid


def changed(office: Office, uuid: str, terms: Terms | None = None, **data: str) -> None:
    """The next version of a household."""
    write(office, lambda s, of: by_hand.update(s, of, Written(uuid, None, data), source(office), terms))


# Names ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bureau")
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("homes", EntityListExists),
        ("Homes", EntityListAlike),
        ("__homes", EntityNameUnusable),
        ("my homes", EntityNameUnusable),
        ("1st", EntityNameUnusable),
        ("a.b", EntityNameUnusable),
        ("x" * 101, EntityNameUnusable),
        ("", EntityNameUnusable),
    ],
)
def test_a_list_has_a_name_of_its_own_that_phones_can_keep(name: str, problem: type[Problem]) -> None:
    with pytest.raises(problem), transaction() as session:
        create_list(session, 1, name, now=NOW)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("size", EntityPropertyExists),
        ("Size", EntityPropertyAlike),
        ("name", EntityNameUnusable),
        ("LABEL", EntityNameUnusable),
        ("__version", EntityNameUnusable),
        ("a b", EntityNameUnusable),
    ],
)
def test_a_property_has_a_name_of_its_own_that_phones_can_keep(
    bureau: Office, name: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        write(bureau, lambda s, of: add_property(s, of, name, now=NOW))


def test_a_new_property_moves_the_stamp_of_the_list(bureau: Office) -> None:
    before = write(bureau, lambda _s, of: of.stamp)
    write(bureau, lambda s, of: add_property(s, of, "số_người", now=NOW))
    assert write(bureau, lambda _s, of: of.stamp) == before + 1


@pytest.mark.usefixtures("bureau")
def test_a_list_nobody_made_is_not_there() -> None:
    with pytest.raises(EntityListNotFound), transaction() as session:
        list_by_name(session, 1, "HOMES")


# By hand ----------------------------------------------------------------------------------------------


def test_what_is_written_by_hand_is_version_after_version(bureau: Office) -> None:
    uuid = made(bureau, size="1")
    changed(bureau, uuid, Terms(base_version=1), size="2")
    changed(bureau, uuid, size="3")
    found = known(bureau, uuid)
    assert (found.version, found.label, found.data) == (3, "Nhà", {"size": "3"})
    assert [one.base_version for one in history(bureau, uuid)] == [None, 1, 2]
    with pytest.raises(EntityChangedMeanwhile):
        changed(bureau, uuid, Terms(base_version=2), size="4")
    with pytest.raises(EntityPropertyUnknown):
        changed(bureau, uuid, colour="red")


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (Written("x", "B"), EntityIdUnusable),
        (Written(VILLAGE, " "), EntityLabelMissing),
        (Written(VILLAGE, None), EntityLabelMissing),
        (Written(VILLAGE, "B", {"colour": "red"}), EntityPropertyUnknown),
        (Written("6b7a2f3c-5e0b-4b7e-8a8e-2f6f3a1c7d10", "B"), EntityExists),
    ],
)
def test_of_several_none_is_made_when_one_cannot_be(
    bureau: Office, second: Written, problem: type[Problem]
) -> None:
    first = Written("uuid:6B7A2F3C-5e0b-4b7e-8a8e-2f6f3a1c7d10", "A")
    with pytest.raises(problem):
        write(bureau, lambda s, of: by_hand.create(s, of, [first, second], source(bureau)))
    with transaction() as session:
        assert reading.count(session, list_by_name(session, 1, HOMES).id) == 0


def test_of_several_changes_none_is_made_when_one_cannot_be(bureau: Office) -> None:
    here, gone = made(bureau, size="4"), made(bureau, size="2")
    write(bureau, lambda s, of: by_hand.delete(s, of, gone, source(bureau)))
    good = Written(here, None, {"size": "5"})
    for wrong, problem in (
        (Written(gone, None, {"size": "3"}), EntityNotFound),
        (Written(here, " ", {}), EntityLabelMissing),
        (Written(here, None, {"colour": "red"}), EntityPropertyUnknown),
    ):
        with pytest.raises(problem):
            write(bureau, partial(by_hand.update_many, several=[good, wrong], source=source(bureau)))
    write(bureau, partial(by_hand.update_many, several=[good], source=source(bureau)))
    with transaction() as session:
        found = reading.get_entity(session, list_by_name(session, 1, HOMES), here)
        assert (found.version, found.label, found.data["size"]) == (2, "Nhà", "5")


def test_a_deleted_entity_keeps_its_id_and_comes_back_as_it_was(bureau: Office) -> None:
    uuid = made(bureau, village_code="00700-001")
    write(bureau, lambda s, of: by_hand.delete(s, of, uuid, source(bureau)))
    assert known(bureau, uuid).deleted
    with pytest.raises(EntityIdsDeleted):
        made(bureau, uuid)
    with pytest.raises(EntityNotFound):
        changed(bureau, uuid, size="1")
    with pytest.raises(EntityNotFound):
        write(bureau, lambda s, of: by_hand.delete(s, of, uuid, source(bureau)))
    write(bureau, lambda s, of: by_hand.restore(s, of, uuid, source(bureau)))
    assert (known(bureau, uuid).deleted, known(bureau, uuid).version) == (False, 1)
    assert stamps(bureau) == {"00700": 3}


def test_a_conflict_ends_when_somebody_resolves_it(bureau: Office) -> None:
    first, second = made(bureau, size="1"), made(bureau, size="1")
    with pytest.raises(EntityNotInConflict):
        write(bureau, lambda s, of: by_hand.resolve(s, of, first, source(bureau)))
    with transaction() as session:
        for one in (first, second):
            reading.get_entity(session, list_by_name(session, 1, HOMES), one).conflict = "hard"
    with transaction() as session:
        where = list_by_name(session, 1, HOMES)
        assert {one.uuid for one in reading.in_conflict(session, where.id)} == {first, second}
    write(bureau, lambda s, of: by_hand.resolve(s, of, first, source(bureau)))
    changed(bureau, second, size="2")
    assert (known(bureau, first).conflict, known(bureau, second).conflict) == (None, "hard")
    changed(bureau, second, Terms(resolve=True), size="3")
    assert (known(bureau, second).conflict, known(bureau, second).version) == (None, 3)


# Places -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"village_code": "00700-001", "commune_code": "00701"}, "00700-001"),
        ({"village_id": VILLAGE}, "00700-001"),
        ({"village_code": "", "village_id": VILLAGE}, "00700-001"),
        ({"village_code": "?", "commune_code": " 00701 "}, "00701"),
        ({"commune_code": "08"}, "08"),
        ({"village_code": "?"}, None),
        ({"village_code": "0" * 300}, None),
        ({}, None),
    ],
)
def test_an_entity_lies_where_its_properties_say(
    bureau: Office, data: dict[str, str], place: str | None
) -> None:
    assert known(bureau, made(bureau, **data)).place_code == place


def test_a_list_may_say_which_property_names_the_place(bureau: Office) -> None:
    with pytest.raises(EntityPropertyUnknown):
        write(bureau, lambda s, of: set_place_property(s, of, "ward"))
    write(bureau, lambda s, of: set_place_property(s, of, "commune_code"))
    uuid = made(bureau, village_code="00700-001", commune_code="00701")
    assert known(bureau, uuid).place_code == "00701"


def test_every_visible_change_is_counted_where_it_is_seen(bureau: Office) -> None:
    uuid = made(bureau, village_code="00700-001")
    assert stamps(bureau) == {"00700": 1}
    changed(bureau, uuid, village_code="00700-002")
    assert stamps(bureau) == {"00700": 2}
    changed(bureau, uuid, village_code="00701-001")
    assert stamps(bureau) == {"00700": 3, "00701": 1}
    changed(bureau, uuid, village_code="")
    assert stamps(bureau) == {"00700": 3, "00701": 2, "": 1}
    made(bureau, commune_code="08")
    assert stamps(bureau) == {"00700": 3, "00701": 2, "": 1, "08": 1}


# What the server works out ----------------------------------------------------------------------------


def test_computed_properties_are_written_where_they_changed_and_are_nobodys_conflict(bureau: Office) -> None:
    first, second, third = (
        made(bureau, village_code=code) for code in ("00700-001", "00700-002", "00701-001")
    )
    before = stamps(bureau)
    values = {first: {"svy_hh": "3", "svy_none": ""}, second: {"svy_hh": "4"}, new_uuid(): {"svy_hh": "5"}}
    assert write(bureau, lambda s, of: write_computed(s, of, values)) == 2
    assert stamps(bureau) == before | {"00700": before["00700"] + 1}
    assert write(bureau, lambda s, of: write_computed(s, of, values)) == 0
    later = values | {first: {"svy_more": "1"}, third: {"svy_hh": ""}}
    assert write(bureau, lambda s, of: write_computed(s, of, later)) == 1
    with transaction() as session:
        where = list_by_name(session, 1, HOMES)
        held = {one.uuid: (one.version, one.computed) for one in reading.rows(session, where.id)}
    assert held == {
        first: (3, {"svy_hh": "3", "svy_more": "1"}),
        second: (2, {"svy_hh": "4"}),
        third: (1, {}),
    }
    assert known(bureau, first).conflict is None
    assert len(history(bureau, first)) == 1


def test_a_list_is_read_cut_to_places(bureau: Office) -> None:
    for code in ("00700-001", "00700-002", "00701-001", "?"):
        made(bureau, village_code=code)
    gone = made(bureau, village_code="00700-001")
    write(bureau, lambda s, of: by_hand.delete(s, of, gone, source(bureau)))
    with transaction() as session:
        where = list_by_name(session, 1, HOMES)
        assert reading.count(session, where.id) == 4
        assert reading.count(session, where.id, ["00700-001", "00701-001"]) == 2
        found = reading.rows(session, where.id, ["00700-001", "00700-002"])
        assert [one.place_code for one in found] == ["00700-001", "00700-002"]
        assert reading.known_among(session, where.id, [gone, new_uuid()]) == {gone: (True, "00700-001")}
        assert isinstance(reading.get_entity(session, where, gone, deleted=True), Entity)
