"""The list of villages follows the places, and keeps what the yearly count said."""

from __future__ import annotations

import uuid

from collector.actions.delivery import Asker, Deliveries
from collector.actions.villages import follow_places
from forms.places import VILLAGE_COLUMNS
from storage.database import db, transaction
from storage.entities.following import VILLAGES
from storage.models import Entity, Place, PlaceChange, PlacePath
from storage.queries.entity_lists import members as members_seen
from tests.collector.openrosa.lists import Register, map_planted, reading
from tests.collector.openrosa.sheets import collect, with_files
from tests.office import NOW, Office
from tests.tree import HERE, HERE_UUID, HERE_VILLAGE, PROVINCE, REFORM, THERE, THERE_UUID

UNLISTED = f"{HERE}-000"
UNLISTED_UUID = str(uuid.uuid5(uuid.NAMESPACE_OID, UNLISTED))


def prepared(office: Office) -> Register:
    """A form that asks for villages, and the map with «not on the list yet» of one commune."""
    map_planted(office)
    with office.app.app_context(), transaction() as session:
        session.add(
            Place(code=UNLISTED, level="village", name="Chưa có", parent_code=HERE, uuid=UNLISTED_UUID)
        )
        session.flush()
        for above, depth in ((UNLISTED, 0), (HERE, 1), (PROVINCE, 2)):
            session.add(PlacePath(ancestor=above, descendant=UNLISTED, depth=depth))
    reading(office, "f01", names=(VILLAGES,))
    assert follow(office) == 3
    return Register(office, VILLAGES)


def follow(office: Office) -> int:
    """Bring the list in step."""
    with office.app.app_context():
        return follow_places(now=NOW)


def change_place(office: Office, code: str, **fields: object) -> None:
    """Change a place as a recorded operation does."""
    with office.app.app_context(), transaction() as session:
        place = session.get_one(Place, code)
        for name, value in fields.items():
            setattr(place, name, value)
        session.add(PlaceChange(kind="rename", effective_on=REFORM, created_at=NOW))


def members(office: Office) -> dict[str, Entity]:
    """The members of the list by id, gone ones too."""
    with office.app.app_context():
        found = {one.uuid: one for one in db.session.query(Entity)}
        db.session.expunge_all()
        return found


def test_a_form_that_asks_for_villages_makes_the_list_and_it_fills_with_places(office: Office) -> None:
    prepared(office)
    phone = collect(office, office.phone(places=(HERE_VILLAGE,)))
    phone.sync()
    kept = phone.entities.lists[VILLAGES]
    # His village, and «not on the list yet» of his commune; the village next door has no uuid here.
    assert set(kept) == {HERE_UUID, UNLISTED_UUID}
    village = kept[HERE_UUID]
    assert (village.label, village.values["village_code"]) == ("Thôn Lô Lô Chải", HERE_VILLAGE)
    assert village.values["commune_code"] == HERE
    assert set(village.values) == set(VILLAGE_COLUMNS[2:])


def test_a_phone_without_places_sees_the_pilot_province(office: Office) -> None:
    prepared(office)
    given = office.phone()
    phone = collect(office, given)
    phone.sync()
    assert set(phone.entities.lists[VILLAGES]) == {HERE_UUID, THERE_UUID, UNLISTED_UUID}
    assert office.settings.pilot_province == PROVINCE
    with office.app.app_context():
        elsewhere = Deliveries("99")
        listing = elsewhere.listing(db.session(), Asker(1), VILLAGES)
        reach = elsewhere.reach(db.session(), Asker(1), listing)
        assert list(members_seen(listing, reach)) == []


def test_nothing_is_written_while_the_places_stay_as_they_are(office: Office) -> None:
    prepared(office)
    before = {uuid_: one.version for uuid_, one in members(office).items()}
    assert follow(office) == 0
    change_place(office, THERE)
    assert follow(office) == 0
    assert {uuid_: one.version for uuid_, one in members(office).items()} == before


def test_a_renamed_village_is_a_new_version_and_keeps_its_count(office: Office) -> None:
    villages = prepared(office)
    villages.change(HERE_UUID, hh_total="52", illit1="7")
    change_place(office, HERE_VILLAGE, name="Thôn Lô Lô Chải mới")
    assert follow(office) == 1
    phone = collect(office, office.phone(places=(HERE,)))
    phone.sync()
    kept = phone.entities.lists[VILLAGES][HERE_UUID]
    assert (kept.version, kept.label) == (3, "Thôn Lô Lô Chải mới")
    assert (kept.values["hh_total"], kept.values["illit1"]) == ("52", "7")


def test_a_village_that_closed_leaves_the_list_and_may_come_back(office: Office) -> None:
    prepared(office)
    change_place(office, HERE_VILLAGE, valid_to=REFORM)
    assert follow(office) == 1
    assert members(office)[HERE_UUID].deleted_at is not None
    change_place(office, HERE_VILLAGE, valid_to=None)
    assert follow(office) == 1
    assert members(office)[HERE_UUID].deleted_at is None


def test_a_commune_at_the_border_says_so_for_its_villages(office: Office) -> None:
    prepared(office)
    change_place(office, HERE, attributes={"border": 1})
    assert follow(office) == 2
    found = members(office)
    assert found[HERE_UUID].data["border"] == "1"
    assert "border" not in found[THERE_UUID].data


def test_two_villages_of_one_name_are_told_apart_by_the_commune_they_were_in(office: Office) -> None:
    prepared(office)
    twin = str(uuid.uuid4())
    with office.app.app_context(), transaction() as session:
        name = session.get_one(Place, HERE_VILLAGE).name
        session.add(
            Place(
                code=f"{HERE}-009",
                level="village",
                name=name,
                parent_code=HERE,
                uuid=twin,
                attributes={"legacy_commune_name": "Má Lé"},
            )
        )
    change_place(office, THERE)
    assert follow(office) == 1
    found = members(office)
    assert found[twin].label == "Thôn Lô Lô Chải (Má Lé cũ)"
    assert found[HERE_UUID].label == "Thôn Lô Lô Chải"


def test_provinces_and_communes_are_cut_to_the_phone(office: Office) -> None:
    map_planted(office)
    office.publish(with_files("f01", "provinces.csv", "communes.csv"), filename="f01.xml")
    lists = {
        places: collect(office, office.phone(places=places)).sync()["f01"].media
        for places in ((HERE_VILLAGE,), (THERE,), (PROVINCE,))
    }
    assert all(
        media["provinces.csv"] == f"name,label\n{PROVINCE},Tuyên Quang\n".encode() for media in lists.values()
    )
    names = {places: _names(media["communes.csv"]) for places, media in lists.items()}
    assert names == {(HERE_VILLAGE,): {HERE}, (THERE,): {THERE}, (PROVINCE,): {HERE, THERE}}


def test_a_renamed_commune_gives_its_file_another_hash(office: Office) -> None:
    map_planted(office)
    office.publish(with_files("f01", "communes.csv"), filename="f01.xml")
    phone = collect(office, office.phone(places=(HERE,)))
    before = phone.sync()["f01"]
    change_place(office, HERE, name="Xã Lũng Cú mới")
    after = phone.sync()["f01"]
    assert after.hashes != before.hashes
    assert "Xã Lũng Cú mới" in after.media["communes.csv"].decode()


def _names(data: bytes) -> set[str]:
    return {line.split(",")[0] for line in data.decode().splitlines()[1:]}
