"""Entity lists on their way to the phones: OR-85, OR-86, OR-87, OR-94's manifest, OR-95, OR-96."""

from __future__ import annotations

import csv
import io
import uuid
from urllib.parse import quote, urlsplit

import requests
from lxml import etree

from collector.accounts.permissions import MANAGER
from storage.database import transaction
from storage.models import EntityList
from tests.collector.openrosa.lists import HOUSEHOLDS, Register, map_planted, reading, register
from tests.collector.openrosa.sheets import SERVER, answer, collect, with_files
from tests.live import serving
from tests.office import ADMIN, GivenPhone, Office
from tests.phone import Phone, in_process
from tests.phone_documents import MediaFile, read_manifest
from tests.phone_entities import read_integrity
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, THERE, THERE_VILLAGE

AWKWARD = {
    "a, b": 'nhà "Tày"',
    "dòng\nhai": "Mường Lai; Tổ 2",
    "Lò Thị Mỷ": "=1+1",
    "Điện Biên 🏠": "10.0 105.1 0 4.5",
}
NOBODY = str(uuid.uuid4())


def manifest(office: Office, given: GivenPhone, form_id: str = "f01") -> dict[str, MediaFile]:
    """The manifest of a form by file name."""
    response = office.client().get(f"{given.path}/forms/{form_id}/manifest")
    assert response.status_code == 200
    return {file.filename: file for file in read_manifest(response.data)}


def list_hash(office: Office, given: GivenPhone, form_id: str = "f01", name: str = HOUSEHOLDS) -> str:
    """The hash of a list as that phone is told."""
    return manifest(office, given, form_id)[f"{name}.csv"].hash


def table(office: Office, given: GivenPhone, form_id: str = "f01", name: str = HOUSEHOLDS) -> list[list[str]]:
    """The file of a list, read as a spreadsheet program would."""
    response = office.client().get(f"{given.path}/forms/{form_id}/attachments/{name}.csv", buffered=True)
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.data.decode(), newline=""), strict=True))


def labels(office: Office, given: GivenPhone, name: str = HOUSEHOLDS) -> set[str]:
    """The labels in the file of a list."""
    return {row[1] for row in table(office, given, name=name)[1:]}


# OR-85 -------------------------------------------------------------------------------------------


def test_or_85_the_header_is_there_without_rows(office: Office) -> None:
    register(office, HOUSEHOLDS, "village_code", "head_name", "geometry")
    reading(office, "f01")
    response = office.client().get(
        f"{office.phone().path}/forms/f01/attachments/{HOUSEHOLDS}.csv", buffered=True
    )
    assert response.data == b"name,label,__version,village_code,head_name,geometry\r\n"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(response.data))
    assert response.headers["X-OpenRosa-Version"] == "1.0"


def test_or_85_every_text_comes_back_as_it_was(office: Office) -> None:
    households = register(office, HOUSEHOLDS, "village_code", "head_name")
    reading(office, "f01")
    added = {households.add(label, head_name=text): (label, text) for label, text in AWKWARD.items()}
    given = office.phone()
    rows = table(office, given)
    assert rows[0] == ["name", "label", "__version", "village_code", "head_name"]
    assert {row[0]: (row[1], row[4]) for row in rows[1:]} == added
    assert {row[2] for row in rows[1:]} == {"1"}
    phone = collect(office, given)
    phone.sync()
    kept = phone.entities.lists[HOUSEHOLDS]
    assert {id_: (one.label, one.values["head_name"]) for id_, one in kept.items()} == added


def test_or_85_what_the_server_works_out_reaches_phones_that_have_the_member(office: Office) -> None:
    villages = register(office, "thon", "village_code", "svy_hh")
    reading(office, "f01", names=("thon",))
    member = villages.add("Bản Pho", village_code="x")
    phone = collect(office, office.phone())
    phone.sync()
    villages.compute(member, svy_hh="12")
    phone.sync()
    # Collect leaves a member of the version it has as it was: what is worked out is a version too.
    assert phone.entities.lists["thon"][member].values["svy_hh"] == "12"


