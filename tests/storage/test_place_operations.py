"""Merging, dividing, renaming, moving, opening and closing units, and taking it back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.place_changes import Part, Plan, Planner
from forms.place_problems import (
    PlaceChangeDone,
    PlaceChangeOverlaid,
    PlaceChangeUnknown,
    PlaceCodeTaken,
    PlaceCodeUnusable,
    PlaceDayUnusable,
    PlaceLevelsDiffer,
    PlaceNameMissing,
    PlaceNotEmpty,
    PlaceNotInForce,
    PlaceParentUnusable,
    PlacePartsUnusable,
)
from forms.place_tree import Span, Unit
from forms.places import Place as Listed
from storage.models import Place, PlaceChange, PlacePath, PlaceSpan, PlaceWord
from storage.places import operations
from storage.places.closure import rebuild
from storage.places.loading import enter
from storage.places.operations import Recorded
from storage.queries import places
from tests.country import *  # noqa: F403 - fixtures

TODAY, DAY = date(2026, 8, 3), date(2026, 7, 1)
NOW = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
LUNG_CU, VINH_TUY, THUONG_LAM = "00715", "01156", "02269"


def planner(session: Session, *codes: str, on: date = DAY) -> Planner:
    return Planner(operations.known_for(session, codes), on, TODAY)


def done(session: Session, plan: Plan, kind: str = "merge") -> PlaceChange:
    return operations.apply(session, plan, Recorded(kind, "Nghị quyết 1", {}, None, NOW))


def everything(session: Session) -> list[object]:
    """All that is known of the map."""
    rows: list[object] = []
    for model in (Place, PlaceSpan, PlacePath, PlaceWord):
        table = model.__table__
        columns = [column for column in table.columns if column.name != "id"]
        # A row says itself as slowly as it can, a plain tuple does not.
        rows.extend(sorted(repr(tuple(row)) for row in session.execute(select(*columns))))
    return rows


def village(session: Session, code: str, name: str, commune: str) -> None:
    enter(session, [Unit(code, (Span("village", name, commune, date(2025, 7, 1)),), f"uuid of {code}")])


def test_a_village_opened_by_hand_has_a_uuid_so_that_phones_list_it(session: Session) -> None:
    plan = planner(session, LUNG_CU).open(Listed("00715-008", "village", "Thôn Tám", LUNG_CU))
    done(session, plan, "open")
    assert session.get_one(Place, "00715-008").uuid
    plan = planner(session, "00715-008").split(
        "00715-008", [Part("00715-008", "Thôn Tám"), Part("00715-009", "Thôn Chín")]
    )
    done(session, plan, "split")
    assert session.get_one(Place, "00715-009").uuid


def test_a_merge_moves_what_lies_in_the_units_and_its_undo_restores_every_row(session: Session) -> None:
    village(session, "00715-005", "Thôn Tân Lập", LUNG_CU)
    village(session, "01156-005", "Thôn Tân  Lập", VINH_TUY)
    before = everything(session)
    subtrees = {code: places.subtree_codes(session, [code]) for code in (LUNG_CU, VINH_TUY, "08")}

    change = done(session, planner(session, LUNG_CU, VINH_TUY).merge([LUNG_CU, VINH_TUY], VINH_TUY, "Xã Mới"))

    assert places.resolve(session, LUNG_CU, date(2026, 6, 1)) == VINH_TUY
    assert places.resolve(session, "00715-000") == "01156-000"
    assert places.resolve(session, "00715-001", date(2026, 6, 1)) == "00715-001"
    assert places.subtree_codes(session, [VINH_TUY]) == {
        *subtrees[LUNG_CU],
        *subtrees[VINH_TUY],
    }
    assert places.subtree_codes(session, ["08"]) == subtrees["08"]
    assert places.subtree_codes(session, [LUNG_CU], date(2026, 6, 30)) == subtrees[LUNG_CU]
    names = {known.span.name for known in places.children(session, VINH_TUY)}
    assert {"Thôn Tân Lập (Lũng Cú cũ)", "Thôn Tân Lập (Vĩnh Tuy cũ)", "Thôn Lô Lô Chải"} <= names
    moved = places.get_place(session, "00715-001")
    assert moved.attributes["legacy_commune_name"] == "Lũng Cú"
    assert (moved.uuid or "").startswith("42ceb952")
    assert [place.name for place in places.find(session, "xa moi")] == ["Xã Mới"]

    session.expire_all()
    operations.undo(session, change.id, actor_id=None, now=NOW)
    session.flush()
    assert everything(session) == before
    assert places.resolve(session, LUNG_CU) == LUNG_CU


def test_units_become_one_under_a_new_code(session: Session) -> None:
    before = everything(session)
    change = done(
        session, planner(session, LUNG_CU, VINH_TUY, "99999").merge([LUNG_CU, VINH_TUY], "99999", "Xã X")
    )
    assert places.resolve(session, LUNG_CU) == places.resolve(session, VINH_TUY) == "99999"
    assert {known.code for known in places.children(session, "99999")} >= {"00715-001", "01156-001"}
    unlisted = places.get_place(session, "99999-000")
    assert unlisted.parent_code == "99999"
    operations.undo(session, change.id, actor_id=None, now=NOW)
    session.flush()
    assert everything(session) == before


def test_a_divided_unit_lives_on_where_a_part_keeps_its_code(session: Session) -> None:
    parts = (Part(LUNG_CU, "Xã Lũng Cú"), Part("99999", "Xã Lô Lô Chải", ("00715-001",)))
    before = everything(session)
    change = done(session, planner(session, LUNG_CU, "99999").split(LUNG_CU, parts), "split")
    assert places.resolve(session, LUNG_CU, date(2026, 6, 1)) == LUNG_CU
    assert [known.code for known in places.children(session, "99999")] == ["00715-001"]
    assert LUNG_CU in places.subtree_codes(session, ["99999"])
    operations.undo(session, change.id, actor_id=None, now=NOW)
    session.flush()
    assert everything(session) == before


def test_a_unit_divided_for_good_stays_the_closed_one(session: Session) -> None:
    inside = tuple(known.code for known in places.children(session, LUNG_CU))
    parts = (Part("99998", "Xã Một", inside[:1]), Part("99999", "Xã Hai", inside[1:]))
    done(session, planner(session, LUNG_CU, "99998", "99999").split(LUNG_CU, parts), "split")
    assert places.resolve(session, LUNG_CU) == LUNG_CU
    assert places.get_place(session, LUNG_CU).valid_to == date(2026, 6, 30)
    for part in ("99998", "99999", "08"):
        assert LUNG_CU in places.subtree_codes(session, [part])


def test_a_name_and_a_home_change_on_a_day(session: Session) -> None:
    done(session, planner(session, LUNG_CU).rename(LUNG_CU, "  Xã  Cột Cờ "), "rename")
    old, new = (places.as_of(session, LUNG_CU, day) for day in (date(2026, 6, 30), DAY))
    assert old is not None
    assert new is not None
    assert (old.span.name, new.span.name) == ("Xã Lũng Cú", "Xã Cột Cờ")
    done(session, planner(session, "00715-001", VINH_TUY).move("00715-001", VINH_TUY), "move")
    assert "00715-001" in places.subtree_codes(session, [VINH_TUY])
    assert "00715-001" not in places.subtree_codes(session, [LUNG_CU])
    assert "00715-001" in places.subtree_codes(session, [LUNG_CU], date(2026, 6, 30))
    done(session, planner(session, LUNG_CU, "04").move(LUNG_CU, "04"), "move")
    assert {LUNG_CU, "00715-002"} <= places.subtree_codes(session, ["04"])


def test_opening_and_closing(session: Session) -> None:
    done(session, planner(session, "99999", "08").open(Listed("99999", "commune", "Xã Y", "08")), "open")
    assert {"99999", "99999-000"} <= places.subtree_codes(session, ["08"])
    later = planner(session, "99999", on=date(2026, 8, 1)).close("99999")
    done(session, later, "close")
    assert places.subtree_codes(session, ["99999"]) == set()
    assert places.find(session, "99999") == []


def test_operations_are_undone_last_first(session: Session) -> None:
    first = done(session, planner(session, LUNG_CU).rename(LUNG_CU, "Xã A"), "rename")
    second = done(session, planner(session, LUNG_CU, on=TODAY).rename(LUNG_CU, "Xã B"), "rename")
    with pytest.raises(PlaceChangeOverlaid, match=f"operation {second.id} touched the same places"):
        operations.undo(session, first.id, actor_id=None, now=NOW)
    operations.undo(session, second.id, actor_id=None, now=NOW)
    with pytest.raises(PlaceChangeDone, match="was undone before"):
        operations.undo(session, second.id, actor_id=None, now=NOW)
    operations.undo(session, first.id, actor_id=None, now=NOW)
    assert places.get_place(session, LUNG_CU).name == "Xã Lũng Cú"
    with pytest.raises(PlaceChangeDone, match="came with the map"):
        operations.undo(session, 1, actor_id=None, now=NOW)
    with pytest.raises(PlaceChangeUnknown):
        operations.undo(session, 99_999, actor_id=None, now=NOW)


def test_what_came_to_lie_in_an_opened_unit_keeps_it(session: Session) -> None:
    change = done(
        session, planner(session, "99999", "08").open(Listed("99999", "commune", "Xã Y", "08")), "open"
    )
    village(session, "99999-001", "Thôn Mới", "99999")
    with pytest.raises(PlaceChangeOverlaid, match="Thôn Mới lies in what it opened"):
        operations.undo(session, change.id, actor_id=None, now=NOW)


def test_the_closure_is_the_same_made_anew(session: Session) -> None:
    done(session, planner(session, LUNG_CU, VINH_TUY).merge([LUNG_CU, VINH_TUY], VINH_TUY))
    kept = everything(session)
    rebuild(session, ["02", "08", "24", "034", LUNG_CU, VINH_TUY])
    assert everything(session) == kept


REFUSED = [
    (PlaceLevelsDiffer, lambda one: one.merge([LUNG_CU], LUNG_CU)),
    (PlaceLevelsDiffer, lambda one: one.merge([LUNG_CU, "00715-001"], LUNG_CU)),
    (PlaceNotInForce, lambda one: one.merge(["01159", LUNG_CU], LUNG_CU)),
    (PlaceNotInForce, lambda one: one.rename("034", "Huyện X")),
    (PlaceNameMissing, lambda one: one.rename(LUNG_CU, "   ")),
    (PlaceNameMissing, lambda one: one.rename(LUNG_CU, "x" * 256)),
    (PlaceParentUnusable, lambda one: one.move(LUNG_CU, VINH_TUY)),
    (PlaceParentUnusable, lambda one: one.move("00715-001", "08")),
    (PlaceNotInForce, lambda one: one.move("00715-001", "01159")),
    (PlaceNotEmpty, lambda one: one.close(LUNG_CU)),
    (PlaceCodeUnusable, lambda one: one.open(Listed("9999", "commune", "Xã", "08"))),
    (PlaceCodeUnusable, lambda one: one.open(Listed("00715-000", "village", "Thôn", LUNG_CU))),
    (PlaceCodeTaken, lambda one: one.open(Listed(LUNG_CU, "commune", "Xã", "08"))),
    (PlaceParentUnusable, lambda one: one.open(Listed("99999", "commune", "Xã", LUNG_CU))),
    (PlacePartsUnusable, lambda one: one.split(LUNG_CU, [Part("99999", "Xã")])),
    (PlacePartsUnusable, lambda one: one.split(LUNG_CU, [Part("99998", "A"), Part("99999", "B")])),
    (
        PlacePartsUnusable,
        lambda one: one.split(LUNG_CU, [Part(LUNG_CU, "A"), Part("99999", "B", ("01156-001",))]),
    ),
]


@pytest.mark.parametrize(("problem", "ask"), REFUSED)
def test_what_cannot_be_done_is_refused(session: Session, problem: type[Exception], ask: object) -> None:
    known = ("034", "01159", LUNG_CU, VINH_TUY, "08", "99999", "99998")
    with pytest.raises(problem):
        ask(planner(session, *known))  # type: ignore[operator]


@pytest.mark.parametrize("day", [date(2025, 6, 30), date(2026, 8, 4)])
def test_the_day_lies_between_the_last_change_and_today(session: Session, day: date) -> None:
    with pytest.raises(PlaceDayUnusable):
        planner(session, LUNG_CU, on=day).rename(LUNG_CU, "Xã A")
