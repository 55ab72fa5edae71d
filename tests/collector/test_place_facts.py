"""What communes are comes in by list, holds by day, and goes again as a whole."""

from __future__ import annotations

from datetime import date

import pytest

from collector.actions import place_changes, place_facts
from collector.actions.place_changes import Operation
from collector.actions.place_facts import Sent
from collector.actions.place_files import commune_list
from forms.place_problems import PlaceBatchGone, PlaceChangeOverlaid, VillageListFaulty
from storage.database import db
from storage.models import PlaceSpan
from storage.queries import places
from storage.queries.batches import batches_of
from storage.queries.reach import places_stamp, reach_of
from tests.collector.openrosa.lists import map_planted
from tests.office import NOW, Office
from tests.tree import HERE, OLD_HERE, THERE

LIST = f"Mã xã,Khu vực,Biên giới,Năm\n{HERE},III,1,2026\n{THERE},II,0,2026\n"


def enter(text: str) -> int:
    return place_facts.bring_in(Sent(text.encode(), "xa.csv"), actor_id=None, now=NOW)


def spans() -> list[str]:
    session = db.session()
    session.expire_all()
    columns = [column for column in PlaceSpan.__table__.columns if column.name != "id"]
    found = sorted(map(str, session.execute(PlaceSpan.__table__.select().with_only_columns(*columns))))
    session.rollback()
    return found


def fact(code: str, on: date | None, name: str = "zone") -> object:
    known = places.as_of(db.session(), code, on)
    db.session.rollback()
    return known.span.attributes.get(name) if known else None


def test_a_list_holds_from_its_day_and_is_taken_back(office: Office) -> None:
    map_planted(office)
    with office.app.app_context():
        before, stamp = spans(), places_stamp(db.session())
        subtree = places.subtree_codes(db.session(), ["08"], date(2025, 12, 1))
        db.session.rollback()
        number = enter(LIST)
        assert fact(HERE, date(2025, 12, 31)) is None
        assert fact(HERE, date(2026, 1, 1)) == fact(HERE, None) == "III"
        assert places.subtree_codes(db.session(), ["08"], date(2025, 12, 1)) == subtree
        assert places_stamp(db.session()) != stamp
        listed = commune_list(db.session(), reach_of(db.session(), ["08"])).decode()
        db.session.rollback()
        assert f"{HERE},Xã Lũng Cú,08,Đồng Văn,Xã Má Lé,III,1,,,2026-01-01" in listed
        place_facts.undo(number, actor_id=None, now=NOW)
        assert spans() == before
        with pytest.raises(PlaceBatchGone, match="undone before"):
            place_facts.undo(number, actor_id=None, now=NOW)


def test_what_a_commune_is_stays_with_it_through_a_merge_and_its_undo(office: Office) -> None:
    map_planted(office)
    with office.app.app_context():
        first = enter(LIST)
        before = spans()
        later = NOW.replace(hour=5)
        merge = Operation("merge", (HERE, THERE), date(2026, 8, 1), "12/NQ", HERE, "Xã Mới")
        number = place_changes.carry_out(merge, actor_id=None, now=later)
        assert fact(HERE, None) == "III"
        with pytest.raises(PlaceBatchGone, match="touched the same places"):
            place_facts.undo(first, actor_id=None, now=later)
        latest = place_facts.bring_in(
            Sent(f"Mã xã,Khu vực\n{HERE},I\n".encode(), "x.csv"), actor_id=None, now=NOW.replace(hour=6)
        )
        with pytest.raises(PlaceChangeOverlaid, match=f"list {latest} changed the same places"):
            place_changes.undo(number, actor_id=None, now=later)
        with pytest.raises(PlaceBatchGone):
            place_facts.undo(first, actor_id=None, now=later)
        place_facts.undo(latest, actor_id=None, now=later)
        place_changes.undo(number, actor_id=None, now=later)
        assert spans() == before


def test_a_wrong_list_enters_nothing(office: Office) -> None:
    map_planted(office)
    with office.app.app_context():
        before = spans()
        with pytest.raises(VillageListFaulty, match="Row 3, column Mã xã: Nobody knows the commune 12345"):
            enter(f"Mã xã,Khu vực\n{HERE},I\n12345,I\n")
        assert spans() == before
        assert batches_of(db.session(), None, place_facts.KIND) == []
        db.session.rollback()


def test_a_list_that_changes_nothing_leaves_nothing_to_take_back(office: Office) -> None:
    map_planted(office)
    with office.app.app_context():
        number = enter(LIST)
        assert enter(LIST) == 0
        assert [one.id for one in batches_of(db.session(), None, place_facts.KIND)] == [number]
        db.session.rollback()


def test_a_list_of_former_codes_says_what_they_were(office: Office) -> None:
    map_planted(office)
    with office.app.app_context():
        enter(f"Mã xã,Khu vực,Năm\n{OLD_HERE},III,2024\n")
        assert fact(OLD_HERE, date(2024, 5, 1)) == "III"
        assert fact(HERE, None) is None