# OR-86 -------------------------------------------------------------------------------------------


def test_or_86_all_forms_of_a_phone_show_the_same_hash(office: Office) -> None:
    households = register(office)
    households.add("Hộ Lò Văn A")
    reading(office, "f01", "f02")
    given = office.phone()
    assert list_hash(office, given, "f01") == list_hash(office, given, "f02")
    assert list_hash(office, given) == list_hash(office, office.phone("Điện thoại 2"))


def test_or_86_the_hash_changes_with_every_change_and_with_nothing_else(office: Office) -> None:
    map_planted(office)
    households, other = register(office), register(office, "learners")
    reading(office, "f01")
    for given in (office.phone(), office.phone("Thôn", places=(HERE_VILLAGE,))):
        seen = [list_hash(office, given)]

        def changed(given: GivenPhone = given, seen: list[str] = seen) -> bool:
            seen.append(list_hash(office, given))
            return seen[-1] not in seen[:-1]

        member = households.add("Hộ Lò Văn A", village_code=HERE_VILLAGE)
        assert changed()
        households.change(member, head_name="Lò Văn B")
        assert changed()
        households.delete(member)
        assert changed()
        households.restore(member)
        assert changed()
        households.compute(member, svy_hh="3")
        assert changed()
        households.add_property(f"p{given.actor_id}")
        assert changed()
        other.add("Học viên", village_code=HERE_VILLAGE)
        reading(office, f"khac{given.actor_id}")
        office.client().post(f"{given.path}/submission", data=answer())
        collect(office, given).sync()
        assert not changed()


def test_or_86_the_form_list_does_not_depend_on_who_is_in_a_list(office: Office) -> None:
    households = register(office)
    reading(office, "f01")
    given = office.phone()
    before = office.client().get(f"{given.path}/formList")
    households.add("Hộ Lò Văn A")
    after = office.client().get(f"{given.path}/formList")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_or_86_a_list_made_later_is_handed_out_by_forms_that_wanted_it(office: Office) -> None:
    office.publish(with_files("f01", f"{HOUSEHOLDS}.csv"), filename="f01.xml")
    given = office.phone()
    assert manifest(office, given) == {}
    register(office).add("Hộ Lò Văn A")
    assert labels(office, given) == {"Hộ Lò Văn A"}
    assert manifest(office, given)[f"{HOUSEHOLDS}.csv"].type == "entityList"


def test_or_86_a_file_filled_by_hand_stays_a_file_in_its_version(office: Office) -> None:
    register(office).add("Hộ Lò Văn A")
    data = b"name,label\nh1,Theo tay\n"
    form = office.publish(
        with_files("f01", f"{HOUSEHOLDS}.csv"), filename="f01.xml", media={f"{HOUSEHOLDS}.csv": data}
    )
    given = office.phone()
    assert manifest(office, given)[f"{HOUSEHOLDS}.csv"].type == ""
    assert collect(office, given).sync()["f01"].media == {f"{HOUSEHOLDS}.csv": data}
    office.publish(with_files(form.xml_form_id, f"{HOUSEHOLDS}.csv", version="2"), filename="f01.xml")
    # A phone would go on reading the file of the same version (openrosa.md §4.9): only a new one changes.
    assert manifest(office, given)[f"{HOUSEHOLDS}.csv"].type == "entityList"


# OR-87 -------------------------------------------------------------------------------------------


def test_or_87_the_hash_is_never_newer_than_the_file(office: Office) -> None:
    households = register(office)
    member = households.add("Hộ", head_name="0")
    reading(office, "f01")
    given = office.phone()
    names = {list_hash(office, given): 0}
    fetched: list[tuple[str, int]] = []
    for number in range(1, 25):
        asked = list_hash(office, given)
        # Written after the manifest was read and before the file is: a phone keeps the older hash.
        households.change(member, head_name=str(number))
        fetched.append((asked, int(table(office, given)[1][4])))
        names.setdefault(list_hash(office, given), number)
    assert len(names) == 25
    assert all(found >= names[asked] for asked, found in fetched)


