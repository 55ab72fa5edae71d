"""The records behind a figure: what they add is what it says, and what counts for nothing says why."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select, update

from collector.actions.figures import plan_of
from storage.cells import behind
from storage.cells.behind import DENOMINATOR, EXCLUDED, NUMERATOR, Cell
from storage.cells.marks import mark_places, mark_records
from storage.cells.plan import named_by
from storage.cuts import within
from storage.database import db, transaction
from storage.models import IndicatorCell, PlaceSpan, Submission
from storage.scope import Scope
from tests.figured import Survey, Visit
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, PROVINCE, THERE, THERE_VILLAGE


@pytest.fixture
def survey(office: Office) -> Survey:
    """Visits of all kinds, HERE at the border; two centres, one of them open."""
    made = Survey(office)
    with office.app.app_context(), transaction() as session:
        at = update(PlaceSpan).where(PlaceSpan.code == HERE, PlaceSpan.valid_to.is_(None))
        session.execute(at.values(attributes={"border": "1"}))
        mark_places(session)
    made.centres.add("Một", commune_code=HERE, open="1")
    made.centres.add("Hai", commune_code=THERE, open="0")
    several = (
        Visit(HERE_VILLAGE, "2026-02-01", "a", 3.5, [("2", 70, "x"), ("1", 30, "y"), ("", 9, "")]),
        Visit(THERE_VILLAGE, "2026-03-01", "a", 0, [("2", 71, "x"), ("1", 80, "y")]),
        Visit(OTHER_VILLAGE, "2026-03-02", "b", 1.25, [("2", 30, "x"), ("2", 61, "z")]),
        Visit(OTHER_VILLAGE, "2025-03-02", "b", 2, [("2", 29, "x")]),
        Visit("", "2026-04-01", "c", 7, [("1", 40, "w")]),
        Visit(HERE_VILLAGE, "2026-05-01", "d", 9, [("1", 90, "gone")]),
        Visit(HERE_VILLAGE, "2026-05-02", "e", 9, [("1", 91, "refused")]),
        Visit(HERE_VILLAGE, "2026-05-03", "f", 9, [("1", 92, "double")]),
    )
    for visit in several:
        made.send(visit)
    _put_aside(made, several[5].first_id, deleted_at=NOW)
    _put_aside(made, several[6].first_id, review_state="rejected")
    _put_aside(made, several[7].first_id, duplicate_of=1)
    made.refresh()
    return made


def _put_aside(survey: Survey, instance_id: str, **values: object) -> None:
    with survey.office.app.app_context(), transaction() as session:
        one = session.scalars(select(Submission).filter_by(instance_id=instance_id)).one()
        mark_records(session, one.form_id, [(one.place_code, one.reported_on)])
        for name, value in values.items():
            setattr(one, name, value)


def test_what_the_rows_add_is_what_every_cell_says(survey: Survey) -> None:
    with survey.office.app.app_context():
        session = db.session()
        plan = plan_of(session, 1)
        wrong, looked = [], Counter[str]()
        looked_at = IndicatorCell.place_code.in_(("", PROVINCE, HERE, OTHER_VILLAGE))
        for one in session.scalars(select(IndicatorCell).where(looked_at)).all():
            if named_by(plan.indicators[one.code]):
                continue
            for side, said in ((NUMERATOR, one.numerator), (DENOMINATOR, one.denominator)):
                cell = Cell(one.code, one.period, one.place_code, one.split, side)
                found = sum(row.adds for row in behind.rows(session, plan, cell))
                looked[one.code] += 1
                if found != pytest.approx(said or 0):
                    wrong.append((cell, found, said))
        assert wrong == []
        assert len(looked) == len(plan.indicators) - 1
        assert min(looked.values()) > 3
        db.session.remove()


def asked(survey: Survey, code: str, side: str, place: str = PROVINCE, split: str = "") -> list[behind.Row]:
    with survey.office.app.app_context():
        session = db.session()
        found = behind.rows(session, plan_of(session, 1), Cell(code, "2026", place, split, side))
        db.session.remove()
    return found


ASIDE = {"deleted": 1, "rejected": 1, "duplicate": 1}
REASONS = {
    "money": ASIDE,
    "households": {**ASIDE, "replaced": 1},
    "women_share": {**ASIDE, "condition": 1},
    "women": {**ASIDE, "condition": 2, "blank": 1},
    "persons": {**ASIDE, "again": 3, "blank": 1},
    "illiterate": {**ASIDE, "replaced": 3},
    "border_communes": {"blank": 1},
}


def test_what_counts_for_nothing_says_why(survey: Survey) -> None:
    found = {code: Counter(row.reason for row in asked(survey, code, EXCLUDED)) for code in REASONS}
    assert found == REASONS


def test_a_row_is_named_by_its_record_and_key_and_comes_in_pages(survey: Survey) -> None:
    found = asked(survey, "people", NUMERATOR, split="sex=2")
    assert [row.place for row in found] == [HERE_VILLAGE, THERE_VILLAGE, OTHER_VILLAGE, OTHER_VILLAGE]
    assert found[0].key.startswith(found[0].record)
    assert found[0].key != found[0].record
    assert str(found[0].day) == "2026-02-01"
    with survey.office.app.app_context():
        session, after, several = db.session(), None, list[behind.Row]()
        plan = plan_of(session, 1)
        cell = Cell("people", "2026", PROVINCE, "sex=2")
        while page := behind.rows(session, plan, cell, after=after, limit=3):
            several += page
            after = page[-1].at
        assert several == found
        with within(Scope((THERE,))):
            own = behind.rows(session, plan, cell)
        assert [row.place for row in own] == [THERE_VILLAGE]
        db.session.remove()
