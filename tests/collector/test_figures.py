"""Cells of figures: what they say, and that what is marked is all that has to be worked out again."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from collector.actions import approvals, submissions
from collector.actions.approvals import Signed
from collector.actions.entities import Settling
from collector.actions.place_changes import Operation, carry_out, undo
from collector.actions.review import set_review_state
from storage.cells.marks import mark_places, mark_records
from storage.cells.problems import FiguresLocked, FiguresNotLocked, FiguresUnconfirmed
from storage.cuts import within
from storage.database import db, transaction
from storage.models import Form, IndicatorCell, PlaceSpan, Submission
from storage.problems import PeriodUnknown, ReasonMissing
from storage.queries import cells
from storage.scope import Scope
from tests.figured import LATER, Survey, Visit, sheet
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


def stated(survey: Survey, code: str, place: str, split: str = "") -> tuple[Any, ...]:
    """Units expected and received, target, what is missing and how it stands, in 2026."""
    with survey.office.app.app_context():
        asked = cells.cells(db.session(), 1, codes=[code], periods=["2026"], splits=[split])
        [one] = [one for one in asked if one.place_code == place]
        return one.expected, one.received, one.target_value, one.to_reach, one.status


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
    assert said(survey, "communes", PROVINCE)[""] == (2, None, 2)


def test_a_cell_says_who_has_reported_and_how_it_stands_to_its_target(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", ("2", 30, "x"), ("1", 20, "y")))
    survey.send(visit(THERE_VILLAGE, "2026-05-01", "b", ("1", 20, "v")))
    survey.refresh()
    assert stated(survey, "people", PROVINCE) == (3, 2, 10, 7, "on_way")
    assert stated(survey, "people", HERE) == (2, 1, None, None, None)
    assert stated(survey, "people", HERE_VILLAGE)[:2] == (1, 1)
    part = next(split for split in said(survey, "women_share", PROVINCE) if split.startswith("!"))
    assert said(survey, "women_share", PROVINCE)[part] == (1, 2, 50)
    assert stated(survey, "women_share", PROVINCE, part)[2:] == (60, 1, "on_way")
    assert stated(survey, "women_share", HERE)[2:] == (60, 1, "on_way")
    assert stated(survey, "women_share", THERE)[2:] == (None, None, None)


def test_the_last_visit_of_a_household_counts_wherever_the_earlier_one_was(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", ("2", 70, "x"), ("1", 30, "y")))
    survey.refresh()
    assert said(survey, "illiterate", HERE)[""] == (1, 2, 50)
    survey.send(visit(THERE_VILLAGE, "2026-03-01", "a", ("2", 70, "x"), ("1", 71, "y")))
    survey.refresh()
    assert said(survey, "households", HERE_VILLAGE).get("", (0,))[0] == 0
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
    places = (HERE_VILLAGE, OTHER_VILLAGE, HERE, PROVINCE)
    assert [said(survey, "persons", one)[""][0] for one in places] == [2, 1, 2, 2]
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
    assert said(survey, "growth", OTHER_VILLAGE)[""] == (0, 5.65, -100)


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


def test_a_quiet_server_writes_nothing_and_a_new_programme_takes_the_place_of_cells(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    assert (f"form:{survey.form.id}", HERE_VILLAGE) in survey.marks()
    survey.refresh()
    assert survey.refresh() == 0
    survey.programme(sheet([{"code": "all", "table": "f01_hh_survey", "numerator": "true()"}]))
    survey.refresh()
    assert {key[0] for key in survey.cells()} == {"all"}
    assert said(survey, "all", PROVINCE)[""] == (1, None, 1)


def test_a_new_year_begins_by_itself(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    survey.refresh()
    assert said(survey, "communes", PROVINCE, "2027") == {}
    survey.now = LATER
    survey.refresh()
    assert said(survey, "communes", PROVINCE, "2027")[""] == (2, None, 2)
    before = survey.cells()
    survey.rebuild()
    assert survey.cells() == before


def signed(survey: Survey, place: str, period: str = "2026") -> Signed:
    return Signed(1, place, period, survey.office.admin_id, NOW)


def test_a_commune_confirms_the_province_locks_and_locked_figures_stay(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a", paid=1))
    survey.refresh()
    with survey.office.app.app_context():
        with transaction() as session:
            approvals.confirm(session, signed(survey, HERE))
            with pytest.raises(FiguresUnconfirmed, match="Zzngoai"):
                approvals.lock(session, signed(survey, PROVINCE))
            with pytest.raises(PeriodUnknown):
                approvals.confirm(session, signed(survey, HERE, "2026-Q7"))
        with transaction() as session:
            approvals.lock(session, signed(survey, HERE))
            with pytest.raises(FiguresLocked):
                approvals.confirm(session, signed(survey, HERE_VILLAGE))
    survey.send(visit(HERE_VILLAGE, "2026-02-02", "b", paid=2))
    survey.send(visit(THERE_VILLAGE, "2026-02-02", "c", paid=4))
    survey.refresh()
    assert said(survey, "money", HERE_VILLAGE)[""][0] == said(survey, "money", HERE)[""][0] == 1
    assert said(survey, "money", PROVINCE)[""][0] == 5
    assert said(survey, "money", HERE, "2026-02")[""][0] == 3
    assert survey.rebuild() == 0
    with survey.office.app.app_context():
        held = approvals.held_by(db.session(), 1, HERE_VILLAGE, "2026")
        assert held is not None
        assert held.changed_at == NOW
        with transaction() as session:
            with pytest.raises(ReasonMissing):
                approvals.unlock(session, signed(survey, HERE), " ")
            with pytest.raises(FiguresNotLocked):
                approvals.unlock(session, signed(survey, THERE), "Sai")
        with transaction() as session:
            approvals.unlock(session, signed(survey, HERE), "Thiếu phiếu")
    survey.refresh()
    assert said(survey, "money", PROVINCE)[""][0] == 7
    assert said(survey, "money", HERE_VILLAGE)[""][0] == 3
    assert survey.rebuild() == 0


def test_cells_are_cut_to_the_places_of_whoever_asks(survey: Survey) -> None:
    survey.send(visit(HERE_VILLAGE, "2026-02-01", "a"))
    with survey.office.app.app_context():
        session = db.session()
        assert cells.as_of(session, 1, now=NOW) is None
        assert cells.pending(session, 1) > 0
    survey.refresh()
    with survey.office.app.app_context():
        session = db.session()
        assert (cells.as_of(session, 1, now=NOW), cells.pending(session, 1)) == (NOW, 0)
        money = partial(cells.cells, session, 1, codes=["money"], periods=["2026"])
        everywhere = {one.place_code for one in money()}
        assert everywhere == {"", PROVINCE, HERE, HERE_VILLAGE}
        with within(Scope((HERE,))):
            assert {one.place_code for one in money()} == {HERE, HERE_VILLAGE}
        communes = money(level="commune", area=PROVINCE)
        assert [one.place_code for one in communes] == [HERE]
        assert cells.periods_of(session, 1, ["people"]) == ["2026", "2026-Q1", "2026-Q3"]


# Whatever happens, in any order ------------------------------------------------------------------------


class Happenings:
    """Things that change figures, one after the other, by chance."""

    def __init__(self, survey: Survey, seed: int) -> None:
        self.survey = survey
        self.chance = random.Random(seed)  # noqa: S311 - the same for the same seed
        self.sent: list[Visit] = []
        self.centres: list[str] = []
        self.merged: list[int] = []

    def some(self) -> None:
        """Up to four things."""
        for _ in range(self.chance.randint(1, 4)):
            self.chance.choice(self.every)()

    @property
    def every(self) -> list[Callable[[], None]]:
        """All that may happen, the usual more often."""
        often = [self.send, self.edit, self.delete_or_restore, self.judge]
        return [*often * 3, self.duplicate, self.new_centre, self.no_centre, self.merge_or_undo]

    def made(self) -> Visit:
        choice, number = self.chance.choice, self.chance.randint
        members = [(choice("12"), number(5, 90), f"p{number(1, 6)}") for _ in range(number(0, 3))]
        day = f"{choice((2025, 2026))}-{choice(('02', '03', '07', '10'))}-11"
        place = choice((*VILLAGES, HERE, ""))
        return visit(place, day, f"h{number(1, 5)}", *members, paid=number(0, 9999) / 100)

    def send(self) -> None:
        self.sent.append(self.survey.send(self.made()))

    def edit(self) -> None:
        one = self.any_of(deleted=False)
        if one is not None:
            new = self.made()
            one.place, one.day, one.hh, one.paid = new.place, new.day, new.hh, new.paid
            one.members = new.members
            self.survey.send(one)

    def delete_or_restore(self) -> None:
        one = self.any_of(deleted=self.chance.random() < 0.5)
        if one is not None:
            with self.survey.office.app.app_context(), transaction() as session:
                form = session.get_one(Form, self.survey.form.id)
                do = submissions.restore if one.deleted else submissions.delete
                do(session, form, one.first_id, now=NOW)
                one.deleted = not one.deleted

    def judge(self) -> None:
        one = self.any_of(deleted=False)
        if one is not None:
            with self.survey.office.app.app_context():
                parts = self.survey.office.parts
                state = self.chance.choice(("approved", "rejected", None))
                set_review_state(Settling(parts.blobs, parts.shelf), self.number(one), state, now=NOW)

    def duplicate(self) -> None:
        one = self.any_of(deleted=False)
        if one is not None:
            with self.survey.office.app.app_context(), transaction() as session:
                found = session.get_one(Submission, self.number(one))
                found.duplicate_of = None if found.duplicate_of else found.id
                mark_records(session, found.form_id, [(found.place_code, found.reported_on)])

    def new_centre(self) -> None:
        commune = self.chance.choice((HERE, THERE))
        self.centres.append(self.survey.centres.add("C", commune_code=commune, open="1"))

    def no_centre(self) -> None:
        if self.centres:
            self.survey.centres.delete(self.centres.pop())

    def merge_or_undo(self) -> None:
        with self.survey.office.app.app_context():
            if self.merged:
                undo(self.merged.pop(), actor_id=None, now=NOW)
                return
            asked = Operation("merge", (HERE, THERE), NOW.date(), "Nghị quyết 1", THERE, "Xã Mới")
            self.merged.append(carry_out(asked, actor_id=None, now=NOW))

    def any_of(self, *, deleted: bool) -> Visit | None:
        several = [one for one in self.sent if one.deleted is deleted]
        return self.chance.choice(several) if several else None

    def number(self, one: Visit) -> int:
        query = select(Submission.id).where(Submission.instance_id == one.first_id)
        return db.session.scalars(query).one()


def difference(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    """What a rebuild found otherwise."""
    keys = before.keys() | after.keys()
    return [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)][:10]


@pytest.mark.parametrize("seed", range(2))
def test_what_is_marked_is_all_there_is_to_do(survey: Survey, seed: int) -> None:
    happenings = Happenings(survey, seed)
    for _turn in range(5):
        happenings.some()
        survey.refresh()
        assert survey.marks() == []
        before = survey.cells()
        assert survey.rebuild() == 0, difference(before, survey.cells())
    with survey.office.app.app_context():
        assert db.session.scalars(select(IndicatorCell)).first() is not None
