"""A record finds its place: by the code or uuid it names, by what became of it, else by its sender."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from forms.placing import NO_PLACE, OTHER_PLACE, UNKNOWN_PLACE, Told
from storage.database import db, line_of, swift_reading, transaction
from storage.models import Actor, AppUser, Assignment, PlaceChange, PlaceLink
from storage.queries.placing import Placed, place, places_of_sender
from tests import tree
from tests.office import NOW, Office
from tests.tree import (
    BEFORE,
    DISTRICT,
    HERE,
    HERE_UUID,
    HERE_VILLAGE,
    OLD_HERE,
    OTHER_VILLAGE,
    PROVINCE,
    REFORM,
    THERE,
    THERE_VILLAGE,
)

LONG_AGO = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _planted(office: Office) -> Iterator[None]:
    with office.app.app_context():
        with transaction() as session:
            tree.plant(session)
            change = PlaceChange(kind="merge", effective_on=REFORM, created_at=NOW)
            undone = PlaceChange(kind="merge", effective_on=REFORM, created_at=NOW, undone_at=NOW)
            session.add_all([change, undone])
            session.flush()
            session.add(PlaceLink(change_id=undone.id, old_code=OLD_HERE, new_code=THERE))
            # The code of the swallowing commune meant a smaller one before.
            session.add(PlaceLink(change_id=change.id, old_code=THERE, new_code=HERE))
            session.add(PlaceLink(change_id=change.id, old_code=DISTRICT, new_code=HERE, part=True))
            session.add(PlaceLink(change_id=change.id, old_code=DISTRICT, new_code=THERE, part=True))
        yield


def placed(*places: str, senders: tuple[str, ...] = (), received: datetime = NOW) -> Placed:
    """Where a record with these answers belongs."""
    told = Told(places, "/village", date(2026, 8, 3))
    with swift_reading() as line:
        return place(line, told, "uuid:1", senders, received)


@pytest.mark.parametrize(
    ("given", "sent", "code"),
    [
        ((HERE_VILLAGE,), HERE_VILLAGE, HERE_VILLAGE),
        ((HERE_UUID,), HERE_VILLAGE, HERE_VILLAGE),
        ((HERE_UUID.upper(),), HERE_VILLAGE, HERE_VILLAGE),
        ((HERE,), HERE, HERE),
        (("99999-001", HERE), HERE, HERE),
        ((OLD_HERE,), OLD_HERE, HERE),
        ((THERE,), THERE, THERE),
        # What was divided belongs to no one of its parts.
        ((DISTRICT,), DISTRICT, DISTRICT),
    ],
)
def test_a_record_goes_where_its_answers_say(given: tuple[str, ...], sent: str, code: str) -> None:
    assert placed(*given) == Placed(sent, code)


def test_a_code_is_taken_as_it_was_meant_on_the_day_it_came() -> None:
    assert placed(THERE).code == THERE
    assert placed(THERE, received=LONG_AGO).code == HERE
    assert placed(OLD_HERE, received=LONG_AGO).code == HERE
    assert BEFORE < REFORM


@pytest.mark.parametrize(
    ("senders", "code"),
    [
        ((HERE_VILLAGE,), HERE_VILLAGE),
        ((OLD_HERE,), HERE),
        ((HERE_VILLAGE, OTHER_VILLAGE), HERE),
        ((HERE, HERE_VILLAGE), HERE),
        ((HERE_VILLAGE, THERE_VILLAGE), PROVINCE),
        (("99999",), None),
        ((), None),
    ],
)
def test_without_an_answer_it_goes_where_its_sender_works(senders: tuple[str, ...], code: str | None) -> None:
    found = placed(senders=senders)
    assert (found.sent, found.code) == (None, code)
    assert [one.check for one in found.findings] == ([] if code else [NO_PLACE])


def test_an_unknown_place_is_kept_noted_and_laid_to_its_sender() -> None:
    found = placed("99999", senders=(HERE_VILLAGE,))
    assert (found.sent, found.code) == ("99999", HERE_VILLAGE)
    assert [(one.check, one.path, one.value) for one in found.findings] == [
        (UNKNOWN_PLACE, "/village", "99999")
    ]
    everywhere = placed("99999")
    assert (everywhere.sent, everywhere.code) == ("99999", None)
    assert [one.check for one in everywhere.findings] == [UNKNOWN_PLACE]


@pytest.mark.parametrize(
    ("given", "senders", "outside"),
    [
        (HERE_VILLAGE, (HERE_VILLAGE,), False),
        (HERE_VILLAGE, (HERE,), False),
        (HERE_VILLAGE, (PROVINCE,), False),
        (HERE_VILLAGE, (), False),
        (OLD_HERE, (HERE,), False),
        (THERE_VILLAGE, (HERE,), True),
        (THERE_VILLAGE, (HERE, THERE), False),
        (OTHER_VILLAGE, (HERE_VILLAGE,), True),
        (HERE, (HERE_VILLAGE,), True),
    ],
)
def test_what_comes_for_another_village_is_kept_and_noted(
    given: str,
    senders: tuple[str, ...],
    outside: bool,  # noqa: FBT001 - a row of the table
) -> None:
    found = placed(given, senders=senders)
    assert found.sent == given
    assert [one.check for one in found.findings] == ([OTHER_PLACE] if outside else [])


def test_a_phone_and_a_person_work_where_they_are_assigned() -> None:
    with transaction() as session:
        for number, codes in ((101, [HERE, THERE]), (102, [])):
            session.add(Actor(id=number, type="field_key", display_name="Máy", created_at=NOW))
            session.flush()
            session.add(AppUser(actor_id=number, project_id=1, place_codes=codes))
        for number, held in ((201, (HERE, THERE)), (202, (HERE, None))):
            session.add(Actor(id=number, type="user", display_name="Lan", created_at=NOW))
            session.flush()
            session.add_all([
                Assignment(actor_id=number, role=20, project_id=1, place_code=code) for code in held
            ])
    line = line_of(db.session())
    assert [set(places_of_sender(line, number)) for number in (101, 102, 201, 202, 999, None)] == [
        {HERE, THERE},
        set(),
        {HERE, THERE},
        set(),
        set(),
        set(),
    ]