# OR-94 -------------------------------------------------------------------------------------------


def test_or_94_a_list_that_needs_approval_says_so(office: Office) -> None:
    register(office, approval_required=True)
    reading(office, "f01")
    given = office.phone()
    assert manifest(office, given)[f"{HOUSEHOLDS}.csv"].type == "approvalEntityList"


# OR-95 -------------------------------------------------------------------------------------------


def gone(office: Office, address: str, *ids: str, **headers: str) -> dict[str, bool]:
    """What the integrity address says of those ids, with `,` written as phones write it."""
    asked = quote(",".join(ids), safe="")
    response = office.client().get(f"{address}?id={asked}&deviceID=collect%3Ax", headers=headers)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    return read_integrity(response.data)


def integrity_path(office: Office, given: GivenPhone) -> str:
    """Where the manifest sends a phone to ask."""
    url = manifest(office, given)[f"{HOUSEHOLDS}.csv"].integrity_url
    assert url.startswith(f"http://localhost{given.path}/")
    return urlsplit(url).path


def three(households: Register) -> tuple[str, str]:
    """A member that lives, and one that was deleted."""
    live, deleted = households.add("Hộ A"), households.add("Hộ B")
    households.delete(deleted)
    return live, deleted


def test_or_95_deleted_is_true_live_is_false_and_unknown_is_left_out(office: Office) -> None:
    live, deleted = three(register(office))
    reading(office, "f01")
    path = integrity_path(office, office.phone())
    assert gone(office, path, live, deleted, NOBODY) == {live: False, deleted: True}
    assert gone(office, path, NOBODY, "không phải mã", "") == {}
    assert gone(office, path) == {}


def test_or_95_a_thousand_ids_are_asked_in_one_address(office: Office) -> None:
    live, deleted = three(register(office))
    reading(office, "f01")
    given = office.phone()
    ids = [live, *(str(uuid.uuid4()) for _ in range(998)), deleted]
    expected = {live: False, deleted: True}
    assert gone(office, integrity_path(office, given), *ids) == expected
    with serving(office) as (address, _process):
        response = requests.get(
            f"{address}{given.path}/datasets/{HOUSEHOLDS}/integrity?id={quote(','.join(ids), safe='')}",
            timeout=60,
        )
    assert (response.status_code, read_integrity(response.content)) == (200, expected)


def test_or_95_every_door_has_the_address(office: Office) -> None:
    live, deleted = three(register(office))
    reading(office, "f01")
    expected = {live: False, deleted: True}
    draft = office.draft(with_files("f02", f"{HOUSEHOLDS}.csv"), filename="f02.xml")
    test = f"/v1/test/{office.draft_token(draft)}/projects/1/forms/f02/draft"
    found = {file.filename: file for file in read_manifest(office.client().get(f"{test}/manifest").data)}
    assert gone(office, urlsplit(found[f"{HOUSEHOLDS}.csv"].integrity_url).path, live, deleted) == expected
    bearer = {"Authorization": f"Bearer {office.session_token('quanly', MANAGER)}"}
    session_door = f"/v1/projects/1/datasets/{HOUSEHOLDS}/integrity"
    assert gone(office, session_door, live, deleted, **bearer, **{"X-OpenRosa-Version": "1.0"}) == expected
    by_hand = Phone(
        SERVER, username=ADMIN, password=office.collect_password(), session=in_process(office.app)
    )
    by_hand.sync()
    offline = by_hand.entities.create(HOUSEHOLDS, "Hộ mới")
    by_hand.sync()
    assert set(by_hand.entities.lists[HOUSEHOLDS]) == {live, offline}


def test_or_95_an_unknown_list_is_refused_in_the_phones_words(office: Office) -> None:
    given = office.phone()
    response = office.client().get(f"{given.path}/datasets/khong_co/integrity?id={NOBODY}")
    assert response.status_code == 404
    assert etree.QName(etree.fromstring(response.data)).localname == "OpenRosaResponse"


# OR-96 -------------------------------------------------------------------------------------------


