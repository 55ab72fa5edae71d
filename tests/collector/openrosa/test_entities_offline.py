"""What phones change without a network: OR-88, 89, 91; any order, crossing branches, dead processes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from collector.actions import submissions
from collector.actions.entities import LEFT_AFTER, Settling
from collector.actions.review import set_review_state
from collector.clock import moment
from storage.database import transaction
from storage.entities.lists import list_by_name, set_approval
from storage.models import EntityHeld, EntityOutcome, SubmissionVersion
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.kept import record
from tests.office import Office
from tests.registers import (
    HOMES,
    PEOPLE,
    REGISTER,
    VISIT,
    Said,
    backlog,
    creation,
    entity,
    history,
    known,
    new_uuid,
    open_outcomes,
    outcome,
    register,
    stamps,
    update,
    visit,
)


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody who visits households where there is no network."""
    return Volunteer(office, form=office.publish(VISIT))


def settling(office: Office) -> Settling:
    """The part that applies entities."""
    return Settling(office.parts.blobs, office.parts.shelf)


def chain(number: str, *sizes: str, trunk: int | str = "") -> list[bytes]:
    """Changes of one entity on one phone: the first rests on its creation, or on the trunk."""
    branch = new_uuid()
    first = int(trunk or 1)
    return [
        visit(update(number, first + step, trunk=trunk, branch=branch), new_id(), size=size)
        for step, size in enumerate(sizes)
    ]


def send(volunteer: Volunteer, *several: bytes) -> None:
    """Send some visits, each of which is taken."""
    for one in several:
        assert volunteer.send(one).status == 201


def worker_days_later(office: Office, days: float) -> int:
    """The worker looks at what has been held, some days from now."""
    with office.app.app_context():
        return settling(office).force_overdue(moment() + timedelta(days=days))


def test_or_88_a_creation_and_two_changes_in_order_make_version_three(volunteer: Volunteer) -> None:
    number = new_uuid()
    first = visit(creation(number, "A"), new_id(), head="H", size="1")
    send(volunteer, first, *chain(number, "2", "3"))
    found = known(volunteer.office, number)
    assert (found.version, found.data, found.conflict) == (3, {"head": "H", "size": "3"}, None)
    assert [one.base_version for one in history(volunteer.office, number)] == [None, 1, 2]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_or_89_in_any_other_order_they_wait_for_one_another(
    volunteer: Volunteer, order: Sequence[int]
) -> None:
    office, number = volunteer.office, new_uuid()
    sent = [visit(creation(number, "A"), new_id(), head="H", size="1"), *chain(number, "2", "3")]
    for at, which in enumerate(order):
        send(volunteer, sent[which])
        came = set(order[: at + 1])
        expected = next((step for step in range(3) if step not in came), 3)
        assert (
            (entity(office, number) is None) if expected == 0 else known(office, number).version == expected
        )
        assert backlog(office) == len(came) - expected
    found = known(office, number)
    assert (found.version, found.data, found.conflict) == (3, {"head": "H", "size": "3"}, None)
    assert [one.data["size"] for one in history(office, number)] == ["1", "2", "3"]
    assert open_outcomes(office) == 0


