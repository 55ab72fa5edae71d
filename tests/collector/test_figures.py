"""Cells of figures: what they say, and that what is marked is all that has to be worked out again."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select, update

from collector.actions import submissions
from collector.actions.entities import Settling
from collector.actions.place_changes import Operation, carry_out, undo
from collector.actions.review import set_review_state
from storage.cells.marks import mark_places, mark_records
from storage.database import db, transaction
from storage.models import Form, IndicatorCell, PlaceSpan, Submission
from tests.figured import LATER, Survey, Visit
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, PROVINCE, THERE, THERE_VILLAGE

VILLAGES = (HERE_VILLAGE, OTHER_VILLAGE, THERE_VILLAGE)


@pytest.fixture
def survey(office: Office) -> Survey:
    """The survey, with HERE at the border."""
    made = Survey(office)
    with office.app.app_context(), transaction() as session:
        session.execute(
            update(PlaceSpan)
            .where(PlaceSpan.code == HERE, PlaceSpan.valid_to.is_(None))
            .values(attributes={"border": "1"})
        )
        mark_places(session)
    return made


def visit(place: str, day: str, hh: str, *members: tuple[str, int, str], paid: float = 0.0) -> Visit:
    return Visit(place, day, hh, paid, members)


def said(survey: Survey, code: str, place: str, period: str = "2026") -> dict[str, tuple[Any, ...]]:
    """By split: numerator, denominator, value."""
    found = survey.cells().items()
    return {key[3]: row for key, row in found if key[:3] == (code, period, place)}


def act(survey: Survey, one: Visit, what: str) -> None:
    """Something the office does to a record."""
    with survey.office.app.app_context():
        parts = survey.office.parts
        form = db.session.get_one(Form, survey.form.id)
        record = select(Submission).where(Submission.instance_id == one.first_id)
        number = db.session.scalars(record).one().id
        if what in {"approved", "rejected", "hasIssues"}:
            set_review_state(Settling(parts.blobs, parts.shelf), number, what, now=NOW)
            return
        with transaction() as session:
            if what == "delete":
                submissions.delete(session, form, one.first_id, now=NOW)
            elif what == "restore":
                submissions.restore(session, form, one.first_id, now=NOW)
            else:
                found = session.get_one(Submission, number)
                found.duplicate_of = None if found.duplicate_of else number
                mark_records(session, form.id, [(found.place_code, found.reported_on)])


def test_people_are_counted_by_place_period_split_and_class_of_commune(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", ("2", 30, "x"), ("1", 10, "y"), ("2", 70, "z")))
    survey.send(visit(THERE_VILLAGE, "2026-05-01", "b", ("1", 20, "v")))
    survey.refresh()
    assert said(survey, "people", HERE_VILLAGE) == {
        "": (3, None, 3),
        "sex=1": (1, None, 1),
        "sex=2": (2, None, 2),
        "age=..14": (1, None, 1),
        "age=26..": (2, None, 2),
    }
    province = said(survey, "people", PROVINCE)
    assert {split: row[0] for split, row in province.items()} == {
        "": 4, "sex=1": 2, "sex=2": 2, "age=..14": 1, "age=15..25": 1, "age=26..": 2,
        "@border=1": 3, "@border=": 1,
    }  # fmt: skip
    assert said(survey, "people", PROVINCE, "2026-Q1")[""] == (3, None, 3)
    assert said(survey, "women_share", PROVINCE)["@border=1"] == (2, 2, 100)
    assert said(survey, "women_share", PROVINCE)["sex=1"] == (0, 1, 0)
    assert said(survey, "women_share", "")[""] == (2, 3, 100 * 2 / 3)
    assert said(survey, "men", PROVINCE)[""] == (2, None, 2)
    assert said(survey, "border_communes", PROVINCE)[""] == (1, None, 1)
    assert said(survey, "communes", PROVINCE, "2026")[""] == (2, None, 2)


def test_the_last_visit_of_a_household_counts_wherever_the_earlier_one_was(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", ("2", 70, "x"), ("1", 30, "y")))
    survey.refresh()
    assert said(survey, "illiterate", HERE)[""] == (1, 2, 50)
    survey.send(visit(THERE_VILLAGE, "2026-03-01", "a", ("2", 70, "x"), ("1", 71, "y")))
    survey.refresh()
    assert said(survey, "households", HERE_VILLAGE) == {}
    assert said(survey, "households", PROVINCE)[""] == (1, None, 1)
    assert said(survey, "illiterate", PROVINCE)[""] == (2, 2, 100)
    assert said(survey, "illiterate", PROVINCE, "2025-2026")["sex=2"] == (1, 1, 100)
    survey.send(visit(HERE_VILLAGE, "2025-03-01", "a", ("2", 70, "x")))
    survey.refresh()
    assert said(survey, "households", HERE_VILLAGE, "2025")[""] == (1, None, 1)


def test_what_counts_once_is_counted_again_at_every_level(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", ("2", 30, "x"), ("1", 30, "y")))
    survey.send(visit(OTHER_VILLAGE, "2026-02-02", "b", ("2", 30, "x")))
    survey.send(visit(THERE_VILLAGE, "2026-02-03", "c", ("2", 31, "x"), ("1", 5, "")))
    survey.refresh()
    assert [said(survey, "persons", one)[""][0] for one in (HERE_VILLAGE, OTHER_VILLAGE, HERE, PROVINCE)] == [
        2, 1, 2, 2,
    ]  # fmt: skip
    assert said(survey, "persons", PROVINCE)["@border=1"][0] == 2
    assert said(survey, "persons", PROVINCE)["@border="][0] == 1


def test_money_does_not_drift_and_grows_over_the_year_before(survey: Survey) -> None:
    for paid in (0.1, 0.2, 0.3, 10.7):
        survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", paid=paid))
    survey.send(visit(OTHER_VILLAGE, "2025-02-01", "a", paid=5.65))
    survey.refresh()
    assert said(survey, "money", PROVINCE)[""] == (11.3, None, 11.3)
    assert said(survey, "growth", PROVINCE)[""] == (11.3, 5.65, 100)
    assert said(survey, "growth", HERE_VILLAGE)[""] == (11.3, 0, None)


def test_members_of_lists_are_a_denominator_though_they_sent_nothing(survey: Survey) -> None:
    first = survey.centres.add("Một", commune_code=HERE, open="1")
    survey.centres.add("Hai", commune_code=THERE, open="1")
    survey.centres.add("Ba", commune_code=THERE, open="0")
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    survey.refresh()
    assert said(survey, "per_centre", PROVINCE)[""] == (1, 2, 0.5)
    assert said(survey, "per_centre", THERE)[""] == (0, 1, 0)
    survey.centres.delete(first)
    assert survey.marks() == [("entities:centres", HERE)]
    survey.refresh()
    assert said(survey, "per_centre", PROVINCE)[""] == (1, 1, 1)
    assert survey.marks() == []


def test_a_draft_marks_nothing_and_a_quiet_server_writes_nothing(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    assert ("form:1", HERE_VILLAGE) in survey.marks()
    survey.refresh()
    assert survey.refresh() == 0
    draft = survey.office.draft(
        "| survey |\n| | type | name | label |\n| | text | a | A |\n| settings |\n| | form_id | version |\n| | d | 1 |\n"
    )
    token = survey.office.draft_token(draft)
    assert token
    assert survey.marks() == []


def test_another_programme_takes_the_place_of_cells(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    survey.refresh()
    survey.programme(
        "| indicators |\n| | code | label::vi | table | numerator |\n| | all | Hết | visits | true() |\n"
    )
    survey.refresh()
    assert {key[0] for key in survey.cells()} == {"all"}
    assert said(survey, "all", PROVINCE)[""] == (1, None, 1)


def test_a_new_year_begins_by_itself(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    survey.refresh()
    assert said(survey, "communes", PROVINCE, "2027") == {}
    survey.now = LATER.replace(year=2027)
    survey.refresh()
    assert said(survey, "communes", PROVINCE, "2027")[""] == (2, None, 2)
    assert survey.rebuild() == 0


STEPS = ("send", "send", "send", "edit", "edit", "delete", "restore", "rejected", "approved", "duplicate")
MORE = ("centre", "centre", "centre_gone", "merge", "undo")


@pytest.mark.parametrize("seed", range(2))
def test_what_is_marked_is_all_there_is_to_do(survey: Survey, seed: int) -> None:
    chance = random.Random(seed)
    sent: list[Visit] = []
    centres: list[str] = []
    merged: list[int] = []

    def made() -> Visit:
        members = [
            (chance.choice("12"), chance.randint(5, 90), f"p{chance.randint(1, 6)}")
            for _ in range(chance.randint(0, 3))
        ]
        day = f"{chance.choice((2025, 2026))}-{chance.choice(('02', '03', '07', '10'))}-11"
        place = chance.choice((*VILLAGES, HERE, ""))
        return visit(place, day, f"h{chance.randint(1, 5)}", *members, paid=chance.randint(0, 9999) / 100)

    def step(what: str) -> None:
        if what == "send":
            sent.append(survey.send(made()))
        elif what == "centre":
            centres.append(survey.centres.add("C", commune_code=chance.choice((HERE, THERE)), open="1"))
        elif what == "centre_gone" and centres:
            survey.centres.delete(centres.pop())
        elif what == "merge" and not merged:
            asked = Operation("merge", (HERE, THERE), NOW.date(), "Nghị quyết 1", THERE, "Xã Mới")
            with survey.office.app.app_context():
                merged.append(carry_out(asked, actor_id=None, now=NOW))
        elif what == "undo" and merged:
            with survey.office.app.app_context():
                undo(merged.pop(), actor_id=None, now=NOW)
        elif sent:
            change(what, chance.choice(sent))

    def change(what: str, one: Visit) -> None:
        if what == "edit" and not one.deleted:
            new = made()
            one.place, one.day, one.hh, one.paid, one.members = (
                new.place,
                new.day,
                new.hh,
                new.paid,
                new.members,
            )
            survey.send(one)
        elif what in {"delete", "restore"}:
            if one.deleted is (what == "restore"):
                act(survey, one, what)
                one.deleted = what == "delete"
        elif what in {"rejected", "approved", "duplicate"}:
            act(survey, one, what)

    for turn in range(8):
        for _ in range(chance.randint(1, 4)):
            step(chance.choice(STEPS if turn % 3 else (*STEPS, *MORE)))
        survey.refresh()
        assert survey.marks() == []
        before = survey.cells()
        assert survey.rebuild() == 0, difference(before, survey.cells())
    with survey.office.app.app_context():
        assert db.session.scalars(select(IndicatorCell)).first() is not None


def difference(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    """What a rebuild found otherwise."""
    keys = before.keys() | after.keys()
    return [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)][:10]
