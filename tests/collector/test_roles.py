"""A role held in some places: what it lets its holder see, project by project."""

from __future__ import annotations

import pytest

from collector.accounts.identity import Grant, Identity
from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from collector.actions import roles
from collector.actions.accounts import create_user
from storage.database import db, transaction
from storage.problems import PlaceUnknown
from storage.queries import actors
from tests import tree
from tests.collector.desk.reader import Reader
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, THERE

SEE, FIGURES = ("submission.list",), ("indicator.read",)


@pytest.mark.parametrize(
    ("grants", "verbs", "project", "codes"),
    [
        ((), SEE, 1, ()),
        (((REVIEWER, 1, HERE),), SEE, 1, (HERE,)),
        (((REVIEWER, 1, HERE),), SEE, 2, ()),
        (((REVIEWER, 1, HERE), (REVIEWER, 1, THERE)), SEE, 1, (HERE, THERE)),
        (((REVIEWER, 1, HERE), (MANAGER, 1, None)), SEE, 1, None),
        # A leader of the whole sees its figures, and the records of his commune only.
        (((REVIEWER, 1, HERE), (VIEWER, 1, None)), SEE, 1, (HERE,)),
        (((REVIEWER, 1, HERE), (VIEWER, 1, None)), FIGURES, 1, None),
        (((VIEWER, 1, None),), SEE, 1, ()),
        (((REVIEWER, None, HERE), (REVIEWER, 1, THERE)), SEE, 1, (HERE, THERE)),
        (((REVIEWER, None, HERE), (REVIEWER, 1, THERE)), SEE, 2, (HERE,)),
        # Without a project: the places that hold for each of them, or none.
        (((REVIEWER, 1, HERE),), SEE, None, (HERE,)),
        (((REVIEWER, 1, HERE), (REVIEWER, 2, HERE)), SEE, None, (HERE,)),
        (((REVIEWER, 1, HERE), (REVIEWER, 2, THERE)), SEE, None, ()),
        (((REVIEWER, None, HERE), (REVIEWER, 1, THERE)), SEE, None, ()),
        (((MANAGER, None, None),), None, None, None),
    ],
)
def test_a_right_reaches_as_far_as_the_roles_that_give_it(
    grants: tuple[tuple[int, int | None, str | None], ...],
    verbs: tuple[str, ...] | None,
    project: int | None,
    codes: tuple[str, ...] | None,
) -> None:
    somebody = Identity(7, "Lan", tuple(Grant(*one) for one in grants))
    assert somebody.scope(verbs, project).codes == codes


def test_a_role_is_given_in_places_given_anew_and_taken_away(office: Office) -> None:
    with office.app.app_context():
        with transaction() as session:
            tree.plant(session)
            number = create_user(session, "lan", "cay lua xanh", now=NOW).actor_id

        def held() -> set[str | None]:
            return {one.place_code for one in actors.assignments_of(db.session(), number)}

        with transaction() as session:
            roles.assign(session, number, REVIEWER, project_id=1, codes=(HERE_VILLAGE, THERE, THERE))
        assert held() == {HERE_VILLAGE, THERE}
        with pytest.raises(PlaceUnknown), transaction() as session:
            roles.assign(session, number, REVIEWER, project_id=1, codes=("99999",))
        with transaction() as session:
            roles.assign(session, number, REVIEWER, project_id=1, codes=(HERE,))
        assert held() == {HERE}
    page = Reader(office, "lan").page("/account")
    assert "Places: Xã Lũng Cú" in page.main
    with office.app.app_context():
        with transaction() as session:
            assert roles.withdraw(session, number, REVIEWER, project_id=1)
            assert not roles.withdraw(session, number, REVIEWER, project_id=1)
        assert held() == set()
    assert "All places" in Reader(office).page("/account").main
