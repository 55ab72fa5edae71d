"""The lists of a project into a new year, and back."""

from __future__ import annotations

from uuid import UUID

import pytest

from collector.actions import roll_forward
from forms.entities import Change
from storage.database import db, transaction
from storage.entities import reading
from storage.entities.lists import create_list, ensure_properties, list_by_name
from storage.entities.writing import Changes, Source, find, lock
from storage.problems import BatchUndone
from tests.collector.desk.reader import Reader
from tests.office import NOW, Office

LISTS = {
    "classes": ("state", "start_date"),
    "learners": ("class_id", "state", "term_result", "birth_year", "xmc_done"),
    "households": ("last_visit",),
}
YEAR = roll_forward.new_year(2027)


def number(of: int) -> str:
    """A uuid of version 4."""
    return str(UUID(int=of, version=4))


OLD, NEW = number(1), number(2)
MEMBERS = {
    "classes": {
        OLD: {"state": "open", "start_date": "2026-09-07"},
        NEW: {"state": "open", "start_date": "2027-02-01"},
    },
    "learners": {
        number(11): {
            "class_id": OLD,
            "state": "5",
            "term_result": "ht",
            "birth_year": "1990",
            "xmc_done": "1",
        },
        number(12): {"class_id": OLD, "state": "3", "birth_year": "1960"},
        number(13): {"class_id": NEW, "state": "1", "birth_year": "2000"},
    },
    "households": {number(21): {"last_visit": "2026-07-15"}, number(22): {"last_visit": "2027-01-20"}},
}


@pytest.fixture
def lists(office: Office) -> Office:
    """Classes, learners and households of the year 2026 and the first of 2027."""
    with office.app.app_context(), transaction() as session:
        for name, properties in LISTS.items():
            made = create_list(session, 1, name, now=NOW)
            ensure_properties(session, made, properties, now=NOW)
            lock(session, MEMBERS[name])
            changes = Changes(session, Source(None, NOW))
            changes.create_many(made, [Change(uuid, uuid[:8], data) for uuid, data in MEMBERS[name].items()])
            changes.finish()
    return office


def told(name: str) -> dict[str, dict[str, str]]:
    """What is known of the members of a list, by uuid."""
    session = db.session()
    rows = reading.rows(session, list_by_name(session, 1, name).id)
    found = {
        row.uuid: {key: text for key, text in {**row.data, **row.computed}.items() if text} for row in rows
    }
    session.rollback()
    return found


def test_a_year_forward_and_back(lists: Office) -> None:
    with lists.app.app_context():
        before = {name: told(name) for name in LISTS}
        step = roll_forward.look(db.session(), 1, YEAR)
        assert step.counts == {
            "classes_over": 1,
            "learners": 3,
            "learners_free": 2,
            "out_of_age": 1,
            "households": 2,
            "visit_due": 1,
        }
        db.session().rollback()
        assert {name: told(name) for name in LISTS} == before, "looking changes nothing"
        batch = roll_forward.run(1, YEAR, lists.admin_id, now=NOW)
        assert told("classes")[OLD] == {"state": "closed", "start_date": "2026-09-07"}
        assert told("classes")[NEW] == MEMBERS["classes"][NEW]
        assert told("learners") == {
            number(11): {"birth_year": "1990", "xmc_done": "1", "age": "37"},
            number(12): {"state": "3", "birth_year": "1960", "age": "67", "out_of_age": "1"},
            number(13): {**MEMBERS["learners"][number(13)], "age": "27"},
        }
        assert [one.get("visit_due", "") for one in told("households").values()] == ["2027", ""]
        assert roll_forward.look(db.session(), 1, YEAR).size == 0
        db.session().rollback()
        assert roll_forward.undo(1, batch.id, lists.admin_id, now=NOW) == 3
        assert told("classes") == before["classes"]
        assert told("learners")[number(11)] == {**MEMBERS["learners"][number(11)], "age": "36"}
        with pytest.raises(BatchUndone):
            roll_forward.undo(1, batch.id, lists.admin_id, now=NOW)


def test_who_joined_a_new_class_since_stays_there_when_it_is_undone(lists: Office) -> None:
    with lists.app.app_context():
        batch = roll_forward.run(1, YEAR, lists.admin_id, now=NOW)
        with transaction() as session:
            of = list_by_name(session, 1, "learners")
            lock(session, [number(11)])
            entity = find(session, of.id, number(11))
            assert entity is not None
            changes = Changes(session, Source(None, NOW))
            changes.update(of, entity, Change(number(11), "", {"class_id": NEW, "state": "1"}))
            changes.finish()
        assert roll_forward.undo(1, batch.id, lists.admin_id, now=NOW) == 2
        assert told("learners")[number(11)]["class_id"] == NEW


def test_a_project_without_lists_has_nothing_to_roll(office: Office) -> None:
    with office.app.app_context():
        assert roll_forward.look(db.session(), 1, YEAR).size == 0
        db.session().rollback()
        assert roll_forward.run(1, YEAR, None, now=NOW).summary["classes_over"] == 0


def test_on_the_desk(lists: Office) -> None:
    reader = Reader(lists)
    looked = reader.page("/new-year?year=2027")
    told = dict(zip(looked.texts("//dt"), looked.texts("//dd"), strict=True))
    assert told["learners set free"] == "2"
    assert reader.post("/new-year", {"year": "2027"}).status_code == 303
    page = reader.page("/new-year")
    assert "The lists stand in the year 2027 now." in page.text
    action = str(page.find("//form[contains(@action, '/undo')]")[0].get("action"))
    assert reader.post(action).status_code == 303
    assert "undone" in reader.page("/new-year").main
    assert reader.page("/new-year?year=9999").find("//main//dl") == []