def filled(office: Office) -> tuple[Register, dict[str, str]]:
    """Households of two villages here, one there, one without a place; ids by label."""
    map_planted(office)
    households = register(office)
    reading(office, "f01", "f02")
    places = {"Lô Lô Chải": HERE_VILLAGE, "Thèn Pả": OTHER_VILLAGE, "Sảng Pả": THERE_VILLAGE, "Không": ""}
    return households, {label: households.add(label, village_code=code) for label, code in places.items()}


def test_or_96_a_phone_gets_the_members_of_its_places_and_no_others(office: Office) -> None:
    filled(office)
    village, commune, there, all_of_it = (
        office.phone("1", places=(HERE_VILLAGE,)),
        office.phone("2", places=(HERE,)),
        office.phone("3", places=(THERE, OTHER_VILLAGE)),
        office.phone("4"),
    )
    assert labels(office, village) == {"Lô Lô Chải"}
    assert labels(office, commune) == {"Lô Lô Chải", "Thèn Pả"}
    assert labels(office, there) == {"Sảng Pả", "Thèn Pả"}
    assert labels(office, all_of_it) == {"Lô Lô Chải", "Thèn Pả", "Sảng Pả", "Không"}
    hashes = [list_hash(office, one) for one in (village, commune, there, all_of_it)]
    assert len(set(hashes)) == 4
    assert hashes == [list_hash(office, one, "f02") for one in (village, commune, there, all_of_it)]


def test_or_96_who_is_elsewhere_is_gone_for_this_phone(office: Office) -> None:
    households, ids = filled(office)
    given = office.phone(places=(HERE_VILLAGE,))
    path = integrity_path(office, given)
    asked = gone(office, path, *ids.values(), NOBODY)
    assert asked == {ids[label]: label != "Lô Lô Chải" for label in ids}
    phone = collect(office, given)
    phone.sync()
    households.change(ids["Lô Lô Chải"], village_code=THERE_VILLAGE)
    phone.sync()
    assert phone.entities.lists[HOUSEHOLDS] == {}


def test_or_96_a_change_elsewhere_makes_nobody_download(office: Office) -> None:
    households, ids = filled(office)
    here, there = office.phone("1", places=(HERE,)), office.phone("2", places=(THERE,))
    before = list_hash(office, here), list_hash(office, there)
    households.change(ids["Sảng Pả"], head_name="Giàng A Páo")
    after = list_hash(office, here), list_hash(office, there)
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_or_96_what_stands_at_the_commune_is_seen_from_its_villages(office: Office) -> None:
    map_planted(office)
    centres = register(office, "centres", "commune_code")
    reading(office, "f01", names=("centres",))
    centres.add("TTHTCĐ Lũng Cú", commune_code=HERE)
    centres.add("TTHTCĐ Mèo Vạc", commune_code=THERE)
    assert labels(office, office.phone(places=(HERE_VILLAGE,)), "centres") == {"TTHTCĐ Lũng Cú"}


def test_or_96_a_list_without_places_goes_to_everybody(office: Office) -> None:
    map_planted(office)
    crops = register(office, "crops", "season")
    reading(office, "f01", names=("crops",))
    crops.add("Ngô")
    here, everywhere = office.phone("1", places=(HERE_VILLAGE,)), office.phone("2")
    assert labels(office, here, "crops") == {"Ngô"}
    assert list_hash(office, here, name="crops") == list_hash(office, everywhere, name="crops")


def test_an_offline_creation_stays_until_the_server_has_it(office: Office) -> None:
    households, _ids = filled(office)
    phone = collect(office, office.phone(places=(HERE_VILLAGE,)))
    phone.sync()
    made = phone.entities.create(HOUSEHOLDS, "Hộ mới", village_code=HERE_VILLAGE)
    households.add("Hộ khác", village_code=HERE_VILLAGE)
    phone.sync()
    assert made in phone.entities.lists[HOUSEHOLDS]
    with office.app.app_context(), transaction() as session:
        assert session.query(EntityList).count() == 1