def test_or_89_a_long_chain_backwards_ends_where_it_would_have_forwards(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    sizes = [str(size) for size in range(1, 21)]
    send(volunteer, *reversed(chain(number, *sizes)), visit(creation(number, "A"), new_id(), size="0"))
    assert (known(office, number).version, backlog(office)) == (21, 0)
    assert [one.data["size"] for one in history(office, number)] == ["0", *sizes]
    assert all(one.conflict is None for one in history(office, number))


def test_or_89_a_branch_from_a_later_version_comes_backwards(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    send(volunteer, visit(creation(number, "A"), new_id(), size="0"), visit(update(number, 1), new_id()))
    send(volunteer, *reversed(chain(number, "1", "2", "3", trunk=2)))
    assert (known(office, number).version, known(office, number).data["size"]) == (5, "3")
    assert (known(office, number).conflict, backlog(office)) == (None, 0)


def test_or_89_eight_phones_at_once_send_a_chain(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    several = [visit(creation(number, "A"), new_id(), size="0"), *chain(number, *"1234567")]
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(volunteer.post, reversed(several))} == {201}
    assert (known(office, number).version, known(office, number).data["size"]) == (8, "7")
    assert (backlog(office), open_outcomes(office)) == (0, 0)


def test_two_branches_that_cross_are_a_conflict(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    one, other = chain(number, "1", "2", trunk=1), chain(number, "1", "2", trunk=1)
    send(volunteer, visit(creation(number, "A"), new_id(), size="0"), one[0], other[0], one[1], other[1])
    found = known(office, number)
    assert (found.version, found.conflict) == (5, "soft")
    assert [one.base_version for one in history(office, number)] == [None, 1, 1, 2, 3]
    assert [one.conflict for one in history(office, number)] == [None, None, "soft", "soft", "soft"]


def test_a_branch_that_somebody_wrote_into_is_a_soft_conflict_although_it_goes_on(
    volunteer: Volunteer,
) -> None:
    office, number = volunteer.office, new_uuid()
    branch = chain(number, "1", "2", trunk=1)
    send(
        volunteer,
        visit(creation(number, "A"), new_id(), size="0"),
        visit(update(number, 1), new_id(), head="H"),
    )
    send(volunteer, *branch)
    assert [one.conflict for one in history(office, number)] == [None, None, "soft", "soft"]
    assert known(office, number).data == {"size": "2", "head": "H"}


def test_or_91_a_change_whose_predecessor_never_comes_is_applied_after_five_days(
    volunteer: Volunteer,
) -> None:
    office, number = volunteer.office, new_uuid()
    _lost, second, third = chain(number, "1", "2", "3")
    send(volunteer, visit(creation(number, "A"), new_id(), size="0"), third, second)
    assert (known(office, number).version, backlog(office)) == (1, 2)
    assert worker_days_later(office, 4.9) == 0
    assert known(office, number).version == 1
    assert worker_days_later(office, 5.1) == 2
    assert (known(office, number).version, known(office, number).data["size"]) == (3, "3")
    assert (backlog(office), open_outcomes(office)) == (0, 0)
    assert worker_days_later(office, 6) == 0


def test_or_91_what_comes_after_all_meets_what_was_done_without_it(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    late, second = chain(number, "1", "2")
    send(volunteer, visit(creation(number, "A"), new_id(), size="0"), second)
    worker_days_later(office, 5.1)
    send(volunteer, late)
    assert (known(office, number).version, known(office, number).conflict) == (3, "hard")
    assert history(office, number)[-1].conflicting == ["size"]


def test_or_91_a_change_of_what_never_came_makes_it_and_the_creation_changes_it(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    [change] = chain(number, "5")
    send(volunteer, change)
    assert entity(office, number) is None
    worker_days_later(office, 5.1)
    found = known(office, number)
    assert (found.version, found.label, found.data) == (1, "auto generated", {"size": "5"})
    late = new_id()
    send(volunteer, visit(creation(number, "A"), late, size="1", head="H"))
    found = known(office, number)
    assert (found.version, found.label, found.data) == (2, "A", {"size": "1", "head": "H"})
    assert (found.conflict, history(office, number)[-1].conflicting) == ("hard", ["head", "size", "label"])
    assert outcome(office, late) == ("done", None)


def test_or_91_held_again_it_counts_its_days_from_the_first_time(office: Office) -> None:
    registrar = Volunteer(office, form=office.publish(REGISTER.replace(PEOPLE_CREATED, PEOPLE_UPDATED)))
    home, person, sent = new_uuid(), new_uuid(), new_id()
    members = [(replace(update(person, 1, branch=new_uuid()), dataset=PEOPLE), {"born": "1980"})]
    registrar.send(register(update(home, 1, branch=new_uuid()), members, sent, size="2"))
    assert backlog(office) == 2
    with office.app.app_context(), transaction() as session:
        for one in session.scalars(select(EntityHeld)):
            one.held_at = moment() - timedelta(days=4)
    registrar.send(register(creation(home, "Nhà"), [], new_id(), size="1"))
    assert (outcome(office, sent), backlog(office)) == (("held", None), 1)
    assert worker_days_later(office, 1.1) == 1
    assert (known(office, home).version, known(office, person, PEOPLE).label) == (2, "auto generated")


PEOPLE_CREATED = "| people | ${full_name} | | | |"
PEOPLE_UPDATED = "| people | ${full_name} | ${person} | ${born} != '' | ${born} != '' |"


def test_a_deleted_record_is_applied_only_when_it_is_put_back(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    sent = new_id()
    change = visit(update(number, 1, branch=new_uuid()), sent, size="5")
    send(volunteer, change)
    with office.app.app_context(), transaction() as session:
        submissions.delete(session, session.merge(volunteer.form), sent, now=moment())
    send(volunteer, visit(creation(number, "A"), new_id(), size="1"))
    assert known(office, number).version == 1
    assert outcome(office, sent) == ("failed", "SubmissionDeleted")
    with office.app.app_context():
        with transaction() as session:
            submissions.restore(session, session.merge(volunteer.form), sent, now=moment())
        settling(office).settle_left(moment() + 2 * LEFT_AFTER)
    assert (known(office, number).version, outcome(office, sent)) == (2, ("done", None))


def test_or_89_all_entities_of_a_record_wait_together(office: Office) -> None:
    registrar = Volunteer(office, form=office.publish(REGISTER))
    home, person, sent = new_uuid(), new_uuid(), new_id()
    branch = new_uuid()
    members = [(creation(person, "Người", PEOPLE), {"full_name": "Người"})]
    registrar.send(register(update(home, 1, branch=branch), members, sent, size="2"))
    assert (outcome(office, sent), backlog(office)) == (("held", None), 1)
    assert entity(office, person, PEOPLE) is None
    assert stamps(office, PEOPLE) == {}
    registrar.send(register(creation(home, "Nhà"), [], new_id(), size="1"))
    assert (outcome(office, sent), backlog(office)) == (("done", None), 0)
    assert known(office, home).data["size"] == "2"
    assert known(office, person, PEOPLE).version == 1


def test_what_cannot_be_applied_by_force_keeps_nobody_else_waiting(volunteer: Volunteer) -> None:
    office, number = volunteer.office, new_uuid()
    lost, sent = new_id(), new_id()
    send(volunteer, visit(update(new_uuid(), 1, branch=new_uuid()), lost, size="1"))
    send(volunteer, visit(update(number, 1, branch=new_uuid()), sent, size="2"))
    with office.app.app_context(), transaction() as session:
        # Bytes that no server wrote: a disk did.
        session.get_one(SubmissionVersion, record(office, lost).id).xml = b"rubbish"
    assert worker_days_later(office, 6) == 2
    assert outcome(office, lost) == ("failed", "EntitiesNotApplied")
    assert outcome(office, sent) == ("done", None)


def test_a_process_that_died_after_the_submission_is_made_up_for(volunteer: Volunteer) -> None:
    office, number, sent = volunteer.office, new_uuid(), new_id()
    send(volunteer, visit(creation(number, "A"), sent, size="1"), *chain(number, "2"))
    other, late = new_uuid(), new_id()
    send(volunteer, visit(Said(other, create="1", label=""), late, size="1"))
    with office.app.app_context():
        with transaction() as session:
            # As it is between the two transactions.
            left = session.get_one(EntityOutcome, record(office, late).id)
            left.state, left.error, left.updated_at = "waiting", None, None
        assert settling(office).settle_left(moment()) == 0
        assert settling(office).settle_left(moment() + 2 * LEFT_AFTER) == 1
        assert settling(office).settle_left(moment() + 2 * LEFT_AFTER) == 0
    assert outcome(office, late) == ("failed", "EntityLabelMissing")
    assert known(office, number).version == 2


def test_approval_keeps_the_changes_of_what_it_has_not_made_yet_waiting(volunteer: Volunteer) -> None:
    office, number, sent = volunteer.office, new_uuid(), new_id()
    with office.app.app_context(), transaction() as session:
        set_approval(session, list_by_name(session, 1, HOMES), required=True)
    send(volunteer, visit(creation(number, "A"), sent, size="1"), *chain(number, "2"))
    assert (entity(office, number), backlog(office)) == (None, 1)
    with office.app.app_context():
        set_review_state(settling(office), record(office, sent).id, "approved", now=moment())
    assert (known(office, number).version, backlog(office)) == (2, 0)
