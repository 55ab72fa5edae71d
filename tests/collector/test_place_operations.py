"""What was sent and what lists hold follow an operation on the map, and come back with its undo."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from collector.actions import village_import
from collector.actions.place_changes import Operation, carry_out, undo
from forms.place_changes import Part
from forms.place_problems import VillageImportGone
from storage.database import db
from storage.models import Place, Submission
from storage.queries.batches import batches_of
from tests.asked import answered
from tests.collector.openrosa.lists import HOUSEHOLDS, map_planted, reading, register
from tests.collector.openrosa.sending import Volunteer
from tests.collector.openrosa.sheets import collect
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, THERE, THERE_VILLAGE

ROUND = """
| survey |
| | type | name | label | unit |
| | text | place | Place | place |
| settings |
| | form_id | version |
| | rounds | 1 |
"""
DAY = date(2026, 8, 1)


def sent(office: Office, *places: str) -> None:
    """A record for each of these places."""
    volunteer = Volunteer(office, form=office.publish(ROUND))
    for number, place in enumerate(places):
        xml = answered("rounds", "1", f"<place>{place}</place>", instance_id=f"uuid:{number}")
        assert volunteer.post(xml).status_code == 201


def counted(office: Office) -> list[tuple[str | None, str | None]]:
    """Each record: the place it names, and the one it counts in."""
    with office.app.app_context():
        query = select(Submission.place_sent, Submission.place_code).order_by(Submission.id)
        found = [(row[0], row[1]) for row in db.session.execute(query)]
        db.session.remove()
    return found


def did(office: Office, operation: Operation) -> int:
    with office.app.app_context():
        return carry_out(operation, actor_id=office.admin_id, now=NOW)


def undone(office: Office, number: int) -> None:
    with office.app.app_context():
        undo(number, actor_id=office.admin_id, now=NOW)


def test_records_follow_a_merge_and_come_back(office: Office) -> None:
    map_planted(office)
    sent(office, HERE, THERE, THERE_VILLAGE, HERE_VILLAGE)
    before = counted(office)
    assert before == [(code, code) for code in (HERE, THERE, THERE_VILLAGE, HERE_VILLAGE)]
    number = did(office, Operation("merge", (HERE, THERE), DAY, "12/NQ", HERE))
    # A village keeps its code; what was sent for a commune counts in the one it became.
    assert [code for _sent, code in counted(office)] == [HERE, HERE, THERE_VILLAGE, HERE_VILLAGE]
    undone(office, number)
    assert counted(office) == before


def test_records_of_a_divided_commune_stay_its_own(office: Office) -> None:
    map_planted(office)
    sent(office, HERE)
    parts = (Part("99998", "Xã Một", (HERE_VILLAGE,)), Part("99999", "Xã Hai", (OTHER_VILLAGE,)))
    did(office, Operation("split", (HERE,), DAY, "13/NQ", parts=parts))
    # Nobody knows which part was meant.
    assert counted(office) == [(HERE, HERE)]


def test_a_phone_of_the_new_commune_sees_what_the_lists_hold_of_the_old_ones(office: Office) -> None:
    map_planted(office)
    households = register(office, HOUSEHOLDS, "commune_code", "village_code", "head_name")
    at_commune = households.add("Trung tâm cũ", commune_code=THERE)
    in_village = households.add("Bà Vừ", commune_code=THERE, village_code=THERE_VILLAGE)
    own = households.add("Ông Sính", commune_code=HERE, village_code=HERE_VILLAGE)
    reading(office, "f01")
    phones = {code: collect(office, office.phone(places=(code,))) for code in (HERE, THERE_VILLAGE)}

    def kept() -> dict[str, set[str]]:
        for phone in phones.values():
            phone.sync()
        return {code: set(phone.entities.lists[HOUSEHOLDS]) for code, phone in phones.items()}

    def hashes() -> dict[str, object]:
        return {code: phone.sync()["f01"].hashes for code, phone in phones.items()}

    before, told = kept(), hashes()
    assert before == {HERE: {own}, THERE_VILLAGE: {at_commune, in_village}}
    number = did(office, Operation("merge", (HERE, THERE), DAY, "12/NQ", HERE))
    assert kept() == {HERE: {own, at_commune, in_village}, THERE_VILLAGE: {at_commune, in_village}}
    assert hashes()[HERE] != told[HERE]
    # What changes of the old commune's afterwards is noticed by phones of the new one.
    merged = hashes()
    households.change(at_commune, "Trung tâm mới")
    assert {code for code, now in hashes().items() if now != merged[code]} == {HERE, THERE_VILLAGE}
    assert kept()[HERE] == {own, at_commune, in_village}
    undone(office, number)
    assert kept() == before


def test_villages_that_records_name_are_not_taken_back(office: Office) -> None:
    map_planted(office)
    given = village_import.Sent(f"Mã xã,Tên thôn\n{HERE},Thôn Mới\n".encode(), "thon.csv")
    with office.app.app_context():
        number = village_import.bring_in(given, actor_id=None, now=NOW)
        # A list of what is known changes nothing, so there is nothing of it to take back.
        same = village_import.Sent(f"Mã xã,Mã thôn,Tên thôn\n{HERE},{HERE}-003,Thôn Mới\n".encode(), "x.csv")
        assert village_import.bring_in(same, actor_id=None, now=NOW) == 0
        assert [one.id for one in batches_of(db.session(), None, village_import.KIND)] == [number]
        db.session.rollback()
    sent(office, f"{HERE}-003")
    assert counted(office) == [(f"{HERE}-003", f"{HERE}-003")]
    with office.app.app_context(), pytest.raises(VillageImportGone, match=f"the village {HERE}-003 arrived"):
        village_import.undo(number, actor_id=None, now=NOW)


def test_a_list_without_codes_sent_again_makes_no_village_twice(office: Office) -> None:
    map_planted(office)
    rows = "".join(f"{commune},Thôn {number},9\n" for commune in (HERE, THERE) for number in range(3))

    def send(head: str, rows: str) -> int:
        given = village_import.Sent(f"{head}\n{rows}".encode(), "thon.csv")
        return village_import.bring_in(given, actor_id=None, now=NOW)

    def villages() -> dict[str, tuple[str, str]]:
        query = select(Place).where(Place.name.regexp_match("^Thôn [0-9]$")).order_by(Place.code)
        found = {one.code: (one.name, one.attributes["hh_total"]) for one in db.session.scalars(query)}
        db.session.remove()
        return found

    with office.app.app_context():
        assert send("Mã xã,Tên thôn,Số hộ", rows)
        before = villages()
        assert len(before) == 6
        assert send("Mã xã,Tên thôn,Số hộ", rows) == 0
        assert villages() == before
        # What the list says otherwise is changed, and comes back as it was.
        number = send("Mã xã,Tên thôn,Số hộ", rows.replace(",9", ",12"))
        assert villages() == {code: (name, "12") for code, (name, _) in before.items()}
        village_import.undo(number, actor_id=None, now=NOW)
        assert villages() == before
